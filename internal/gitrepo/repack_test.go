package gitrepo_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chameleoncloud/refapi/internal/test/gittest"
)

// TestPackedMeanwhile has git tidy up a repository that is being read.
func TestPackedMeanwhile(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name          string
		before, after func(t *testing.T, r *gittest.Repo)
	}{
		{"repack", repack("-a", "-d"), repack("-a", "-d", "-f")},
		{"loose objects packed", nothing, repack("-a", "-d")},
		{"loose objects pruned", repack(), func(_ *testing.T, r *gittest.Repo) { r.Git("prune-packed") }},
		{"gc", nothing, func(_ *testing.T,
			r *gittest.Repo) {
			r.Git("gc", "--quiet", "--aggressive", "--prune=now")
		}},
		{"unpacked", repack("-a", "-d"), func(t *testing.T, r *gittest.Repo) {
			packs, _ := filepath.Glob(r.Path(".git/objects/pack/*.pack"))
			for _, pack := range packs {
				data, err := os.ReadFile(pack)
				if err != nil {
					t.Fatal(err)
				}

				for _, suffix := range []string{".pack", ".idx", ".rev"} {
					if err := os.Remove(strings.TrimSuffix(pack, ".pack") + suffix); err != nil &&
						!os.IsNotExist(err) {
						t.Fatal(err)
					}
				}

				r.Feed(string(data), "unpack-objects", "-q")
			}
		}},
		{"only the index is left", repack("-a", "-d"), func(t *testing.T, r *gittest.Repo) {
			indexes, _ := filepath.Glob(r.Path(".git/objects/pack/*.idx"))
			data, err := os.ReadFile(indexes[0])
			if err != nil {
				t.Fatal(err)
			}

			r.Write("new", "another pack")
			r.Commit("new")
			repack("-a", "-d")(t, r)
			r.Git("reset", "--quiet", "--hard", "HEAD~1")
			writeFile(t, indexes[0], string(data))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := grown(t)
			tt.before(t, r)
			repo := open(t, r.Dir)
			borrower := filepath.Join(t.TempDir(), "shared")
			gittest.Run(t, r.Dir, "clone", "--quiet", "--shared", ".", borrower)
			borrowing := open(t, borrower)
			tt.after(t, r)
			compare(t, repo, r.Dir)
			compare(t, borrowing, borrower)
		})
	}
}

func nothing(*testing.T, *gittest.Repo) {}

func repack(args ...string) func(*testing.T, *gittest.Repo) {
	return func(_ *testing.T, r *gittest.Repo) { r.Git(append([]string{"repack", "--quiet"}, args...)...) }
}

// TestBorrowsNoLonger has a shared clone that gets objects of its own.
func TestBorrowsNoLonger(t *testing.T) {
	t.Parallel()
	r := grown(t)
	dir := filepath.Join(t.TempDir(), "shared")
	gittest.Run(t, r.Dir, "clone", "--quiet", "--shared", ".", dir)
	repo := open(t, dir)
	gittest.Run(t, dir, "repack", "--quiet", "-a", "-d")

	if err := os.Remove(filepath.Join(dir, ".git/objects/info/alternates")); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(r.Path(".git/objects")); err != nil {
		t.Fatal(err)
	}

	compare(t, repo, dir)
}

// TestPackedAllTheTime reads while git packs again and again.
func TestPackedAllTheTime(t *testing.T) {
	t.Parallel()
	r := grown(t)
	want := read(t, files(t, open(t, r.Dir), ""))
	done := make(chan struct{})
	var packing sync.WaitGroup
	packing.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-done:
				return
			default:
			}
			// A window of another size makes a pack of another name.
			r.Git("repack", "--quiet", "-a", "-d", "-f", "--window="+[]string{"0", "10"}[i%2])
		}
	})

	for range 30 {
		repo := open(t, r.Dir)
		got := read(t, files(t, repo, ""))
		for name := range want {
			if got[name] != want[name] {
				t.Errorf("%s is %q, want %q", name, got[name], want[name])
			}
		}
	}

	close(done)
	packing.Wait()
}
