/** Which nodes still lack something, so that they cannot be counted yet. */

import type { Choices, Kind } from "../protocol";
import { aggregateKind, fieldOf, orderFieldOf } from "./choices";
import { complete } from "./draft";
import { isGroup, walk } from "./tree";
import type { Filter, Group, Leaf } from "./tree";

/** Ids of the leaves that lack a field or a value, those switched off included. */
export function incomplete(root: Group, choices: Choices): string[] {
  const found: string[] = [];
  for (const [node] of walk(root)) {
    if (!isGroup(node) && lacks(node.value as Leaf, choices)) found.push(node.id);
  }
  return found;
}

/** What a leaf lacks, in words; empty where it lacks nothing. */
export function lacks(leaf: Leaf, choices: Choices): string {
  switch (leaf.kind) {
    case "condition":
      return filterLacks(leaf, fieldOf(choices, leaf.field)?.type);
    case "orders": {
      for (const one of leaf.where) {
        const what = filterLacks(one, orderFieldOf(choices, one.field)?.type);
        if (what) return `${what} in “where”`;
      }
      if (!complete("date", leaf.window.value)) return "a time window";
      const kind = aggregateKind(choices, leaf.aggregate, leaf.of);
      return complete(kind, leaf.value) ? "" : "a value";
    }
    case "segment":
      return leaf.segment ? "" : "a segment";
    case "campaign":
      return leaf.campaign ? "" : "a campaign";
    case "random":
      if (!leaf.from.trim() || !leaf.to.trim()) return "both percentages";
      return leaf.salt ? "" : "a name for the draw";
    case "kept":
      return "";
  }
}

function filterLacks(one: Filter, kind: Kind | undefined): string {
  if (!one.field) return "a field";
  return complete(kind ?? "text", one.value) ? "" : "a value";
}
