import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { removed, withLeaf } from "../src/model/edits";
import type { Leaf, Rule } from "../src/model/tree";
import type { Data, Edit, JsonObject } from "../src/protocol";
import { Editor } from "../src/state/editor";
import { CHOICES } from "./fixture";

const city = (id: string, value: string): JsonObject => ({ field: "city", op: "equals", value, id });
const document = (...all: JsonObject[]): JsonObject => ({ version: 1, rule: { all, id: "r" } });

function data(revision: number, given: JsonObject, more: Partial<Data> = {}): Data {
  return { label: "", document: given, revision, serial: 0, choices: CHOICES, notes: {}, ...more };
}

function opened(given: JsonObject, serial = 0): { editor: Editor; sent: Edit[]; send: (edit: Edit) => void } {
  const sent: Edit[] = [];
  const send = (edit: Edit): void => void sent.push(edit);
  return { editor: new Editor(data(1, given, { serial }), send), sent, send };
}

function typeInto(editor: Editor, id: string, text: string): void {
  const { root } = editor.current();
  const rule = root.rules.find((one) => one.id === id) as Rule;
  const leaf = { ...rule.value, value: { takes: "one", text } } as Leaf;
  editor.edit(withLeaf(root, id, leaf), { typing: `${id} text` });
}

const cities = (edit: Edit | undefined): unknown[] =>
  ((edit?.document["rule"] as JsonObject)["all"] as JsonObject[]).map((one) => one["value"]);

test("typing is sent once it pauses, and at once when the box is left", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { editor, sent } = opened(document(city("a", "P")));
  for (const text of ["Pu", "Pun", "Pune"]) typeInto(editor, "a", text);
  assert.equal(sent.length, 0);
  mock.timers.tick(120);
  assert.deepEqual(sent.map(cities), [["Pune"]]);
  typeInto(editor, "a", "Pune ");
  editor.rest();
  assert.deepEqual(cities(sent[1]), ["Pune "]);
  mock.timers.tick(500);
  assert.equal(sent.length, 2);
  mock.timers.reset();
});

test("a click is sent at once, with what waited", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { editor, sent } = opened(document(city("a", "P"), city("b", "Q")));
  typeInto(editor, "a", "Pune");
  editor.edit(removed(editor.current().root, "b"));
  mock.timers.tick(500);
  assert.deepEqual(sent.map(cities), [["Pune"]]);
  mock.timers.reset();
});

test("an echo of an older edit changes nothing", () => {
  const { editor, sent, send } = opened(document(city("a", "P")));
  typeInto(editor, "a", "Pune");
  editor.rest();
  editor.receive(data(1, document(city("a", "Pu")), { serial: 1, notes: { a: { count: 4 } } }), send);
  assert.deepEqual(cities(sent.at(-1)), ["Pune"]);
  const { value } = editor.current().root.rules[0] as Rule;
  assert.deepEqual("value" in value && value.value, { takes: "one", text: "Pune" });
  assert.equal(editor.current().notes["a"]?.count, 4);
});

test("a new revision is adopted, and undo brings back what it replaced", () => {
  const { editor, sent, send } = opened(document(city("a", "Pune")));
  editor.receive(data(2, document(city("a", "Delhi"))), send);
  assert.equal(sent.length, 0);
  assert.equal(editor.current().undo, true);
  editor.undo();
  assert.deepEqual([sent[0]?.revision, cities(sent[0])], [2, ["Pune"]]);
  editor.receive(data(2, document(city("a", "Pune"))), send);
  assert.equal(editor.current().redo, true);
});

test("a revision that changes nothing adds no step", () => {
  const { editor, send } = opened(document(city("a", "Pune")));
  editor.receive(data(2, document(city("a", "Pune"))), send);
  assert.equal(editor.current().undo, false);
});

test("serials go on from what Python has seen", () => {
  const { editor, sent } = opened(document(city("a", "Pune")), 7);
  editor.edit(removed(editor.current().root, "a"));
  assert.equal(sent[0]?.serial, 8);
});

test("a document with unfinished parts is told of, though nobody edited it", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { sent } = opened(document({ field: "", op: "", id: "a" }));
  mock.timers.tick(120);
  assert.deepEqual(sent[0]?.incomplete, ["a"]);
  mock.timers.reset();
});

test("a field that goes leaves its conditions as they were", () => {
  const count = { field: "order_count", op: "equals", value: 5, id: "a" };
  const { editor, sent, send } = opened(document(count));
  const fields = CHOICES.fields.filter((one) => one.name !== "order_count");
  editor.receive(data(1, document(), { choices: { ...CHOICES, fields } }), send);
  assert.equal((editor.current().root.rules[0] as Rule).field, "kept");
  editor.edit(withLeaf(editor.current().root, "a", (editor.current().root.rules[0] as Rule).value));
  assert.deepEqual(cities(sent[0]), [5]);
});
