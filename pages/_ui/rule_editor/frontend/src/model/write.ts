/** The tree to a rule's document. */

import type { Choices, Json, JsonObject, Kind } from "../protocol";
import { aggregateKind, fieldOf, orderFieldOf } from "./choices";
import { toJson } from "./draft";
import type { Draft } from "./draft";
import { isGroup } from "./tree";
import type { Behaviour, Filter, Group, Leaf, Node } from "./tree";

export function write(root: Group, choices: Choices): JsonObject {
  return { version: 1, rule: written(root, choices) };
}

export function written(node: Node, choices: Choices): JsonObject {
  if (isGroup(node)) return writtenGroup(node, choices);
  return { ...leafBody(node.value as Leaf, choices), ...frame(node) };
}

/** Whether the group is no node of its own but stands for its one child. */
export function isWrapper(group: Group): boolean {
  return group.bare === true && group.rules.length === 1;
}

export function leafBody(leaf: Leaf, choices: Choices): JsonObject {
  switch (leaf.kind) {
    case "condition":
      return filter(leaf, fieldOf(choices, leaf.field)?.type);
    case "orders":
      return behaviour(leaf, choices);
    case "segment":
      return { segment: leaf.segment };
    case "campaign":
      return { campaign: leaf.campaign, outcome: leaf.outcome };
    case "random":
      return {
        random_bucket: { salt: leaf.salt, from: percent(leaf.from), to: percent(leaf.to) },
      };
    case "kept":
      return leaf.document;
  }
}

function writtenGroup(group: Group, choices: Choices): JsonObject {
  if (isWrapper(group)) {
    const child = written(group.rules[0] as Node, choices);
    return group.not ? { not: child, ...frame(group) } : child;
  }
  const children = group.rules.map((child) => written(child, choices));
  const list: JsonObject = { [group.combinator]: children };
  if (!group.not) return { ...list, ...frame(group) };
  return { not: { ...list, id: group.inner }, ...frame(group) };
}

function frame(node: Node): JsonObject {
  return {
    id: node.id,
    ...(node.muted ? { enabled: false } : {}),
    ...(node.disabled ? { locked: true } : {}),
  };
}

function filter(one: Filter, kind: Kind | undefined): JsonObject {
  return { field: one.field, op: one.op, ...valued(kind ?? "text", one.value) };
}

function behaviour(leaf: Behaviour, choices: Choices): JsonObject {
  const where = leaf.where.map((one) => filter(one, orderFieldOf(choices, one.field)?.type));
  return {
    orders: leaf.aggregate,
    ...(leaf.of === null ? {} : { of: leaf.of }),
    ...(where.length ? { where } : {}),
    [leaf.window.name]: length(leaf.window),
    op: leaf.op,
    ...valued(aggregateKind(choices, leaf.aggregate, leaf.of), leaf.value),
  };
}

function length(window: Behaviour["window"]): Json {
  if (window.name === "ever") return true;
  return toJson("date", window.value) ?? null;
}

function valued(kind: Kind, draft: Draft): JsonObject {
  const value = toJson(kind, draft);
  return value === undefined ? {} : { value };
}

function percent(text: string): Json {
  const bare = text.trim();
  return /^(\d+(\.\d*)?|\.\d+)$/.test(bare) ? Number(bare) : bare;
}
