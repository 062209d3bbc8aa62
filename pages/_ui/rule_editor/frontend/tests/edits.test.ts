import assert from "node:assert/strict";
import { test } from "node:test";
import { duplicated, find, holdsLocked, inserted, locked, parent, placed, removed, withHow } from "../src/model/edits";
import { refusal, size } from "../src/model/limits";
import { stepped } from "../src/model/step";
import { isGroup, walk } from "../src/model/tree";
import type { Group, Node, Rule } from "../src/model/tree";
import { written } from "../src/model/write";
import { edgeAt, placeAt } from "../src/state/drag";
import { CHOICES } from "./fixture";

const leaf = (id: string): Rule => ({
  id,
  field: "condition",
  operator: "",
  value: { kind: "condition", field: "", op: "", value: { takes: "nothing" } },
});
const list = (id: string, ...rules: Node[]): Group => ({
  id,
  inner: `${id}.in`,
  combinator: "all",
  not: false,
  rules,
});
/** The ids as they nest: a(b c). */
const shape = (node: Node): string =>
  isGroup(node) ? `${node.id}(${node.rules.map(shape).join(" ")})` : node.id;
const ROOT = list("r", leaf("a"), list("g", leaf("b"), leaf("c")), leaf("d"));
const all = (): boolean => true;
const step = (root: Group, id: string, up: boolean, allowed: (root: Group) => boolean = all) => {
  const after = stepped(root, id, up, allowed);
  return after ? shape(after) : null;
};

test("a condition steps past its neighbour, into a group, and out of it", () => {
  assert.equal(step(ROOT, "c", true), "r(a g(c b) d)");
  assert.equal(step(ROOT, "a", false), "r(g(a b c) d)");
  assert.equal(step(ROOT, "d", true), "r(a g(b c d))");
  assert.equal(step(ROOT, "b", true), "r(a b g(c) d)");
  assert.equal(step(ROOT, "c", false), "r(a g(b) c d)");
});

test("a group steps past a group and not into it", () => {
  const root = list("r", list("g"), list("h", leaf("a")));
  assert.equal(step(root, "g", false), "r(h(a) g())");
  assert.equal(step(root, "h", true), "r(h(a) g())");
});

test("a step at an end of the root leads nowhere", () => {
  assert.equal(step(ROOT, "a", true), null);
  assert.equal(step(ROOT, "d", false), null);
});

test("a step passes a group that is locked or that the limits keep closed", () => {
  const shut = list("r", leaf("a"), { ...list("g", leaf("b")), disabled: true });
  assert.equal(step(shut, "a", false), "r(g(b) a)");
  const outside = (root: Group): boolean => parent(root, "a")?.id === "r";
  assert.equal(step(list("r", leaf("a"), list("g")), "a", false, outside), "r(g() a)");
});

test("a node is put where it is dropped, counted before it is taken", () => {
  assert.equal(shape(placed(ROOT, "a", { group: "r", index: 3 })), "r(g(b c) d a)");
  assert.equal(shape(placed(ROOT, "d", { group: "r", index: 0 })), "r(d a g(b c))");
  assert.equal(shape(placed(ROOT, "a", { group: "g", index: 1 })), "r(g(b a c) d)");
  assert.equal(shape(placed(ROOT, "b", { group: "r", index: 2 })), "r(a g(c) b d)");
});

test("a drop where it is already, or into itself, changes nothing", () => {
  for (const index of [0, 1]) assert.equal(placed(ROOT, "a", { group: "r", index }), ROOT);
  assert.equal(placed(ROOT, "g", { group: "g", index: 0 }), ROOT);
});

test("the halves of a row and the ends of a group are told apart", () => {
  assert.deepEqual(placeAt(ROOT, "b", edgeAt("row", 0.2, false)), { group: "g", index: 0 });
  assert.deepEqual(placeAt(ROOT, "b", edgeAt("row", 0.8, false)), { group: "g", index: 1 });
  assert.deepEqual(placeAt(ROOT, "g", edgeAt("head", 0.1, false)), { group: "r", index: 1 });
  assert.deepEqual(placeAt(ROOT, "g", edgeAt("head", 0.6, false)), { group: "g", index: 0 });
  assert.deepEqual(placeAt(ROOT, "g", edgeAt("foot", 0.3, false)), { group: "g", index: 2 });
  assert.deepEqual(placeAt(ROOT, "g", edgeAt("foot", 0.9, false)), { group: "r", index: 2 });
  assert.deepEqual(placeAt(ROOT, "r", edgeAt("head", 0.1, true)), { group: "r", index: 0 });
  assert.deepEqual(placeAt(ROOT, "r", edgeAt("foot", 0.9, true)), { group: "r", index: 3 });
});

test("what did not change is shared with the tree before", () => {
  const after = removed(ROOT, "a");
  assert.equal(after.rules[0], ROOT.rules[1]);
  assert.equal(removed(ROOT, "nobody"), ROOT);
});

test("a copy stands right after, unlocked and under ids of its own", () => {
  const root = list("r", { ...list("g", { ...leaf("a"), disabled: true }), disabled: true });
  const { root: after, copy } = duplicated(root, "g");
  assert.equal(after.rules[1]?.id, copy);
  const ids = [...walk(after)].map(([one]) => one.id);
  assert.equal(new Set(ids).size, ids.length);
  assert.equal(locked(after, copy), false);
  assert.equal(holdsLocked(find(after, copy) as Node), false);
});

test("what is in a locked group is locked", () => {
  const root = list("r", { ...list("g", leaf("a")), disabled: true }, leaf("b"));
  assert.equal(locked(root, "a"), true);
  assert.equal(locked(root, "b"), false);
  assert.equal(holdsLocked(root), true);
});

test("a group that came as a bare negation is a list once its head is chosen", () => {
  const bare: Group = { ...list("g", leaf("a")), combinator: "any", not: true, bare: true };
  const root = list("r", bare);
  assert.deepEqual(Object.keys(written(bare, CHOICES)["not"] as object), ["field", "op", "id"]);
  const chosen = find(withHow(root, "g", "all", true), "g") as Group;
  assert.deepEqual(Object.keys(written(chosen, CHOICES)["not"] as object), ["all", "id"]);
  const grown = inserted(root, leaf("b"), { group: "g", index: 1 });
  assert.deepEqual(Object.keys(written(find(grown, "g") as Group, CHOICES)["not"] as object), ["any", "id"]);
});

test("levels and nodes are counted as the engine counts them", () => {
  assert.deepEqual(size(ROOT), { levels: 3, nodes: 6 });
  assert.deepEqual(size(list("r")), { levels: 1, nodes: 1 });
  const negated: Group = { ...list("g", leaf("a")), not: true };
  assert.deepEqual(size(negated), { levels: 3, nodes: 3 });
  assert.deepEqual(size({ ...negated, bare: true }), { levels: 2, nodes: 2 });
  assert.deepEqual(size({ ...list("g", leaf("a")), bare: true }), { levels: 1, nodes: 1 });
});

test("an edit past the limits is refused, and one back towards them is not", () => {
  let deep = list("g8");
  for (let level = 7; level > 0; level -= 1) deep = list(`g${level}`, deep);
  const deeper = inserted(deep, leaf("a"), { group: "g8", index: 0 });
  assert.match(refusal(deep, deeper, CHOICES.limits), /at most 8 levels; this would be 9/);
  assert.equal(refusal(deeper, deep, CHOICES.limits), "");
  const wide = list("r", ...Array.from({ length: 199 }, (_, i) => leaf(`n${i}`)));
  assert.match(refusal(wide, duplicated(wide, "n0").root, CHOICES.limits), /at most 200 parts/);
});
