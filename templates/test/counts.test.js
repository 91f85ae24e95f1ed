import assert from "node:assert/strict";
import { test } from "node:test";
import { countsOf } from "../counts.js";

test("nodes are counted at each site, and at all", () => {
  const of = (site_id, free, nodes) => ({ site_id, free, nodes });
  const counts = countsOf([
    { property: "gpu", value: "true", sites: [of("a", 1, 2), of("b", 0, 3)] },
    { property: "site_id", value: "a", sites: [of("a", 4, 5)] },
    { property: "site_id", value: "b", sites: [of("b", 1, 6)] },
  ]);
  assert.deepEqual(
    [...counts].map(([key, { free, nodes }]) => `${JSON.parse(key).join(" ")}: ${free}/${nodes}`),
    ["gpu true a: 1/2", "gpu true : 1/5", "gpu true b: 0/3", "site_id  a: 4/5", "site_id  : 5/11", "site_id  b: 1/6"],
  );
});
