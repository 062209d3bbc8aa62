import assert from "node:assert/strict";
import { test } from "node:test";
import { incomplete } from "../src/model/incomplete";
import { read } from "../src/model/read";
import { isGroup, walk } from "../src/model/tree";
import { write } from "../src/model/write";
import type { Json, JsonObject } from "../src/protocol";
import { CHOICES } from "./fixture";

/** Give each node an id, as the documents have that Python passes. */
function named(node: JsonObject): JsonObject {
  let made = 0;
  const walked = (one: Json): Json => {
    const given = one as JsonObject;
    const list = (key: string) => ({ [key]: (given[key] as Json[]).map(walked) });
    made += 1;
    const id = `n${made}`;
    return {
      ...given,
      ...("all" in given ? list("all") : {}),
      ...("any" in given ? list("any") : {}),
      ...("not" in given ? { not: walked(given["not"] as Json) } : {}),
      id,
    };
  };
  return { version: 1, rule: walked(node) };
}

const CITY: JsonObject = { field: "city", op: "in", value: ["Pune", " Mumbai"] };
const SPEND: JsonObject = { field: "total_spend", op: "between", value: ["5.00", "10"] };

const DRAWN: { [name: string]: JsonObject } = {
  "an empty list": { all: [] },
  "a lone condition": CITY,
  "nested lists": { all: [CITY, { any: [SPEND, { all: [] }] }] },
  "a negated condition": { not: CITY },
  "a negated list": { not: { any: [CITY, SPEND] } },
  "a negated list of one": { not: { any: [CITY] } },
  "not all of": { all: [{ not: { all: [CITY, SPEND] } }] },
  "a double negation": { not: { not: CITY } },
  "a triple negation of a list": { not: { not: { not: { all: [CITY] } } } },
  "a negated node that is off": { all: [{ not: { ...CITY, enabled: false } }] },
  "a negated list that is off": { all: [{ not: { any: [CITY], enabled: false } }] },
  "a negated list that is locked": { all: [{ not: { any: [CITY], locked: true } }] },
  "parts off and locked": { any: [{ ...CITY, enabled: false }, { all: [], locked: true }] },
  numbers: { all: [{ field: "order_count", op: "equals", value: 2.5 }] },
  "a negative number": { all: [{ field: "order_count", op: "equals", value: -3 }] },
  "no value": { all: [{ field: "attributes.vip", op: "is_true" }] },
  "a span": { all: [{ field: "last_order_at", op: "in_the_last", value: { n: 90, unit: "day" } }] },
  "a day": { all: [{ field: "last_order_at", op: "on", value: "2026-03-31" }] },
  "an instant": { all: [{ field: "last_order_at", op: "before", value: "2026-03-31T09:30:00Z" }] },
  "a list of tags": { all: [{ field: "tags", op: "contains_any", value: ["vip"] }] },
  "a behaviour": {
    orders: "sum",
    of: "amount",
    where: [
      { field: "category", op: "equals", value: "Footwear" },
      { field: "status", op: "in", value: ["completed"] },
    ],
    before_the_last: { n: 2, unit: "week" },
    op: "between",
    value: ["1.00", "2.00"],
  },
  "a behaviour ever": { orders: "count", ever: true, op: "at_least", value: 1 },
  "a behaviour between dates": {
    orders: "days_between",
    between: ["2026-01-01", "2026-02-01"],
    op: "at_least",
    value: 3,
  },
  "a segment": { segment: "s1" },
  "a segment that is gone": { segment: "s9" },
  "a campaign": { campaign: "c1", outcome: "opened" },
  "a random share": { random_bucket: { salt: "x", from: 0, to: 12.55 } },
};

const KEPT: { [name: string]: JsonObject } = {
  "an unknown field": { field: "shoe_size", op: "equals", value: 9 },
  "an unknown operator": { field: "city", op: "sounds_like", value: "Pune" },
  "a text where a number goes": { field: "order_count", op: "equals", value: "5" },
  "a number where text goes": { field: "city", op: "equals", value: 5 },
  "a value where none goes": { field: "attributes.vip", op: "is_true", value: true },
  "an unknown key": { field: "city", op: "equals", value: "Pune", weight: 2 },
  "an unknown aggregate": { orders: "median", ever: true, op: "at_least", value: 1 },
  "two windows": { orders: "count", ever: true, in_the_last: { n: 1, unit: "day" }, op: "at_least", value: 1 },
  "a figure of nothing": { orders: "sum", ever: true, op: "at_least", value: "1" },
  "an unknown outcome": { campaign: "c1", outcome: "forwarded" },
  "no kind of node": { surprise: [1, { two: null }] },
};

for (const [name, node] of Object.entries(DRAWN)) {
  test(`${name} is drawn and written as it came`, () => {
    const document = named(node);
    const { root, named: changed } = read(document, CHOICES);
    assert.deepEqual(write(root, CHOICES), document);
    assert.equal(changed, false);
    assert.deepEqual(incomplete(root, CHOICES), []);
    for (const [one] of walk(root)) if (!isGroup(one)) assert.notEqual(one.field, "kept");
  });
}

for (const [name, node] of Object.entries(KEPT)) {
  test(`${name} is kept and written as it came`, () => {
    const document = named({ all: [node, { not: node }, { ...node, enabled: false }] });
    const { root } = read(document, CHOICES);
    assert.deepEqual(write(root, CHOICES), document);
    const kinds = [...walk(root)].flatMap(([one]) => (isGroup(one) ? [] : [one.field]));
    assert.deepEqual(kinds, ["kept", "kept", "kept"]);
  });
}

const UNFINISHED: { [name: string]: JsonObject } = {
  "no field": { field: "", op: "" },
  "no value": { field: "city", op: "equals" },
  "half a range": { field: "order_count", op: "between", value: ["", 5] },
  "no length": { field: "last_order_at", op: "in_the_last" },
  "no list": { field: "tags", op: "contains_any" },
  "a year half typed": { field: "birth_date", op: "on", value: "0202-01-01" },
  "a filter without a field": {
    orders: "count",
    where: [{ field: "", op: "" }],
    ever: true,
    op: "at_least",
    value: 1,
  },
  "a figure without a value": { orders: "count", ever: true, op: "at_least" },
  "no window": { orders: "count", in_the_last: null, op: "at_least", value: 1 },
  "no segment": { segment: "" },
  "no share": { random_bucket: { salt: "x", from: "", to: 10 } },
};

for (const [name, node] of Object.entries(UNFINISHED)) {
  test(`a node with ${name} is unfinished and survives being written and read`, () => {
    const document = named({ all: [node] });
    const { root } = read(document, CHOICES);
    assert.deepEqual(write(root, CHOICES), document);
    assert.deepEqual(incomplete(root, CHOICES), ["n2"]);
  });
}

test("values that say nothing are drawn as empty boxes", () => {
  const nodes: JsonObject[] = [
    { field: "city", op: "equals", value: "" },
    { field: "tags", op: "contains_any", value: [] },
    { field: "order_count", op: "equals", value: null },
    { orders: "count", of: null, where: [], ever: true, op: "at_least", value: null },
  ];
  const { root } = read(named({ all: nodes }), CHOICES);
  assert.deepEqual(root.rules.map((one) => (isGroup(one) ? "" : one.field)), [
    "condition",
    "condition",
    "condition",
    "orders",
  ]);
  assert.equal(incomplete(root, CHOICES).length, 4);
});

test("nodes without an id, or with one that is taken, get one of their own", () => {
  const twice = { version: 1, rule: { all: [{ ...CITY, id: "a" }, { ...CITY, id: "a" }, CITY] } };
  const { root, named: changed } = read(twice, CHOICES);
  assert.equal(changed, true);
  const ids = [...walk(root)].map(([one]) => one.id);
  assert.equal(new Set(ids).size, 4);
  assert.equal(ids[1], "a");
});
