import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { promisify } from "node:util";
import { copyAs } from "../copyas.js";

const run = promisify(execFile);
const programs = {
  curl: (text) => run("sh", ["-c", text]),
  Python: (text) => run("python3", ["-c", text]),
  JavaScript: (text) => run("node", ["--input-type=module", "-e", text]),
};

// Values that would end a quotation, or mean something in a shell, a URL or a program.
const hostile = `it's "q" \\ $(id) \`id\` \${x} {a,b} [1-3] %00 a&b=c#d ;\n\u2028é😀 | !!`;

test("each text asks the question that it is copied from", async () => {
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    response.setHeader("content-type", "application/json");
    response.end("{}");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");

  const query = new URLSearchParams({ q: hostile, node_type: "a,b", gpu: "true" });
  const { URL: url, ...texts } = copyAs("/nodes/search", query, `http://127.0.0.1:${server.address().port}`);
  assert.match(url, /\/nodes\/search\?q=.*&node_type=a,b&gpu=true$/);
  assert.deepEqual(Object.keys(texts), Object.keys(programs));

  await Promise.all(Object.entries(texts).map(([name, text]) => programs[name](text)));
  server.close();

  assert.equal(asked.length, 3);
  for (const path of asked) assert.deepEqual([...new URL(path, url).searchParams], [...query], path);
});

test("a question without a query has no question mark", () => {
  assert.equal(copyAs("/availability", "", "https://api.example.org").URL, "https://api.example.org/availability");
  assert.equal(
    copyAs("/it's", "a=1", "https://h").curl,
    String.raw`curl -fsS --globoff 'https://h/it'\''s?a=1'`,
  );
});
