import assert from "node:assert/strict";
import { test } from "node:test";
import { excerpt, find, splitWords } from "../search.js";

const sections = [
  { title: "Limits", chapter: "Operating", text: "How many requests a client may send." },
  { title: "Requests", chapter: "API", text: "Limits apply." },
  { title: "Install", chapter: "Operating", text: "Copy one file." },
];

test("each word must be found, and titles count most", () => {
  const titles = (query) =>
    find(sections, splitWords(query))
      .map((s) => s.title)
      .join(" ");
  assert.equal(titles("limits"), "Limits Requests");
  assert.equal(titles("REQUESTS limits limits"), "Limits Requests");
  assert.equal(titles("operating file"), "Install");
  assert.equal(titles("requests nowhere"), "");
});

test("an excerpt is cut around the first word, and marks all", () => {
  const text = `${"a ".repeat(100)}needle and thread, needles${" z".repeat(100)}`;
  const parts = excerpt(text, ["needle", "needles"]);
  assert.deepEqual(
    parts.filter((p) => p.mark).map((p) => p.text),
    ["needle", "needles"],
  );
  assert.equal(parts[0].text, "… ");
  assert.equal(parts.at(-1).text, " …");
  assert.ok(
    parts
      .slice(1, -1)
      .map((p) => p.text)
      .join("").length <=
      3 * 70,
  );
});

test("an excerpt of a section whose title alone is found is its beginning", () => {
  assert.deepEqual(excerpt("short", ["title"]), [{ text: "short" }]);
});
