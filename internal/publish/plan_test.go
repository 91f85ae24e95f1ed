package publish_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chameleoncloud/refapi/internal/publish"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// A plan changes nothing, and says what publishing then does.
func TestPlan(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name                    string
		live                    int // 0 for none
		next                    func() (tree.Release, map[string]tree.File)
		added, removed, changed int
		unchanged, force        bool
	}{
		{name: "first", next: commit(1), added: len(site(1))},
		{name: "next commit", live: 1, next: commit(2), added: 1, changed: nodes + 2},
		{name: "older versions vanish", live: 8, next: commit(9), added: 1, removed: 1, changed: nodes + 2},
		{name: "same commit", live: 1, next: commit(1), unchanged: true},
		{name: "same commit, forced", live: 1, next: commit(1), force: true},
		{name: "back", live: 9, next: commit(8), added: 1, removed: 1, changed: nodes + 2},
		{name: "other options, same files", live: 1, next: func() (tree.Release, map[string]tree.File) {
			rel, files := commit(1)()
			rel.ID = "r0001b"
			return rel, files
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root := filepath.Join(t.TempDir(), "public")
			if tt.live > 0 {
				put(t, root, tt.live)
			}

			before := snapshot(t, filepath.Dir(root))
			o := options()
			o.Force = tt.force
			rel, files := tt.next()
			plan, err := publish.Plan(t.Context(), root, rel, all(files), o)
			if err != nil {
				t.Fatal(err)
			}

			if !cmp.Equal(before, snapshot(t, filepath.Dir(root)), cmp.AllowUnexported(onDisk{})) {
				t.Error("the plan changed something")
			}

			c := plan.Changes
			if got, want := [3]int{len(c.Added), len(c.Removed), len(c.Changed)}, [3]int{tt.added, tt.removed,
				tt.changed}; got != want {
				t.Errorf("added, removed, changed: %v, want %v", got, want)
			}

			if c.Any() != (tt.added+tt.removed+tt.changed > 0) {
				t.Errorf("Any() = %v", c.Any())
			}

			for _, list := range [][]string{c.Added, c.Removed, c.Changed} {
				if !slices.IsSorted(list) || slices.ContainsFunc(list, tree.IsSidecar) {
					t.Errorf("not sorted, or with variants: %q", list)
				}
			}

			r := putFiles(t, root, rel, files, o)
			if diff := cmp.Diff(r.Changes, c, cmp.AllowUnexported(publish.Changes{})); diff != "" {
				t.Errorf("what was done differs from the plan (-done +plan):\n%s", diff)
			}

			if plan.Unchanged != tt.unchanged || r.Unchanged != tt.unchanged || plan.Bytes.Raw != r.Bytes.Raw ||
				plan.Manifest.ID != r.Manifest.ID {
				t.Errorf("plan %+v\ndone %+v", plan, r)
			}

			for e := range plan.Manifest.Files() {
				if done := r.Manifest.Lookup(e.Path); done == nil || !done.Equal(e) {
					t.Errorf("planned %+v, done %+v", e, done)
				}
			}
		})
	}
}

func commit(n int) func() (tree.Release, map[string]tree.File) {
	return func() (tree.Release, map[string]tree.File) { return release(n), site(n) }
}

func TestPlanCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	files := func(yield func(tree.File, error) bool) {
		for f := range all(site(1)) {
			if strings.HasPrefix(f.Path, "sites/") {
				cancel()
			}
			if !yield(f, nil) {
				return
			}
		}
	}
	if _, err := publish.Plan(ctx, t.TempDir(), release(1), files, options()); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}
