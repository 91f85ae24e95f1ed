package site_test

import (
	"bytes"
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/site"
	"github.com/chameleoncloud/refapi/internal/treetest"
)

// Applying the patches from the oldest version upwards gives each newer version
// of every node exactly, and the newest is the file that is served.
func TestRealHistories(t *testing.T) {
	t.Parallel()
	repo, ok := treetest.Real(t, "../..")
	if !ok {
		return
	}
	in := treetest.Input(t, repo, "", site.Options{})
	files := treetest.Files(t, in)
	all := map[string][]byte{}
	for _, f := range files {
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
	files := treetest.Files(t, in)
	sets := map[string][]byte{}
	for _, f := range files {
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
