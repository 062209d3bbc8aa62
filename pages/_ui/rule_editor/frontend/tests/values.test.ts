import assert from "node:assert/strict";
import { test } from "node:test";
import { carried, complete, toJson } from "../src/model/draft";
import { edited, redone, rested, started, undone } from "../src/model/history";
import { moment, parts } from "../src/model/instants";
import { numeric } from "../src/model/numbers";
import type { Group } from "../src/model/tree";
import { isDark } from "../src/theme";

test("a changed operator keeps what its value can hold", () => {
  assert.deepEqual(carried({ takes: "one", text: "Pune" }, "many"), { takes: "many", texts: ["Pune"] });
  assert.deepEqual(carried({ takes: "many", texts: ["a", "b"] }, "one"), { takes: "one", text: "a" });
  assert.deepEqual(carried({ takes: "one", text: "5" }, "range"), { takes: "range", low: "5", high: "" });
  assert.deepEqual(carried({ takes: "one", text: "2026-03-31T09:30" }, "day"), {
    takes: "day",
    text: "2026-03-31",
  });
  assert.deepEqual(carried({ takes: "span", n: "7", unit: "week" }, "days"), {
    takes: "days",
    n: "7",
    unit: "day",
  });
  assert.deepEqual(carried({ takes: "one", text: "5" }, "span"), { takes: "span", n: "30", unit: "day" });
});

test("a number is a number, and one that JSON cannot hold stays text", () => {
  const json = (text: string) => toJson("number", { takes: "one", text });
  assert.equal(json(" 12 "), 12);
  assert.equal(json("-2.5"), -2.5);
  assert.equal(json("12,5"), "12,5");
  assert.equal(json("9007199254740993"), "9007199254740993");
  assert.equal(toJson("money", { takes: "one", text: "5000.10" }), "5000.10");
});

test("letters are refused where a number goes, and pasted thousands are understood", () => {
  assert.equal(numeric("5k"), "5k");
  assert.equal(numeric("1,00,000"), "100000");
  assert.equal(numeric("12,34,567.50"), "1234567.50");
  assert.equal(numeric("1000,000"), "1000000");
  assert.equal(numeric("₹ 5,000.00"), "5000.00");
  assert.equal(numeric("12,5"), "12,5");
  assert.equal(numeric("-3-"), "-3-");
});

test("half a range and an empty list are unfinished", () => {
  assert.equal(complete("number", { takes: "range", low: "1", high: " " }), false);
  assert.equal(complete("text", { takes: "many", texts: [] }), false);
  assert.equal(complete("text", { takes: "span", n: "0", unit: "day" }), false);
});

test("an instant is shown as wall-clock time of the zone", () => {
  assert.deepEqual(parts("2026-07-01T09:30:00Z", "Europe/London"), { day: "2026-07-01", time: "10:30" });
  assert.deepEqual(parts("2026-03-31T23:30:05+00:00", "Asia/Kolkata"), {
    day: "2026-04-01",
    time: "05:00:05",
  });
  assert.deepEqual(parts("2026-07-01 09:30", "Asia/Kolkata"), { day: "2026-07-01", time: "09:30" });
  assert.deepEqual(parts("2026-07-01", "Asia/Kolkata"), { day: "2026-07-01", time: "" });
  assert.deepEqual(parts("soon", "Asia/Kolkata"), { day: "", time: "" });
  assert.equal(moment({ day: "2026-07-01", time: "09:30" }), "2026-07-01T09:30");
  assert.equal(moment({ day: "2026-07-01", time: "" }), "2026-07-01");
});

test("typing on in one box is one step back, and the next box another", () => {
  const tree = (id: string): Group => ({ id, inner: "", combinator: "all", not: false, rules: [] });
  let history = started(tree("0"));
  for (const id of ["1", "2"]) history = edited(history, tree(id), "a text");
  history = edited(history, tree("3"), "b text");
  assert.deepEqual(history.past.map((one) => one.id), ["0", "2"]);
  history = undone(undone(history));
  assert.equal(history.present.id, "0");
  history = redone(history);
  assert.equal(history.present.id, "2");
  assert.deepEqual(edited(history, tree("4"), null).future, []);
});

test("typing that came back to where it began is no step", () => {
  const tree = (id: string): Group => ({ id, inner: "", combinator: "all", not: false, rules: [] });
  const same = (one: Group, other: Group): boolean => one.id === other.id;
  let history = started(tree("0"));
  for (const id of ["1", "0"]) history = edited(history, tree(id), "a text");
  assert.equal(rested(history, same).past.length, 0);
  history = edited(started(tree("0")), tree("1"), "a text");
  assert.deepEqual([rested(history, same).past.length, rested(history, same).typing], [1, null]);
});

test("a dark theme is told by its background", () => {
  assert.equal(isDark("#12181B"), true);
  assert.equal(isDark("#fff"), false);
  assert.equal(isDark("unset"), false);
});
