package gitrepo_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/test/gittest"
)

// TestFS checks a tree with everything that a tree can hold.
func TestFS(t *testing.T) {
	t.Parallel()
	r := grown(t)
	if err := os.Symlink("nowhere", r.Path("dangling")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("data", r.Path("linked")); err != nil {
		t.Fatal(err)
	}

	for _, name := range []string{"a b", "Tromsø", "☃/日本", `"quoted"`, "a.json", "a-b", "a0", "-dash", ".hidden",
		"*?[x]"} {
		r.Write("odd/"+name, name)
	}

	r.Write("empty", "")
	other := gittest.Init(t)
	other.Commit("of the submodule")
	r.Git("submodule", "--quiet", "add", other.Dir, "sub")
	r.Commit("all")

	for _, form := range []string{"loose", "packed"} {
		fsys := files(t, open(t, r.Dir), "")
		t.Run(form, func(t *testing.T) {
			if err := fstest.TestFS(fsys, "odd/a b", "odd/☃/日本", "run.sh", "dangling", "sub", "empty"); err != nil {
				t.Error(err)
			}
			compareFiles(t, fsys, r.Dir, "HEAD")
		})
		r.Git("gc", "--quiet", "--prune=now")
	}
}

// TestFSOddNames has names that fstest does not like: control characters and
// backslashes are fine, what is not UTF-8 cannot be asked for.
func TestFSOddNames(t *testing.T) {
	t.Parallel()
	r := gittest.Init(t)
	blob := r.Feed("content", "hash-object", "-w", "--stdin")
	var index bytes.Buffer

	for _, name := range []string{"bell\a", "new\nline", "tab\t", `back\slash`, "latin1 \xe9", "dir \xff/file"} {
		fmt.Fprintf(&index, "100644 %s 0\t%s\x00", blob, name)
	}

	r.Feed(index.String(), "update-index", "-z", "--index-info")
	r.Git("commit", "--quiet", "--message", "odd")
	fsys := files(t, open(t, r.Dir), "")
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		t.Fatal(err)
	}

	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}

	if got, want := fmt.Sprintf("%q",
		names), `["back\\slash" "bell\a" "dir \xff" "latin1 \xe9" "new\nline" "tab\t"]`; got != want {
		t.Errorf("the names are %s, want %s", got, want)
	}

	for _, name := range []string{"bell\a", "new\nline", "tab\t", `back\slash`} {
		if body, err := fs.ReadFile(fsys, name); err != nil || string(body) != "content" {
			t.Errorf("%q holds %q, %v", name, body, err)
		}
	}

	for _, name := range []string{"latin1 \xe9", "dir \xff/file"} {
		if _, err := fs.ReadFile(fsys, name); !errors.Is(err, fs.ErrInvalid) {
			t.Errorf("reading %q gives %v, want %v", name, err, fs.ErrInvalid)
		}
	}
}

func TestFSLinks(t *testing.T) {
	t.Parallel()
	fsys := files(t, open(t, grown(t).Dir), "")
	info, err := fs.Lstat(fsys, "data/link.json")
	if err != nil {
		t.Fatal(err)
	}

	if info.Mode() != fs.ModeSymlink|0o644 || info.Size() != int64(len("a.json")) || info.Name() != "link.json" {
		t.Errorf("the link is %v, %d bytes, called %q", info.Mode(), info.Size(), info.Name())
	}
	if to, err := fs.ReadLink(fsys, "data/link.json"); err != nil || to != "a.json" {
		t.Errorf("the link leads to %q, %v", to, err)
	}

	for _, name := range []string{"data/a.json", "data"} {
		if _, err := fs.ReadLink(fsys, name); !errors.Is(err, fs.ErrInvalid) {
			t.Errorf("%s as a link gives %v, want %v", name, err, fs.ErrInvalid)
		}
	}
}

func TestFSErrors(t *testing.T) {
	t.Parallel()
	repo := open(t, grown(t).Dir)
	fsys := files(t, repo, "")

	for _, tt := range []struct {
		name string
		want error
	}{
		{"nothing", fs.ErrNotExist},
		{"data/nothing", fs.ErrNotExist},
		{"README/below", fs.ErrNotExist},
		{"data/link.json/below", fs.ErrNotExist},
		{"/README", fs.ErrInvalid},
		{"data/", fs.ErrInvalid},
		{"data/../README", fs.ErrInvalid},
		{"", fs.ErrInvalid},
	} {
		for op, f := range map[string]func() error{
			"open":     func() error { _, err := fsys.Open(tt.name); return err },
			"stat":     func() error { _, err := fs.Stat(fsys, tt.name); return err },
			"lstat":    func() error { _, err := fs.Lstat(fsys, tt.name); return err },
			"read":     func() error { _, err := fs.ReadFile(fsys, tt.name); return err },
			"readdir":  func() error { _, err := fs.ReadDir(fsys, tt.name); return err },
			"readlink": func() error { _, err := fs.ReadLink(fsys, tt.name); return err },
		} {
			err := f()
			var pe *fs.PathError
			if !errors.Is(err, tt.want) || !errors.As(err, &pe) || pe.Path != tt.name {
				t.Errorf("%s %q gives %v, want %v with the path", op, tt.name, err, tt.want)
			}
		}
	}

	if _, err := fs.ReadFile(fsys, "data"); !errors.Is(err, fs.ErrInvalid) {
		t.Errorf("reading a directory gives %v", err)
	}
	if _, err := fs.ReadDir(fsys, "README"); !errors.Is(err, fs.ErrInvalid) {
		t.Errorf("listing a file gives %v", err)
	}

	_, err := repo.FS(hash(t, strings.Repeat("1", 40)))
	wantError(t, err, "git fsck", "read commit 1111111111111111111111111111111111111111: object not found")
}

// TestConcurrentReads reads one repository from several goroutines.
func TestConcurrentReads(t *testing.T) {
	t.Parallel()
	r := grown(t)
	r.Git("gc", "--quiet")
	repo := open(t, r.Dir)
	fsys := files(t, repo, "")
	want := read(t, files(t, open(t, r.Dir), ""))
	var wg sync.WaitGroup

	for range 8 {
		wg.Go(func() {
			for name := range want {
				f, err := fsys.Open(name)
				if err != nil {
					t.Error(err)
					continue
				}

				if _, err := io.Copy(io.Discard, f); err != nil && !errors.Is(err, fs.ErrInvalid) {
					t.Error(err)
				}

				f.Close()
				if _, err := repo.Resolve("side~1"); err != nil {
					t.Error(err)
				}
			}
		})
	}

	wg.Wait()
}

// realBundle lies beside the checkout, and is not everywhere.
const realBundle = "../../../shared/data/reference-repository.bundle"

// flavorsBundle is the same with newer commits.
const flavorsBundle = "../../../shared/data/reference-repository-flavors.bundle"

// TestRealFiles compares all files of the real repository with git's.
func TestRealFiles(t *testing.T) {
	t.Parallel()
	compareReal(t, realBundle, true)
}

func TestRealFlavorFiles(t *testing.T) {
	t.Parallel()
	compareReal(t, flavorsBundle, false)
}

// compareReal compares a bundle, and on demand a clone of it, with git.
func compareReal(t *testing.T, bundle string, clone bool) {
	t.Helper()
	if _, err := os.Stat(bundle); err != nil {
		t.Logf("no real data: %s is not there", bundle)
		return
	}

	bundle, err := filepath.Abs(bundle)
	if err != nil {
		t.Fatal(err)
	}

	dir := t.TempDir()
	gittest.Run(t, dir, "clone", "--quiet", "--bare", bundle, ".")
	locations := map[string]string{"bundle": bundle}

	if clone {
		locations["clone"] = dir
	}

	for name, location := range locations {
		t.Run(name, func(t *testing.T) {
			repo, err := gitrepo.Open(t.Context(), location, gitrepo.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer closeRepo(t, repo)
			compare(t, repo, dir)
		})
	}
}
