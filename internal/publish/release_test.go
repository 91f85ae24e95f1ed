package publish_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/publish"
	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// commitTime is when the n-th commit of the tests was made.
func commitTime(n int) time.Time { return time.Date(2026, 3, 1, 12, 0, n, 0, time.UTC) }

// release is the head of the n-th release.
func release(n int) tree.Release {
	return tree.Release{
		ID:         fmt.Sprintf("r%04d", n),
		Commit:     fmt.Sprintf("%040x", n),
		CommitTime: commitTime(n),
		Generator:  "test 1",
		Options:    map[string]any{"base": ""},
		Counts:     map[string]any{"nodes": nodes},
	}
}

// nodes is how many nodes a tree of the tests has.
const nodes = 30

// site is the tree of the n-th commit, by path. As in a real one most files
// name the commit; versions and assets stay as they are.
func site(n int) map[string]tree.File {
	files := map[string]tree.File{}
	add := func(p string, at time.Time, format string, args ...any) {
		files[p] = tree.File{Path: p, Body: fmt.Appendf(nil, format, args...), Time: at}
	}

	head := commitTime(n)
	add("index.json", head, `{"version":"%040x"}`, n)
	add("sites.json", head, `{"total":1,"items":[%s],"version":"%040x"}`,
		strings.Repeat(`{"uid":"s","site_class":"baremetal"},`, 200)+"{}", n)

	for i := range nodes {
		add(fmt.Sprintf("sites/s/nodes/n%02d.json", i), head, `{"uid":"n%02d","version":"%040x","fill":"%s"}`, i, n,
			strings.Repeat("memory ", 20*(i+1)))
	}

	immutable := func(p, fingerprint string) {
		f := files[p]
		f.Class, f.Fingerprint = tree.Immutable, fingerprint
		files[p] = f
	}

	for i := max(1, n-5); i <= n; i++ {
		p := fmt.Sprintf("versions/%040x.json", i)
		add(p, commitTime(i), `{"uid":"%040x","message":"%s"}`, i, strings.Repeat("what was changed, and why. ", 60))
		immutable(p, fmt.Sprint("commit ", i))
	}

	asset := commitTime(0)
	add("assets/style.css", asset, "%s", farText())
	add("assets/logo.png", asset, "%s", strings.Repeat("\x89PNG not really", 300))
	immutable("assets/style.css", "style 1")
	add("robots.txt", asset, "User-agent: *\nAllow: /\n")
	add(".well-known/api-catalog", asset, `{"linkset":[]}`)

	return files
}

// farText repeats itself too far away for gzip, so that it has both variants.
func farText() string {
	text := make([]byte, 35_000)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range text {
		text[i] = byte('a' + random.IntN(16))
	}
	return string(text) + string(text)
}

// all yields files by path.
func all(files map[string]tree.File) iter.Seq2[tree.File, error] { return each(list(files)) }

// list returns files by path.
func list(files map[string]tree.File) (out []tree.File) {
	for _, p := range sorted(files) {
		out = append(out, files[p])
	}
	return out
}

// each yields files.
func each(files []tree.File) iter.Seq2[tree.File, error] {
	return func(yield func(tree.File, error) bool) {
		for _, f := range files {
			if !yield(f, nil) {
				return
			}
		}
	}
}

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// options are those of a usual build.
func options() publish.Options {
	return publish.Options{Jobs: 2, Keep: 3, MaxDeletes: -1}
}

// put publishes the n-th release, which must succeed.
func put(t testing.TB, root string, n int) *publish.Report {
	t.Helper()
	return putFiles(t, root, release(n), site(n), options())
}

func putFiles(t testing.TB, root string, rel tree.Release, files map[string]tree.File,
	o publish.Options) *publish.Report {
	t.Helper()
	r, err := publish.Publish(context.Background(), root, rel, all(files), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// onDisk is what the file system says of a file.
type onDisk struct {
	Mode   fs.FileMode
	Size   int64
	Time   time.Time
	SHA256 string
	inode  uint64
}

// snapshot reads everything below a directory: files, directories and links.
func snapshot(t testing.TB, dir string) map[string]onDisk {
	t.Helper()
	found := map[string]onDisk{}
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}

		info, err := e.Info()
		if err != nil {
			return err
		}

		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		if rel == tree.StoreDir { // where the files lie is no matter
			store, err := filepath.EvalSymlinks(name)
			if err != nil {
				return err
			}
			for p, d := range snapshot(t, store) {
				found[path.Join(rel, p)] = d
			}
			return nil
		}

		d := onDisk{Mode: info.Mode(), inode: info.Sys().(*syscall.Stat_t).Ino}
		switch {
		case e.Type() == fs.ModeSymlink:
			target, err := os.Readlink(name)
			if err != nil {
				return err
			}
			d.SHA256, d.Time = target, info.ModTime()
		case e.Type().IsRegular():
			body, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			sum := sha256.Sum256(body)
			d.SHA256, d.Size, d.Time = hex.EncodeToString(sum[:]), info.Size(), info.ModTime().UTC()
		}

		found[filepath.ToSlash(rel)] = d
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}

	return found
}

// whole reads a release as a client with a manifest would, and says what is
// wrong with it.
func whole(dir string) (*tree.Manifest, error) {
	stored, err := disk.OpenDir(dir)
	if err != nil {
		return nil, err
	}

	if err := stored.Manifest.Load(); err != nil {
		return nil, err
	}

	for f := range forms(stored.Manifest) {
		info, err := os.Lstat(stored.Path(f))
		if err != nil {
			return nil, err
		}
		if info.Mode() != 0o644 || info.Size() != f.Size || !info.ModTime().Equal(f.Time) {
			return nil, fmt.Errorf("%s: %s, %d bytes of %s on disk", f.Path, info.Mode(), info.Size(), info.ModTime())
		}
		if !stored.ContentMatches(f) {
			return nil, fmt.Errorf("%s has other content than in the manifest", f.Path)
		}
	}

	if stored.Manifest.Count() == 0 {
		return nil, errors.New("the manifest lists no files")
	}

	return stored.Manifest, nil
}

// forms yields all files of a release, with sidecars.
func forms(m *tree.Manifest) iter.Seq[tree.Form] {
	return func(yield func(tree.Form) bool) {
		for e := range m.Files() {
			for f := range e.Forms() {
				if !yield(f) {
					return
				}
			}
		}
	}
}

// liveDir is the directory that the link leads to.
func liveDir(t testing.TB, root string) string {
	t.Helper()
	target, err := os.Readlink(filepath.Join(root, disk.CurrentLink))
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(root, target)
}

// tidy fails the test if an output directory holds what it should not, and
// returns the names of its releases.
func tidy(t testing.TB, root string) []string {
	t.Helper()
	if got, want := names(t, root), []string{".lock", "current", "immutable", "releases"}; !slices.Equal(got, want) {
		t.Errorf("the output directory holds %q, want %q", got, want)
	}

	releases := names(t, filepath.Join(root, "releases"))
	used := map[string]bool{}
	for _, name := range releases {
		if strings.HasSuffix(name, ".tmp") {
			t.Errorf("a temporary directory is left: %s", name)
		}
		if store, err := os.Readlink(filepath.Join(root, "releases", name, tree.StoreDir)); err == nil {
			used[filepath.Base(store)] = true
		}
	}

	if got, want := names(t, filepath.Join(root, "immutable")), sorted(used); !slices.Equal(got, want) {
		t.Errorf("the stores are %q, the releases use %q", got, want)
	}

	return releases
}

func names(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}

	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}

	return list
}
