import assert from "node:assert/strict";
import { test } from "node:test";
import { Filter, addStep } from "../filter.js";

const index = {
  total: 4,
  uid: ["u1", "u2", "u3", "u4"],
  name: ["n10", "n2", "n1", "n3"],
  site: { names: ["a", "b"], of: [0, 0, 1, 1] },
  type: { names: ["gpu", "plain"], of: [0, 1, 0, 1] },
  media: { names: ["HDD", "SSD"], sets: [[], [0], [0, 1]], of: [0, 1, 2, 2] },
  gpus: [4, 0, 8, 0],
  ram: [64, 128, 32, 256],
  infiniband: [1, 0, 1, 0],
  properties: [
    { column: "site", kind: "text", search: "site_id", words: true },
    { column: "type", kind: "text", search: "node_type", words: true },
    { column: "gpus", kind: "count", min: "min_gpus", steps: [1, 4, 8, 16] },
    { column: "ram", kind: "binary bytes", min: "min_ram", steps: [32, 64, 128, 256] },
    { column: "infiniband", kind: "flag", search: "infiniband" },
    { column: "media", kind: "set", search: "storage_media" },
  ],
};

const apply = (selection = {}, sort = "") => {
  const filter = new Filter(index);
  const names = ["site", "type", "media"].map((column) =>
    index[column].names.map((name) => selection[column]?.includes(name) ?? false),
  );
  filter.apply({ text: "", flags: [false], minimums: [0, 0], ...selection, names }, sort);
  return { filter, uids: [...filter.matches.subarray(0, filter.found)].map((i) => index.uid[i]).join(" ") };
};

test("nodes are found by names, amounts, flags and words", () => {
  for (const [selection, want] of [
    [{}, "u1 u2 u3 u4"],
    [{ site: ["a"] }, "u1 u2"],
    [{ site: ["a", "b"], type: ["gpu"] }, "u1 u3"],
    [{ media: ["HDD"] }, "u2 u3 u4"],
    [{ media: ["SSD"] }, "u3 u4"],
    [{ minimums: [4, 64] }, "u1"],
    [{ flags: [true], site: ["b"] }, "u3"],
    [{ text: " N1 " }, "u1 u3"],
    [{ text: "b gpu" }, "u3"],
    [{ text: "nowhere" }, ""],
  ])
    assert.equal(apply(selection).uids, want, JSON.stringify(selection));
});

test("an option counts the nodes that only its own facet excludes", () => {
  const { filter } = apply({ site: ["a"], minimums: [4, 0] });
  const counts = (column) =>
    Object.fromEntries(
      filter.choices
        .find((c) => c.column === column)
        .names.map((name, i) => [name, filter.choices.find((c) => c.column === column).counts[i]]),
    );
  assert.deepEqual(counts("site"), { a: 1, b: 1 });
  assert.deepEqual(counts("type"), { gpu: 1, plain: 0 });
  assert.deepEqual(counts("media"), { HDD: 0, SSD: 0 });
  assert.deepEqual([...filter.minimums[0].counts], [1, 1, 0]);
  assert.equal(filter.flags[0].count, 1);
});

test("steps above all amounts are left out", () => {
  const { filter } = apply();
  assert.deepEqual(filter.minimums[0].steps, [1, 4, 8]);
  assert.equal(addStep(filter.minimums[0], 3), 1);
  assert.deepEqual(filter.minimums[0].steps, [1, 3, 4, 8]);
  assert.equal(filter.minimums[0].counts.length, 4);
});

test("nodes are sorted by numbers, names as people read them, and columns of names", () => {
  for (const [sort, want] of [
    ["ram", "u3 u1 u2 u4"],
    ["-ram", "u4 u2 u1 u3"],
    ["name", "u3 u2 u4 u1"],
    ["-type", "u2 u4 u1 u3"],
  ]) {
    assert.equal(apply({}, sort).uids, want, sort);
  }
});
