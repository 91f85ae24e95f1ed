import assert from "node:assert/strict";
import { test } from "node:test";
import { describeWhen, passWhen, rankStates, readWhen } from "../when.js";

const now = Date.parse("2026-01-01T12:00:00Z");
const hours = (n) => now + n * 3600e3;
const uids = ["day", "ever", "busy", "soon", "broken", "gone", "vm", "new"];
const states = new Map([
  ["day", { name: "available", until: hours(24) }],
  ["ever", { name: "available", until: NaN }],
  ["busy", { name: "reserved", until: hours(9) }],
  ["soon", { name: "reserved", until: hours(1) }],
  ["broken", { name: "maintenance", until: NaN }],
  ["gone", { name: "absent", until: NaN }],
  ["vm", { name: "flavor", until: NaN }],
]);

const passing = (query, later = new Set()) => {
  const when = readWhen(new URLSearchParams(query));
  if (!when) return null;
  const pass = passWhen(when, uids, states, later, now);
  return uids.filter((_, i) => pass[i]).join(" ");
};

test("nodes are chosen by their states and by how long they are free", () => {
  for (const [query, want] of [
    ["", null],
    ["start=2026-02-01", null],
    ["hours=x", null],
    ["availability=available", "day ever"],
    ["availability=reserved,unknown", "busy soon gone new"],
    ["hours=24", "day ever"],
    ["hours=24.5", "ever"],
    ["hours=2&start=2026-02-01", "soon broken"],
    ["hours=2&start=2026-02-01&availability=reserved", "soon"],
  ])
    assert.equal(passing(query, new Set(["soon", "broken"])), want, query);
});

test("what is free longest comes first, then what is free soonest", () => {
  const ranks = rankStates(uids, states);
  const order = [...uids.keys()].sort((a, b) => ranks[a] - ranks[b]).map((i) => uids[i]);
  assert.deepEqual(order, ["ever", "day", "soon", "busy", "broken", "new", "gone", "vm"]);
});

test("a time is written in words", () => {
  for (const [query, want] of [
    ["availability=available", "free now"],
    ["availability=reserved,available", "reserved now or free now"],
    ["hours=24", "free for 24 hours"],
    ["hours=1", "free for 1 hour"],
    ["hours=72&start=2026-02-01", "free for 3 days from 2026-02-01"],
  ])
    assert.equal(describeWhen(readWhen(new URLSearchParams(query))), want);
});
