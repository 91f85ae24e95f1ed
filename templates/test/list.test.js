import assert from "node:assert/strict";
import { test } from "node:test";
import { describeFilter, without } from "../chips.js";
import { Columns } from "../columns.js";
import { Filter } from "../filter.js";
import { formats } from "../takeaway.js";
import { readViews, writeViews } from "../views.js";
import { nameSite } from "../ways.js";

const index = {
  total: 2,
  uid: ["u1", "u2"],
  name: ["=n1", 'n"2'],
  site: { names: ["a|b", "c"], of: [0, 1] },
  features: { names: ["sgx", "x,y"], sets: [[], [0, 1]], of: [0, 1] },
  ram: [0, 137438953472],
  infiniband: [1, -1],
  properties: [
    { column: "site", title: "Site", kind: "text", search: "site_id", list: 2 },
    { column: "infiniband", title: "InfiniBand", kind: "flag", search: "infiniband" },
    { column: "features", title: "Features", kind: "set", search: "features", labels: { sgx: "Intel SGX" } },
    { column: "ram", title: "Memory", kind: "binary bytes", min: "min_ram", range: "ram", list: 1 },
    { column: "ram", title: "Memory again", kind: "binary bytes", min: "min_memory", alias: true },
    { column: "words", kind: "set" },
  ],
};

const storage = () => {
  const kept = new Map();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value),
    removeItem: (key) => kept.delete(key),
  };
};
const noStorage = {
  getItem() {
    throw new Error("denied");
  },
  setItem() {
    throw new Error("denied");
  },
};

test("sites have their names where there are some", () => {
  const named = { ...index, properties: [{ column: "site", title: "Site", kind: "text", labels: { c: "Hall@C" } }] };
  const { all } = new Columns(named, storage());
  for (const of of [(i) => nameSite(named, i), all.find(({ name }) => name === "site").text])
    assert.deepEqual([0, 1].map(of), ["a|b", "Hall@C"]);
  assert.equal(nameSite(index, 1), "c");
});

test("columns are those of a URL, else those kept in the browser, else the defaults", () => {
  const kept = storage();
  const columns = new Columns(index, kept);
  assert.deepEqual(
    columns.all.map((c) => c.name),
    ["state", "ram", "site", "infiniband", "features", "uid"],
  );
  assert.deepEqual(columns.names, ["state", "ram", "site"]);
  columns.toggle("features", true);
  columns.toggle("state", false);
  const query = new URLSearchParams();
  columns.write(query);
  assert.equal(query.get("columns"), "ram,site,features");

  const others = new Columns(index, kept);
  others.read(new URLSearchParams());
  assert.deepEqual(others.names, ["ram", "site", "features"]);
  others.read(new URLSearchParams("columns=uid,nope,ram,uid"));
  assert.deepEqual(others.names, ["uid", "ram"]);
  others.reset();
  others.read(new URLSearchParams("columns=nope"));
  assert.ok(others.isDefault);

  const forgetful = new Columns(index, noStorage);
  forgetful.toggle("uid", true);
  forgetful.read(new URLSearchParams());
  assert.ok(forgetful.isDefault);
});

test("files have what the list shows, and no formulas", () => {
  const columns = new Columns(index, storage());
  columns.set(["ram", "infiniband", "features", "site"]);
  const name = { name: "node_name", title: "Node", text: (i) => index.name[i], value: (i) => index.name[i] };
  const write = (format) => formats[format].write([name, ...columns.shown], [1, 0]);
  assert.equal(
    write("CSV"),
    'node_name,ram,infiniband,features,site\r\n"n""2",137438953472,,"sgx; x,y",c\r\n\'=n1,0,true,,a|b\r\n',
  );
  assert.deepEqual(JSON.parse(write("JSON"))[1], { node_name: "=n1", ram: 0, infiniband: true, features: "", site: "a|b" });
  assert.equal(write("NDJSON").split("\n").length, 3);
  assert.equal(
    write("Markdown").replaceAll("\u00a0", " "),
    "| Node | Memory | InfiniBand | Features | Site |\n|---|---:|---|---|---|\n" +
      '| n"2 | 128 GiB | not stated | Intel SGX, x,y | c |\n| =n1 |  | yes |  | a\\|b |\n',
  );
});

test("filters are written in words, and taken away", () => {
  const filter = new Filter(index);
  const facet = (param) => filter.facets.find((f) => f.params.includes(param));
  const query = new URLSearchParams("q= sgx &site_id=c,unstated&infiniband=unstated,true&ram=128GiB..&min_memory=8&hours=2");
  for (const [param, want] of [
    ["q", "“sgx”"],
    ["site_id", "Site: c, not stated"],
    ["infiniband", "InfiniBand not stated or InfiniBand"],
    ["ram", "Memory ≥ 128 GiB"],
    ["min_memory", "Memory again ≥ 8"],
    ["hours", "free for 2 hours"],
  ])
    assert.equal(describeFilter(facet(param), query), want);
  assert.equal(without(facet("ram"), new URLSearchParams("ram=1..&min_ram=2&q=x")).toString(), "q=x");
  assert.equal(describeFilter(facet("ram"), new URLSearchParams("ram=1GiB..2GiB,4GiB")), "Memory 1 GiB to 2 GiB or 4 GiB");
  assert.equal(describeFilter(facet("features"), new URLSearchParams("features=sgx")), "Features: Intel SGX");
  assert.equal(describeFilter(facet("infiniband"), new URLSearchParams("infiniband=no")), "no InfiniBand");
});

test("views are kept by name, and only what is ours is read", () => {
  const kept = storage();
  assert.ok(writeViews(kept, [["b", "q=1"], ["a", "q=2"]]));
  assert.deepEqual(readViews(kept), [["a", "q=2"], ["b", "q=1"]]);
  kept.setItem("refapi.views", "{");
  assert.deepEqual(readViews(kept), []);
  kept.setItem("refapi.views", '{"a": 1, "b": "q"}');
  assert.deepEqual(readViews(kept), [["b", "q"]]);
  assert.equal(writeViews(noStorage, []), false);
});
