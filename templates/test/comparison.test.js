import assert from "node:assert/strict";
import { test } from "node:test";
import { mergeFacts, readNames } from "../comparison.js";

test("names are read from a list of at most four, each once", () => {
  assert.deepEqual(readNames("?nodes=a,b%2Cc,,a,d,e", "nodes"), ["a", "b,c", "d"]);
  assert.deepEqual(readNames("?nodes=a&types=t", "types"), ["t"]);
  assert.deepEqual(readNames("?nodes=%ff,%3Cb%3E", "nodes"), ["%ff", "<b>"]);
  assert.deepEqual(readNames("", "nodes"), []);
});

test("facts are aligned by section and name, and differences marked", () => {
  const facts = (sections) =>
    new Map(Object.entries(sections).map(([title, rows]) => [title, new Map(Object.entries(rows))]));
  assert.deepEqual(
    mergeFacts([
      facts({ Memory: { Size: "1 GiB" }, GPU: { Model: "A" } }),
      facts({ Memory: { Size: "1 GiB", Speed: "2" } }),
    ]),
    [
      {
        title: "Memory",
        rows: [
          { name: "Size", texts: ["1 GiB", "1 GiB"], differs: false },
          { name: "Speed", texts: ["", "2"], differs: true },
        ],
      },
      { title: "GPU", rows: [{ name: "Model", texts: ["A", ""], differs: true }] },
    ],
  );
});
