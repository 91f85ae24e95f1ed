package publish_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chameleoncloud/refapi/internal/publish"
)

// makeTree writes files, directories ("…/") and links ("name -> target").
func makeTree(t *testing.T, root string, paths ...string) {
	t.Helper()
	for _, p := range paths {
		p, target, isLink := strings.Cut(p, " -> ")
		name := filepath.Join(root, p)
		err := os.MkdirAll(filepath.Dir(name), 0o755)

		switch {
		case err != nil:
		case isLink:
			err = os.Symlink(target, name)
		case strings.HasSuffix(p, "/"):
			err = os.Mkdir(name, 0o755)
		default:
			err = os.WriteFile(name, []byte("precious"), 0o644)
		}

		if err != nil {
			t.Fatal(err)
		}
	}
}

// A directory that holds what no release puts there is refused, and nothing in
// it is touched.
func TestForeignOutput(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		paths []string
		holds string
	}{
		{"home", []string{"thesis.tex", ".ssh/id"}, ".ssh"},
		{"file beside releases", []string{"releases/", "current -> releases/r1", "shared/db.sqlite"}, "shared"},
		{"releases of another tool", []string{"releases/2026-01-01/index.php", "current -> releases/2026-01-01"},
			"releases/2026-01-01, which has no manifest.json"},
		{"temporary directory of another tool", []string{"releases/upload.tmp/x"},
			"releases/upload.tmp, which has no manifest.json"},
		{"file among releases", []string{"releases/notes.txt"}, "releases/notes.txt, which has no manifest.json"},
		{"current is a directory", []string{"releases/", ".lock", "current/index.html"},
			"current, which is not a symbolic link"},
		{"releases is a file", []string{"releases"}, "releases, which is not a directory"},
		{"releases is a link", []string{"elsewhere/", "releases -> elsewhere"}, "elsewhere"},
		{"lock is a directory", []string{".lock/"}, ".lock, which is not a file"},
		{"lock is a link", []string{".lock -> /etc/passwd"}, ".lock, which is not a file"},
		{"next link is a file", []string{".lock", ".current.tmp"}, ".current.tmp, which is not a symbolic link"},
		{"ignore file is a directory", []string{".gitignore/x"}, ".gitignore, which is not a file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			makeTree(t, root, tt.paths...)
			before := snapshot(t, root)
			o := options()
			o.Force = true // that is for other doubts
			_, err := publish.Publish(t.Context(), root, release(1), all(site(1)), o)
			failed(t, err, "the output directory "+root+" is not ours: it holds "+tt.holds, "--out")
			_, err = publish.Plan(t.Context(), root, release(1), all(site(1)), o)
			failed(t, err, "the output directory "+root+" is not ours: it holds "+tt.holds, "--out")

			if diff := cmp.Diff(before, snapshot(t, root), cmp.AllowUnexported(onDisk{})); diff != "" {
				t.Errorf("it was touched:\n%s", diff)
			}
		})
	}
}

func TestOutputIsAFile(t *testing.T) {
	t.Parallel()
	root := filepath.Join(t.TempDir(), "public")
	makeTree(t, filepath.Dir(root), "public")
	_, err := publish.Publish(t.Context(), root, release(1), all(site(1)), options())
	failed(t, err, "make the output directory: mkdir "+root, "")
	if body, err := os.ReadFile(root); err != nil || string(body) != "precious" {
		t.Errorf("the file now holds %q, %v", body, err)
	}
}

// What belongs to a published tree may be there, wherever it comes from.
func TestOwnOutput(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		paths []string
	}{
		{"empty", nil},
		{"in a clone", []string{".gitignore"}},
		{"directories only", []string{".gitignore", "releases/"}},
		{"link that leads nowhere", []string{".lock", "releases/", "current -> releases/gone"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			makeTree(t, root, tt.paths...)
			checkManifest(t, put(t, root, 1).Dir)
		})
	}

	t.Run("moved and copied", func(t *testing.T) {
		t.Parallel()
		old, root := t.TempDir(), t.TempDir()
		put(t, old, 1)
		releases := filepath.Join("releases", "r0001")
		if err := os.CopyFS(filepath.Join(root, releases), os.DirFS(filepath.Join(old, releases))); err != nil {
			t.Fatal(err)
		}

		makeTree(t, root, "current -> "+releases) // and no .lock
		checkManifest(t, put(t, root, 2).Dir)
	})
}

// A directory that several users write to keeps its mode.
func TestModeOfOutput(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ before, after os.FileMode }{
		{0o700, 0o755}, {0o755, 0o755}, {os.ModeSetgid | 0o775, os.ModeSetgid | 0o775}, {os.ModeSetgid | 0o770,
			os.ModeSetgid | 0o775},
	} {
		root := t.TempDir()
		if err := os.Chmod(root, tt.before); err != nil {
			t.Fatal(err)
		}
		checkManifest(t, put(t, root, 1).Dir)
		if info, err := os.Stat(root); err != nil || info.Mode() != os.ModeDir|tt.after {
			t.Errorf("%s became %s, %v; want %s", tt.before, info.Mode(), err, tt.after)
		}
	}
}

// Nginx's workers are another user, so the umask must not count.
func TestUmask(t *testing.T) {
	t.Parallel()
	root := filepath.Join(t.TempDir(), "public")
	if out, err := startHelper(t, "umask", root, 1).wait(); err != nil {
		t.Fatal(err, out)
	}

	checkManifest(t, liveDir(t, root))
	for _, dir := range []string{root, filepath.Join(root, "releases")} {
		if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o755 {
			t.Errorf("%s has mode %s, %v", dir, info.Mode(), err)
		}
	}
}

func TestPrune(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	keep := func(n, keep int) *publish.Report {
		o := options()
		o.Keep = keep
		return putFiles(t, root, release(n), site(n), o)
	}

	for n := 1; n <= 4; n++ {
		keep(n, 10)
	}

	r := keep(5, 2)
	if got := tidy(t, root); !slices.Equal(got, []string{"r0003", "r0004", "r0005"}) {
		t.Errorf("kept %q", got)
	}
	if slices.Sort(r.Pruned); !slices.Equal(r.Pruned, []string{"r0001", "r0002"}) || r.PruneErr != nil {
		t.Errorf("pruned %q, %v", r.Pruned, r.PruneErr)
	}

	// The live one stays, however old: back to it, and on from there.
	keep(3, 2)
	if got := tidy(t, root); !slices.Equal(got, []string{"r0003.2", "r0004", "r0005"}) {
		t.Errorf("kept %q", got)
	}
	if r := keep(3, 0); !r.Unchanged { // nothing is published, nothing is pruned
		t.Error("published again")
	}

	keep(6, 0)
	if got := tidy(t, root); !slices.Equal(got, []string{"r0006"}) {
		t.Errorf("kept %q", got)
	}

	checkManifest(t, liveDir(t, root))
}

// A clock that was an hour ahead, and is set back, costs no release that can be named: the
// newer one goes live, and those of the future are kept and can be gone back to.
func TestClockSetBack(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	put(t, root, 1)
	put(t, root, 2)
	ahead := time.Now().Add(time.Hour)
	if err := os.Chtimes(filepath.Join(liveDir(t, root), "manifest"), ahead, ahead); err != nil {
		t.Fatal(err)
	}

	o := options()
	o.Keep = 1
	putFiles(t, root, release(3), site(3), o)
	if got := tidy(t, root); !slices.Equal(got, []string{"r0002", "r0003"}) || filepath.Base(liveDir(t, root)) != "r0003" {
		t.Errorf("kept %q, live is %s", got, liveDir(t, root))
	}
	back(t, root, "r0002")
	unpin(t, root)
	put(t, root, 4)
	for _, name := range tidy(t, root) {
		intact(t, name, root)
	}
}
