package build_test

import (
	"bytes"
	"errors"
	"flag"
	"maps"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/past"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

var everyItem = flag.Bool("past", false, "compare all commits of the real repository, and a sample of Grid'5000's")

// packed makes the past of a repository as a build does.
func packed(t *testing.T, in build.Input) *past.Past {
	t.Helper()
	var segments []past.Segment
	for f, err := range build.Files(in) {
		if err != nil {
			t.Fatal(err)
		}
		suffix := path.Ext(f.Path)
		if suffix != past.PackSuffix && suffix != past.IndexSuffix {
			continue
		}
		if f, err = f.Rendered(); err != nil {
			t.Fatal(err)
		}

		if suffix == past.PackSuffix {
			segments = append(segments, past.Segment{Pack: bytes.NewReader(f.Body), Size: int64(len(f.Body))})
		} else {
			segments[len(segments)-1].Index = f.Body
		}
		if len(f.Body) > 0 && len(segments) == len(in.History.Segments()) && segments[len(segments)-1].Index != nil {
			break // what follows needs the changes
		}
	}

	p, err := past.Open(segments)
	if err != nil {
		t.Fatal(err)
	}

	return p
}

// pastInput reads the history of a repository for its past alone.
func pastInput(t *testing.T, repo *gitrepo.Repo, o build.Options) build.Input {
	t.Helper()
	head, err := repo.Resolve("")
	if err != nil {
		t.Fatal(err)
	}

	in := build.Input{Grid: treetest.Grid(t, repo, head), Changes: unread, Source: repo, Options: o}
	if in.History, in.Files, err = history.Walk(t.Context(), repo, head, nil, in.Grid.Dir, history.Limits{}); err != nil {
		t.Fatal(err)
	}

	return in
}

// unread is for files that need no changes.
func unread() (*change.Log, error) { return nil, errors.New("the changes are not read") }

// itemsOf builds the items of a commit with some resources, by their paths.
func itemsOf(t *testing.T, repo *gitrepo.Repo, commit history.Hash, grid *inventory.Grid, o build.Options) (
	items map[string]string) {
	t.Helper()
	hist, err := history.Commits(t.Context(), repo, commit, history.Limits{})
	if err != nil {
		t.Fatal(err)
	}

	items = map[string]string{}
	count := 0
	for range grid.Resources() {
		count++
	}

	for f, err := range build.Files(build.Input{Grid: grid, History: hist, Changes: unread, Options: o}) {
		if err == nil && (f.Path == "index.json" || build.IsResource(f.Path)) {
			f, err = f.Rendered()
			items[f.Path] = string(f.Body)
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(items) == count {
			break // what follows needs the changes
		}
	}

	return items
}

// checkPast compares the items of a commit that a build of it has with those that its
// past has: all are read at once, and some alone, one of so many. It returns how many there
// are.
func checkPast(
	t *testing.T, repo *gitrepo.Repo, p *past.Past, commit history.Hash, every int, o build.Options,
) (n int) {
	t.Helper()
	fsys, err := repo.FS(commit)
	if err != nil {
		t.Fatal(err)
	}

	grid, _, err := inventory.Load(fsys, p.Dir())
	then, pastErr := build.GridAt(p, commit, nil)
	if err != nil || pastErr != nil {
		if (err == nil) != (pastErr == nil) {
			t.Errorf("%s: %v; from the past: %v", commit, err, pastErr)
		}
		return 0
	}

	want := itemsOf(t, repo, commit, grid, o)
	if got := itemsOf(t, repo, commit, then, o); !maps.Equal(got, want) {
		t.Errorf("the items of %s are not those of a build", commit)
	}

	for r := range grid.Resources() {
		if n++; every == 0 || n%every != 0 {
			continue
		}
		file := strings.TrimPrefix(r.Path(), "/") + ".json"
		if r.Kind == route.GridKind {
			file = "index.json"
		}
		body, ok, err := build.ItemAt(p, commit, r.Place, o)
		if err != nil || !ok || string(body) != want[file] {
			t.Errorf("%s of %s is %s, %v, %v; want %s", file, commit, body, ok, err, want[file])
		}
	}

	return n
}

// Every item of every commit of the real repository is what a build of that commit has.
func TestRealPast(t *testing.T) {
	t.Parallel()
	repo, ok := treetest.Real(t, "../..")
	if !ok {
		return
	}

	o := build.Options{Base: "/ref"}
	in := pastInput(t, repo, o)
	p := packed(t, in)

	commits, items, every, step := 0, 0, 20, 15
	if *everyItem {
		every, step = 10, 1
	}

	for n, c := range in.History.Commits {
		if n%step == 0 {
			commits++
			items += checkPast(t, repo, p, c.ID, every, o)
		}
	}
	t.Logf("%d items of %d of %d commits", items, commits, len(in.History.Commits))
}

// The same of a sample of Grid'5000's commits, which have more resources and links in
// their history.
func TestPastOfGrid5000(t *testing.T) {
	t.Parallel()
	if !*everyItem {
		t.Skip("-past runs it, for minutes")
	}

	const bundle = "../../../shared/data/grid5000.bundle"
	if _, err := os.Stat(bundle); err != nil {
		t.Skipf("no real data: %s is not there", bundle)
	}
	repo, err := gitrepo.Open(t.Context(), bundle, gitrepo.Options{})
	if err != nil {
		t.Fatal(err)
	}

	in := pastInput(t, repo, build.Options{})
	p := packed(t, in)

	const sample = 200
	commits, items := 0, 0
	for n := range sample {
		commits++
		items += checkPast(t, repo, p, in.History.Commits[n*(len(in.History.Commits)-1)/(sample-1)].ID, 200, in.Options)
	}
	t.Logf("%d items of %d of %d commits", items, commits, len(in.History.Commits))
}

// A resource is there at a commit if a build of that commit has it, wherever it was
// later: whatever its name collides with, what contains it, and what links point to.
func TestItemAt(t *testing.T) {
	t.Parallel()
	repo := treetest.Repo(t, `
-- commit start --

Without a data directory
-- README --
-- commit data --
-- d/d.json --
{"uid": "d", "b": 2.50}
-- d/sites/s/s.json --
{"uid": "s"}
-- d/sites/s/clusters/c/c.json --
{"uid": "c"}
-- d/sites/s/clusters/c/nodes/n.json --
{"uid": "n", "z": 1, "a": 1e3}
-- d/sites/s/clusters/b/nodes/m.json --
{"uid": "m"}
-- d/sites/s/flavors/f.json --
{"uid": "f"}
-- commit collide --
-- d/sites/S/S.json --
{"uid": "S"}
-- d/sites/a/a.json --
{"uid": "a"}
-- d/sites/a/clusters/x/x.json --
{"uid": "x"}
-- d/sites/a/clusters/x/nodes/n.json --
{"uid": "n"}
-- link d/sites/a/flavors/g.json --
h.json
-- d/sites/a/flavors/h.json --
{"uid": "g"}
-- commit broken --
-- delete d/sites/S --
-- delete d/sites/a/clusters --
-- d/sites/s/s.json --
{"uid": "other"}
-- commit head --
-- d/sites/s/s.json --
{"uid": "s"}
-- d/sites/s/clusters/b/b.json --
{"uid": "b"}
-- delete d/sites/s/clusters/c --
-- delete d/sites/a/flavors --
`)
	in := pastInput(t, repo, build.Options{})
	p := packed(t, in)

	site := inventory.Place{Kind: route.SiteKind, Site: "s", UID: "s"}
	places := []inventory.Place{
		{Kind: route.GridKind, UID: "d"},
		site,
		{Kind: route.ClusterKind, Site: "s", Cluster: "c", UID: "c"},
		{Kind: route.NodeKind, Site: "s", Cluster: "c", UID: "n"},
		{Kind: route.NodeKind, Site: "s", Cluster: "b", UID: "m"},
		{Kind: route.NodeKind, Site: "a", Cluster: "x", UID: "n"},
		{Kind: route.FlavorKind, Site: "s", UID: "f"},
		{Kind: route.FlavorKind, Site: "a", UID: "g"},
		{Kind: route.SiteKind, Site: "..", UID: ".."},
	}

	there := map[string]int{}
	for _, c := range in.History.Commits[:4] {
		fsys, err := repo.FS(c.ID)
		if err != nil {
			t.Fatal(err)
		}
		grid, _, err := inventory.Load(fsys, p.Dir())
		if err != nil {
			t.Fatal(err)
		}

		want := itemsOf(t, repo, c.ID, grid, in.Options)
		for _, place := range places {
			file := strings.TrimPrefix(place.Path(), "/") + ".json"
			if place.Kind == route.GridKind {
				file = "index.json"
			}
			body, ok, err := build.ItemAt(p, c.ID, place, in.Options)
			item, has := want[file]
			if err != nil || ok != has || string(body) != item {
				t.Errorf("%s of %s is %q, %v, %v; want %q", file, c.Subject(), body, ok, err, item)
			}
			if ok {
				there[file]++
			}
		}
	}
	if len(there) != len(places)-1 {
		t.Errorf("only these are there: %v", there)
	}

	start := in.History.Commits[4].ID
	if _, ok, err := build.ItemAt(p, start, site, in.Options); ok || err != nil {
		t.Errorf("before there was a data directory: %v, %v", ok, err)
	}

	if _, _, err := build.ItemAt(p, history.Hash{1}, site, in.Options); err == nil {
		t.Error("a commit that is not in the history has an item")
	}
}
