package publish_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

var sameFiles = cmpopts.IgnoreUnexported(onDisk{})

func TestPublish(t *testing.T) {
	t.Parallel()
	root := filepath.Join(t.TempDir(), "new", "public")
	var phases []string
	o := options()
	o.Phase = func(name string) { phases = append(phases, name) }
	files := site(1)
	r := putFiles(t, root, release(1), files, o)

	if got, want := strings.Join(phases, " "), "write check sync activate"; got != want {
		t.Errorf("phases %q, want %q", got, want)
	}
	if got := tidy(t, root); !slices.Equal(got, []string{"r0001"}) {
		t.Errorf("releases %q", got)
	}
	if target, err := os.Readlink(filepath.Join(root, "current")); err != nil || target != "releases/r0001" {
		t.Errorf("the link leads to %q, %v; it must be relative", target, err)
	}

	live, err := disk.Open(root)
	if err != nil {
		t.Fatal(err)
	}

	if live.Dir != r.Dir || live.Live.IsZero() || live.Manifest.Commit != release(1).Commit {
		t.Errorf("opened %+v", live)
	}

	var sum int64
	for p, f := range files {
		e := live.Manifest.Lookup(p)
		if e == nil {
			t.Fatalf("the manifest lacks %s", p)
		}

		if body, err := os.ReadFile(live.Path(e.File())); err != nil || string(body) != string(f.Body) {
			t.Errorf("%s holds %q, %v", p, body, err)
		}
		if !e.Time.Equal(f.Time) {
			t.Errorf("%s is of %s, want %s", p, e.Time, f.Time)
		}

		sum += int64(len(f.Body))
	}

	if r.Bytes.Raw != sum || r.Written != live.Manifest.Count() || r.Linked != 0 || r.Unchanged || r.Bytes.Gzip == 0 ||
		r.Bytes.Brotli == 0 {
		t.Errorf("the report says %d bytes, %d written, %d linked", r.Bytes.Raw, r.Written, r.Linked)
	}

	if diff := cmp.Diff(sorted(files), r.Changes.Added); diff != "" || r.Changes.Removed != nil ||
		r.Changes.Changed != nil {
		t.Errorf("changes (-want +got):\n%s%+v", diff, r.Changes)
	}

	checkManifest(t, r.Dir)
}

// checkManifest checks that the manifest lists every file and nothing else,
// and that every user may read all of it.
func checkManifest(t *testing.T, dir string) {
	t.Helper()
	m, err := whole(dir)
	if err != nil {
		t.Fatal(err)
	}

	listed := []string{tree.ManifestFile}
	for e := range forms(m) {
		listed = append(listed, e.Stored())
	}

	for i := range m.Parts {
		listed = append(listed, m.Parts[i].File())
	}

	slices.Sort(listed)
	var there []string
	for p, d := range snapshot(t, dir) {
		if d.Mode.IsRegular() {
			there = append(there, p)
		}
		if want := os.FileMode(0o644); d.Mode.IsRegular() && d.Mode != want || d.Mode.IsDir() &&
			d.Mode.Perm() != 0o755 {
			t.Errorf("%s has mode %s", p, d.Mode)
		}
	}

	slices.Sort(there)
	if diff := cmp.Diff(there, listed); diff != "" {
		t.Errorf("the manifest lists (-disk +manifest):\n%s", diff)
	}
}

// Two runs of any number of workers give the same bytes and times, so that
// ETags agree between servers.
func TestReproducible(t *testing.T) {
	t.Parallel()
	trees := make([]map[string]onDisk, 3)
	for i, jobs := range []int{1, 1, 8} {
		o := options()
		o.Jobs = jobs
		r := putFiles(t, t.TempDir(), release(7), site(7), o)
		trees[i] = snapshot(t, r.Dir)
	}

	for _, other := range trees[1:] {
		if diff := cmp.Diff(trees[0], other, sameFiles); diff != "" {
			t.Errorf("the trees differ:\n%s", diff)
		}
	}
}

// The manifest changes with every commit, and a commit may have the time of its
// parent: what the front page has is told apart, so the manifest has it too.
func TestManifestTime(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	rel := release(2)
	rel.CommitTime = commitTime(1) // as its parent
	r := putFiles(t, root, rel, site(2), options())
	info, err := os.Stat(filepath.Join(r.Dir, tree.ManifestFile))
	if err != nil {
		t.Fatal(err)
	}

	if !info.ModTime().Equal(commitTime(2)) {
		t.Errorf("the manifest is of %s, the front page of %s", info.ModTime().UTC(), commitTime(2))
	}

	// A tree without a front page: the newest file counts.
	files := site(2)
	delete(files, "index.json")
	r = putFiles(t, t.TempDir(), rel, files, options())
	if info, err = os.Stat(filepath.Join(r.Dir, tree.ManifestFile)); err != nil ||
		!info.ModTime().Equal(commitTime(2)) {
		t.Errorf("without a front page the manifest is of %s, %v", info.ModTime().UTC(), err)
	}
}

func TestBack(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	first := snapshot(t, put(t, root, 1).Dir)
	put(t, root, 2)
	r := put(t, root, 1) // the directory is still there, and not live

	if got := tidy(t, root); !slices.Equal(got, []string{"r0001", "r0001.2", "r0002"}) {
		t.Errorf("releases %q", got)
	}
	if diff := cmp.Diff(first, snapshot(t, r.Dir), sameFiles); diff != "" || liveDir(t, root) != r.Dir {
		t.Errorf("going back gives another tree:\n%s", diff)
	}
}
