/** What the buttons, the keyboard and the drag do. Each says what it did or why it did not. */

import {
  above,
  duplicated,
  find,
  holdsLocked,
  inserted,
  locked,
  lockedAs,
  muted,
  parent,
  placed,
  removed,
  withHow,
  withLeaf,
} from "../model/edits";
import type { Place } from "../model/edits";
import { fresh } from "../model/draft";
import { refusal } from "../model/limits";
import { stepped } from "../model/step";
import { group, isGroup, rule } from "../model/tree";
import type { Group, How, Leaf, LeafKind, Node } from "../model/tree";
import { nodeWords } from "../model/words";
import type { Choices } from "../protocol";
import type { Editor, Focus, Told } from "./editor";

export const STAYED = "Put back where it was.";
const LOCKED = "This part is locked; unlock it first.";

export type Added = LeafKind | "group";

export function add(editor: Editor, groupId: string, what: Added): void {
  const { root, choices } = editor.current();
  const target = find(root, groupId);
  if (!target || !isGroup(target)) return;
  if (locked(root, groupId)) return editor.refuse(LOCKED);
  const node: Node = what === "group" ? nestedGroup(target) : rule(blank(what, choices));
  const after = inserted(root, node, { group: groupId, index: target.rules.length });
  const first = what === "group" && isGroup(node) ? (node.rules[0] as Node) : node;
  apply(editor, after, { say: "Added", focus: { id: first.id, part: "first" } });
}

export function remove(editor: Editor, id: string): void {
  const { root, choices } = editor.current();
  const [node, from] = [find(root, id), parent(root, id)];
  if (!node || !from) return;
  if (locked(root, id)) return editor.refuse(LOCKED);
  if (holdsLocked(node)) return editor.refuse("This group holds a locked part; unlock that first.");
  const at = from.rules.indexOf(node);
  const next = from.rules[at + 1] ?? from.rules[at - 1];
  const focus = next ? { id: next.id, part: "remove" } : { id: from.id, part: "add" };
  apply(editor, removed(root, id), { say: `Removed: ${nodeWords(node, choices)}`, focus });
}

export function duplicate(editor: Editor, id: string): void {
  const { root, choices } = editor.current();
  const [node, from] = [find(root, id), parent(root, id)];
  if (!node || !from) return;
  if (locked(root, from.id)) return editor.refuse(LOCKED);
  const { root: after, copy } = duplicated(root, id);
  const say = `Duplicated: ${nodeWords(node, choices)}`;
  apply(editor, after, { say, focus: { id: copy, part: "first" } });
}

export function toggleOff(editor: Editor, id: string): void {
  const { root, choices } = editor.current();
  const node = find(root, id);
  if (!node) return;
  if (locked(root, id)) return editor.refuse(LOCKED);
  const say = `Switched ${node.muted ? "on" : "off"}: ${nodeWords(node, choices)}`;
  apply(editor, muted(root, id, !node.muted), { say, focus: { id, part: "menu" } });
}

export function toggleLock(editor: Editor, id: string): void {
  const { root, choices } = editor.current();
  const node = find(root, id);
  if (!node) return;
  if (above(root, id).some((one) => one.disabled)) {
    return editor.refuse("The group around this part is locked; unlock that first.");
  }
  const say = `${node.disabled ? "Unlocked" : "Locked"}: ${nodeWords(node, choices)}`;
  apply(editor, lockedAs(root, id, !node.disabled), { say, focus: { id, part: "menu" } });
}

export function move(editor: Editor, id: string, up: boolean): void {
  const { root, choices } = editor.current();
  const node = find(root, id);
  if (!node) return;
  if (locked(root, id)) return editor.refuse(LOCKED);
  const after = stepped(root, id, up, (one) => !refusal(root, one, choices.limits));
  if (!after) {
    return editor.refuse(up ? "It is the first already." : "It is the last already.");
  }
  apply(editor, after, {
    say: `Moved: ${nodeWords(node, choices)}, now ${whereabouts(after, id)}`,
    focus: { id, part: up ? "up" : "down" },
  });
}

/** Why a node may not be put somewhere; empty where it may. */
export function dropRefusal(editor: Editor, id: string, place: Place): string {
  const { root, choices } = editor.current();
  if (locked(root, id)) return LOCKED;
  if (locked(root, place.group)) return "That group is locked.";
  if (place.group === id || above(root, place.group).some((one) => one.id === id)) {
    return "A group cannot go into itself.";
  }
  return refusal(root, placed(root, id, place), choices.limits);
}

export function drop(editor: Editor, id: string, place: Place): void {
  const { root, choices } = editor.current();
  const node = find(root, id);
  const why = dropRefusal(editor, id, place);
  if (why) return editor.refuse(why);
  const after = placed(root, id, place);
  if (!node) return;
  if (after === root) return editor.refuse(STAYED);
  const say = `Moved: ${nodeWords(node, choices)}, now ${whereabouts(after, id)}`;
  apply(editor, after, { say, focus: { id, part: "grip" } });
}

export function setLeaf(editor: Editor, id: string, leaf: Leaf, typing?: string): void {
  const { root } = editor.current();
  if (locked(root, id)) return editor.refuse(LOCKED);
  const told: Told = typing === undefined ? {} : { typing: `${id} ${typing}` };
  editor.edit(withLeaf(root, id, leaf), told);
}

export function setHow(editor: Editor, id: string, how: How, not: boolean): void {
  const { root } = editor.current();
  if (locked(root, id)) return editor.refuse(LOCKED);
  apply(editor, withHow(root, id, how, not), {});
}

export function blank(kind: LeafKind, choices: Choices): Leaf {
  switch (kind) {
    case "orders":
      return {
        kind,
        aggregate: choices.aggregates[0]?.name ?? "count",
        of: null,
        where: [],
        window: { name: "in_the_last", value: fresh("span") },
        op: "at_least",
        value: { takes: "one", text: "1" },
      };
    case "segment":
      return { kind, segment: "" };
    case "campaign":
      return { kind, campaign: "", outcome: choices.outcomes[0]?.name ?? "targeted" };
    case "random":
      return { kind, salt: draw(), from: "0", to: "10" };
    default:
      return { kind: "condition", field: "", op: "", value: { takes: "nothing" } };
  }
}

/** A draw of its own: two shares of one draw are the same customers. */
function draw(): string {
  return Math.random().toString(36).slice(2, 8).padEnd(6, "0");
}

/** Inside a list where all hold, a list where any holds says something new; and the other way. */
function nestedGroup(around: Group): Group {
  const condition = { kind: "condition", field: "", op: "", value: { takes: "nothing" } } as const;
  return group(around.combinator === "all" ? "any" : "all", [rule(condition)]);
}

function apply(editor: Editor, after: Group, told: { say?: string; focus?: Focus }): void {
  const { root, choices } = editor.current();
  const why = refusal(root, after, choices.limits);
  if (why) editor.refuse(why);
  else editor.edit(after, told);
}

function whereabouts(root: Group, id: string): string {
  const groups = above(root, id);
  const last = groups.at(-1);
  if (!last) return "";
  const at = last.rules.findIndex((child) => child.id === id) + 1;
  const level = groups.length > 1 ? `, level ${groups.length}` : "";
  return `${at} of ${last.rules.length}${level}`;
}
