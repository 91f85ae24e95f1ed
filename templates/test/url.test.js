import assert from "node:assert/strict";
import { test } from "node:test";
import { PageQuery, expand, joinList, readList } from "../url.js";

test("names are escaped in URLs", () => {
  assert.equal(expand("/sites/{site_id}/nodes/{node_id}", "a/b", "ü?"), "/sites/a%2Fb/nodes/%C3%BC%3F");
});

test("a list has commas between its values, and a backslash before one in a value", () => {
  const values = ["a", "b, c", "d\\", "\\,"];
  assert.equal(joinList(values), "a,b\\, c,d\\\\,\\\\\\,");
  assert.deepEqual(readList(new URLSearchParams({ x: joinList(values) }), "x"), values);
  assert.deepEqual(readList(new URLSearchParams("x=c&x=a,,+b&y=d"), "x"), ["a", "b"]);
  assert.deepEqual(readList(new URLSearchParams(), "x"), []);
});

test("the commas of a list stay readable", () => {
  const { query, urls } = page();
  query.write(new URLSearchParams({ type: "a,b" }));
  assert.deepEqual(urls, ["/hardware?type=a,b"]);
});

// page is a window whose URLs are recorded.
const page = (search = "", hash = "") => {
  const location = { pathname: "/hardware", search, hash };
  const urls = [];
  const history = {
    replaceState: (_state, _title, url) => {
      urls.push(url);
      location.search = new URL(url, "http://h").search;
    },
  };
  return { query: new PageQuery({ location, history }), urls };
};

test("an empty query leaves no question mark, and the fragment stays", () => {
  const { query, urls } = page("?q=a", "#flavors");
  query.write(new URLSearchParams({ q: "b c" }));
  query.write(new URLSearchParams());
  assert.deepEqual(urls, ["/hardware?q=b+c#flavors", "/hardware#flavors"]);
});

test("of several changes the last is written, before the query is read", () => {
  const { query, urls } = page();
  query.writeSoon(() => new URLSearchParams({ q: "a" }));
  query.writeSoon(() => new URLSearchParams({ q: "ab" }));
  assert.deepEqual(urls, []);
  assert.equal(query.read().get("q"), "ab");
  assert.deepEqual(urls, ["/hardware?q=ab"]);
  query.read();
  assert.equal(urls.length, 1);
});
