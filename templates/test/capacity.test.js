import assert from "node:assert/strict";
import { test } from "node:test";
import { describeSteps, stepsOf } from "../capacity.js";
import { describePast, firstDay, shade } from "../heat.js";

const at = (hours) => Date.UTC(2026, 10, 29, hours);
const node = (...times) => ({
  availability: "available",
  reservations: times.map(([a, b]) => ({ start: new Date(at(a)).toISOString(), end: new Date(at(b)).toISOString() })),
});

test("free nodes change where reservations start and end", () => {
  const items = [
    node([-5, 2], [6, 8]),
    node([2, 4]),
    node([99, 100]),
    { ...node(), availability: "maintenance" },
    { ...node(), leased_by: "flavor" },
  ];
  assert.deepEqual(stepsOf(items, at(0), at(24)), [
    [at(0), 2],
    [at(2), 2],
    [at(4), 3],
    [at(6), 2],
    [at(8), 3],
  ]);
});

test("the sentence names the fewest", () => {
  const less = [
    [at(0), 3],
    [at(5), 1],
  ];
  assert.equal(describeSteps(less, at(0)), "3 free now. Fewest: 1 on Sun 29 Nov 05:00 UTC.");
  assert.equal(describeSteps([[at(0), 3]], at(0)), "3 free now. Never fewer.");
});

test("past weeks begin on a Monday, and say how much is known", () => {
  const start = firstDay(at(12));
  assert.equal(new Date(start).toISOString(), "2026-08-31T00:00:00.000Z");
  assert.equal(
    describePast([null, 4, 2, 3, null], start),
    "On half of the days 3 or more nodes were free all day. Fewest: 2 on Wed 2 Sept. Known are 3 of 5 days.",
  );
  assert.equal(describePast([null, null], start), null);
});

test("a day on which more nodes were free than there are now is all free", () => {
  assert.deepEqual([0, 1, 2, 5].map((n) => shade(n, 2)), [0, 50, 100, 100]);
});
