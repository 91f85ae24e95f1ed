import assert from "node:assert/strict";
import { test } from "node:test";
import { pythonProgram, shellCommand } from "../lease.js";
import { describeSlots, onlyType, slotsURL } from "../slots.js";

const now = Date.parse("2026-11-21T12:00:00Z");
const search = (filter, want = { count: "2", hours: 24 }) =>
  slotsURL("http://h/nodes/slots?node_type=t", new URLSearchParams(filter), want, now);

test("a search has the page's filter, and ends within 30 days", () => {
  assert.equal(
    search("min_gpus=4&sort=-ram&q=").search,
    "?node_type=t&min_gpus=4&count=2&hours=24&before=2026-12-22T12%3A00%3A00.000Z&same_site=true&limit=5",
  );
});

test("several values are one list", () => {
  assert.equal(search("site_id=a&site_id=b").searchParams.get("site_id"), "a,b");
  assert.equal(search("node_type=a,b").searchParams.get("node_type"), "a,b");
});

test("the status says what was searched for", () => {
  const say = (query, total, items, filtered = true) =>
    describeSlots(new URLSearchParams(query), { total, items: Array(items) }, filtered);
  assert.equal(say("count=2&hours=48", 1, 1), "1 slot found for 2 nodes, 48 hours.");
  assert.equal(
    say("count=1&hours=1&min_gpus=4&node_type=t", 12, 5),
    "The first 5 of 12 slots found for 1 t node (min_gpus 4), 1 hour.",
  );
  assert.equal(
    say("count=2&hours=1&node_type=a,b&site_id=uc,tacc", 1, 1),
    "1 slot found for 2 a or b nodes (site_id uc or tacc), 1 hour.",
  );
  assert.equal(
    say("count=40&hours=168&node_type=compute_skylake", 0, 0, false),
    "No site has 40 compute_skylake nodes free for 168 hours starting within the next 30 days.",
  );
});

test("a command names the type only where nothing else was asked for", () => {
  const type = (query) => onlyType(new URLSearchParams(query));
  assert.equal(type("node_type=t&site_id=s&count=1"), "t");
  assert.equal(type("node_type=t&min_gpus=4"), null);
  assert.equal(type("site_id=s"), null);
  assert.equal(type("node_type=a,b"), null);
});

const slot = { site_id: "s", start: "2026-11-22T12:00:00Z", end: "2026-11-23T12:00:00Z", nodes: ["n1", "n2"] };

test("the shell's command reserves a type, or exactly the slot's nodes", () => {
  assert.equal(
    shellCommand(slot, "it's, a=b é", now),
    `openstack reservation lease create \\
  --reservation resource_type=physical:host,min=2,max=2,resource_properties='["==", "$node_type", "it\\u0027s\\u002c a\\u003db \\u00e9"]' \\
  --start-date '2026-11-22 12:00' \\
  --end-date '2026-11-23 12:00' \\
  my-lease`,
  );
  assert.match(shellCommand(slot, null, now), /hypervisor_properties='\["==", "\$hypervisor_hostname", "n2"\]'/);
});

test("a slot that starts now has no start", () => {
  assert.doesNotMatch(shellCommand(slot, "t", Date.parse(slot.start) - 60e3), /--start-date/);
  assert.match(pythonProgram(slot, "t", Date.parse(slot.start)), /start="now"/);
  assert.match(pythonProgram(slot, "t", now), /start="2026-11-22 12:00"/);
});
