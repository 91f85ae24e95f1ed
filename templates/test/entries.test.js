import assert from "node:assert/strict";
import { test } from "node:test";
import { countOptions, groupUp, isSelected, sumUp } from "../entries.js";

const entry = (kind, site, first, last = first) => ({ facets: { kind, site, type: [] }, first, last });
const entries = [
  entry(["Added", "Note"], ["tacc"], "2026-03-01"),
  entry(["Note"], ["uc"], "2026-02-01", "2026-03-05"),
  entry(["Removed"], ["tacc", "uc"], "2026-01-01"),
];
const selected = (chosen) => entries.map((e) => (isSelected(e, chosen) ? 1 : 0)).join("");

test("of a facet any, of several all", () => {
  assert.equal(selected({}), "111");
  assert.equal(selected({ kind: ["Added", "Removed"], site: [] }), "101");
  assert.equal(selected({ kind: ["Note"], site: ["uc"] }), "010");
  assert.equal(selected({ type: ["gpu"] }), "000");
});

test("days include both ends, and what lies across one", () => {
  assert.equal(selected({ since: "2026-03-01" }), "110");
  assert.equal(selected({ until: "2026-02-10" }), "011");
  assert.equal(selected({ since: "2026-02-02", until: "2026-02-03" }), "010");
});

test("an option counts under what the others choose", () => {
  assert.deepEqual(countOptions(entries, { site: ["tacc"], kind: ["Note"] }, "kind", ["Removed"]), [
    ["Removed", 1],
    ["Added", 1],
    ["Note", 1],
  ]);
});

const set = (added, removed, changed = [], moved = []) => ({
  added: added.map((path) => ({ path, kind: "node" })),
  removed: removed.map((path) => ({ path, kind: "node" })),
  changed: changed.map(([path, ...fields]) => ({ path, kind: "node", patch: fields.map((f) => ({ path: `/${f}/x` })) })),
  moved,
});
const paths = (sum) =>
  Object.fromEntries(
    Object.entries(sum).map(([name, all]) => [name, all.map((f) => (f.from ? `${f.from}>${f.path}` : f.path) + [...f.fields].join())]),
  );
const none = { added: [], removed: [], moved: [], changed: [] };

test("a sum has what is left of several commits", () => {
  assert.deepEqual(paths(sumUp([set(["a"], []), set([], ["a"])])), none);
  assert.deepEqual(paths(sumUp([set([], ["a"]), set(["a"], [])])), none);
  assert.deepEqual(paths(sumUp([set(["a"], []), set([], [], [["a", "gpu"]])])), { ...none, added: ["a"] });
  assert.deepEqual(paths(sumUp([set([], [], [["a", "gpu"]]), set([], [], [["a", "bios", "gpu"]])])), {
    ...none,
    changed: ["agpu,bios"],
  });
  assert.deepEqual(paths(sumUp([set([], [], [["a", "gpu"]]), set([], ["a"])])), { ...none, removed: ["a"] });
});

test("a move goes on, and back is no move", () => {
  const move = (from, to) => set([to], [from], [], [{ from, to }]);
  assert.deepEqual(paths(sumUp([move("a", "b"), move("b", "c")])), { ...none, moved: ["a>c"] });
  assert.deepEqual(paths(sumUp([move("a", "b"), move("b", "a")])), none);
  assert.deepEqual(paths(sumUp([set(["a"], []), move("a", "b")])), { ...none, added: ["b"] });
  const renamed = set(["b"], ["a"], [], [{ from: "a", to: "b", patch: [{ path: "/node_name" }] }]);
  assert.deepEqual(paths(sumUp([renamed])), { ...none, moved: ["a>bnode_name"] });
  assert.deepEqual(paths(sumUp([renamed, move("b", "a")])), { ...none, changed: ["anode_name"] });
  assert.deepEqual(paths(sumUp([move("a", "b"), set([], ["b"])])), { ...none, removed: ["a"] });
  assert.deepEqual(paths(sumUp([set([], ["a"]), set(["b"], [], [], [{ from: "a", to: "b" }])])), { ...none, moved: ["a>b"] });
});

test("resources of which the same can be said are one group", () => {
  const at = (site, uid, fields = []) => ({ path: `/sites/${site}/clusters/c/nodes/${uid}`, kind: "node", fields: new Set(fields) });
  const groups = groupUp([at("s", "a", ["gpu"]), at("t", "b"), at("s", "c", ["gpu"]), { ...at("t", "d"), type: "x" }]);
  assert.deepEqual(
    groups.map(({ site, type, fields, paths }) => [site, type, fields, paths.length]),
    [
      ["s", undefined, "gpu", 2],
      ["t", undefined, "", 1],
      ["t", "x", "", 1],
    ],
  );
});
