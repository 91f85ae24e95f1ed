import assert from "node:assert/strict";
import { test } from "node:test";
import { daysToStart } from "../ask.js";
import { askURL } from "../finder.js";
import {
  describeFree,
  describeHardware,
  describeQuestion,
  formatTime,
  groupWays,
  heading,
  nodesOf,
  typeToReserve,
} from "../ways.js";

const now = Date.parse("2026-11-29T12:00:00Z"); // a Sunday

test("the days to start at begin with weeks on Mondays", () => {
  assert.deepEqual(daysToStart(now), [
    ["", "Now"],
    ["2026-11-30", "Tomorrow, Mon 30 Nov"],
    ["2026-11-30", "Next week, Mon 30 Nov"],
    ["2026-12-07", "In two weeks, Mon 7 Dec"],
    ["2026-12-14", "In three weeks, Mon 14 Dec"],
  ]);
  const monday = Date.parse("2026-11-30T00:00:00Z");
  assert.equal(daysToStart(monday)[2][0], "2026-12-07");
});

test("times have the year if it is another one", () => {
  assert.equal(formatTime(Date.parse("2026-11-30T00:00:00Z"), now), "Mon 30 Nov 00:00");
  assert.equal(formatTime(Date.parse("2027-01-04T07:30:00Z"), now), "Mon 4 Jan 2027 07:30");
});

const nodes = nodesOf({
  uid: ["a", "b", "c"],
  name: ["one", "two", "three"],
  type: { names: ["t", "u"], of: [0, 0, 1] },
  site: { names: ["s"], of: [0, 0, 0] },
  cluster: { names: ["k"], of: [0, 0, 0] },
  accelerators: { names: ["", "4 × A"], of: [1, 1, 0] },
  lease: { names: ["flavor", "node"], of: [1, 1, 0] },
});

test("a way is a site with so many nodes of each type", () => {
  const slots = [["a", "b"], ["a", "c"], ["b", "a"], ["x", "a"]].map((list) => ({ site_id: "s", nodes: list }));
  assert.deepEqual(
    groupWays(slots, nodes).map(({ types, slots: of }) => [types, of.length]),
    [
      [[["t", 2]], 2],
      [[["t", 1], ["u", 1]], 1],
      [[["", 1], ["t", 1]], 1],
    ],
  );
  assert.deepEqual([[], [1], [1, 2]].map(heading), ["No", "Yes", "Yes, in 2 ways"]);
});

test("a question in words", () => {
  const say = (query) => describeQuestion(new URLSearchParams(query));
  assert.equal(say(""), "1 node for 1 hour");
  assert.equal(say("count=2&hours=24&after=2026-12-01&gpu_family=A,B"), "2 nodes for 24 hours (gpu_family: A or B)");
  assert.equal(say("count=2&unit=gpus&same_site=true"), "2 GPUs for 1 hour");
});

test("how long a slot stays free", () => {
  const say = (until) => describeFree({ end: "2026-11-30T00:00:00Z", extendable_until: until }, now);
  assert.equal(say(undefined), "");
  assert.equal(say(null), "Can be extended beyond the search’s end.");
  assert.equal(say("2026-11-30T00:30:00Z"), "Cannot be extended.");
  assert.equal(say("2026-12-01T07:00:00Z"), "Can be extended until Tue 1 Dec 07:00.");
});

test("the page asks what its query says", () => {
  const ask = (query) => askURL("http://h/nodes/slots", new URLSearchParams(query)).search;
  assert.equal(ask("a=b&count=2"), "?a=b&count=2&limit=100");
  assert.equal(ask("limit=1"), "?limit=1");
});

test("a lease asks for a type only where nothing else was asked for, and all are machines", () => {
  const type = (query) => typeToReserve(new URLSearchParams(query), { site_id: "s" }, nodes);
  assert.equal(type("node_type=t&site_id=s&count=1&after=2026-12-01"), "t");
  assert.equal(type("node_type=t&min_gpus=4"), null);
  assert.equal(type("node_type=t,u"), null);
  assert.equal(type("node_type=u"), null);
});

test("what the nodes of a slot have", () => {
  const say = (...uids) => describeHardware({ nodes: uids }, nodes);
  assert.deepEqual([say("a"), say("a", "b"), say("a", "c"), say("c")], ["4 × A", "4 × A each", "4 × A", ""]);
});
