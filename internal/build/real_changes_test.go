package build_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"reflect"
	"testing"

	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Undoing from the newest content gives each older version of every resource's file as
// the repository has it, and the newest is the file that is served.
func TestRealHistories(t *testing.T) {
	t.Parallel()
	s, ok := ofReal.get(t)
	if !ok {
		return
	}

	versions, patches := s.checkHistories(t, func([]*history.Commit) bool { return true })
	t.Logf("%d versions and %d operations", versions, patches)

	if versions < 2500 || patches < 1000 {
		t.Errorf("only %d versions and %d operations were looked at", versions, patches)
	}
}

// checkHistories checks the resources whose log is wanted, and counts their versions
// and the operations of their patches.
func (s *realSite) checkHistories(t *testing.T, wanted func(log []*history.Commit) bool) (versions, patches int) {
	t.Helper()
	commits := map[history.Hash]fs.FS{}
	blob := func(id history.Hash, file string) []byte {
		if commits[id] == nil {
			fsys, err := s.repo.FS(id)
			if err != nil {
				t.Fatal(err)
			}
			commits[id] = fsys
		}

		text, err := fs.ReadFile(commits[id], file)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		return text
	}

	for r := range s.in.Grid.Resources() {
		log := s.in.History.Log(r.LogPath())
		if r.Kind == route.GridKind || !wanted(log) {
			continue
		}

		h := read[toldHistory](t, s.files[r.Kind.Get().ItemHistory.File(r.Args()...)])
		if h.Total != len(log) || len(h.Items) != h.Total || !bytes.Equal(h.File, r.File.Text) {
			t.Fatalf("%s: %d versions and %d items, want %d, from the newest file", r.UID, h.Total, len(h.Items), len(log))
		}

		for i, content := range contents(t, h) {
			v := h.Items[i]
			if v.Version.UID != log[i].ID.String() {
				t.Fatalf("%s: item %d is %s, want %s", r.UID, i, v.Version.UID, log[i].ID)
			}

			state, want := "absent", any(nil)
			if text := blob(log[i].ID, r.File.Path); text != nil {
				state = "unreadable"
				if json.Valid(text) {
					state, want = "present", exact(t, text)
				}
			}

			if v.State != state || !reflect.DeepEqual(content, want) {
				t.Fatalf("%s is %s at %s, want %s; undoing leads to its content: %v", r.UID, v.State, v.Version.UID, state,
					reflect.DeepEqual(content, want))
			}

			versions++
			patches += len(v.Patch)
		}
	}

	return versions, patches
}

// What commits of the real repository changed is what differs between their
// files and those of their first parents: every commit, and every resource.
func TestRealChanges(t *testing.T) {
	t.Parallel()
	s, ok := ofReal.get(t)
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
func (s *realSite) checkChanges(t *testing.T, commits []*history.Commit) (compared int) {
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
