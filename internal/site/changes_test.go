package site_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"maps"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/site"
	"github.com/chameleoncloud/refapi/internal/treetest"
)

// told are the documents of this file's tests, as far as they are looked at.
type (
	toldHistory struct {
		Total int
		Items []struct {
			Version struct{ UID string }
			State   string
			Patch   []toldOperation
			Old     map[string]json.RawMessage
			Item    json.RawMessage
		}
	}
	toldOperation struct {
		Op, Path string
		Value    json.RawMessage
	}
	toldChange struct {
		Path, Kind, Before, After string
		NodeType                  string `json:"node_type"`
		Patch                     json.RawMessage
		Old                       json.RawMessage
	}
	toldSet struct {
		Commit                  string
		Parents                 []string
		Added, Removed, Changed []toldChange
	}
)

func read[T any](t *testing.T, body []byte) (v T) {
	t.Helper()
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	return v
}

func exact(t *testing.T, text []byte) any {
	t.Helper()
	in := json.NewDecoder(bytes.NewReader(text))
	in.UseNumber() // 2.50 is not 2.5
	var v any
	if err := in.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// patched applies a patch to a decoded value. Members are found by walking
// down; it knows no other operations than the three that are written.
func patched(t *testing.T, doc any, ops []toldOperation) any {
	t.Helper()
	for _, op := range ops {
		var value any
		if op.Op != "remove" {
			value = exact(t, op.Value)
		}
		doc = set(t, doc, strings.Split(op.Path, "/")[1:], op.Op, value)
	}
	return doc
}

func set(t *testing.T, doc any, at []string, op string, value any) any {
	t.Helper()
	name := strings.NewReplacer("~1", "/", "~0", "~").Replace(at[0])
	switch v := doc.(type) {
	case map[string]any:
		if _, ok := v[name]; ok == (op == "add" && len(at) == 1) {
			t.Fatalf("%s of %q, which is there: %v", op, name, ok)
		}
		if len(at) > 1 {
			v[name] = set(t, v[name], at[1:], op, value)
		} else if v[name] = value; op == "remove" {
			delete(v, name)
		}
		return v
	case []any:
		i, err := strconv.Atoi(name)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case len(at) > 1 || op == "replace":
			if len(at) > 1 {
				value = set(t, v[i], at[1:], op, value)
			}
			v[i] = value
		case op == "remove":
			v = append(v[:i:i], v[i+1:]...)
		default:
			v = append(v[:i:i], append([]any{value}, v[i:]...)...)
		}
		return v
	}
	t.Fatalf("%q leads into %v", at, doc)
	return nil
}

// Applying the patches from the oldest version upwards gives each newer version
// of every node exactly, and the newest is the file that is served.
func TestRealHistories(t *testing.T) {
	t.Parallel()
	repo, ok := treetest.Real(t, "../..")
	if !ok {
		return
	}
	in := treetest.Input(t, repo, "", site.Options{})
	files, err := site.Files(in)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	for f := range files {
		all[f.Path] = f.Body
	}
	versions, patches := 0, 0
	for _, s := range in.Grid.Sites {
		for _, c := range s.Clusters {
			for _, n := range c.Nodes {
				args := []string{s.UID, c.UID, n.UID}
				h := read[toldHistory](t, all[route.NodeHistory.File(args...)])
				commits := in.History.Log(n.File.Path)
				if h.Total != len(commits) || len(h.Items) != h.Total {
					t.Fatalf("%s: %d versions and %d items, want %d", n.UID, h.Total, len(h.Items), len(commits))
				}
				var now any
				for i := len(h.Items) - 1; i >= 0; i-- {
					item := h.Items[i]
					if item.Version.UID != commits[i].ID.String() {
						t.Fatalf("%s: item %d is %s, want %s", n.UID, i, item.Version.UID, commits[i].ID)
					}
					versions++
					if item.State != "present" {
						if item.Patch != nil || string(item.Item) != "null" {
							t.Fatalf("%s: a version that is %s has more to tell", n.UID, item.State)
						}
						continue
					}
					want := exact(t, item.Item)
					if now == nil {
						if item.Patch != nil {
							t.Fatalf("%s: the first version has a patch", n.UID)
						}
						now = exact(t, item.Item)
						continue
					}
					patches += len(item.Patch)
					if now = patched(t, now, item.Patch); !reflect.DeepEqual(now, want) {
						t.Fatalf("%s: the patches do not lead to %s", n.UID, item.Version.UID)
					}
				}
				if len(h.Items) > 0 && !bytes.Equal(h.Items[0].Item, n.File.Text) {
					t.Errorf("%s: the newest version is not the file", n.UID)
				}
			}
		}
	}
	t.Logf("%d versions and %d operations", versions, patches)
	if versions < 2500 || patches < 1000 {
		t.Errorf("only %d versions and %d operations were looked at", versions, patches)
	}
}

// What commits of the real repository changed is what differs between their
// files and those of their first parents.
func TestRealChanges(t *testing.T) {
	t.Parallel()
	repo, ok := treetest.Real(t, "../..")
	if !ok {
		return
	}
	in := treetest.Input(t, repo, "", site.Options{})
	files, err := site.Files(in)
	if err != nil {
		t.Fatal(err)
	}
	sets := map[string][]byte{}
	for f := range files {
		if strings.HasPrefix(f.Path, "versions/") {
			sets[f.Path] = f.Body
		}
	}
	texts := func(id history.Hash) map[string]string {
		fsys, err := repo.FS(id)
		if err != nil {
			t.Fatal(err)
		}
		grid, found, err := inventory.Load(fsys, in.Grid.Dir)
		if errors, _ := found.Count(); err != nil || errors > 0 {
			return nil // what is wrong there shows in no inventory
		}
		all := map[string]string{"/": string(grid.File.Text)}
		for _, s := range grid.Sites {
			all[route.Site.Path(s.UID)] = string(s.File.Text)
			for _, c := range s.Clusters {
				all[route.Cluster.Path(s.UID, c.UID)] = string(c.File.Text)
				for _, n := range c.Nodes {
					all[route.Node.Path(s.UID, c.UID, n.UID)] = string(n.File.Text)
				}
			}
		}
		return all
	}
	compared := 0
	for n := 0; n < len(in.History.Commits); n += 11 {
		c := in.History.Commits[n]
		if len(c.Parents) == 0 {
			continue
		}
		before, after := texts(c.Parents[0]), texts(c.ID)
		if before == nil || after == nil {
			continue
		}
		compared++
		set := read[toldSet](t, sets[route.VersionChanges.File(c.ID.String())])
		for _, r := range set.Added {
			if before[r.Path] != "" || after[r.Path] == "" {
				t.Errorf("%s did not add %s", c.ID, r.Path)
			}
			before[r.Path] = after[r.Path]
		}
		for _, r := range set.Removed {
			if before[r.Path] == "" || after[r.Path] != "" {
				t.Errorf("%s did not remove %s", c.ID, r.Path)
			}
			delete(before, r.Path)
		}
		for _, r := range set.Changed {
			ops := read[[]toldOperation](t, r.Patch)
			if got := patched(t, exact(t, []byte(before[r.Path])), ops); !reflect.DeepEqual(got, exact(t, []byte(after[r.Path]))) {
				t.Errorf("%s: the patch of %s leads elsewhere", c.ID, r.Path)
			}
			before[r.Path] = after[r.Path]
		}
		if !maps.Equal(before, after) {
			t.Errorf("%s changed more than it says", c.ID)
		}
	}
	if t.Logf("%d commits were compared", compared); compared < 5 {
		t.Errorf("only %d commits were compared", compared)
	}
}

const changing = `
-- commit first --
author: Ada <ada@example.org>
date: 2025-01-06T09:00:00Z

Start
-- d/d.json --
{"uid": "d"}
-- d/sites/s/s.json --
{"uid": "s", "name": "S"}
-- d/sites/s/clusters/c/c.json --
{"uid": "c"}
-- d/sites/s/clusters/c/nodes/n.json --
{"uid": "n", "node_type": "compute", "ram": 2.50, "disks": ["a", "b", "c"]}
-- d/sites/s/clusters/c/nodes/l.json --
{"uid": "l"}
-- d/sites/s/flavors/m1.json --
{"uid": "m1", "vcpus": 1}
-- d/README --
none of ours
-- commit gpu --
parents: first
date: 2025-01-06T10:00:00Z

New <b>GPU</b> nodes & more
-- d/sites/s/clusters/c/nodes/g1.json --
{"uid": "g1", "node_type": "gpu_<a100>"}
-- d/sites/s/clusters/c/nodes/g2.json --
{"uid": "g2", "node_type": "gpu_<a100>"}
-- commit broken --
parents: first
date: 2025-01-06T11:00:00Z

Break things
-- d/sites/s/clusters/c/nodes/n.json --
{"uid": "n", "uid": "n"}
-- delete d/sites/s/clusters/c/nodes/l.json --
-- link d/sites/s/clusters/c/nodes/l.json --
n.json
-- delete d/sites/s/flavors/m1.json --
-- d/README --
changed
-- commit mended --
parents: broken
date: 2025-01-06T12:00:00Z

Mend things
-- d/sites/s/clusters/c/nodes/n.json --
{"uid": "n", "node_type": "compute", "ram": 2.5, "disks": ["a", "c"]}
-- delete d/sites/s/clusters/c/nodes/l.json --
-- d/sites/s/clusters/c/nodes/l.json --
{ "uid": "l" }
-- d/sites/s/flavors/m1.json --
{"uid": "m1", "vcpus": 2}
-- commit merged --
parents: mended gpu
date: 2025-01-06T13:00:00Z

Merge the GPUs
-- d/sites/s/clusters/c/nodes/g1.json --
{"uid": "g1", "node_type": "gpu_<a100>"}
-- d/sites/s/clusters/c/nodes/g2.json --
{"uid": "g2", "node_type": "gpu_<a100>"}
`

// commitNamed finds the commit with a subject.
func commitNamed(t *testing.T, in site.Input, subject string) string {
	t.Helper()
	for _, c := range in.History.Commits {
		if c.Subject() == subject {
			return c.ID.String()
		}
	}
	t.Fatalf("there is no commit %q", subject)
	return ""
}

func told(changes []toldChange) string {
	var all []string
	for _, c := range changes {
		text := c.Path
		if c.NodeType != "" {
			text += " " + c.NodeType
		}
		if c.Before != "" {
			text += " " + c.Before + ">" + c.After
		}
		all = append(all, text+string(c.Patch)+string(c.Old))
	}
	return strings.Join(all, "; ")
}

func TestChanges(t *testing.T) {
	t.Parallel()
	got := files(t, changing, "merged", site.Options{})
	in := input(t, changing, "merged", site.Options{})
	const nodes = "/sites/s/clusters/c/nodes/"
	for _, tt := range []struct{ subject, added, removed, changed string }{
		{"Start", "/; /sites/s; /sites/s/flavors/m1; /sites/s/clusters/c; " + nodes + "l; " + nodes + "n compute", "", ""},
		{"New <b>GPU</b> nodes & more", nodes + "g1 gpu_<a100>; " + nodes + "g2 gpu_<a100>", "", ""},
		{"Break things", "", "/sites/s/flavors/m1", nodes + "l present>unreadable; " + nodes + "n present>unreadable"},
		{"Mend things", "/sites/s/flavors/m1", "", nodes + "l unreadable>present; " + nodes + "n unreadable>present"},
		{"Merge the GPUs", nodes + "g1 gpu_<a100>; " + nodes + "g2 gpu_<a100>", "", ""},
	} {
		f := got[route.VersionChanges.File(commitNamed(t, in, tt.subject))]
		set := read[toldSet](t, f.Body)
		if a, r, c := told(set.Added), told(set.Removed), told(set.Changed); a != tt.added || r != tt.removed || c != tt.changed {
			t.Errorf("%s:\nadded %s\nremoved %s\nchanged %s\nwant\n%s\n%s\n%s", tt.subject, a, r, c, tt.added, tt.removed, tt.changed)
		}
		if detail := got[route.VersionDetail.File(set.Commit)]; !f.Time.Equal(detail.Time) {
			t.Errorf("%s has the time %s, its version %s", f.Path, f.Time, detail.Time)
		}
	}
	list := string(got["changes.json"].Body)
	if !strings.HasPrefix(list, `{"total":5,"offset":0,"items":[{"commit":"`) || !strings.Contains(list, `"message":"Break things","timestamp":"1736161200","author":"Ada Lovelace","added":0,"removed":1,"changed":2,"links":[`) {
		t.Errorf("the list of changes is %s", list)
	}
}

func TestHistories(t *testing.T) {
	t.Parallel()
	got := files(t, changing, "merged", site.Options{})
	for p, want := range map[string][]string{
		"sites/s/clusters/c/nodes/n/history.json": {
			`present,[{"op":"replace","path":"/ram","value":2.5},{"op":"remove","path":"/disks/1"}],{"/ram":2.50,"/disks/1":"b"},{"uid":"n","node_type":"compute","ram":2.5,"disks":["a","c"]}`,
			`unreadable,,,null`,
			`present,,,{"uid":"n","node_type":"compute","ram":2.50,"disks":["a","b","c"]}`},
		"sites/s/clusters/c/nodes/l/history.json": {`present,[],{},{"uid":"l"}`, `unreadable,,,null`, `present,,,{"uid":"l"}`},
		"sites/s/flavors/m1/history.json": {
			`present,[{"op":"replace","path":"/vcpus","value":2}],{"/vcpus":1},{"uid":"m1","vcpus":2}`, `absent,,,null`, `present,,,{"uid":"m1","vcpus":1}`},
		"sites/s/history.json":            {`present,[],{},`, `present,[],{},`, `present,[],{},`, `present,[],{},`, `present,,,`},
		"sites/s/clusters/c/history.json": {`present,[],{},`, `present,[],{},`, `present,[],{},`, `present,[],{},`, `present,,,`},
	} {
		o, err := rawjson.Parse(got[p].Body, rawjson.Limits{})
		if err != nil {
			t.Fatalf("%s: %v", p, err)
		}
		items, _ := rawjson.Elements(o.Get("items"))
		versions, err := rawjson.Parse(got[strings.Replace(p, "history.json", "versions.json", 1)].Body, rawjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		entries, _ := rawjson.Elements(versions.Get("items"))
		if len(items) != len(want) || len(entries) != len(want) {
			t.Errorf("%s has %d items for %d versions, want %d", p, len(items), len(entries), len(want))
			continue
		}
		for i := range items {
			item, err := rawjson.Parse(items[i], rawjson.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			state, _ := item.String("state")
			text := strings.Join([]string{state, string(item.Get("patch")), string(item.Get("old")), string(item.Get("item"))}, ",")
			if text != want[i] {
				t.Errorf("%s: item %d is\n%s, want\n%s", p, i, text, want[i])
			}
			if !bytes.Equal(item.Get("version"), entries[i]) {
				t.Errorf("%s: version %d is %s, want %s", p, i, item.Get("version"), entries[i])
			}
		}
	}
}

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
		got := files(t, changing, "merged", site.Options{Base: base})
		for p, summaries := range map[string][]string{
			"changes": {"flavor m1 added at s; 2 nodes changed at s", "flavor m1 removed at s; 2 nodes changed at s", "2 nodes of type gpu_<a100> added at s",
				"the testbed's own description added; site s added; flavor m1 added at s; cluster c added at s; 1 node added at s; 1 node of type compute added at s"},
			"sites/s/changes": {"flavor m1 added at s; 2 nodes changed at s", "flavor m1 removed at s; 2 nodes changed at s", "2 nodes of type gpu_<a100> added at s",
				"site s added; flavor m1 added at s; cluster c added at s; 1 node added at s; 1 node of type compute added at s"},
		} {
			var f atom
			in := xml.NewDecoder(bytes.NewReader(got[p+".atom"].Body))
			if err := in.Decode(&f); err != nil {
				t.Fatalf("%s: %v", p, err)
			}
			if !strings.HasPrefix(f.ID, "urn:uuid:") || f.Title == "" || f.Updated != "2025-01-06T12:00:00Z" || len(f.Links) != 2 ||
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
			if j.Version != "https://jsonfeed.org/version/1.1" || j.FeedURL != base+"/"+p+".feed.json" || len(j.Items) != len(f.Entries) {
				t.Errorf("%s.feed.json is %+v", p, j)
			}
			for i, e := range f.Entries {
				u, err := url.Parse(e.ID)
				if base == "" && (err != nil || u.Scheme != "urn" || ids[e.ID]) {
					t.Errorf("%s: the id of entry %d is %q", p, i, e.ID)
				}
				ids[e.ID] = true
				if _, err := time.Parse(time.RFC3339, e.Updated); err != nil || e.Author == "" || e.Summary != summaries[i] {
					t.Errorf("%s: entry %d is %+v, want %q", p, i, e, summaries[i])
				}
				if target := site.Target(base, e.Link.Href); got[target].Body == nil {
					t.Errorf("%s: entry %d leads to %s", p, i, e.Link.Href)
				}
				if o := j.Items[i]; o.ID != e.ID || o.URL != e.Link.Href || o.Title != e.Title || o.Text != e.Summary || o.Modified != e.Updated {
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
