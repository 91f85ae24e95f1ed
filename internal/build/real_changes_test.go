package build_test

import (
	"bytes"
	"maps"
	"reflect"
	"testing"

	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// Applying the patches from the oldest version upwards gives each newer version
// of every node exactly, and the newest is the file that is served.
func TestRealHistories(t *testing.T) {
	t.Parallel()
	s, ok := makeReal(t, treetest.Real)
	if !ok {
		return
	}

	versions, patches := s.checkHistories(t, func([]*history.Commit) bool { return true })
	t.Logf("%d versions and %d operations", versions, patches)

	if versions < 2500 || patches < 1000 {
		t.Errorf("only %d versions and %d operations were looked at", versions, patches)
	}
}

// checkHistories checks those nodes and flavors whose log is wanted, and counts
// their versions and the operations of their patches.
func (s realSite) checkHistories(t *testing.T, wanted func(log []*history.Commit) bool) (versions, patches int) {
	t.Helper()
	check := func(uid string, f inventory.File, file string) {
		commits := s.in.History.Log(f.Path)
		if !wanted(commits) {
			return
		}

		h := read[toldHistory](t, s.files[file])
		if h.Total != len(commits) || len(h.Items) != h.Total {
			t.Fatalf("%s: %d versions and %d items, want %d", uid, h.Total, len(h.Items), len(commits))
		}

		for i, item := range h.Items {
			if item.Version.UID != commits[i].ID.String() {
				t.Fatalf("%s: item %d is %s, want %s", uid, i, item.Version.UID, commits[i].ID)
			}
		}

		versions += h.Total
		patches += checkPatches(t, uid, h)

		if len(h.Items) > 0 && !bytes.Equal(h.Items[0].Item, f.Text) {
			t.Errorf("%s: the newest version is not the file", uid)
		}
	}

	for r := range s.in.Grid.Resources() {
		if kind := r.Kind.Get(); !kind.InDir {
			check(r.UID, r.File, kind.ItemHistory.File(r.Args()...))
		}
	}

	return versions, patches
}

// checkPatches applies the patches of a history, and counts their operations.
func checkPatches(t *testing.T, uid string, h toldHistory) (operations int) {
	t.Helper()
	var now any
	for i := len(h.Items) - 1; i >= 0; i-- {
		item := h.Items[i]
		if item.State != "present" {
			if item.Patch != nil || string(item.Item) != "null" {
				t.Fatalf("%s: a version that is %s has more to tell", uid, item.State)
			}
			continue
		}

		want := exact(t, item.Item)
		if now == nil {
			if item.Patch != nil {
				t.Fatalf("%s: the first version has a patch", uid)
			}
			now = exact(t, item.Item)
			continue
		}

		operations += len(item.Patch)
		if now = patched(t, now, item.Patch); !reflect.DeepEqual(now, want) {
			t.Fatalf("%s: the patches do not lead to %s", uid, item.Version.UID)
		}
	}

	return operations
}

// What commits of the real repository changed is what differs between their
// files and those of their first parents: every commit, and every resource.
func TestRealChanges(t *testing.T) {
	t.Parallel()
	s, ok := makeReal(t, treetest.Real)
	if !ok {
		return
	}

	all := s.in.History.Commits
	compared := s.checkChanges(t, all)
	if t.Logf("%d of %d commits were compared", compared, len(all)); compared < len(all)/2 {
		t.Errorf("only %d of %d commits were compared", compared, len(all))
	}
}

// checkChanges checks what some commits changed, and counts those that can be
// compared.
func (s realSite) checkChanges(t *testing.T, commits []*history.Commit) (compared int) {
	t.Helper()
	known := map[history.Hash]map[string]string{}
	shared := map[string]string{} // most texts stand in many commits

	// texts are the files of a commit by the addresses of their resources. What
	// is wrong there shows in no inventory.
	texts := func(id history.Hash) map[string]string {
		if _, ok := known[id]; !ok {
			fsys, err := s.repo.FS(id)
			if err != nil {
				t.Fatal(err)
			}

			grid, found, err := inventory.Load(fsys, s.in.Grid.Dir)
			if errors, _ := found.Count(); err != nil || errors > 0 {
				known[id] = nil
			} else {
				known[id] = textsOf(grid, shared)
			}
		}
		return maps.Clone(known[id])
	}

	for _, c := range commits {
		before, after := map[string]string{}, texts(c.ID)
		if len(c.Parents) > 0 {
			before = texts(c.Parents[0])
		}

		if before == nil || after == nil {
			continue
		}

		compared++
		set := read[toldSet](t, s.files[route.VersionChanges.File(c.ID.String())])
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
			if got := patched(t, exact(t, []byte(before[r.Path])), ops); !reflect.DeepEqual(got,
				exact(t, []byte(after[r.Path]))) {
				t.Errorf("%s: the patch of %s leads elsewhere", c.ID, r.Path)
			}
			before[r.Path] = after[r.Path]
		}

		if !maps.Equal(before, after) {
			t.Errorf("%s changed more than it says", c.ID)
		}
	}

	return compared
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

	for r := range grid.Resources() {
		add(r.Path(), r.File)
	}

	return all
}
