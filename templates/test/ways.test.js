import assert from "node:assert/strict";
import { test } from "node:test";
import { daysToStart } from "../ask.js";
import { askURL } from "../finder.js";
import {
  describeFree,
  describeHardware,
  describeLetGo,
  describeQuestion,
  formatTime,
  groupWays,
  heading,
  nodesOf,
  placesOf,
  typeToReserve,
} from "../ways.js";

const now = Date.parse("2026-11-29T12:00:00Z"); // a Sunday

test("the days to start at begin with weeks on Mondays", () => {
  assert.deepEqual(daysToStart(now), [
    ["", "Now"],
    ["2026-11-30", "Tomorrow, Mon 30 Nov"],
    ["2026-11-30", "Next week, Mon 30 Nov"],
    ["2026-12-07", "In 2 weeks, Mon 7 Dec"],
    ["2026-12-14", "In 3 weeks, Mon 14 Dec"],
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
  assert.deepEqual([[], [1], [1, 2]].map((ways) => heading(ways, [])), ["No", "Yes", "Yes, in 2 ways"]);
  assert.equal(heading([], [{ let_go: "count", query: "count=2" }], now, 4), "No, but nearly");
  assert.equal(heading([], [{ let_go: "count", query: "count=22" }], now, 900), "No");
  const later = { let_go: "before", slot: { start: "2026-12-06T09:00:00Z" } };
  assert.equal(heading([], [later], now), "No, not before Sun 6 Dec 09:00");
});

test("the types of a slot's nodes are told for each site", () => {
  const at = new Map([["a", { site: "s", type: "t" }], ["b", { site: "r", type: "u" }], ["c", { site: "s", type: "t" }]]);
  assert.deepEqual(placesOf({ site_id: null, nodes: ["a", "b", "c"] }, at), [
    { site: "s", types: [["t", 2]] },
    { site: "r", types: [["u", 1]] },
  ]);
  assert.deepEqual(placesOf({ site_id: "s", nodes: ["new"] }, at), [{ site: "s", types: [["", 1]] }]);
});

test("a question in words", () => {
  const say = (query) => describeQuestion(new URLSearchParams(query));
  assert.equal(say(""), "1 node for 1 hour");
  assert.equal(say("count=2&hours=24&after=2026-12-01&gpu_family=A,B"), "2 nodes (gpu_family: A or B) for 24 hours");
  assert.equal(
    say("node_type=a&count=4&2.node_type=b&2.count=1&2.unit=gpus&hours=2"),
    "4 nodes (node_type: a) and 1 GPU (node_type: b) for 2 hours",
  );
  assert.equal(say("count=2&unit=gpus&same_site=true"), "2 GPUs for 1 hour");
  assert.equal(
    say("count=2&unit=gpus&gpu_family=NVIDIA%20A100&node_type=t"),
    "2 GPUs (NVIDIA A100, node_type: t) for 1 hour",
  );
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
  assert.equal(ask("a=b&count=2"), "?a=b&count=2&limit=100&nearest=true");
  assert.equal(ask("limit=1"), "?limit=1&nearest=true");
});

test("a lease asks for a type where any node of it will do", () => {
  const slot = { reserve_by: "type", node_type: "t" };
  assert.equal(typeToReserve(slot), "t");
  assert.equal(typeToReserve({ ...slot, reserve_by: "node" }), null);
  assert.equal(typeToReserve({ ...slot, parts: [{}, {}] }), null);
});

test("in what a question that has a slot differs", () => {
  const query = new URLSearchParams("gpu_family=A,B&2.node_type=t&count=4&unit=gpus&hours=24");
  const say = (name, asked = "") => describeLetGo(name, query, new URLSearchParams(asked), new Map([["gpu_family", "GPU"]]));
  assert.equal(say("gpu_family"), "Without GPU: A or B");
  assert.equal(say("2.node_type"), "Without node_type: t");
  assert.equal(say("after"), "Starting earlier");
  assert.equal(say("count", "count=1&unit=gpus"), "Only 1 GPU");
  assert.equal(say("hours", "hours=17"), "Only 17 hours");
  assert.equal(describeLetGo("gpu_family", new URLSearchParams("gpu_family=A"), query), "Another GPU, as large");
  const memory = new URLSearchParams("gpu_memory=80GiB..");
  assert.equal(describeLetGo("gpu_memory", memory, query), "Without gpu_memory: 80 GiB or more");
});

test("what the nodes of a slot have", () => {
  const say = (...uids) => describeHardware({ nodes: uids }, nodes);
  assert.deepEqual([say("a"), say("a", "b"), say("a", "c"), say("c")], ["4 × A", "4 × A each", "4 × A", ""]);
});
