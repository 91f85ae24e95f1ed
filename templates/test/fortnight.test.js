import assert from "node:assert/strict";
import { test } from "node:test";
import { leastByDay } from "../capacity.js";
import { describeNow, freeTimes, lengthOf } from "../fortnight.js";

const hour = 3600e3;
const now = Date.UTC(2026, 10, 28, 12);
const at = (hours) => now + hours * hour;

// said is what the page says of a state, in one line.
const said = (name, until, reserved = []) => {
  const { title, text, until: time, then } = describeNow({ name, until }, reserved, now);
  const [before, , after] = time ?? [];
  return [title, text, time && `${before} ${(time[1] - now) / hour}, ${after}`, then].filter(Boolean).join(" | ");
};

test("each state says what it means for who wants the node", () => {
  assert.equal(said("available", at(148), [[at(148), at(200)]]), "Free now | until 148, 148 hours");
  assert.equal(said("available", NaN), "Free now | and no later reservation is known");
  assert.equal(said("reserved", at(20), [[at(-5), at(20)]]), "Reserved | until 20, 20 hours more | Then free, as far as is known.");
  assert.equal(
    said("reserved", at(20), [
      [at(-5), at(20)],
      [at(50), at(60)],
    ]),
    "Reserved | until 20, 20 hours more | Then free for 30 hours, until Mon 30 Nov 14:00.",
  );
  assert.equal(said("reserved", NaN), "Reserved now | and nobody knows until when");
  for (const [name, title] of [
    ["maintenance", "In maintenance"],
    ["unknown", "Unknown"],
    ["absent", "Not reservable"],
  ])
    assert.match(said(name, NaN), new RegExp(`^${title} \\| .*\\.$`));
});

test("free times are those between reservations, the last without an end", () => {
  assert.deepEqual(freeTimes([], now), [[now, Infinity]]);
  assert.deepEqual(
    freeTimes(
      [
        [at(-9), at(-8)],
        [at(-1), at(2)],
        [at(5), at(6)],
      ],
      now,
    ),
    [
      [at(2), at(5)],
      [at(6), Infinity],
    ],
  );
});

test("lengths are in the unit that people think in", () => {
  const lengths = [10, 61 * 60e3, hour, 90 * hour, 336 * hour, 400 * hour].map(lengthOf);
  assert.deepEqual(lengths, ["1 minute", "1 hour", "1 hour", "90 hours", "336 hours", "17 days"]);
});

test("what can be counted on is the least of a day, from its first moment on", () => {
  const node = (...times) => ({
    availability: "available",
    reservations: times.map(([a, b]) => ({ start: new Date(at(a)).toISOString(), end: new Date(at(b)).toISOString() })),
  });
  const items = [node([0, 24]), node([30, 31]), node([48, 49])];
  assert.deepEqual(leastByDay(items, now, 4), [2, 2, 2, 3]);
  assert.deepEqual(leastByDay([node([-5, 36])], now, 3), [0, 0, 1]);
});
