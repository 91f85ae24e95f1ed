package publish_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/durable"
	"github.com/chameleoncloud/refapi/internal/publish"
	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// back rolls back, which must succeed.
func back(t *testing.T, root, id string) publish.Kept {
	t.Helper()
	o := options()
	o.AssetDir = "assets"
	_, now, err := publish.Rollback(context.Background(), root, id, o)
	if err != nil {
		t.Fatal(err)
	}
	if dir := liveDir(t, root); filepath.Base(dir) != now.Name {
		t.Fatalf("rolled back to %s, but live is %s", now.Name, dir)
	}
	if pin, err := publish.Pinned(durable.OS{}, root); pin != now.Name || err != nil {
		t.Fatalf("the pin is %q (%v), want %s", pin, err, now.Name)
	}
	intact(t, now.Name, root)
	return now
}

// intact fails unless a release is. Its store may have files of others.
func intact(t *testing.T, name, root string) {
	t.Helper()
	if _, err := whole(filepath.Join(root, "releases", name)); err != nil {
		t.Errorf("release %s: %v", name, err)
	}
}

func unpin(t testing.TB, root string) {
	t.Helper()
	if _, err := publish.Unpin(context.Background(), root, options()); err != nil {
		t.Fatal(err)
	}
}

// reachable reports whether a server finds a path: in the live release, or in its store.
func reachable(root, p string) bool {
	current := filepath.Join(root, disk.CurrentLink)
	for _, dir := range []string{current, filepath.Join(current, tree.StoreDir)} {
		if _, err := os.Stat(filepath.Join(dir, p)); err == nil {
			return true
		}
	}
	return false
}

// What a bad release added to a store that an earlier one shares must not be found any
// more once that is live, and both stay whole.
func TestRollback(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for n := range 3 {
		put(t, root, n+1)
	}
	bad := "versions/" + release(3).Commit + ".json"
	before := snapshot(t, filepath.Join(root, "releases", "r0002"))
	if !reachable(root, bad) {
		t.Fatalf("the test looks for the wrong file: %s", bad)
	}

	if now := back(t, root, ""); now.Name != "r0002" {
		t.Errorf("before r0003 was %s", now.Name)
	}
	if reachable(root, bad) {
		t.Errorf("%s of the bad release is still served", bad)
	}
	for p, d := range snapshot(t, liveDir(t, root)) {
		if d.Mode.IsRegular() && d != before[p] {
			t.Errorf("%s is not what it was: %+v, want %+v", p, d, before[p])
		}
	}

	// Again it goes further back, and from there to any.
	for _, id := range []string{"", release(3).Commit[:40], "r0002", "r0002", "r0001"} {
		back(t, root, id)
	}
	unpin(t, root)
	if got, want := tidy(t, root), []string{"r0001", "r0002", "r0003"}; !slices.Equal(got, want) {
		t.Errorf("releases %q, want %q", got, want)
	}

	// A build goes on from there.
	put(t, root, 4)
	for _, name := range tidy(t, root) {
		intact(t, name, root)
	}
}

// Nothing is published while a release is pinned, not even by force.
func TestPinned(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	put(t, root, 1)
	if k, err := publish.Pin(t.Context(), root, "", options()); err != nil || k.Name != "r0001" {
		t.Fatal(k, err)
	}

	before := snapshot(t, root)
	for _, force := range []bool{false, true} {
		o := options()
		o.Force = force
		r := putFiles(t, root, release(2), site(2), o)
		if r.Pinned != "r0001" || r.Published() || r.LiveID() != "r0001" || !r.Any() {
			t.Errorf("force %v: pinned %q, published %v, live %s", force, r.Pinned, r.Published(), r.LiveID())
		}
		if after := snapshot(t, root); len(after) != len(before) || liveDir(t, root) != filepath.Join(root, "releases", "r0001") {
			t.Errorf("force %v: there are %d files, want %d", force, len(after), len(before))
		}
	}
	if r := put(t, root, 1); !r.Unchanged || r.Pinned != "r0001" {
		t.Errorf("the same again: %+v", r)
	}

	unpin(t, root)
	if r := put(t, root, 2); !r.Published() || r.Pinned != "" {
		t.Errorf("unpinned: %+v", r)
	}
	tidy(t, root)
}

// A rollback that ended between its pin and its link is ended by the next run.
func TestPinWithoutLink(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	put(t, root, 1)
	put(t, root, 2)
	pin := filepath.Join(root, "pinned")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(pin, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}

	write("r0001\n")
	if r := publish.FindLive(durable.OS{}, root, "r0002"); r != nil {
		t.Errorf("nothing is to do: %+v", r)
	}
	if r := put(t, root, 2); r.Pinned != "r0001" || r.LiveID() != "r0001" || liveDir(t, root) != filepath.Join(root, "releases", "r0001") {
		t.Errorf("%+v, live %s", r, liveDir(t, root))
	}

	for _, tt := range []struct{ text, want, hint string }{
		{"r0009", "the pinned release r0009 is not kept", "refgen unpin"},
		{"r000", "the pinned release r000 is not kept", "refgen unpin"},
		{"../r0001", "not the name of a release", "refgen unpin"},
		{"", "not the name of a release", "refgen unpin"},
	} {
		write(tt.text)
		_, err := publish.Publish(t.Context(), root, release(2), all(site(2)), options())
		failed(t, err, tt.want, tt.hint)
		unpin(t, root)
	}
	put(t, root, 2)
	tidy(t, root)
}

// styled is the n-th site with another style, whose name has another hash.
func styled(n int, style string) map[string]tree.File {
	files := site(n)
	f := files["assets/style.css"]
	delete(files, f.Path)
	f.Path, f.Fingerprint = "assets/"+style, style
	files[f.Path] = f
	return files
}

// A page that is open when another release goes live, or comes back, finds the styles and
// scripts that it loads later, as long as its release is kept. Nothing else is found.
func TestAssetsOfOpenPages(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	o := options()
	o.AssetDir, o.Keep = "assets", 1
	for n, style := range []string{"a.css", "b.css", "c.css"} {
		files := styled(n+1, style)
		if n == 1 { // a file that went
			delete(files, "versions/"+release(1).Commit+".json")
		}
		putFiles(t, root, release(n+1), files, o)
		intact(t, release(n+1).ID, root)
	}

	// "a.css" is of a release that was still there when "c.css" went live.
	for p, want := range map[string]bool{"assets/b.css": true, "assets/b.css.gz": true, "assets/b.css.br": true, "assets/c.css": true} {
		if reachable(root, p) != want {
			t.Errorf("%s is found: %v, want %v", p, !want, want)
		}
	}
	putFiles(t, root, release(4), styled(4, "d.css"), o)
	if reachable(root, "assets/a.css") {
		t.Error("assets of releases that went long ago stay")
	}

	back(t, root, "")
	if !reachable(root, "assets/d.css") || !reachable(root, "assets/c.css") {
		t.Error("pages of the release that was taken back miss their assets")
	}
	if reachable(root, "versions/"+release(4).Commit+".json") {
		t.Error("a version of the release that was taken back is found")
	}
}

// What is damaged does not go live, and nothing changes.
func TestRollbackRefuses(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	put(t, root, 1)
	put(t, root, 2)
	name := filepath.Join(root, "releases", "r0001", "sites.json")
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	body := []byte(strings.Replace(string(content(t, name)), "baremetal", "baremetaL", 1))
	if err := errors.Join(os.WriteFile(name, body, 0o644), os.Chtimes(name, info.ModTime(), info.ModTime())); err != nil {
		t.Fatal(err)
	}

	_, _, err = publish.Rollback(t.Context(), root, "", options())
	failed(t, err, "release r0001 is damaged: 1 file is missing or has changed, for example sites.json", "another one")
	if liveDir(t, root) != filepath.Join(root, "releases", "r0002") {
		t.Errorf("live is %s", liveDir(t, root))
	}
	tidy(t, root)
}

// A rollback waits for a build that is at work.
func TestRollbackWaits(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	put(t, root, 1)
	put(t, root, 2)
	waits := make(chan struct{})
	done := make(chan error, 1)

	files := func(yield func(tree.File, error) bool) {
		go func() {
			o := options()
			o.Phase = func(name string) {
				if strings.HasPrefix(name, "wait") {
					close(waits)
				}
			}
			_, _, err := publish.Rollback(context.Background(), root, "r0001", o)
			done <- err
		}()
		<-waits
		all(site(3))(yield)
	}
	if _, err := publish.Publish(t.Context(), root, release(3), files, options()); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if liveDir(t, root) != filepath.Join(root, "releases", "r0001") {
		t.Errorf("live is %s", liveDir(t, root))
	}
}

// Rollbacks are killed at each of their steps: a release is live and whole each time, and
// the next run ends what was begun, and leaves nothing behind.
func TestKilledRollback(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for n := range 3 {
		put(t, root, n+1)
	}

	for kill := range 12 {
		h := startHelper(t, "rollback", root, 0)
		for range kill {
			h.step(t)
		}
		h.kill(t)
		if _, err := whole(liveDir(t, root)); err != nil {
			t.Fatalf("the live release is broken: %v", err)
		}

		pin, err := publish.Pinned(durable.OS{}, root)
		if err != nil {
			t.Fatal(err)
		}
		r := put(t, root, 3)
		if r.Pinned != pin || pin != "" && filepath.Base(liveDir(t, root)) != pin {
			t.Errorf("pinned is %s, reported %q, live is %s", pin, r.Pinned, liveDir(t, root))
		}
		if _, err := whole(liveDir(t, root)); err != nil {
			t.Fatalf("the live release is broken: %v", err)
		}
	}

	unpin(t, root)
	put(t, root, 4)
	tidy(t, root)
}
