package publish_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chameleoncloud/refapi/internal/publish"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// etag is what nginx makes an ETag of.
type etag struct {
	time time.Time
	size int64
}

// Other bytes never have the ETag of those that were live, nor of those before
// that, and equal bytes keep theirs.
func TestRetime(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	const p = "sites/s/nodes/n00.json"
	body := func(text string) []byte { return []byte(text + farText()) }
	seen := map[string]map[etag]string{"": {}, ".gz": {}, ".br": {}}
	last := map[string]time.Time{}

	for n, tt := range []struct {
		text    string
		retimed bool
	}{
		{"aa", false}, {"bb", true}, {"bb", false}, {"cc", true}, {"cc", false}, {"longer", true}, {"aa", true},
	} {
		files := maps.Clone(site(1))
		files[p] = tree.File{Path: p, Body: body(tt.text), Time: commitTime(1)}
		plan, err := publish.Plan(t.Context(), root, release(n+1), all(files), options())
		if err != nil {
			t.Fatal(err)
		}

		r := putFiles(t, root, release(n+1), files, options())
		if got := slices.Contains(r.Retimed, p); got != tt.retimed || !slices.Equal(r.Retimed, plan.Retimed) {
			t.Errorf("release %d: moved %q, planned %q; want %v", n+1, r.Retimed, plan.Retimed, tt.retimed)
		}
		if plan.Changes.Any() != r.Changes.Any() {
			t.Errorf("release %d: changes %+v, planned %+v", n+1, r.Changes, plan.Changes)
		}

		checkManifest(t, r.Dir)

		for suffix, tags := range seen {
			info, err := os.Stat(filepath.Join(r.Dir, p+suffix))
			if err != nil {
				t.Fatal(err)
			}

			tag := etag{info.ModTime(), info.Size()}
			if other, ok := tags[tag]; ok && other != tt.text {
				t.Errorf("release %d: %s%s has the ETag that %q had", n+1, p, suffix, other)
			}

			tags[tag] = tt.text
		}

		if e := r.Manifest.Lookup(p); !tt.retimed && n > 0 && !e.Time.Equal(last[tt.text]) {
			t.Errorf("release %d: the same bytes are of %v, and were of %v", n+1, e.Time, last[tt.text])
		}

		last[tt.text] = r.Manifest.Lookup(p).Time
	}
}

// Damage of a file whose time was moved is mended with the moved time.
func TestRetimedAndDamaged(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	put(t, root, 1)
	files, o := site(1), options()
	swap("robots.txt")(files, &o)
	r := putFiles(t, root, release(2), files, o)
	want := files["robots.txt"].Time.Add(-time.Second)
	if e := r.Manifest.Lookup("robots.txt"); !e.Time.Equal(want) {
		t.Fatalf("robots.txt is of %v, want %v", e.Time, want)
	}

	before := snapshot(t, r.Dir)

	if err := os.Remove(filepath.Join(r.Dir, "robots.txt")); err != nil {
		t.Fatal(err)
	}

	r = putFiles(t, root, release(2), files, o)
	if got := snapshot(t, r.Dir)["robots.txt"]; r.Unchanged || len(r.Retimed) > 0 ||
		!cmp.Equal(got, before["robots.txt"], sameFiles) {
		t.Errorf("mended: %+v, %+v", got, r)
	}
}

// The manifest has other bytes with each release, and is a file like others.
func TestManifestsETag(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	put(t, root, 1)
	manifest := func() (etag, string) {
		name := filepath.Join(liveDir(t, root), tree.ManifestFile)
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}

		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}

		return etag{info.ModTime(), info.Size()}, string(body)
	}

	tag, body := manifest()

	rel := release(1)
	rel.ID = "r0002"
	putFiles(t, root, rel, site(1), options())

	if next, other := manifest(); next == tag || other == body || next.size != tag.size {
		t.Errorf("two manifests have the ETags %v and %v", tag, next)
	}
}
