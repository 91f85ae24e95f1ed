import assert from "node:assert/strict";
import { test } from "node:test";
import { equalsOf } from "../equals.js";

const node = (uid, name) => ({ node_id: uid, node_name: name, site_id: "s 1", cluster_id: "c" });
const type = {
  variants: [
    { nodes: [node("a", "one"), node("b", null), node("c", "three")] },
    { nodes: [node("d", "four")] },
  ],
};

test("the equals of a node are the others of its variant, with their pages", () => {
  const pages = "/base/{site_id}/{cluster_id}/{node_id}";
  assert.deepEqual(equalsOf(type, "a", pages), [
    { uid: "b", name: "b", page: "/base/s%201/c/b" },
    { uid: "c", name: "three", page: "/base/s%201/c/c" },
  ]);
  assert.deepEqual(equalsOf(type, "d", pages), []);
  assert.deepEqual(equalsOf(type, "gone", pages), []);
});
