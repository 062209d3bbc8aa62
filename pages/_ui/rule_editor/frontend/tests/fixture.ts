/** A catalogue of the kinds that Python passes, small. */

import type { Choices, Field, Kind, Operator, Takes } from "../src/protocol";

const operator = (name: string, takes: Takes): Operator => ({ name, label: name, takes });
const number = [
  operator("equals", "one"),
  operator("greater_than", "one"),
  operator("between", "range"),
  operator("is_set", "nothing"),
];
const time = [
  operator("before", "one"),
  operator("on", "day"),
  operator("between", "range"),
  operator("in_the_last", "span"),
  operator("anniversary_in_the_next", "days"),
];
const field = (name: string, type: Kind, operators: string = type, choices: string[] = []): Field => ({
  name,
  label: name,
  group: "Profile",
  type,
  operators,
  first: "",
  choices,
  suggestions: [],
});

export const CHOICES: Choices = {
  fields: [
    field("city", "text"),
    field("order_count", "number"),
    field("total_spend", "money", "number"),
    field("last_order_at", "time"),
    field("birth_date", "date", "time"),
    field("tags", "list"),
    field("attributes.vip", "boolean"),
  ],
  order_fields: [
    field("category", "text"),
    field("amount", "money", "number"),
    field("status", "text", "choice", ["completed", "refunded"]),
  ],
  operators: {
    text: [operator("equals", "one"), operator("in", "many"), operator("is_set", "nothing")],
    choice: [operator("equals", "one"), operator("in", "many")],
    number,
    time,
    list: [operator("contains_any", "many"), operator("is_empty", "nothing")],
    boolean: [operator("is_true", "nothing")],
  },
  aggregates: [
    { name: "count", label: "number of orders", of: [], of_required: true, types: { "": "number" } },
    {
      name: "sum",
      label: "sum of order {of}",
      of: ["amount", "quantity"],
      of_required: true,
      types: { amount: "money", quantity: "number" },
    },
    {
      name: "days_between",
      label: "mean days between orders",
      of: ["amount", "quantity"],
      of_required: false,
      types: { "": "number", amount: "number", quantity: "number" },
    },
  ],
  comparators: [operator("at_least", "one"), operator("between", "range")],
  windows: [
    operator("ever", "nothing"),
    operator("in_the_last", "span"),
    operator("before_the_last", "span"),
    operator("between", "range"),
  ],
  units: ["minute", "hour", "day", "week", "month", "year"].map((name) => ({ name, label: name })),
  outcomes: [{ name: "opened", label: "opened" }],
  segments: [{ id: "s1", name: "Big spenders" }],
  campaigns: [{ id: "c1", name: "Spring" }],
  currency: { code: "GBP", symbol: "£", decimals: 2 },
  zone: "Europe/London",
  locale: "en-GB",
  limits: { levels: 8, nodes: 200, filters: 20 },
};
