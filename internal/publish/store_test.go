package publish_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chameleoncloud/refapi/internal/durable"
	"github.com/chameleoncloud/refapi/internal/publish"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// storeOf is the name of a release's store.
func storeOf(t *testing.T, dir string) string {
	t.Helper()
	to, err := os.Readlink(filepath.Join(dir, tree.StoreDir))
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Base(to)
}

// Releases share a store as long as nothing goes; then there is a new one, in which
// nothing of what has gone can be found.
func TestStore(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for n, want := range []string{1: "r0001", 2: "r0001", 3: "r0001", 4: "r0001", 5: "r0001", 6: "r0001", 7: "r0007", 8: "r0008"} {
		if n == 0 {
			continue
		}

		dir := put(t, root, n).Dir
		if got := storeOf(t, dir); got != want {
			t.Errorf("release %d has the store %s, want %s", n, got, want)
		}

		var found []string
		for p, d := range snapshot(t, filepath.Join(root, "immutable", want)) {
			if d.Mode.IsRegular() && !tree.IsSidecar(p) {
				found = append(found, p)
			}
		}

		var immutable []string
		for p, f := range site(n) {
			if f.Class == tree.Immutable {
				immutable = append(immutable, p)
			}
		}

		slices.Sort(found)
		slices.Sort(immutable)
		if !slices.Equal(found, immutable) {
			t.Errorf("release %d has in its store\n%q, want\n%q", n, found, immutable)
		}

		checkManifest(t, dir)
		tidy(t, root)
	}
}

// What a store has is unknown where the live release's manifest cannot be read: then
// nothing of it is shared, or files that went could still be found.
func TestStoreOfDamagedManifest(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	dir := put(t, root, 6).Dir
	parts, err := filepath.Glob(filepath.Join(dir, "manifest", tree.StoreDir, "*.json"))
	if err != nil || len(parts) < 2 {
		t.Fatalf("the parts of immutable files are %q: %v", parts, err)
	}
	for _, part := range parts {
		if err := os.Truncate(part, 10); err != nil {
			t.Fatal(err)
		}
	}

	dir = put(t, root, 7).Dir
	checkManifest(t, dir)
	for p, d := range snapshot(t, filepath.Join(root, "immutable", storeOf(t, dir))) {
		file, _ := tree.CutSidecar(p)
		if f, ok := site(7)[file]; d.Mode.IsRegular() && (!ok || f.Class != tree.Immutable) {
			t.Errorf("the store has %s, which went", p)
		}
	}
}

// A release that comes back, with the store of the one in between, does not keep its own
// old store from being removed.
func TestStoreOfReleaseThatComesBack(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	o := options()
	o.Keep = 1
	putFiles(t, root, release(6), site(6), o)
	putFiles(t, root, release(7), site(7), o)

	files := site(7)
	files["versions/more.json"] = tree.File{Path: "versions/more.json", Class: tree.Immutable, Body: []byte("{}"), Time: commitTime(6)}
	r := putFiles(t, root, release(6), files, o)
	if r.PruneErr != nil {
		t.Error(r.PruneErr)
	}
	if stores, err := filepath.Glob(filepath.Join(root, "immutable", "*")); err != nil || len(stores) != 1 {
		t.Errorf("there are the stores %q (%v), want one", stores, err)
	}
	tidy(t, root)
}

// A file with a fingerprint that the live release has is not rendered, and one whose
// fingerprint, time or bytes on disk differ is.
func TestFingerprints(t *testing.T) {
	t.Parallel()
	const path = "sites/s/log.html"
	var rendered bool
	at := func(n int, class tree.Class, fingerprint, body string) map[string]tree.File {
		files := site(n)
		number, _ := strconv.Atoi(fingerprint)
		f := tree.File{Path: path, Class: class, Fingerprint: fingerprint, Time: commitTime(number)}
		f.Render = func() (tree.File, error) {
			rendered = true
			f.Body = []byte(body)
			return f, nil
		}
		files[path] = f
		return files
	}

	for _, class := range []tree.Class{tree.OfPath, tree.Immutable} {
		root := t.TempDir()
		live := func() string {
			if class == tree.Immutable {
				return filepath.Join(liveDir(t, root), tree.StoreDir, path)
			}
			return filepath.Join(liveDir(t, root), path)
		}

		for n, tt := range []struct {
			name, fingerprint, body string
			before                  func() error
			rendered                bool
		}{
			{name: "first", fingerprint: "1", body: "one", rendered: true},
			{name: "same", fingerprint: "1", body: "not asked for"},
			{name: "other inputs", fingerprint: "2", body: "two, longer", rendered: true},
			{name: "other inputs, same bytes", fingerprint: "3", body: "two, longer", rendered: true},
			{name: "same again", fingerprint: "3", body: "not asked for"},
			{name: "damaged", fingerprint: "3", body: "two, longer", rendered: true,
				before: func() error { return os.Truncate(live(), 1) }},
			{name: "gone", fingerprint: "3", body: "two, longer", rendered: true, before: func() error { return os.Remove(live()) }},
			{name: "unknown inputs", body: "two, longer", rendered: true},
		} {
			if tt.before != nil {
				if err := tt.before(); err != nil {
					t.Fatal(err)
				}
			}

			rendered = false
			files := at(n+1, class, tt.fingerprint, tt.body)
			r := putFiles(t, root, release(n+1), files, options())
			if rendered != tt.rendered {
				t.Errorf("%s, %s: rendered %v", class, tt.name, rendered)
			}

			cold := putFiles(t, t.TempDir(), release(n+1), at(n+1, class, tt.fingerprint, string(content(t, live()))), options())
			if diff := cmp.Diff(snapshot(t, cold.Dir), snapshot(t, r.Dir), sameFiles); diff != "" {
				t.Errorf("%s, %s: a build from nothing differs (-cold +incremental):\n%s", class, tt.name, diff)
			}
		}
	}
}

func content(t *testing.T, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// A run that ends after it has put files into the store of the live release, and before
// its own is live, leaves nothing there for long.
func TestJournal(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	put(t, root, 1)
	before := snapshot(t, root)
	secret := "versions/deep/secret.json"
	style := "assets/style.css" // of a release: it stays
	makeTree(t, root, "immutable/r0001/"+secret, "immutable/r0001/"+secret+".gz")
	list := strings.Join([]string{secret, secret + ".gz", style, style + ".gz", "../../../etc/passwd"}, "\x00")
	if err := os.WriteFile(filepath.Join(root, "immutable/r0001.adding"), []byte(list), 0o644); err != nil {
		t.Fatal(err)
	}

	if err := publish.Tidy(durable.OS{}, root); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, snapshot(t, root), sameFiles); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
}

// While a release cannot be read, it is not known which of the files that a run has left in
// its store are its own. They stay with it, not with what goes live, and go with it.
func TestJournalOfUnreadableRelease(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	o := options()
	o.Keep = 1
	dir := putFiles(t, root, release(1), site(1), o).Dir
	secret := "versions/secret.json"
	makeTree(t, root, "immutable/r0001/"+secret)
	journal := filepath.Join(root, "immutable/r0001.adding")
	err := errors.Join(os.WriteFile(journal, []byte(secret), 0o644), os.Truncate(filepath.Join(dir, tree.ManifestFile), 500))
	if err != nil {
		t.Fatal(err)
	}

	r := putFiles(t, root, release(2), site(2), o)
	failed(t, r.PruneErr, "what an interrupted run has added to immutable/r0001 stays until release r0001 is pruned, whose own files are not known", "")
	if reachable(root, secret) {
		t.Error("what an interrupted run has added is found")
	}
	if r := putFiles(t, root, release(3), site(3), o); !slices.Equal(r.Pruned, []string{"r0001"}) {
		t.Errorf("%q were pruned", r.Pruned)
	}
	tidy(t, root)
}

// A manifest of which a part is cut, forged or missing is not trusted: its files are
// written anew, and the others kept.
func TestDamagedParts(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(part string) error{
		"cut":  func(part string) error { return os.Truncate(part, 100) },
		"gone": os.Remove,
		"forged": func(part string) error {
			src, err := os.ReadFile(part)
			if err != nil {
				return err
			}
			return os.WriteFile(part, []byte(strings.Replace(string(src), "commit 1", "commit 2", 1)), 0o644)
		},
	} {
		root := t.TempDir()
		dir := put(t, root, 1).Dir
		if err := damage(filepath.Join(dir, "manifest/immutable/versions.json")); err != nil {
			t.Fatal(err)
		}

		r := put(t, root, 2)
		if !strings.Contains(r.Healed, "manifest/immutable/versions.json") || r.Linked == 0 {
			t.Errorf("%s: healed %q, %d linked", name, r.Healed, r.Linked)
		}
		cold := put(t, t.TempDir(), 2)
		if diff := cmp.Diff(snapshot(t, cold.Dir), snapshot(t, r.Dir), sameFiles); diff != "" {
			t.Errorf("%s: a build from nothing differs (-cold +incremental):\n%s", name, diff)
		}
	}
}

// What is in both the release and the store would hide one of them.
func TestPathInBothClasses(t *testing.T) {
	t.Parallel()
	files := list(site(1))
	files = append(files, tree.File{Path: "index.json", Class: tree.Immutable, Body: []byte("{}"), Time: commitTime(1)})
	_, err := publish.Publish(t.Context(), t.TempDir(), release(1), each(files), options())
	failed(t, err, fmt.Sprintf("write %s: another file has this path", "index.json"), "")
}
