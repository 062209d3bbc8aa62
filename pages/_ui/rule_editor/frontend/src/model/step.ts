/** Moving a node one place: past its neighbour, into a neighbouring group, or out of its own. */

import { parent, placed } from "./edits";
import type { Place } from "./edits";
import { isGroup } from "./tree";
import type { Group } from "./tree";

/**
 * Return the places a step leads to, the first that is allowed counts; none at an end of the root.
 *
 * A group moves past a group and not into it; nothing moves into a locked one.
 */
export function steps(root: Group, id: string, up: boolean): Place[] {
  const group = parent(root, id);
  if (!group) return [];
  const at = group.rules.findIndex((child) => child.id === id);
  const neighbour = group.rules[up ? at - 1 : at + 1];
  if (neighbour) {
    const past = { group: group.id, index: up ? at - 1 : at + 2 };
    const node = group.rules[at];
    const enters = node && !isGroup(node) && isGroup(neighbour) && !neighbour.disabled;
    if (!enters) return [past];
    return [{ group: neighbour.id, index: up ? neighbour.rules.length : 0 }, past];
  }
  const outer = parent(root, group.id);
  if (!outer) return [];
  const place = outer.rules.findIndex((child) => child.id === group.id);
  return [{ group: outer.id, index: up ? place : place + 1 }];
}

/** The tree after a step, if `allowed` lets it; undefined if no step is possible. */
export function stepped(
  root: Group,
  id: string,
  up: boolean,
  allowed: (after: Group) => boolean,
): Group | undefined {
  return steps(root, id, up)
    .map((place) => placed(root, id, place))
    .find((after) => after !== root && allowed(after));
}
