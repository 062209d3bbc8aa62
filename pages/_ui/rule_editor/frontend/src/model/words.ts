/** A node in a few words, as screen readers and the drag's ghost name it. */

import type { Choices, Kind, Operator } from "../protocol";
import {
  aggregateKind,
  comparatorOf,
  fieldOf,
  figure,
  operatorOf,
  windowOf,
} from "./choices";
import type { Draft } from "./draft";
import { isGroup } from "./tree";
import type { Group, Leaf, Node } from "./tree";

export const HOWS = [
  { value: "all", label: "All of", how: "all", not: false, joint: "and" },
  { value: "any", label: "Any of", how: "any", not: false, joint: "or" },
  { value: "none", label: "None of", how: "any", not: true, joint: "or" },
  { value: "notall", label: "Not all of", how: "all", not: true, joint: "and" },
] as const;

export function howOf(group: Group): (typeof HOWS)[number] {
  const found = HOWS.find((one) => one.how === group.combinator && one.not === group.not);
  return found ?? HOWS[0];
}

export function nodeWords(node: Node, choices: Choices): string {
  if (!isGroup(node)) return leafWords(node.value as Leaf, choices);
  const n = node.rules.length;
  return `group “${howOf(node).label.toLowerCase()}” with ${n} ${n === 1 ? "part" : "parts"}`;
}

export function leafWords(leaf: Leaf, choices: Choices): string {
  switch (leaf.kind) {
    case "condition": {
      const field = fieldOf(choices, leaf.field);
      if (!field) return leaf.field ? `condition on ${leaf.field}` : "new condition";
      const operator = operatorOf(choices, field, leaf.op);
      return [field.label, operator?.label, value(leaf.value, field.type, choices)]
        .filter(Boolean)
        .join(" ");
    }
    case "orders": {
      const kind = aggregateKind(choices, leaf.aggregate, leaf.of);
      return [
        figure(choices, leaf.aggregate, leaf.of).label,
        windowOf(choices, leaf.window.name)?.label,
        value(leaf.window.value, "date", choices),
        (comparatorOf(choices, leaf.op) as Operator | undefined)?.label,
        value(leaf.value, kind, choices),
      ]
        .filter(Boolean)
        .join(" ");
    }
    case "segment":
      return `member of segment ${savedName(choices.segments, leaf.segment)}`;
    case "campaign": {
      const outcome = choices.outcomes.find((one) => one.name === leaf.outcome)?.label;
      return `${outcome ?? leaf.outcome} ${savedName(choices.campaigns, leaf.campaign)}`;
    }
    case "random":
      return `random share from ${leaf.from} to ${leaf.to} %`;
    case "kept":
      return "part shown as JSON";
  }
}

export function unitLabel(choices: Choices, name: string): string {
  return choices.units.find((one) => one.name === name)?.label ?? name;
}

function savedName(list: Choices["segments"], id: string): string {
  if (!id) return "not chosen yet";
  return list.find((one) => one.id === id)?.name ?? id;
}

function value(draft: Draft, kind: Kind, choices: Choices): string {
  const sign = kind === "money" ? choices.currency.symbol : "";
  switch (draft.takes) {
    case "nothing":
      return "";
    case "range":
      return `${sign}${draft.low} to ${sign}${draft.high}`;
    case "many":
      return draft.texts.slice(0, 3).join(", ") + (draft.texts.length > 3 ? ", …" : "");
    case "span":
    case "days":
      return draft.n && `${draft.n} ${unitLabel(choices, draft.unit)}`;
    default:
      return draft.text && `${sign}${draft.text}`;
  }
}
