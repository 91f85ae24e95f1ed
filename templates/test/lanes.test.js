import assert from "node:assert/strict";
import { test } from "node:test";
import { Layout, Range, sizes, sortLanes, spans } from "../lanes.js";
import { Zone } from "../zone.js";

const hour = 3600e3;
const now = Date.parse("2026-11-21T12:00:00Z");

test("the nodes that are free soonest come first", () => {
  const states = new Map(
    Object.entries({
      later: { name: "reserved", until: now + 3 * hour },
      short: { name: "available", until: now + hour },
      closed: { name: "maintenance", until: NaN },
      always: { name: "available", until: NaN },
      soon: { name: "reserved", until: now + hour },
      long: { name: "available", until: now + 9 * hour },
    }),
  );
  const items = [...states.keys()].map((node_id) => ({
    node_id,
    reservations: [{ start: "2026-11-20T00:00Z", end: "2026-11-21T00:00Z" }],
  }));
  const lanes = sortLanes(items, states, now);
  assert.deepEqual(
    lanes.map((lane) => lane.item.node_id),
    ["always", "long", "short", "soon", "later", "closed"],
  );
  assert.deepEqual(lanes[0].reserved, []); // what is over is left out
});

test("the range starts little before now, and stays within a year", () => {
  const range = new Range(now);
  assert.equal(range.to - range.from, 7 * 24 * hour);
  assert.equal(range.from, now - range.length / 30);
  range.move(-5);
  assert.equal(range.from, now - range.length / 30);
  range.move(1);
  const { from } = range;
  range.zoom(0);
  assert.deepEqual([range.from, range.length], [from, 24 * hour]); // zooms where it is
  range.reset();
  range.zoom(99);
  assert.equal(range.span, spans.length - 1);
  assert.equal(range.from, now - range.length / 30); // zooms from now
  range.move(1000);
  assert.equal(range.from, now + 366 * 24 * hour);
});

test("times have places between the names and the right edge", () => {
  const range = new Range(now);
  const wide = new Layout(range, 1000);
  assert.equal(wide.x(range.from), sizes.names);
  assert.equal(wide.x(range.to), 1000);
  assert.equal(wide.x(0), sizes.names);
  assert.equal(wide.x(Infinity), 1000);
  const narrow = new Layout(range, 320);
  assert.equal(narrow.x(range.from), 0);
  assert.equal(narrow.shorten("a".repeat(50)).length, Math.floor((320 - narrow.nameAt) / sizes.letter));
  assert.equal(narrow.shorten("short"), "short");
});

test("labels of an axis do not overlap at any span and width", () => {
  const zone = new Zone(true);
  for (const width of [280, 320, 640, 1000, 2500]) {
    for (let span = 0; span < spans.length; span++) {
      const range = new Range(now);
      range.zoom(span);
      const { ticks, outer } = new Layout(range, width).axis(zone);
      assert.ok(
        ticks.some(({ label }) => label),
        `${width} px, ${spans[span].name}: no labels`,
      );
      outer.forEach(({ x, label }, i) => {
        const end = x + label.length * sizes.letter;
        assert.ok(end <= (outer[i + 1]?.x ?? width), `${width} px, ${spans[span].name}: ${label} overlaps`);
      });
    }
  }
});
