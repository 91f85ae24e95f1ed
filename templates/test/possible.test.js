import assert from "node:assert/strict";
import { test } from "node:test";
import { gapsOf } from "../bars.js";
import { spansOf, windowOf } from "../possible.js";
import { describeBites, describeStarts } from "../ways.js";
import { Zone } from "../zone.js";

const hour = 3600e3;
const at = (hours) => Date.UTC(2026, 10, 30, hours);
const iso = (hours) => new Date(at(hours)).toISOString();

test("times within slots are one span where slots overlap or touch", () => {
  const way = { starts: [[0, 2], [4, 4], [9, 20]].map(([first, last]) => ({ first: iso(first), last: iso(last) })) };
  const spans = spansOf(way, 2 * hour);
  assert.deepEqual(spans, [[at(0), at(6)], [at(9), at(22)]]);
  assert.deepEqual(gapsOf(spans, at(-1), at(24)), [[at(-1), at(0)], [at(6), at(9)], [at(22), at(24)]]);
  assert.deepEqual(gapsOf(spans, at(1), at(5)), []);
  assert.deepEqual(gapsOf([], at(1), at(5)), [[at(1), at(5)]]);
});

test("the picture has complete days: two weeks, or four if a slot is later", () => {
  const days = (searched, ...spans) => {
    const midnights = windowOf(searched, spans, new Zone(true));
    return [midnights[0], midnights.length - 1];
  };
  assert.deepEqual(days([at(5), at(24 * 30)], [[at(5), at(7)]]), [at(0), 14]);
  assert.deepEqual(days([at(5), at(24 * 30)], [[at(24 * 15), at(24 * 16)]]), [at(0), 28]);
  assert.deepEqual(days([at(5), at(30)], [[at(5), at(7)]]), [at(0), 2]);
  assert.deepEqual(days([at(0), at(24 * 400)], []), [at(0), 14]);
});

test("until when a slot may start, and what to mind", () => {
  const slot = { start: iso(0), end: iso(2) };
  const say = (starts, searched) => describeStarts(slot, { starts }, [at(0), at(searched)]);
  assert.equal(say([{ first: iso(0), last: iso(4) }], 6), "Any later start works, too.");
  assert.equal(say([{ first: iso(0), last: iso(4) }], 9), "Any start until Mon 30 Nov 04:00 works.");
  assert.equal(say([{ first: iso(0), last: iso(0) }], 9), "");
  assert.equal(describeBites({ reserve_by: "type" }, { nodes: 2 }), "");
  assert.match(describeBites({ reserve_by: "node", node_type: "t" }, { nodes: 1 }), /^The only node of its kind\. Reserve by name/);
});
