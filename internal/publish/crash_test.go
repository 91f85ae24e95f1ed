package publish_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// A publisher is killed at a random moment, again and again, half of the times
// right at the change of releases. The live release is whole each time, and the
// next run leaves nothing behind.
func TestKill(t *testing.T) {
	t.Parallel()
	const kills = 30
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	root := t.TempDir()
	put(t, root, 1)
	left := map[string]int{} // what the killed runs have left, to see that they were met at work
	n := 1

	for range kills {
		n++
		h := startHelper(t, "loop", root, n)
		if random.IntN(2) == 0 {
			for activations := 1 + random.IntN(2); activations > 0; {
				if h.step(t) == "activate" {
					activations--
				}
			}
		} else {
			for range random.IntN(150) {
				h.step(t)
			}
		}

		h.kill(t)

		m, err := whole(liveDir(t, root))
		if err != nil {
			t.Fatalf("the live release is broken: %v", err)
		}
		if live, err := disk.Open(root); err != nil || live.Manifest.ID != m.ID {
			t.Fatal(err)
		}

		for _, name := range append(names(t, root), names(t, filepath.Join(root, "releases"))...) {
			if filepath.Ext(name) == ".tmp" {
				left[filepath.Ext(name)]++
			}
		}

		n += 10 // the helper may have got that far
		put(t, root, n)

		if got := tidy(t, root); len(got) > 1+options().Keep || !slices.Contains(got, release(n).ID) {
			t.Fatalf("releases %q", got)
		}
	}

	if left[".tmp"] < kills/10 {
		t.Errorf("only %d of %d runs were killed at work", left[".tmp"], kills)
	}

	cold := put(t, t.TempDir(), n)
	if diff := cmp.Diff(snapshot(t, cold.Dir), snapshot(t, liveDir(t, root)), sameFiles); diff != "" {
		t.Errorf("after all that the tree is not that of a quiet build:\n%s", diff)
	}
}

// What a run leaves that was killed between any two steps of activation and
// pruning. Random moments meet these seldom.
func TestLeftOvers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		leave func(root string) error
		want  []string
	}{
		{"half written", func(root string) error {
			return os.MkdirAll(filepath.Join(root, "releases/r0002.tmp/sites/s"), 0o755)
		}, []string{"r0001", "r0002"}},
		{"half written, of another commit", func(root string) error {
			return os.MkdirAll(filepath.Join(root, "releases/r0009.tmp/sites/s"), 0o755)
		}, []string{"r0001", "r0002"}},
		{"named, not linked", func(root string) error {
			return os.CopyFS(filepath.Join(root, "releases/r0002"), os.DirFS(filepath.Join(root, "releases/r0001")))
		}, []string{"r0001", "r0002", "r0002.2"}},
		{"link not in its place", func(root string) error {
			return os.Symlink("releases/r0002", filepath.Join(root, ".current.tmp"))
		}, []string{"r0001", "r0002"}},
		{"half pruned", func(root string) error {
			return os.MkdirAll(filepath.Join(root, "releases/r0000.tmp/sites"), 0o755)
		}, []string{"r0001", "r0002"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			put(t, root, 1)

			if err := tt.leave(root); err != nil {
				t.Fatal(err)
			}

			r := put(t, root, 2)
			if got := tidy(t, root); !slices.Equal(got, tt.want) {
				t.Errorf("releases %q, want %q", got, tt.want)
			}

			checkManifest(t, r.Dir)
			if liveDir(t, root) != r.Dir {
				t.Errorf("live is %s, want %s", liveDir(t, root), r.Dir)
			}
		})
	}
}
