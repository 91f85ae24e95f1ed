import assert from "node:assert/strict";
import { test } from "node:test";
import { describeData, fetchAvailability, isOutdated, reservedTimes, stateOf, updateStates } from "../live.js";

const now = Date.parse("2026-11-21T12:00:00Z");
const at = (hours) => new Date(now + hours * 3600e3).toISOString();
const reserved = (...times) => times.map(([start, end]) => ({ start: at(start), end: at(end) }));
const answered = new Map([["s", { site_id: "s", last_synced: at(0), stale: false }]]);
const silent = new Map([["s", { site_id: "s", last_synced: null }]]);

test("reservations without a gap are one", () => {
  const times = reservedTimes({ reservations: reserved([3, 4], [-1, 1], [1, 2], [1.5, 1.75], [6, 6]) });
  assert.deepEqual(
    times.map((t) => t.map((v) => (v - now) / 3600e3)),
    [
      [-1, 2],
      [3, 4],
    ],
  );
  assert.deepEqual(reservedTimes({}), []);
});

test("a node's state follows from its reservations, or else from what the service says", () => {
  const item = (fields) => ({ site_id: "s", availability: "available", ...fields });
  for (const [name, fields, sites, want, until] of [
    ["free for good", { reservations: [] }, answered, "available", NaN],
    ["free until a reservation", { reservations: reserved([2, 3]) }, answered, "available", 2],
    ["reserved", { reservations: reserved([-1, 1], [1, 3]) }, answered, "reserved", 3],
    [
      "reservations that are over",
      { reservations: reserved([-2, -1]), availability: "reserved" },
      answered,
      "available",
      NaN,
    ],
    ["in maintenance", { availability: "maintenance", reservations: reserved([-1, 1]) }, answered, "maintenance", NaN],
    ["unknown to a site that answered", { availability: "unknown" }, answered, "absent", NaN],
    ["unknown as its site has not answered", { availability: "unknown" }, silent, "unknown", NaN],
    ["a host of virtual machines", { leased_by: "flavor", availability: "unknown" }, answered, "flavor", NaN],
    ["without reservations", { availability_until: at(2) }, answered, "available", 2],
    [
      "reserved, and at once again",
      { availability: "reserved", availability_until: at(1), free_from: at(3) },
      answered,
      "reserved",
      3,
    ],
    ["free, but no longer", { availability_until: at(-1) }, answered, "reserved", NaN],
    ["reserved, but no longer", { availability: "reserved", availability_until: at(-1) }, answered, "available", NaN],
    [
      "reserved without an end",
      { availability: "reserved", availability_until: null, free_from: null },
      answered,
      "reserved",
      NaN,
    ],
  ]) {
    const state = stateOf(item(fields), sites, now);
    assert.equal(state.name, want, name);
    assert.equal((state.until - now) / 3600e3, until, name);
  }
});

test("states change with the time, and only then", () => {
  const live = {
    sites: answered,
    items: [
      {
        node_id: "n",
        site_id: "s",
        availability: "available",
        reservations: reserved([1, 2]),
        kept_for_projects: true,
      },
    ],
  };
  const states = new Map();
  assert.equal(updateStates(states, live, now), true);
  assert.deepEqual(states.get("n"), { name: "available", until: now + 3600e3, restricted: true });
  assert.equal(updateStates(states, live, now + 60e3), false);
  assert.equal(updateStates(states, live, now + 1.5 * 3600e3), true);
  assert.equal(states.get("n").name, "reserved");
});

test("only items without reservations are asked for again", () => {
  const over = { availability: "available", availability_until: at(-1) };
  assert.equal(isOutdated({ items: [over] }, now), true);
  assert.equal(isOutdated({ items: [{ ...over, reservations: [] }] }, now), false);
});

test("what does not fit into one response is asked for in turn", async () => {
  const asked = [];
  const get = async (url) => {
    asked.push(url.search);
    return {
      status: 200,
      body: {
        total: 3,
        demonstration: true,
        sites: [{ site_id: "s" }],
        items: [{}, {}].slice(0, asked.length === 1 ? 2 : 1),
      },
    };
  };
  const live = await fetchAvailability("http://h/nodes/availability?limit=2", get);
  assert.deepEqual(asked, ["?limit=2", "?limit=2&offset=2"]);
  assert.equal(live.items.length, 3);
  assert.equal(live.demo, true);
  assert.equal(await fetchAvailability("http://h/", async () => ({ status: 502, body: null })), null);
});

test("the note says how far the data can be trusted", () => {
  const note = (demo, ...sites) => describeData({ demo, sites: new Map(sites.map((s) => [s.site_id, s])) }, now);
  assert.equal(describeData(null, now), "Availability is unavailable: the live service is not responding.");
  assert.equal(note(false), "The live service has no data on these nodes.");
  assert.equal(
    note(true, { site_id: "s", last_synced: at(0) }),
    "Demo data: these reservations are not real. Availability updated just now.",
  );
  assert.equal(
    note(false, { site_id: "s", last_synced: at(-0.1) }, { site_id: "z", last_synced: at(-1) }),
    "Availability updated 60 minutes ago.",
  );
  assert.equal(
    note(
      false,
      { site_id: "s", last_synced: at(-3), stale: true },
      { site_id: "t", last_synced: at(5), stale: true },
      { site_id: "u" },
    ),
    "Data for s is stale: last updated 3 hours ago. Data for t is stale: its age is unknown. No data yet for the nodes at u.",
  );
});
