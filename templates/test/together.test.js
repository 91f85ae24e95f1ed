import assert from "node:assert/strict";
import { test } from "node:test";
import { freeTogether } from "../together.js";

const hour = 3600e3;
const now = Date.parse("2026-01-01T12:00:00Z");
const at = (h) => new Date(now + h * hour).toISOString();
const node = (...times) => ({
  availability: "available",
  leased_by: "node",
  reservations: times.map(([start, end]) => ({ start: at(start), end: at(end) })),
});
const times = ({ start, end }) => [(start - now) / hour, (end - now) / hour];

test("nodes are free together between all their reservations", () => {
  const first = (...items) => times(freeTogether(items, now));
  assert.deepEqual(first(node()), [0, Infinity]);
  assert.deepEqual(first(node([5, 6]), node([-3, -1])), [0, 5]);
  assert.deepEqual(first(node([-1, 2]), node([1, 4], [6, 7])), [4, 6]);
});

test("the first time at which all are free for so long", () => {
  const first = (items, length, from = 0) => times(freeTogether(items, now + from * hour, length * hour));
  assert.deepEqual(first([node(), node()], 24), [0, Infinity]);
  assert.deepEqual(first([node([2, 4]), node([5, 9])], 2), [0, 2]);
  assert.deepEqual(first([node([2, 4]), node([5, 9])], 3), [9, Infinity]);
  assert.deepEqual(first([node([2, 9]), node([3, 4])], 3), [9, Infinity]);
  assert.deepEqual(first([node([2, 4])], 1, 3), [4, Infinity]);
});

test("what is not in service, or leased by flavor, is never free", () => {
  for (const change of [{ availability: "maintenance" }, { availability: "unknown" }, { leased_by: "flavor" }]) {
    const broken = { ...node(), ...change };
    assert.deepEqual(freeTogether([node(), broken], now), { never: [broken] });
  }
});
