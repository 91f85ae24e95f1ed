import assert from "node:assert/strict";
import { test } from "node:test";
import { pathsOf } from "../strip.js";

test("a day has a bar for all nodes, and one for the fewest free or a foot", () => {
  const { t, g, z } = pathsOf([4, 1, 0], 4);
  assert.equal(t, "M0 24v-22h8v22M10 24v-22h8v22M20 24v-22h8v22");
  assert.equal(g, "M0 24v-22h8v22M10 24v-6h8v6");
  assert.equal(z, "M20 24v-3h8v3");
});

test("one free node of very many is seen", () => {
  assert.equal(pathsOf([1], 1000).g, "M0 24v-1h8v1");
});
