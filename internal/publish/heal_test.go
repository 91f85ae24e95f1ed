package publish_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chameleoncloud/refapi/internal/durable"
	"github.com/chameleoncloud/refapi/internal/publish"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// Whatever a power failure, or a copy by something that knows no links, has made
// of the live release: the next run replaces it and says so, whether there is
// anything new or not.
func TestHeal(t *testing.T) {
	t.Parallel()
	overwrite := func(text string) func(root, dir string) error {
		return func(_, dir string) error {
			return os.WriteFile(filepath.Join(dir, tree.ManifestFile), []byte(text), 0o644)
		}
	}
	for _, tt := range []struct {
		name   string
		damage func(root, dir string) error
		healed string
	}{
		{"no manifest", func(_, dir string) error { return os.Remove(filepath.Join(dir, tree.ManifestFile)) },
			"no such file"},
		{"empty manifest", overwrite(""), "unexpected EOF"},
		{"cut manifest", func(_,
			dir string) error {
			return os.Truncate(filepath.Join(dir, tree.ManifestFile), 500)
		}, "unexpected EOF"},
		{"garbage in the manifest", overwrite("\x00\x00\x00"), "invalid character"},
		{"a manifest of something else", overwrite("{}"), "release or commit is missing"},
		{"the manifest is a directory", func(_, dir string) error {
			name := filepath.Join(dir, tree.ManifestFile)
			if err := os.Remove(name); err != nil {
				return err
			}
			return os.Mkdir(name, 0o755)
		}, "is a directory"},
		{"no release", func(_, dir string) error { return os.RemoveAll(dir) }, "no such file"},
		{"a release without files", func(_, dir string) error {
			if err := os.RemoveAll(dir); err != nil {
				return err
			}
			return os.Mkdir(dir, 0o755)
		}, "no such file"},
		{"the release is a file", func(_, dir string) error {
			if err := os.RemoveAll(dir); err != nil {
				return err
			}
			return os.WriteFile(dir, nil, 0o644)
		}, "not a directory"},
		{"the link leads to itself", func(root, _ string) error {
			link := filepath.Join(root, "current")
			if err := os.Remove(link); err != nil {
				return err
			}
			return os.Symlink("current", link)
		}, "too many links"},
		{"the link is a text", func(root, _ string) error {
			link := filepath.Join(root, "current")
			if err := os.Remove(link); err != nil {
				return err
			}
			return os.WriteFile(link, []byte("releases/r0001"), 0o644)
		}, "not a directory"},
		{"the link is an empty directory", func(root, _ string) error {
			link := filepath.Join(root, "current")
			if err := os.Remove(link); err != nil {
				return err
			}
			return os.Mkdir(link, 0o755)
		}, "no such file"},
	} {
		for _, n := range []int{1, 2} {
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				root := t.TempDir()
				if err := tt.damage(root, put(t, root, 1).Dir); err != nil {
					t.Fatal(err)
				}

				before := snapshot(t, root)
				r, err := publish.Plan(t.Context(), root, release(n), all(site(n)), options())
				if err != nil || r.Unchanged || !strings.Contains(r.Healed, tt.healed) {
					t.Errorf("the plan is %+v, %v", r, err)
				}
				if diff := cmp.Diff(before, snapshot(t, root), cmp.AllowUnexported(onDisk{})); diff != "" {
					t.Errorf("the plan changed something:\n%s", diff)
				}

				r = put(t, root, n)
				if r.Unchanged || !strings.Contains(r.Healed, "is replaced without a comparison") ||
					!strings.Contains(r.Healed, tt.healed) {
					t.Errorf("healed %q, want %q in it", r.Healed, tt.healed)
				}

				checkManifest(t, liveDir(t, root))
				tidy(t, root)

				if r := put(t, root, n+1); r.Unchanged || r.Healed != "" {
					t.Errorf("the run after that: %+v", r)
				}
			})
		}
	}
}

// A copy of an output directory in which the link has become a second release is
// served as it is, and becomes a link with the next release.
func TestCopiedWithoutLinks(t *testing.T) {
	t.Parallel()
	for _, lock := range []bool{true, false} {
		old, root := t.TempDir(), t.TempDir()
		dir := put(t, old, 1).Dir
		for _, p := range []string{"current", "releases/r0001"} {
			copyTree(t, dir, filepath.Join(root, p))
		}

		if lock {
			makeTree(t, root, ".lock")
		}

		if r := put(t, root, 1); !r.Unchanged {
			t.Error("what is live was published again")
		}

		r := put(t, root, 2)
		if !strings.Contains(r.Healed, "was a directory and not a link to a release") || r.Linked == 0 {
			t.Errorf("healed %q, %d files linked", r.Healed, r.Linked)
		}

		checkManifest(t, liveDir(t, root))
		if got := tidy(t, root); !slices.Equal(got, []string{"r0001", "r0002"}) {
			t.Errorf("releases %q", got)
		}
	}
}

// copyTree copies a release with its times.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("cp", "-rL", from, to).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for p, d := range snapshot(t, from) {
		if !d.Mode.IsRegular() {
			continue
		}

		info, err := os.Stat(filepath.Join(from, p))
		if err == nil {
			err = os.Chtimes(filepath.Join(to, p), info.ModTime(), info.ModTime())
		}

		if err != nil {
			t.Fatal(err)
		}
	}
}

// What an interrupted run has left goes with the next one, also if that has
// nothing to publish; not while another is at work.
func TestTidy(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if err := publish.Tidy(durable.OS{}, filepath.Join(root, "none")); err == nil {
		t.Error("no output directory is no error")
	}

	put(t, root, 1)
	before := snapshot(t, root)
	leave := func() {
		makeTree(t, root, "releases/r0009.tmp/sites/s.json", "immutable/r0009.tmp/versions/0.json", "releases/r0008.tmp/", ".current.tmp -> releases/r0009")
		if err := os.Chmod(filepath.Join(root, "releases/r0009.tmp/sites"), 0o500); err != nil {
			t.Fatal(err)
		}
	}

	leave()
	if err := publish.Tidy(durable.OS{}, root); err != nil {
		t.Fatal(err)
	}

	if diff := cmp.Diff(before, snapshot(t, root), sameFiles); diff != "" {
		t.Errorf("after tidying:\n%s", diff)
	}

	leave()
	if r := put(t, root, 1); !r.Unchanged || r.PruneErr != nil {
		t.Errorf("unchanged: %+v", r)
	}
	if diff := cmp.Diff(before, snapshot(t, root), sameFiles); diff != "" {
		t.Errorf("after a run without news:\n%s", diff)
	}

	h := startHelper(t, "loop", root, 2)
	for h.step(t) != "file" {
	}

	if err := publish.Tidy(durable.OS{}, root); err != nil {
		t.Errorf("while another run is at work: %v", err)
	}

	for h.step(t) != "done" {
	}
	h.kill(t)
}

// A release whose directories nobody may write to is pruned all the same.
func TestPruneReadOnly(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	o := options()
	o.Keep = 0

	for n := 1; n <= 3; n++ {
		dir := putFiles(t, root, release(n), site(n), o).Dir
		if err := os.Chmod(filepath.Join(dir, "sites"), 0o500); err != nil {
			t.Fatal(err)
		}
	}

	if got := tidy(t, root); !slices.Equal(got, []string{"r0003"}) {
		t.Errorf("kept %q", got)
	}
}
