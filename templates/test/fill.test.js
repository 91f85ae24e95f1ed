import assert from "node:assert/strict";
import { test } from "node:test";
import { fill, startOf } from "../fill.js";

const now = Date.parse("2026-11-29T12:00:00Z");
const at = { site: "uc", siteName: "CHI@UC", siteWeb: "https://chi.example.org/", end: Date.parse("2026-12-01T00:00:00Z") };
const start = Date.parse("2026-11-30T00:00:00Z");
const two = { ...at, nodes: [{ uid: "n1", name: "one" }, { uid: "n2" }], count: 2, start };
const typed = { ...at, type: "it's", count: 2, start };

test("placeholders become literals of the language", () => {
  const sh = { language: "sh", type: "reserve {{count}} {{type}} {{ site_name }} {{hours}} {{walltime}} {{end}}" };
  assert.equal(fill(sh, typed, now), `reserve 2 'it'\\''s' 'CHI@UC' 24 '24:00:00' '2026-12-01 00:00'`);
  const python = { language: "python", type: "reserve({{count}}, {{type}}, {{type_properties}})" };
  assert.equal(fill(python, typed, now), String.raw`reserve(2, "it's", '["==", "$node_type", "it\\u0027s"]')`);
});

test("a line with a node is repeated, and one with a start is left out for now", () => {
  const snippet = { language: "sh", nodes: "a \\\n  -s {{start}} \\\n  {{node}} {{node_name}} \\\n  b" };
  assert.equal(fill(snippet, two, now), "a \\\n  -s '2026-11-30 00:00' \\\n  'n1' 'one' \\\n  'n2' 'n2' \\\n  b");
  assert.equal(fill(snippet, { ...two, start: undefined }, now), "a \\\n  'n1' 'one' \\\n  'n2' 'n2' \\\n  b");
  assert.equal(fill({ language: "sh", nodes: "{{hours}}" }, { ...two, start: undefined }, now), "36");
});

test("a snippet without a template for something is not offered for it", () => {
  assert.equal(fill({ language: "sh", type: "x" }, two, now), null);
  assert.equal(fill({ language: "sh", type: "x" }, { ...at, flavor: "m1.small" }, now), null);
});

test("a link chooses a type or one node, and is one to the web", () => {
  const link = {
    language: "url",
    type: "{{site_web}}/create?node_type={{type}}",
    nodes: "{{site_web}}/create?node_name={{node_name}}",
  };
  assert.equal(fill(link, typed, now), "https://chi.example.org/create?node_type=it's");
  assert.equal(fill(link, { ...two, nodes: two.nodes.slice(0, 1) }, now), "https://chi.example.org/create?node_name=one");
  assert.equal(fill(link, two, now), "https://chi.example.org/create");
  for (const siteWeb of ["", undefined, "javascript:alert(1)", "//h", "https://"])
    assert.equal(fill(link, { ...typed, siteWeb }, now), null);
});

test("what starts in two minutes starts now", () => {
  assert.equal(startOf(now + 60e3, now), undefined);
  assert.equal(startOf(now + 180e3, now), now + 180e3);
});
