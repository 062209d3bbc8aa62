/** How large a rule is in its JSON, and how large it may be. */

import type { Choices } from "../protocol";
import { isGroup } from "./tree";
import type { Group, Node } from "./tree";
import { isWrapper } from "./write";

export interface Size {
  levels: number;
  nodes: number;
}

/** Levels and nodes as the engine counts them: a negated list is two of each. */
export function size(node: Node): Size {
  if (!isGroup(node)) return { levels: 1, nodes: 1 };
  const below = node.rules.map(size);
  const levels = Math.max(0, ...below.map((one) => one.levels));
  const nodes = below.reduce((sum, one) => sum + one.nodes, 0);
  const own = isWrapper(node) ? Number(node.not) : 1 + Number(node.not);
  return { levels: levels + own, nodes: nodes + own };
}

/** Why an edit is refused; empty where it is not. A rule past the limits may still be made smaller. */
export function refusal(before: Group, after: Group, limits: Choices["limits"]): string {
  const [was, is] = [size(before), size(after)];
  if (is.levels > limits.levels && is.levels > was.levels) {
    return `A rule has at most ${limits.levels} levels; this would be ${is.levels}.`;
  }
  if (is.nodes > limits.nodes && is.nodes > was.nodes) {
    return `A rule has at most ${limits.nodes} parts; this would be ${is.nodes}.`;
  }
  return "";
}
