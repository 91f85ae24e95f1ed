package site_test

import (
	"bytes"
	"maps"
	"reflect"
	"testing"

	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Applying the patches from the oldest version upwards gives each newer version
// of every node exactly, and the newest is the file that is served.
func TestRealHistories(t *testing.T) {
	t.Parallel()
	_, in, files := realFiles(t)
	if files == nil {
		return
	}
	versions, patches := 0, 0
	for _, s := range in.Grid.Sites {
		for _, c := range s.Clusters {
			for _, n := range c.Nodes {
				args := []string{s.UID, c.UID, n.UID}
				h := read[toldHistory](t, files[route.NodeHistory.File(args...)])
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
// files and those of their first parents: every commit, and every resource.
func TestRealChanges(t *testing.T) {
	t.Parallel()
	repo, in, files := realFiles(t)
	if files == nil {
		return
	}
	known := map[history.Hash]map[string]string{}
	shared := map[string]string{} // most texts stand in many commits
	// texts are the files of a commit by the addresses of their resources. What
	// is wrong there shows in no inventory.
	texts := func(id history.Hash) map[string]string {
		if _, ok := known[id]; !ok {
			fsys, err := repo.FS(id)
			if err != nil {
				t.Fatal(err)
			}
			grid, found, err := inventory.Load(fsys, in.Grid.Dir)
			if errors, _ := found.Count(); err != nil || errors > 0 {
				known[id] = nil
			} else {
				known[id] = textsOf(grid, shared)
			}
		}
		return maps.Clone(known[id])
	}
	compared := 0
	for _, c := range in.History.Commits {
		before, after := map[string]string{}, texts(c.ID)
		if len(c.Parents) > 0 {
			before = texts(c.Parents[0])
		}
		if before == nil || after == nil {
			continue
		}
		compared++
		set := read[toldSet](t, files[route.VersionChanges.File(c.ID.String())])
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
	all := len(in.History.Commits)
	if t.Logf("%d of %d commits were compared", compared, all); compared < all/2 {
		t.Errorf("only %d of %d commits were compared", compared, all)
	}
}

// textsOf are a grid's files by the addresses of their resources. Equal texts
// are shared.
func textsOf(grid *inventory.Grid, shared map[string]string) map[string]string {
	all := map[string]string{}
	add := func(at string, f inventory.File) {
		text, ok := shared[string(f.Text)]
		if !ok {
			text = string(f.Text)
			shared[text] = text
		}
		all[at] = text
	}
	add(route.Root.Path(), grid.File)
	for _, s := range grid.Sites {
		add(route.Site.Path(s.UID), s.File)
		for _, f := range s.Flavors {
			add(route.Flavor.Path(s.UID, f.UID), f.File)
		}
		for _, c := range s.Clusters {
			add(route.Cluster.Path(s.UID, c.UID), c.File)
			for _, n := range c.Nodes {
				add(route.Node.Path(s.UID, c.UID, n.UID), n.File)
			}
		}
	}
	return all
}
