import assert from "node:assert/strict";
import { test } from "node:test";
import { Filter, countFlagged, countNamed, countUnstated, countWithout, hasWord } from "../filter.js";

const index = {
  total: 4,
  uid: ["u1", "u2", "u3", "u4"],
  name: ["n10", "n2", "n1", "n3"],
  site: { names: ["a", "b"], of: [0, 0, 1, 1] },
  type: { names: ["gpu", "plain"], of: [0, 1, 0, 1] },
  media: { names: ["HDD", "SSD"], sets: [[], [0], [0, 1]], of: [0, 1, 2, 2] },
  gpus: [4, 0, 8, 0],
  ram: [64, 128, 32, 256],
  infiniband: [1, 0, 1, -1],
  storage: [5, 5, 8, 9],
  storage_of_media: { hdd: [0, 5, 4, 1], ssd: [0, 0, 4, 8] },
  properties: [
    { column: "site", kind: "text", search: "site_id", words: true },
    { column: "type", kind: "text", search: "node_type", words: true },
    { column: "gpus", kind: "count", min: "min_gpus", range: "gpus", zero: true, steps: [1, 4, 8, 16] },
    { column: "ram", kind: "binary bytes", min: "min_ram", range: "ram", steps: [32, 64, 128, 256] },
    { column: "infiniband", kind: "flag", search: "infiniband" },
    { column: "media", kind: "set", search: "storage_media", match: "any case" },
    { column: "storage", kind: "bytes", min: "min_storage", range: "storage" },
  ],
};

const apply = (query = "", sort = "") => {
  const filter = new Filter(index);
  filter.apply(new URLSearchParams(query), sort);
  return { filter, uids: [...filter.matches.subarray(0, filter.found)].map((i) => index.uid[i]).join(" ") };
};

test("flavors are found by words alone, which may start theirs", () => {
  const flavors = [
    { name: "g1.h100.pci.1", text: "g1.h100.pci.1\nkvm\nKVM@TACC\n1 × H100" },
    { name: "m1.large", text: "m1.large\nkvm\nKVM@TACC\n" },
  ];
  const found = (query) => {
    const filter = new Filter({ ...index, flavors });
    filter.apply(new URLSearchParams(query), "");
    return filter.foundFlavors.map(({ name }) => name).join(" ");
  };
  for (const [query, want] of [
    ["", ""],
    ["q=H100", "g1.h100.pci.1"],
    ["q=m1.lar", "m1.large"],
    ["q=arge", ""],
    ["q=kvm@tacc&gpus=4", "g1.h100.pci.1 m1.large"],
  ])
    assert.equal(found(query), want, query);
});

test("nodes are found by names, amounts, flags and words", () => {
  for (const [query, want] of [
    ["", "u1 u2 u3 u4"],
    ["other=x&node_type=", "u1 u2 u3 u4"],
    ["site_id=a", "u1 u2"],
    ["site_id=b&site_id=a", "u1 u2"],
    ["site_id=a,b&node_type=gpu", "u1 u3"],
    ["storage_media=hdd", "u2 u3 u4"],
    ["storage_media=SSD", "u3 u4"],
    ["storage_media=SSD,unstated", "u1 u3 u4"],
    ["min_gpus=4&min_ram=64", "u1"],
    ["infiniband=true&site_id=b", "u3"],
    ["infiniband=no", "u2 u4"],
    ["infiniband=unstated", "u4"],
    ["infiniband=stated_false,yes", "u1 u2 u3"],
    ["gpus=..4", "u1 u2 u4"],
    ["gpus=1..4,8", "u1 u3"],
    ["ram=..64", "u1 u3"],
    ["ram=100b..&min_ram=200", "u4"],
    ["q=+N1+", "u1 u3"],
    ["q=b gpu", "u3"],
    ["q=nowhere", ""],
    ["storage=6..", "u3 u4"],
    ["storage=6..&storage_media=ssd", "u4"],
  ])
    assert.equal(apply(query).uids, want, query);
});

test("a query that changes finds what a new one finds", () => {
  const filter = new Filter(index);
  for (const query of ["site_id=a", "site_id=a,b&ram=..64", "ram=64..", "", "infiniband=true"]) {
    filter.apply(new URLSearchParams(query), "");
    const uids = [...filter.matches.subarray(0, filter.found)].map((i) => index.uid[i]).join(" ");
    assert.equal(uids, apply(query).uids, query);
  }
});

test("an option counts the nodes that only its own facet excludes, and the free ones", () => {
  const { filter } = apply("site_id=a&min_gpus=4");
  filter.setStates(Uint8Array.of(0, 1, 1, 0), Float64Array.of(2, 0, 0, 2));
  filter.apply(new URLSearchParams("site_id=a&min_gpus=4"), "state");
  const choice = (column) => filter.choices.find((c) => c.column === column);
  const counts = (column) => choice(column).names.map((_, i) => countNamed(choice(column), i));
  assert.deepEqual(counts("site"), [{ free: 0, all: 1 }, { free: 1, all: 1 }]);
  assert.deepEqual(counts("type"), [{ free: 0, all: 1 }, { free: 0, all: 0 }]);
  assert.deepEqual(counts("media"), [{ free: 0, all: 0 }, { free: 0, all: 0 }]);
  assert.deepEqual(countUnstated(choice("media")), { free: 0, all: 1 });
  assert.deepEqual([filter.found, filter.free], [1, 0]);
  assert.deepEqual(
    filter.active.map((f) => [f.params[0], countWithout(f)]),
    [
      ["site_id", { free: 1, all: 1 }],
      ["min_gpus", { free: 1, all: 1 }],
    ],
  );

  const { flags, amounts } = apply().filter;
  assert.deepEqual([countFlagged(flags[0]), countUnstated(flags[0])], [{ free: 0, all: 2 }, { free: 0, all: 1 }]);
  assert.deepEqual(countUnstated(amounts[0]), { free: 0, all: 0 }); // no GPUs are none
  assert.deepEqual([amounts[0].least, amounts[0].most], [4, 8]);
});

test("time is a filter like others", () => {
  const filter = new Filter(index);
  filter.setTime(Uint8Array.of(1, 0, 1, 0));
  filter.apply(new URLSearchParams("site_id=a"), "name");
  assert.deepEqual([filter.found, countWithout(filter.time)], [1, { free: 0, all: 1 }]);
});

test("nodes are sorted by numbers, names as people read them, and columns of names", () => {
  for (const [sort, want] of [
    ["ram", "u3 u1 u2 u4"],
    ["-ram", "u4 u2 u1 u3"],
    ["name", "u3 u2 u4 u1"],
    ["-type", "u2 u4 u3 u1"],
    ["gpus", "u2 u4 u1 u3"],
    ["-media", "u3 u4 u2 u1"], // what is not known comes last
    ["media", "u2 u3 u4 u1"],
  ]) {
    assert.equal(apply("", sort).uids, want, sort);
  }
});

test("words are found at their starts, and rates of networks as a whole", () => {
  const text = "GA100GL [A30 PCIe]\nBCM57504 10Gb/100Gb\n40g".toLowerCase();
  for (const [word, want] of [
    ["a30", true],
    ["a100", false],
    ["40g", true],
    ["100g", false],
    ["100gb", true],
    ["10g", false],
  ])
    assert.equal(hasWord(text, word), want, word);
});
