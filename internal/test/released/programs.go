package released

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Programs builds the programs of a release from its commit, static and without the race
// detector, and returns their directory. They stay in the user's cache, so that they are
// built once. Where the checkout does not have the commit, such as in a shallow clone, the
// test is skipped.
func Programs(t testing.TB, r Release) (dir string) {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(cache, "refapi", "released-"+r.Commit)
	if _, err := os.Stat(dir); err == nil {
		return dir
	}

	root := Root(t)
	archive, err := exec.Command("git", "-C", root, "archive", "--format=tar", r.Commit).Output()
	if err != nil {
		t.Skipf("no programs of %s: this checkout does not have its commit %.12s", r.Version, r.Commit)
	}
	source := t.TempDir()
	unpack := exec.Command("tar", "-x", "-C", source)
	unpack.Stdin = bytes.NewReader(archive)
	if out, err := unpack.CombinedOutput(); err != nil {
		t.Fatalf("unpack %s: %v\n%s", r.Version, err, out)
	}

	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	tmp, err := os.MkdirTemp(filepath.Dir(dir), "building-*")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(tmp)
	Build(t, source, tmp)

	// Another test may have been faster.
	if err := os.Rename(tmp, dir); err != nil {
		if _, statErr := os.Stat(dir); statErr != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Build builds both programs from a source tree into a directory.
func Build(t testing.TB, source, dir string) {
	t.Helper()

	// The cache of test results knows what a test reads, but not what go build does.
	err := filepath.WalkDir(source, func(p string, e fs.DirEntry, err error) error {
		if err == nil && e.IsDir() && p != source && strings.HasPrefix(e.Name(), ".") {
			return fs.SkipDir
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}

	build := exec.Command("go", "build", "-buildvcs=false", "-o", dir+string(filepath.Separator), "./cmd/refgen", "./cmd/availapi")
	build.Dir = source
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatal(fmt.Errorf("build the programs in %s: %w\n%s", source, err, out))
	}
}
