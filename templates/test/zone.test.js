import assert from "node:assert/strict";
import { test } from "node:test";
import { otherZone, pageZone, steps, Zone } from "../zone.js";

process.env.TZ = "America/Chicago"; // the reader's

const ticks = (utc, unit, n, from, to) => {
  const step = steps.find((s) => s.unit === unit && s.n === n);
  return new Zone(utc)
    .ticks(step, Date.parse(from), Date.parse(to))
    .map((t) => new Date(t).toISOString().slice(0, 13))
    .join(" ");
};

test("ticks follow the zone's calendar, also when its clocks change", () => {
  for (const [utc, unit, n, from, to, want] of [
    // Clocks go back on 1 November, and forward on 14 March.
    [false, "day", 1, "2026-10-31T12:00Z", "2026-11-03T00:00Z", "2026-11-01T05 2026-11-02T06"],
    [true, "day", 1, "2026-10-31T12:00Z", "2026-11-03T00:00Z", "2026-11-01T00 2026-11-02T00 2026-11-03T00"],
    [
      false,
      "hour",
      6,
      "2027-03-14T00:00Z",
      "2027-03-14T23:00Z",
      "2027-03-14T00 2027-03-14T06 2027-03-14T11 2027-03-14T17 2027-03-14T23",
    ],
    [
      false,
      "hour",
      1,
      "2027-03-14T07:00Z",
      "2027-03-14T10:00Z",
      "2027-03-14T07 2027-03-14T08 2027-03-14T09 2027-03-14T10",
    ],
    [true, "day", 2, "2026-10-31T12:00Z", "2026-11-05T00:00Z", "2026-11-02T00 2026-11-04T00"],
    [true, "week", 1, "2026-11-21T17:00Z", "2026-12-08T00:00Z", "2026-11-23T00 2026-11-30T00 2026-12-07T00"],
    [false, "month", 1, "2026-11-21T17:00Z", "2027-02-02T00:00Z", "2026-12-01T06 2027-01-01T06 2027-02-01T06"],
    [true, "year", 1, "2026-11-21T17:00Z", "2028-02-02T00:00Z", "2027-01-01T00 2028-01-01T00"],
  ])
    assert.equal(ticks(utc, unit, n, from, to), want, `${unit} ${n}, UTC ${utc}`);
});

test("labels leave out what the outer labels have", () => {
  const [zone, t] = [new Zone(true), Date.parse("2026-11-21T17:00Z")];
  const label = (unit) => {
    const step = steps.find((s) => s.unit === unit);
    return `${zone.label(step, t)} | ${zone.outerLabel(step, t)}`;
  };
  assert.match(label("hour"), /^17:00 \| Sat,? 21 Nov$/);
  assert.match(label("month"), /^Nov \| 2026$/);
  assert.equal(zone.name, "UTC");
});

test("the page's zone is UTC where nothing else is remembered", () => {
  assert.equal(pageZone().name, "UTC");
  assert.equal(otherZone(), "America/Chicago");
  assert.equal(new Zone(false).short(Date.parse("2026-12-01T03:00Z"), 0), "Mon 30 Nov 2026 21:00");
});
