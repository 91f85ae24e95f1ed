import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { property, quote } from "../quote.js";

const run = promisify(execFile);

// Names as nobody should have them, and random ones of what ends quotations.
const pieces = ["'", '"', "\\", "`", "$(id)", "${x}", "%{x}", "%s", "%%", "\n", "\r", "\t", "\u001b[1m", "!", "&&", ";", "#", "a"];
pieces.push("\\n", "\\047", "é", "\u2028", "\u202e", "😀", ",min=9", "=", "--", " ", "{{type}}", "</script>", "EOF");
let seed = 1;
const random = (n) => {
  seed = (seed * 48271) % 2147483647;
  return seed % n;
};
const names = [
  "",
  "-x",
  "plain_name",
  ...pieces,
  ...Array.from({ length: 300 }, () => Array.from({ length: 1 + random(6) }, () => pieces[random(pieces.length)]).join("")),
];

test("a literal is one line of printable ASCII, in every language", () => {
  for (const name of names) for (const write of Object.values(quote)) assert.match(write(name), /^[ -~]*$/);
});

// A shell's own $(…) drops newlines at the end of what it takes.
test("a shell reads the name", async () => {
  const program = `printf '%s\\0' ${names.map(quote.sh).join(" ")}`;
  const { stdout } = await run("sh", ["-c", program]);
  assert.deepEqual(stdout.split("\0").slice(0, -1), names.map((name) => name.replace(/\n+$/, "")));
});

test("Python reads the name", async () => {
  const program = `import json; print(json.dumps([${names.map(quote.python).join(", ")}]))`;
  assert.deepEqual(JSON.parse((await run("python3", ["-c", program])).stdout), names);
});

test("JSON and URLs have the name", () => {
  for (const name of names) {
    assert.equal(JSON.parse(quote.json(name)), name);
    assert.equal(decodeURIComponent(quote.url(name)), name);
  }
});

test("a condition of Blazar has the name, and nothing that splits an argument", () => {
  for (const name of names) {
    const text = property("node_type", name);
    assert.deepEqual(JSON.parse(text), ["==", "$node_type", name]);
    assert.doesNotMatch(text.slice(`["==", "$node_type", "`.length), /[',=]/);
  }
});
