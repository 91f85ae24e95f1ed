package publish_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chameleoncloud/refapi/internal/durable"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/publish"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// A file is the last release's own exactly where bytes and time are the same;
// the result is that of a build from nothing.
func TestIncremental(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	before := snapshot(t, put(t, root, 8).Dir)
	files := site(9)
	touched := files["robots.txt"]
	touched.Time = commitTime(9) // other time, same bytes
	files["robots.txt"] = touched
	r := putFiles(t, root, release(9), files, options())
	after := snapshot(t, r.Dir)

	linked := 0
	for p, d := range after {
		old, ok := before[p]
		if !d.Mode.IsRegular() || p == tree.ManifestFile || strings.HasPrefix(p, "manifest/") {
			continue
		}

		same := ok && old.SHA256 == d.SHA256 && old.Time.Equal(d.Time)
		if shared := old.inode == d.inode; shared != same {
			t.Errorf("%s: the same bytes and time: %v, the same file: %v", p, same, shared)
		}
		if same {
			linked++
		}
	}

	if r.Linked != linked || linked < 10 {
		t.Errorf("the report says %d linked, %d are", r.Linked, linked)
	}

	if after["robots.txt"].SHA256 != before["robots.txt"].SHA256 ||
		after["robots.txt"].inode == before["robots.txt"].inode {
		t.Error("a file with another time must be written anew")
	}

	if want := r.Manifest.Count() - linked; r.Written != want {
		t.Errorf("the report says %d written, want %d", r.Written, want)
	}

	cold := putFiles(t, t.TempDir(), release(9), files, options())
	if diff := cmp.Diff(snapshot(t, cold.Dir), after, sameFiles); diff != "" {
		t.Errorf("a build from nothing differs (-cold +incremental):\n%s", diff)
	}

	if cold.Bytes.Raw != r.Bytes.Raw || cold.Bytes.Gzip != r.Bytes.Gzip || cold.Bytes.Brotli != r.Bytes.Brotli {
		t.Errorf("bytes %d, %d, %d, from nothing %d, %d, %d", r.Bytes.Raw, r.Bytes.Gzip, r.Bytes.Brotli, cold.Bytes.Raw, cold.Bytes.Gzip,
			cold.Bytes.Brotli)
	}

	if diff := cmp.Diff(before, snapshot(t, filepath.Join(root, "releases/r0008")), sameFiles); diff != "" {
		t.Errorf("the old release was changed:\n%s", diff)
	}
}

func TestUnchanged(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	put(t, root, 1)
	before := snapshot(t, root)
	r := putFiles(t, root, release(1), nil, options()) // the files are not even asked for
	if !r.Unchanged || r.Dir != liveDir(t, root) || r.Written+r.Linked != 0 || r.Manifest.Count() == 0 {
		t.Errorf("report %+v", r)
	}
	if after := snapshot(t, root); !cmp.Equal(before, after, cmp.AllowUnexported(onDisk{})) {
		t.Error("something was written")
	}

	if publish.FindLive(durable.OS{}, root, "r0001") == nil || publish.FindLive(durable.OS{}, root, "r0002") != nil ||
		publish.FindLive(durable.OS{}, t.TempDir(), "r0001") != nil {
		t.Error("Current takes another release for the live one, or none")
	}
}

// What was done to the live release is noticed, but for a change of bytes that
// leaves length and time: that takes reading all of them, and --force.
func TestDamageIsRepaired(t *testing.T) {
	t.Parallel()
	const node, version, asset = "sites/s/nodes/n29.json", "versions/0000000000000000000000000000000000000001.json", "assets/style.css"
	at := func(dir, p string) string {
		if p != node {
			p = filepath.Join(tree.StoreDir, p)
		}
		return filepath.Join(dir, filepath.FromSlash(p))
	}
	for _, tt := range []struct {
		name   string
		damage func(dir string) error
		path   string // the file that a plan names
		force  bool
	}{
		{name: "removed", damage: func(dir string) error { return os.Remove(at(dir, node)) }, path: node},
		{
			name:   "cut",
			damage: func(dir string) error { return os.Truncate(at(dir, version), 5) },
			path:   version,
		},
		{
			name:   "touched",
			damage: func(dir string) error { return os.Chtimes(at(dir, asset), time.Time{}, time.Unix(1e9, 0)) },
			path:   asset,
		},
		{
			name:   "closed",
			damage: func(dir string) error { return os.Chmod(at(dir, asset), 0o600) },
			path:   asset,
		},
		{
			name:   "variant removed",
			damage: func(dir string) error { return os.Remove(at(dir, asset+".br")) },
			path:   asset,
		},
		{
			name:   "variant cut",
			damage: func(dir string) error { return os.Truncate(at(dir, version+".gz"), 1) },
			path:   version,
		},
		{
			name: "replaced by a link",
			damage: func(dir string) error {
				if err := os.Rename(at(dir, asset), at(dir, "../elsewhere.css")); err != nil {
					return err
				}
				return os.Symlink("../../elsewhere.css", at(dir, asset))
			},
			path: asset,
		},
		{name: "bytes", damage: func(dir string) error { return flip(at(dir, version)) }, force: true},
		{
			name:   "bytes of a variant",
			damage: func(dir string) error { return flip(at(dir, asset+".br")) },
			force:  true,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			dir := put(t, root, 1).Dir
			want := snapshot(t, dir)

			if err := tt.damage(dir); err != nil {
				t.Fatal(err)
			}

			o := options()
			if o.Force = tt.force; !tt.force {
				plan, err := publish.Plan(t.Context(), root, release(1), all(site(1)), o)
				if err != nil || !slices.Equal(plan.Changes.Changed, []string{tt.path}) {
					t.Errorf("the plan names %v, %v; want %s", plan.Changes.Changed, err, tt.path)
				}
			}

			r := putFiles(t, root, release(1), site(1), o)
			if r.Unchanged || r.Linked == 0 {
				t.Errorf("report %+v", r)
			}
			if diff := cmp.Diff(want, snapshot(t, liveDir(t, root)), sameFiles); diff != "" {
				t.Errorf("after the repair (-want +got):\n%s", diff)
			}

			tidy(t, root)
		})
	}
}

// flip changes bytes of a file and puts its time back.
func flip(name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return err
	}

	body, err := os.ReadFile(name)
	if err != nil {
		return err
	}

	body[len(body)/2] ^= 1
	if err := os.WriteFile(name, body, 0o644); err != nil {
		return err
	}

	return os.Chtimes(name, info.ModTime(), info.ModTime())
}

// failed fails the test unless an error has a text and a hint.
func failed(t testing.TB, err error, text, advice string) {
	t.Helper()
	switch {
	case err == nil:
		t.Fatalf("no error, want %q", text)
	case !strings.Contains(err.Error(), text):
		t.Errorf("error %q\nwant %q in it", err, text)
	case !strings.Contains(hint.Of(err), advice):
		t.Errorf("hint %q, want %q in it", hint.Of(err), advice)
	case bytes.ContainsRune([]byte(err.Error()), '\n'):
		t.Errorf("the error has several lines: %q", err)
	}
}
