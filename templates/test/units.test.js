import assert from "node:assert/strict";
import { test } from "node:test";
import { joinRange, parseSpan, splitRange, units } from "../units.js";

const { "binary bytes": binary, bytes: decimal, "bits per second": rate } = units;

test("amounts have three digits and the largest unit that fits", () => {
  for (const [got, want] of [
    [binary(0), ""],
    [binary(1), "1 B"],
    [binary(1023), "1023 B"],
    [binary(1024), "1 KiB"],
    [binary(192 * 2 ** 30), "192 GiB"],
    [binary(1.5 * 2 ** 40), "1.5 TiB"],
    [decimal(480e9), "480 GB"],
    [decimal(1.92e12), "1.92 TB"],
    [decimal(12.34e12), "12.3 TB"],
    [rate(25e9), "25 Gbit/s"],
    [rate(1e30), "1000000000000 Ebit/s"],
  ])
    assert.equal(got.replace("\u00a0", " "), want);
});

test("a range is read as the API reads it", () => {
  for (const [kind, text, want] of [
    ["count", "64..128", [64, 128]],
    ["count", "64..", [64, Infinity]],
    ["count", "..128", [1, 128]],
    ["count", "8", [8, 8]],
    ["count", "unstated", [0, 0]],
    ["count", "8GB", null],
    ["count", "..", null],
    ["count", "5..4", null],
    ["count", "-1", null],
    ["binary bytes", "128GiB..1 TiB", [128 * 2 ** 30, 2 ** 40]],
    ["binary bytes", "128g..", [128 * 2 ** 30, Infinity]],
    ["bytes", "1.5TB..", [1.5e12, Infinity]],
    ["bytes", "1e9..", null],
    ["bits per second", "100Gbps..", [1e11, Infinity]],
    ["bits per second", "100G..", [1e11, Infinity]],
    ["hertz", "2.6ghz..", [2.6e9, Infinity]],
  ])
    assert.deepEqual(parseSpan(kind, text), want, `${kind} ${text}`);
  assert.deepEqual(parseSpan("count", "..2", true), [0, 2]);
  assert.equal(parseSpan("count", "unstated", true), null);
});

test("a number with a unit stands for all that are shown like it", () => {
  const has = (kind, text, n) => {
    const [least, most] = parseSpan(kind, text);
    return least <= n && n <= most;
  };
  assert.ok(has("bytes", "480GB", 480103981056));
  assert.ok(!has("bytes", "480GB", 481e9));
  assert.ok(has("binary bytes", "192GiB", 206158430208));
  for (const n of [80e9, 80 * 2 ** 30, 85e9]) assert.ok(has("binary bytes", "80GB", n));
  assert.ok(!has("binary bytes", "80GiB", 80e9));
  assert.ok(!has("binary bytes", "80GB", 94 * 2 ** 30));
});

test("two fields of a form make a range", () => {
  for (const text of ["1..2", "1..", "..2", "8", ""]) assert.equal(joinRange(splitRange(text)), text);
});
