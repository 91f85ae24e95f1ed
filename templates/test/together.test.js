import assert from "node:assert/strict";
import { test } from "node:test";
import { freeTogether } from "../together.js";

const hour = 3600e3;
const at = (h) => new Date(h * hour).toISOString();
const node = (...times) => ({
  availability: "available",
  reservations: times.map(([start, end]) => ({ start: at(start), end: at(end) })),
});

test("the first time at which all are free for so long", () => {
  const first = (items, length, from = 0) => freeTogether(items, from * hour, length * hour) / hour;
  assert.equal(first([node(), node()], 24), 0);
  assert.equal(first([node([2, 4]), node([5, 9])], 2), 0);
  assert.equal(first([node([2, 4]), node([5, 9])], 3), 9);
  assert.equal(first([node([2, 9]), node([3, 4])], 3), 9);
  assert.equal(first([node([2, 4])], 1, 3), 4);
});

test("what is not in service is never free", () => {
  assert.equal(freeTogether([node(), { availability: "maintenance" }], 0, hour), null);
  assert.equal(freeTogether([{ availability: "unknown" }], 0, hour), null);
});
