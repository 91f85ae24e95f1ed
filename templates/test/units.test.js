import assert from "node:assert/strict";
import { test } from "node:test";
import { units } from "../units.js";

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
