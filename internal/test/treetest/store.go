package treetest

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// WithoutStore moves the files of a release's store into the release, where they are in
// a copy for a web server.
func WithoutStore(t testing.TB, s Site) Site {
	t.Helper()
	link := filepath.Join(s.Dir, tree.StoreDir)
	for _, file := range regular(t, link) {
		to := filepath.Join(s.Dir, filepath.FromSlash(file))
		err := os.MkdirAll(filepath.Dir(to), disk.DirMode)
		if err == nil {
			err = os.Rename(filepath.Join(link, filepath.FromSlash(file)), to)
		}
		if err != nil {
			t.Fatal(err)
		}
	}

	if err := os.Remove(link); err != nil {
		t.Fatal(err)
	}
	return s
}

// Path is where a file of the release is stored: in the release or in its store.
func (s Site) Path(file string) string {
	name := filepath.Join(s.Dir, filepath.FromSlash(file))
	if _, err := os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
		return filepath.Join(s.Dir, tree.StoreDir, filepath.FromSlash(file))
	}
	return name
}

// Paths returns the paths of all files of the release, also of those in the store.
func (s Site) Paths(t testing.TB) []string {
	t.Helper()
	return append(regular(t, s.Dir), regular(t, filepath.Join(s.Dir, tree.StoreDir))...)
}

// regular returns the paths of the regular files below a directory.
func regular(t testing.TB, dir string) (paths []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(dir), ".", func(file string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			paths = append(paths, file)
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return paths
}
