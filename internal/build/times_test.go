package build_test

import (
	"bytes"
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// With other options the same commit has files with other bytes: those of one
// length must not have the same time, or caches take one for the other.
func TestTimesTellOptionsApart(t *testing.T) {
	t.Parallel()
	releases := map[string]map[string]tree.File{}
	for name, o := range map[string]build.Options{
		"none":  {},
		"a":     {Base: "https://a.example.org"},
		"b":     {Base: "https://b.example.org"},
		"mail":  {Security: build.Security{Contacts: []string{"mailto:a@example.org"}}},
		"other": {Security: build.Security{Contacts: []string{"mailto:b@example.org"}}},
	} {
		releases[name] = files(t, small, "", o)
	}

	differ := 0
	for x, a := range releases {
		for y, b := range releases {
			for p, f := range a {
				g, ok := b[p]
				if x == y || !ok || len(f.Body) != len(g.Body) || bytes.Equal(f.Body, g.Body) {
					continue
				}
				if differ++; f.Time.Equal(g.Time) {
					t.Errorf("%s has other bytes at the same length and time with options %s and %s", p, x, y)
				}
			}
		}
	}

	if differ < 100 {
		t.Errorf("only %d files differ by options and have one length", differ)
	}
}

// A shallow clone does not know what its oldest commits changed, and says so
// below the addresses of these commits.
func TestTimesTellShallowClonesApart(t *testing.T) {
	t.Parallel()
	in := input(t, small, "", build.Options{})
	whole := treetest.Files(t, in)
	in.History.Commits[1].Boundary = true
	for i, f := range treetest.Files(t, in) {
		if f.Time.Equal(whole[i].Time) {
			t.Fatalf("%s has the time of the whole history's", f.Path)
		}
	}
}

// future has a commit of a wrong clock between two right ones, and one whose
// author's clock alone was wrong.
const future = `
-- commit first --
date: 2025-01-06T09:00:00Z

Start
-- d/d.json --
{"uid": "d"}
-- d/sites/s/s.json --
{"uid": "s"}
-- d/sites/s/clusters/c/c.json --
{"uid": "c"}
-- d/sites/s/clusters/c/nodes/n.json --
{"uid": "n"}
-- commit ahead --
date: 2099-06-01T00:00:00Z

A wrong clock
-- d/sites/s/clusters/c/nodes/n.json --
{"uid": "n", "x": 1}
-- commit author --
date: 2088-06-01T00:00:00Z
commit-date: 2025-01-07T09:00:00Z

A wrong clock where it was written
-- d/sites/s/clusters/c/nodes/n.json --
{"uid": "n", "x": 2}
-- commit last --
date: 2025-01-08T09:00:00Z

Now
-- d/sites/s/clusters/c/nodes/n.json --
{"uid": "n", "x": 3}
`

// No time of a file or a feed is of the future, whichever commit is HEAD, and
// what the contract names keeps git's dates.
func TestFuture(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	for rev, want := range map[string][]string{
		"ahead":  {"2025-01-06T09:00:01Z", "2025-01-06T09:00:00Z"},
		"author": {"2025-01-07T09:00:00Z", "2025-01-06T09:00:01Z", "2025-01-06T09:00:00Z"},
		"last":   {"2025-01-08T09:00:00Z", "2025-01-07T09:00:00Z", "2025-01-06T09:00:01Z", "2025-01-06T09:00:00Z"},
	} {
		t.Run(rev, func(t *testing.T) {
			t.Parallel()
			in := input(t, future, rev, build.Options{})
			in.Now = now
			got := map[string]tree.File{}

			for _, f := range treetest.Files(t, in) {
				got[f.Path] = f
				if f.Time.After(now) {
					t.Errorf("%s is of %v", f.Path, f.Time)
				}
			}

			for _, p := range []string{"changes.atom", "sites/s/changes.atom"} {
				var f atom
				if err := xml.NewDecoder(bytes.NewReader(got[p].Body)).Decode(&f); err != nil {
					t.Fatal(err)
				}

				if f.Updated != want[0] || len(f.Entries) != len(want) {
					t.Errorf("%s is of %s with %d entries, want %q", p, f.Updated, len(f.Entries), want)
				}

				for i, e := range f.Entries {
					if e.Updated != want[i] {
						t.Errorf("entry %d of %s is of %s, want %s", i, p, e.Updated, want[i])
					}
				}
			}

			for _, p := range []string{"changes.atom", "changes.feed.json", "sites/s/changes.feed.json"} {
				if body := string(got[p].Body); strings.Contains(body, "2099") || strings.Contains(body, "2088") {
					t.Errorf("%s has a date of the future: %s", p, body)
				}
			}

			var ahead *history.Commit
			for _, c := range in.History.Commits {
				if c.Subject() == "A wrong clock" {
					ahead = c
				}
			}

			if body := string(got["versions/"+ahead.ID.String()+".json"].Body); !strings.Contains(body,
				`"date":"Mon, 01 Jun 2099 00:00:00 GMT"`) {
				t.Errorf("the version does not have git's date: %s", body)
			}

			if body := string(got["index.json"].Body); rev == "ahead" &&
				!strings.Contains(body, `"timestamp":"4083955200"`) {
				t.Errorf("/ does not have git's timestamp: %s", body)
			}
		})
	}
}
