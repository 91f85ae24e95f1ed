package build_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/test/npmtest"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// atom is a feed as RFC 4287 wants it.
type atom struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string   `xml:"id"`
	Title   string   `xml:"title"`
	Updated string   `xml:"updated"`
	Links   []struct {
		Rel  string `xml:"rel,attr"`
		Href string `xml:"href,attr"`
	} `xml:"link"`
	Entries []struct {
		ID      string `xml:"id"`
		Title   string `xml:"title"`
		Updated string `xml:"updated"`
		Author  string `xml:"author>name"`
		Summary string `xml:"summary"`
		Link    struct {
			Href string `xml:"href,attr"`
		} `xml:"link"`
	} `xml:"entry"`
}

func TestFeeds(t *testing.T) {
	t.Parallel()
	ids := map[string]bool{}
	for _, base := range []string{"", "https://api.example.org/ref"} {
		got := files(t, changing, "merged", build.Options{Base: base})
		for p, summaries := range map[string][]string{
			"changes": {"flavor m1 added at s; 2 nodes changed at s",
				"flavor m1 removed at s; 2 nodes changed at s", "2 nodes of type gpu_<a100> added at s",
				"the testbed's own description added; site s added; flavor m1 added at s; cluster c added at s; 1 node added at s; 1 node of type compute added at s"},
			"sites/s/changes": {"flavor m1 added at s; 2 nodes changed at s",
				"flavor m1 removed at s; 2 nodes changed at s", "2 nodes of type gpu_<a100> added at s",
				"site s added; flavor m1 added at s; cluster c added at s; 1 node added at s; 1 node of type compute added at s"},
		} {
			var f atom
			in := xml.NewDecoder(bytes.NewReader(got[p+".atom"].Body))
			if err := in.Decode(&f); err != nil {
				t.Fatalf("%s: %v", p, err)
			}

			if !strings.HasPrefix(f.ID, "urn:uuid:") || f.Title == "" || f.Updated != "2025-01-06T12:00:00Z" ||
				len(f.Links) != 2 ||
				f.Links[0].Rel != "self" || f.Links[0].Href != base+"/"+p+".atom" {
				t.Errorf("%s is %+v", p, f)
			}

			if len(f.Entries) != len(summaries) { // the merge is left out
				t.Fatalf("%s has %d entries, want %d", p, len(f.Entries), len(summaries))
			}

			j := read[struct {
				Version string
				FeedURL string `json:"feed_url"`
				Items   []struct {
					ID, URL, Title string
					Text           string `json:"content_text"`
					Modified       string `json:"date_modified"`
				}
			}](t, got[p+".feed.json"].Body)
			if j.Version != "https://jsonfeed.org/version/1.1" || j.FeedURL != base+"/"+p+".feed.json" ||
				len(j.Items) != len(f.Entries) {
				t.Errorf("%s.feed.json is %+v", p, j)
			}

			for i, e := range f.Entries {
				u, err := url.Parse(e.ID)
				if base == "" && (err != nil || u.Scheme != "urn" || ids[e.ID]) {
					t.Errorf("%s: the id of entry %d is %q", p, i, e.ID)
				}

				ids[e.ID] = true
				if _, err := time.Parse(time.RFC3339, e.Updated); err != nil || e.Author == "" ||
					e.Summary != summaries[i] {
					t.Errorf("%s: entry %d is %+v, want %q", p, i, e, summaries[i])
				}

				if target := route.Target(base, e.Link.Href); got[target].Body == nil {
					t.Errorf("%s: entry %d leads to %s", p, i, e.Link.Href)
				}

				if o := j.Items[i]; o.ID != e.ID || o.URL != e.Link.Href || o.Title != e.Title ||
					o.Text != e.Summary || o.Modified != e.Updated {
					t.Errorf("%s: entry %d is %+v, and as JSON %+v", p, i, e, o)
				}
			}

			if e := f.Entries[2]; e.Title != "New <b>GPU</b> nodes & more" {
				t.Errorf("%s: the title is %q, of %q", p, e.Title, e.Author)
			}
		}
	}

	if len(ids) != 8 {
		t.Errorf("%d ids for 8 entries: they depend on the address", len(ids))
	}
}

// A node and a type have feeds of their own: what they say is about them alone, and the
// feed of a node goes on through its moves, at both ends.
func TestFeedsOfNodesAndTypes(t *testing.T) {
	t.Parallel()
	got := files(t, treetest.Moves, "", build.Options{Base: "https://api.example.org/ref"})
	for p, want := range map[string][]string{
		"sites/s/clusters/b/nodes/n1": {
			"n1: back to cluster b: Moved from c to b; Node type: gpu_a100 → gpu_h100", "n1: to cluster c: Moved from b to c",
			"n1: to cluster b: Moved from a to b; Placement › Rack: A2 → B1",
			"n1: to rack A2: Another place; Placement › Rack: A1 → A2", "Start: Added",
		},
		"sites/s/clusters/a/nodes/n1": {
			"n1: to cluster b: Moved from a to b", "n1: to rack A2: Another place; Placement › Rack: A1 → A2", "Start: Added",
		},
		"sites/s/clusters/a/nodes/n9": {
			"c01 is another machine again: Removed: another machine has its name since then",
			"n3 goes to site t, and n9 has its name: Added",
		},
		"hardware/types/gpu_h100": {
			"n1: back to cluster b: 1 node of type gpu_h100 moved from c to b at s",
			"n1: to cluster c: 1 node of type gpu_a100 moved from b to c at s",
			"n1: to cluster b: 1 node of type gpu_a100 moved from a to b at s",
		},
	} {
		var f atom
		if err := xml.Unmarshal(got[p+"/changes.atom"].Body, &f); err != nil {
			t.Errorf("%s: %v", p, err)
			continue
		}

		var entries []string
		for _, e := range f.Entries {
			entries = append(entries, e.Title+": "+e.Summary)
		}
		if !slices.Equal(entries, want) {
			t.Errorf("%s has\n%s\nwant\n%s", p, strings.Join(entries, "\n"), strings.Join(want, "\n"))
		}

		var j api.JSONFeed
		if err := json.Unmarshal(got[p+"/changes.feed.json"].Body, &j); err != nil || len(j.Items) != len(want) ||
			j.FeedURL != "https://api.example.org/ref/"+p+"/changes.feed.json" || j.Items[0].ID != f.Entries[0].ID {
			t.Errorf("%s as JSON is %+v, %v", p, j, err)
		}
	}
}

// Who follows a node is told that it was removed, by its feed, and where it is if a later
// commit added it elsewhere.
func TestFeedsOfRemovedNodes(t *testing.T) {
	t.Parallel()
	const node = "-- d/sites/s/clusters/c/nodes/n1.json --\n{\"uid\": \"n1\", \"chassis\": {\"serial\": \"6M0H514\"}, " +
		"\"network_adapters\": [{\"mac\": \"b4:83:51:11:ea:28\"}], \"admin_note\": \"%d\"}\n"
	archive := "-- commit c0 --\n\nStart\n-- d/d.json --\n{\"uid\": \"d\"}\n-- d/sites/s/s.json --\n{\"uid\": \"s\"}\n" +
		"-- d/sites/s/clusters/c/c.json --\n{\"uid\": \"c\"}\n" + fmt.Sprintf(node, 0)
	for i := range 6 {
		archive += fmt.Sprintf("-- commit c%d --\n\nNote %d\n"+node, i+1, i+1, i+1)
	}
	archive += "-- commit gone --\n\nRetired\n-- delete d/sites/s/clusters/c/nodes/n1.json --\n"
	const back = "-- commit back --\ndate: 2025-06-01T12:00:00Z\n\nBack\n-- d/sites/s/clusters/c/nodes/n2.json --\n" +
		"{\"uid\": \"n2\", \"chassis\": {\"serial\": \"6M0H514\"}, \"network_adapters\": [{\"mac\": \"b4:83:51:11:ea:28\"}]}\n"

	for name, tt := range map[string]struct {
		archive, first, home string
		count                int
	}{
		"removed":               {archive, "Removed", "", 1},
		"added again elsewhere": {archive + back, "Removed; since 1 Jun 2025 it is n2", "/history", 8},
	} {
		got := files(t, tt.archive, "", build.Options{Base: "https://api.example.org"})
		var f atom
		if err := xml.Unmarshal(got["sites/s/clusters/c/nodes/n1/changes.atom"].Body, &f); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(f.Entries) != tt.count || f.Entries[0].Title != "Retired" || f.Entries[0].Summary != tt.first {
			t.Errorf("%s: the feed has %d entries, first %+v", name, len(f.Entries), f.Entries[0])
		}

		home := "hardware/sites/s/clusters/c/nodes/n1" + tt.home
		if body := got["sites/s/clusters/c/nodes/n1/changes.atom"].Body; !bytes.Contains(body, []byte(`href="https://api.example.org/`+home+`"`)) {
			t.Errorf("%s: the feed has the links %+v, want one to %s", name, f.Links, home)
		}
		if page := got[home+"/index.html"].Body; !bytes.Contains(page, []byte(`href="/sites/s/clusters/c/nodes/n1/changes.atom"`)) {
			t.Errorf("%s: its page does not link to it", name)
		}
	}
}

// Feeds of all kinds are what a real parser of Atom and of JSON Feed reads.
func TestFeedsAreRead(t *testing.T) {
	t.Parallel()
	texts := map[string]string{}
	for path, f := range files(t, treetest.Moves, "", build.Options{Base: "https://api.example.org/ref"}) {
		if strings.HasSuffix(path, ".atom") || strings.HasSuffix(path, ".feed.json") {
			texts[path] = string(f.Body)
		}
	}

	dir, modules := t.TempDir(), npmtest.Modules(t, "../..")
	input, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(modules, filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"input.json": string(input), "read.mjs": `
import { readFileSync } from "node:fs";
import { parseAtomFeed, parseJsonFeed } from "feedsmith";
const read = ([path, text]) => [path, path.endsWith(".atom") ? parseAtomFeed(text).entries : parseJsonFeed(text).items];
const feeds = Object.entries(JSON.parse(readFileSync("input.json", "utf8"))).map(read);
console.log(JSON.stringify(Object.fromEntries(feeds.map(([path, entries]) => [path, entries.map((e) => e.id)]))));
`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	c := exec.CommandContext(t.Context(), npmtest.Node(modules), "read.mjs")
	c.Dir, c.Env, c.Stderr = dir, npmtest.Env(modules), os.Stderr
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}

	parsed := read[map[string][]string](t, out)
	for path, ids := range parsed {
		if other, isAtom := strings.CutSuffix(path, ".atom"); isAtom && !slices.Equal(ids, parsed[other+".feed.json"]) {
			t.Errorf("%s has the entries %q, as JSON %q", path, ids, parsed[other+".feed.json"])
		}
		if len(ids) == 0 || len(slices.Compact(slices.Sorted(slices.Values(ids)))) != len(ids) {
			t.Errorf("%s has the entries %q", path, ids)
		}
	}
	if len(parsed) < 20 {
		t.Errorf("there are only %d feeds", len(parsed))
	}
}
