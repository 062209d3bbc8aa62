/** A rule's document to the tree. What cannot be drawn, or not be written again, is kept as it is. */

import type { Choices, Field, Json, JsonObject } from "../protocol";
import {
  aggregateOf,
  comparatorOf,
  fieldOf,
  operatorOf,
  orderFieldOf,
  windowOf,
} from "./choices";
import { fromJson } from "./draft";
import type { Behaviour, Filter, Group, Leaf, Node } from "./tree";
import { isGroup, newId } from "./tree";
import { leafBody } from "./write";

const FRAME = new Set(["id", "enabled", "locked"]);
const OPTIONAL = new Set(["value", "of", "where"]);

export interface Adopted {
  root: Group;
  /** Whether a node got an id that the document did not give it. */
  named: boolean;
}

export function read(document: JsonObject, choices: Choices): Adopted {
  const reader = new Reader(choices);
  const node = reader.node(document["rule"] ?? null);
  const root = isGroup(node) ? node : wrapper(node);
  return { root, named: reader.named };
}

/** Whether two JSON values are the same; the order of an object's keys says nothing. */
export function same(one: Json | undefined, other: Json | undefined): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) {
    return false;
  }
  if (Array.isArray(one) || Array.isArray(other)) {
    if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) return false;
    return one.every((item, index) => same(item, other[index]));
  }
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length) return false;
  return keys.every((key) => key in other && same(one[key], other[key]));
}

function wrapper(node: Node): Group {
  return { id: newId(), inner: newId(), combinator: "all", not: false, rules: [node], bare: true };
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function bodyOf(document: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(document).filter(([key]) => !FRAME.has(key)));
}

/** A leaf's JSON without the keys that say nothing, which an unfinished one may come with. */
function spare(body: JsonObject): JsonObject {
  const { where, ...rest } = body;
  const lines = Array.isArray(where) ? where.map((one) => (isObject(one) ? spare(one) : one)) : where;
  const all: JsonObject = lines === undefined ? rest : { ...rest, where: lines };
  const empty = (value: Json): boolean =>
    value === null || value === "" || (Array.isArray(value) && value.length === 0);
  return Object.fromEntries(
    Object.entries(all).filter(([key, value]) => !(OPTIONAL.has(key) && empty(value))),
  );
}

class Reader {
  named = false;
  private readonly used = new Set<string>();

  constructor(private readonly choices: Choices) {}

  node(document: Json): Node {
    const given = isObject(document) ? document : {};
    const frame = {
      id: this.id(given["id"]),
      ...(given["enabled"] === false ? { muted: true } : {}),
      ...(given["locked"] === true ? { disabled: true } : {}),
    };
    const body = bodyOf(given);
    const keys = Object.keys(body);
    if (keys.length === 1) {
      for (const how of ["all", "any"] as const) {
        const list = body[how];
        if (Array.isArray(list)) return this.list(frame, how, list, newId(), false);
      }
      if (isObject(body["not"])) return this.negation(frame, body["not"]);
    }
    const leaf = this.leaf(body) ?? { kind: "kept", document: body };
    return { ...frame, field: leaf.kind, operator: "", value: leaf };
  }

  private list(frame: { id: string }, how: "all" | "any", list: Json[], inner: string, not: boolean): Group {
    return { ...frame, inner, combinator: how, not, rules: list.map((one) => this.node(one)) };
  }

  /** A "not" of a list is one group; a "not" of anything else holds it as its lone child. */
  private negation(frame: { id: string }, child: JsonObject): Group {
    const plain = Object.keys(child).every((key) => key === "id" || key === "all" || key === "any");
    for (const how of ["all", "any"] as const) {
      const list = child[how];
      const only = Object.keys(bodyOf(child)).length === 1;
      if (plain && only && Array.isArray(list)) {
        return this.list(frame, how, list, this.id(child["id"]), true);
      }
    }
    const rules = [this.node(child)];
    return { ...frame, inner: newId(), combinator: "any", not: true, rules, bare: true };
  }

  private id(given: Json | undefined): string {
    if (typeof given === "string" && given && !this.used.has(given)) {
      this.used.add(given);
      return given;
    }
    this.named = true;
    const fresh = newId();
    this.used.add(fresh);
    return fresh;
  }

  private leaf(body: JsonObject): Leaf | null {
    const leaf = this.drawn(body);
    return leaf !== null && same(leafBody(leaf, this.choices), spare(body)) ? leaf : null;
  }

  private drawn(body: JsonObject): Leaf | null {
    if ("field" in body) {
      const filter = this.filter(body, (name) => fieldOf(this.choices, name));
      return filter && { kind: "condition", ...filter };
    }
    if ("orders" in body) return this.behaviour(body);
    if (typeof body["segment"] === "string") return { kind: "segment", segment: body["segment"] };
    const { campaign, outcome, random_bucket: share } = body;
    if (typeof campaign === "string" && typeof outcome === "string") {
      const known = this.choices.outcomes.some((one) => one.name === outcome);
      return known ? { kind: "campaign", campaign, outcome } : null;
    }
    if (!isObject(share) || typeof share["salt"] !== "string") return null;
    const [from, to] = [share["from"], share["to"]].map((one) =>
      typeof one === "number" || typeof one === "string" ? String(one) : null,
    );
    return from == null || to == null ? null : { kind: "random", salt: share["salt"], from, to };
  }

  private filter(body: Json, lookup: (name: string) => Field | undefined): Filter | null {
    if (!isObject(body)) return null;
    const { field: name, op } = body;
    if (typeof name !== "string" || typeof op !== "string") return null;
    if (name === "") return { field: "", op: "", value: { takes: "nothing" } };
    const field = lookup(name);
    const operator = field && operatorOf(this.choices, field, op);
    const value = operator && fromJson(operator.takes, body["value"]);
    return value ? { field: name, op, value } : null;
  }

  private behaviour(body: JsonObject): Behaviour | null {
    const { orders: aggregate, of: given, op } = body;
    const known = typeof aggregate === "string" ? aggregateOf(this.choices, aggregate) : undefined;
    const of = given === undefined ? null : given;
    const operator = typeof op === "string" ? comparatorOf(this.choices, op) : undefined;
    const windows = this.choices.windows.filter((one) => one.name in body);
    const window = windows[0];
    if (!known || !operator || !window || windows.length > 1) return null;
    if (of === null ? known.of_required && known.of.length > 0 : !known.of.includes(String(of))) {
      return null;
    }
    const lines = body["where"] ?? [];
    const where = Array.isArray(lines)
      ? lines.map((one) => this.filter(one, (name) => orderFieldOf(this.choices, name)))
      : [null];
    const given_length = body[window.name];
    const length = fromJson(
      windowOf(this.choices, window.name)?.takes ?? "nothing",
      window.name === "ever" || given_length === null ? undefined : given_length,
    );
    const value = fromJson(operator.takes, body["value"]);
    if (!length || !value || where.includes(null)) return null;
    return {
      kind: "orders",
      aggregate: known.name,
      of: of === null ? null : String(of),
      where: where as Filter[],
      window: { name: window.name, value: length },
      op: operator.name,
      value,
    };
  }
}
