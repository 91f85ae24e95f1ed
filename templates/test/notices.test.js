import assert from "node:assert/strict";
import { test } from "node:test";
import { listNotices } from "../notices.js";

test("notices are listed once, with their times in UTC", () => {
  const all = { id: "b", site_id: null, start: null, end: "2026-12-09T00:00:00Z", text: "Power", url: "javascript:x" };
  const uc = {
    id: "a",
    site_id: "uc",
    start: "2026-12-08T14:00:00Z",
    end: "2026-12-08T18:00:00Z",
    text: "Network",
    url: "https://example.org",
  };
  assert.deepEqual(listNotices([{ notices: [uc, all] }, { notices: [all] }, {}]), [
    {
      site: "uc",
      when: "Tue, 8 Dec 2026, 14:00 to Tue, 8 Dec 2026, 18:00 UTC",
      text: "Network",
      url: "https://example.org",
    },
    { site: "All sites", when: "until Wed, 9 Dec 2026, 00:00 UTC", text: "Power", url: null },
  ]);
});
