/** Where a dragged node may be let go: before or after a part, or at either end of a group. */

import { find, parent } from "../model/edits";
import type { Place } from "../model/edits";
import { isGroup } from "../model/tree";
import type { Group } from "../model/tree";

/** `first` and `last` are ends of the group itself. */
export type Edge = "before" | "after" | "first" | "last";

/** What of a part the pointer is over: a leaf's row, a group's head, or its foot. */
export type Zone = "row" | "head" | "foot";

/** The share of a head or foot, at its outer side, that stands for the place outside the group. */
const OUTSIDE = 0.3;

/** `height` is how far down the zone the pointer is, from 0 to 1. */
export function edgeAt(zone: Zone, height: number, isRoot: boolean): Edge {
  if (zone === "row") return height < 0.5 ? "before" : "after";
  if (zone === "head") return height < OUTSIDE && !isRoot ? "before" : "first";
  return height > 1 - OUTSIDE && !isRoot ? "after" : "last";
}

export function placeAt(root: Group, id: string, edge: Edge): Place | null {
  const node = find(root, id);
  if (!node) return null;
  if (edge === "first" || edge === "last") {
    if (!isGroup(node)) return null;
    return { group: id, index: edge === "first" ? 0 : node.rules.length };
  }
  const around = parent(root, id);
  if (!around) return null;
  const at = around.rules.indexOf(node);
  return { group: around.id, index: edge === "before" ? at : at + 1 };
}
