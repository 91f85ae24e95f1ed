import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import * as snippets from "../snippets.js";

const run = promisify(execFile);
const programs = {
  python: ["python3", "main.py"],
  javascript: ["node", "main.mjs"],
  go: ["go", "run", "main.go"],
};

// A server that answers with what it was asked.
let server;
let dir;
before(async () => {
  dir = await mkdtemp(join(tmpdir(), "snippets-"));
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const { method, url, headers } = request;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ method, url, accept: headers.accept, body }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
});
after(async () => {
  server.close();
  await rm(dir, { recursive: true });
});

const requests = {
  "a GET of JSON": { path: "/sites?limit=1&q=%22a%22", method: "GET", headers: { accept: "application/json" } },
  "a GET of text": { path: "/nodes.csv", method: "GET", headers: { accept: "text/csv" } },
  "a POST": {
    path: "/nodes/search",
    method: "POST",
    headers: { accept: "application/json", "Content-Type": "application/json" },
    body: '{\n  "q": "it\'s \\"quoted\\" \\\\ ${x} é"\n}',
  },
};

for (const [language, [command, ...args]] of Object.entries(programs))
  for (const [name, { path, method, headers, body }] of Object.entries(requests))
    test(`${language} sends ${name}`, async () => {
      const url = `http://127.0.0.1:${server.address().port}${path}`;
      const file = join(dir, `${method}-${headers.accept.replace("/", "-")}-${args.at(-1)}`);
      await writeFile(file, snippets[language]({ url, method, headers, body }));

      const { stdout } = await run(command, [...args.slice(0, -1), file]);
      for (const value of [method, path, headers.accept])
        assert.ok(stdout.includes(value), `the output lacks ${value}: ${stdout}`);
      if (body) assert.match(stdout, /quoted.*\$\{x\} é/);
    });
