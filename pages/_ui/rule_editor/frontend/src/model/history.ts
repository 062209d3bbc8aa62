/** Undo and redo: the trees that were, the one that is, and those taken back. */

import type { Group } from "./tree";

const MOST = 100;

export interface History {
  present: Group;
  past: readonly Group[];
  future: readonly Group[];
  /** The box that is being typed in; typing on in it is one edit. */
  typing: string | null;
}

export function started(root: Group): History {
  return { present: root, past: [], future: [], typing: null };
}

export function edited(history: History, root: Group, typing: string | null): History {
  if (root === history.present) return history;
  if (typing !== null && typing === history.typing) {
    return { ...history, present: root, future: [] };
  }
  const past = [...history.past, history.present].slice(-MOST);
  return { present: root, past, future: [], typing };
}

export function undone(history: History): History {
  const last = history.past.at(-1);
  if (!last) return history;
  return {
    present: last,
    past: history.past.slice(0, -1),
    future: [history.present, ...history.future],
    typing: null,
  };
}

export function redone(history: History): History {
  const [next, ...future] = history.future;
  if (!next) return history;
  return { present: next, past: [...history.past, history.present], future, typing: null };
}

/** The history once a box is left: typing that came back to where it began is no step. */
export function rested(history: History, same: (one: Group, other: Group) => boolean): History {
  const last = history.past.at(-1);
  if (history.typing === null || !last || !same(last, history.present)) {
    return { ...history, typing: null };
  }
  return { ...history, past: history.past.slice(0, -1), typing: null };
}
