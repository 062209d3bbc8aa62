/** The rule that is being edited: react-querybuilder's tree, each rule holding one leaf. */

import type { RuleGroupType, RuleType } from "react-querybuilder";
import type { JsonObject } from "../protocol";
import type { Draft } from "./draft";

export type How = "all" | "any";

/** One line of a behaviour's `where`. */
export interface Filter {
  field: string;
  op: string;
  value: Draft;
}

export interface Condition extends Filter {
  kind: "condition";
}

export interface Behaviour {
  kind: "orders";
  aggregate: string;
  of: string | null;
  where: Filter[];
  window: { name: string; value: Draft };
  op: string;
  value: Draft;
}

export interface InSegment {
  kind: "segment";
  segment: string;
}

export interface InCampaign {
  kind: "campaign";
  campaign: string;
  outcome: string;
}

/** A random share; the percentages are text as typed. */
export interface Share {
  kind: "random";
  salt: string;
  from: string;
  to: string;
}

/** A node that there are no boxes for: its JSON, without its frame, carried as it came. */
export interface Kept {
  kind: "kept";
  document: JsonObject;
}

export type Leaf = Condition | Behaviour | InSegment | InCampaign | Share | Kept;
export type LeafKind = Leaf["kind"];

/** `disabled` is the rule's "locked", `muted` its "enabled": false. */
export interface Rule extends RuleType<LeafKind, "", Leaf> {
  id: string;
  disabled?: boolean;
  muted?: boolean;
}

export interface Group extends RuleGroupType<Rule, How> {
  id: string;
  combinator: How;
  rules: Node[];
  not: boolean;
  /** Id of the list under a "not", which is a node of its own in the JSON. */
  inner: string;
  /** It came as a "not" of a lone node (or as a lone node, at the root) and is written so again
   * as long as it holds exactly one. */
  bare?: boolean;
  disabled?: boolean;
  muted?: boolean;
}

export type Node = Rule | Group;

export function isGroup(node: Node): node is Group {
  return "rules" in node;
}

let made = 0;
const START = Date.now().toString(36) + Math.random().toString(36).slice(2, 6);

/** An id that no other node has, in this browser or another. */
export function newId(): string {
  made += 1;
  return `${START}-${made.toString(36)}`;
}

export function rule(leaf: Leaf): Rule {
  return { id: newId(), field: leaf.kind, operator: "", value: leaf };
}

export function group(how: How, rules: Node[], not = false): Group {
  return { id: newId(), inner: newId(), combinator: how, not, rules };
}

/** Every node with the groups above it, the root first; parents before their children. */
export function* walk(node: Node, above: readonly Group[] = []): Generator<[Node, readonly Group[]]> {
  yield [node, above];
  if (isGroup(node)) for (const child of node.rules) yield* walk(child, [...above, node]);
}
