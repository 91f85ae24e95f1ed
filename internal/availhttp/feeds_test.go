package availhttp_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chameleoncloud/refapi/internal/test/npmtest"
)

// parseFeeds has real parsers read feeds and calendars, given as their names and texts:
// ical.js, and feedsmith for Atom and JSON Feed. It returns of each what the entries are:
// id, title, and for events the times.
func parseFeeds(t *testing.T, texts map[string]string) map[string][][]string {
	t.Helper()
	modules := npmtest.Modules(t, "../..")
	dir := t.TempDir()
	if err := os.Symlink(modules, filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	input, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"input.json": string(input), "parse.mjs": `
import { readFileSync } from "node:fs";
import ICAL from "ical.js";
import { parseAtomFeed, parseJsonFeed } from "feedsmith";

const out = {};
for (const [name, text] of Object.entries(JSON.parse(readFileSync("input.json", "utf8")))) {
  if (name.includes(".ics")) {
    ICAL.design.strict = true;
    const calendar = new ICAL.Component(ICAL.parse(text));
    if (calendar.getFirstPropertyValue("version") !== "2.0") throw new Error(name);
    if (calendar.getFirstPropertyValue("refresh-interval").toSeconds() !== 3600) throw new Error(name);
    out[name] = calendar.getAllSubcomponents("vevent").map((of) => {
      const e = new ICAL.Event(of);
      return [e.uid, e.summary, e.startDate.toJSDate().toISOString(), e.endDate.toJSDate().toISOString(), e.description];
    });
  } else if (name.includes(".atom")) {
    out[name] = parseAtomFeed(text).entries.map((e) => [e.id, e.title?.value ?? e.title]);
  } else {
    out[name] = parseJsonFeed(text).items.map((e) => [e.id, e.title?.value ?? e.title]);
  }
}
console.log(JSON.stringify(out));
`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	c := exec.CommandContext(t.Context(), npmtest.Node(modules), "parse.mjs")
	c.Dir, c.Env, c.Stderr = dir, npmtest.Env(modules), os.Stderr
	output, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	var parsed map[string][][]string
	if err := json.Unmarshal(output, &parsed); err != nil {
		t.Fatal(err)
	}
	return parsed
}

// TestFeeds: the forms of one question have the same entries, real parsers read them, and
// the ids stay while only the clock goes on.
func TestFeeds(t *testing.T) {
	t.Parallel()
	w := newWorld(t) // it is noon; n1 is reserved from 14 to 16, n2 until 15, n3 in maintenance
	texts := map[string]string{}
	for _, path := range []string{
		"/nodes/slots.ics?hours=2&site_id=a", "/nodes/slots.atom?hours=2&site_id=a", "/nodes/slots.feed.json?hours=2&site_id=a",
		"/nodes/capacity.ics?by=site&end=2026-01-02T12:00Z&step=12h", "/nodes/capacity.atom?by=site&end=2026-01-02T12:00Z&step=12h",
		"/nodes/capacity.feed.json?by=site&end=2026-01-02T12:00Z&step=12h",
		"/nodes/availability.ics?node_id=n1,n2,n3",
	} {
		res := get(t, w, path)
		if res.Code != 200 || res.Header().Get("Cache-Control") == "no-store" {
			t.Fatalf("%s: %d %s", path, res.Code, res.Body)
		}
		for line := range strings.SplitSeq(res.Body.String(), "\r\n") {
			if strings.Contains(path, ".ics") && len(line) > 75 {
				t.Errorf("%s: a line of %d bytes: %s", path, len(line), line)
			}
		}
		texts[path] = res.Body.String()
	}

	parsed := parseFeeds(t, texts)
	for path, entries := range parsed {
		ids := map[string]bool{}
		for _, e := range entries {
			ids[e[0]] = true
		}
		if len(ids) != len(entries) || len(entries) == 0 {
			t.Errorf("%s: %d entries have %d ids", path, len(entries), len(ids))
		}

		if calendar := strings.NewReplacer(".atom", ".ics", ".feed.json", ".ics").Replace(path); calendar != path {
			for i, e := range entries {
				if !slices.Equal(e, parsed[calendar][i][:2]) {
					t.Errorf("%s: %q, and the calendar has %q", path, e, parsed[calendar][i])
				}
			}
		}
	}

	var events [][]string
	for _, e := range parsed["/nodes/availability.ics?node_id=n1,n2,n3"] {
		events = append(events, e[1:4])
	}
	const noon, month = "2026-01-01T12:00:00.000Z", "2026-01-31T12:00:00.000Z"
	if diff := cmp.Diff([][]string{
		{"one: available", noon, "2026-01-01T14:00:00.000Z"},
		{"one: reserved", "2026-01-01T14:00:00.000Z", "2026-01-01T16:00:00.000Z"},
		{"one: available", "2026-01-01T16:00:00.000Z", month},
		{"two: reserved", noon, "2026-01-01T15:00:00.000Z"},
		{"two: available", "2026-01-01T15:00:00.000Z", month},
		{"three: maintenance", noon, month},
	}, events); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestFeedsStayEqual: what the clock alone changes changes nothing within a quarter of an
// hour, and keeps the ids for the day.
func TestFeedsStayEqual(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const path = "/nodes/slots.ics?site_id=a"
	ids := func(body string) (ids []string) {
		for line := range strings.SplitSeq(body, "\r\n") {
			if strings.HasPrefix(line, "UID:") {
				ids = append(ids, line)
			}
		}
		return ids
	}

	later := func(d time.Duration) { w.now.Store(new(w.now.Load().Add(d))) }
	later(time.Second)
	first := get(t, w, path).Body.String()
	later(10 * time.Minute)
	if second := get(t, w, path).Body.String(); second != first {
		t.Errorf("after ten minutes:\n%s\nbefore:\n%s", second, first)
	}
	later(20 * time.Minute)
	half := get(t, w, path).Body.String()
	if half == first || len(ids(first)) == 0 || !slices.Equal(ids(half), ids(first)) {
		t.Errorf("half an hour later:\n%s\nbefore:\n%s", half, first)
	}
	if other := get(t, w, "/nodes/slots.ics?site_id=a&count=2").Body.String(); slices.Equal(ids(other), ids(first)) {
		t.Error("another question has the same ids")
	}
}

// TestFeedsAreBounded: what a feed has no room for is refused with what would do.
func TestFeedsAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for path, want := range map[string]string{
		"/nodes/capacity.ics?step=1h":             "at most 500 entries, and this would have 720: step=2h would do",
		"/nodes/capacity.atom?by=site&step=2h":    "and this would have 720: step=3h would do",
		"/nodes/capacity.feed.json?step=x":        `"step"`,
		"/nodes/slots.atom?count=0":               `"count"`,
		"/nodes/slots.ics?strict=true&nope=1":     "nope",
		"/nodes/availability.ics?ram=a..b":        `"ram"`,
		"/nodes/capacity.ics?end=2027-01-01T00:0": `"end"`,
	} {
		if res := get(t, w, path); res.Code != 422 || !strings.Contains(res.Body.String(), want) {
			t.Errorf("%s: %d %s, want %s", path, res.Code, res.Body, want)
		}
	}
}
