/** The edits a tree takes. Each returns a new tree that shares what did not change. */

import { isGroup, newId, walk } from "./tree";
import type { Group, How, Leaf, Node } from "./tree";

/** A place in a group: before its child of this index. */
export interface Place {
  group: string;
  index: number;
}

export function find(root: Group, id: string): Node | undefined {
  for (const [node] of walk(root)) if (node.id === id) return node;
  return undefined;
}

/** The groups above a node, the root first. */
export function above(root: Group, id: string): readonly Group[] {
  for (const [node, groups] of walk(root)) if (node.id === id) return groups;
  return [];
}

export function parent(root: Group, id: string): Group | undefined {
  return above(root, id).at(-1);
}

/** Whether a node may not be changed: it is locked, or a group above it is. */
export function locked(root: Group, id: string): boolean {
  const node = find(root, id);
  return [...above(root, id), ...(node ? [node] : [])].some((one) => one.disabled === true);
}

/** Whether something below a node is locked. */
export function holdsLocked(node: Node): boolean {
  return isGroup(node) && node.rules.some((child) => child.disabled === true || holdsLocked(child));
}

/** Put what `change` returns in a node's place. */
export function replaced(root: Group, id: string, change: (node: Node) => Node[]): Group {
  if (root.id === id) {
    const [only] = change(root);
    return only && isGroup(only) ? only : root;
  }
  const rules = root.rules.flatMap((child): Node[] => {
    if (child.id === id) return change(child);
    return isGroup(child) ? [replaced(child, id, change)] : [child];
  });
  const untouched = rules.length === root.rules.length && rules.every((one, i) => one === root.rules[i]);
  return untouched ? root : { ...root, rules };
}

export function removed(root: Group, id: string): Group {
  return replaced(root, id, () => []);
}

export function inserted(root: Group, node: Node, place: Place): Group {
  return replaced(root, place.group, (found) => {
    if (!isGroup(found)) return [found];
    return [{ ...found, rules: found.rules.toSpliced(place.index, 0, node) }];
  });
}

/** Take a node from where it is to a place, which is counted before it is taken. */
export function placed(root: Group, id: string, place: Place): Group {
  const node = find(root, id);
  const from = parent(root, id);
  if (!node || !from || inside(node, place.group)) return root;
  const at = from.rules.findIndex((child) => child.id === id);
  const shifted = from.id === place.group && at < place.index ? place.index - 1 : place.index;
  if (from.id === place.group && shifted === at) return root;
  return inserted(removed(root, id), node, { group: place.group, index: shifted });
}

/** Put a copy of a node, under ids of its own and not locked, right after it. */
export function duplicated(root: Group, id: string): { root: Group; copy: string } {
  let copy = "";
  const grown = replaced(root, id, (node) => {
    const made = copied(node);
    copy = made.id;
    return [node, made];
  });
  return { root: grown, copy };
}

export function withLeaf(root: Group, id: string, leaf: Leaf): Group {
  return replaced(root, id, (node) =>
    isGroup(node) ? [node] : [{ ...node, field: leaf.kind, value: leaf }],
  );
}

export function withHow(root: Group, id: string, how: How, not: boolean): Group {
  return replaced(root, id, (node) => {
    if (!isGroup(node)) return [node];
    const { bare: _, ...plain } = node;
    return [{ ...plain, combinator: how, not }];
  });
}

export function muted(root: Group, id: string, off: boolean): Group {
  return replaced(root, id, ({ muted: _, ...node }) => [
    (off ? { ...node, muted: true } : node) as Node,
  ]);
}

export function lockedAs(root: Group, id: string, lock: boolean): Group {
  return replaced(root, id, ({ disabled: _, ...node }) => [
    (lock ? { ...node, disabled: true } : node) as Node,
  ]);
}

function inside(node: Node, id: string): boolean {
  for (const [one] of walk(node)) if (one.id === id) return true;
  return false;
}

function copied(node: Node): Node {
  const { disabled: _, ...free } = node;
  if (!isGroup(node)) return { ...free, id: newId() } as Node;
  return { ...free, id: newId(), inner: newId(), rules: node.rules.map(copied) } as Node;
}
