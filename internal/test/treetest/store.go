package treetest

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// storeID is the name of the store that WithStore makes.
const storeID = "store"

// immutable matches the paths of files that are made from one commit, or have the
// hash of their content in the name.
var immutable = regexp.MustCompile(`(?:^|/)(?:versions|changes)/[0-9a-f]{40}[./]|^assets/`)

// WithStore moves the immutable files of a published tree to a store, and links the
// release to it.
func WithStore(t testing.TB, s Site) Site {
	t.Helper()
	store := filepath.Join(s.Root, tree.StoreDir, storeID)
	head := regexp.MustCompile(`./versions/` + s.History.Head().ID.String()) // the newest version of every resource

	moved := 0
	for _, file := range files(t, s) {
		if !immutable.MatchString(file) || head.MatchString(file) {
			continue
		}

		to := filepath.Join(store, filepath.FromSlash(file))
		err := os.MkdirAll(filepath.Dir(to), disk.DirMode)
		if err == nil {
			err = os.Rename(filepath.Join(s.Dir, filepath.FromSlash(file)), to)
		}
		if err != nil {
			t.Fatal(err)
		}
		moved++
	}

	if moved == 0 {
		t.Fatal("the tree has no immutable files")
	}
	if err := os.Symlink(filepath.Join("..", "..", tree.StoreDir, storeID), filepath.Join(s.Dir, tree.StoreDir)); err != nil {
		t.Fatal(err)
	}

	return s
}

// Path is where a file of the release is stored.
func (s Site) Path(file string) string {
	name := filepath.Join(s.Dir, filepath.FromSlash(file))
	if _, err := os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
		return filepath.Join(s.Dir, tree.StoreDir, filepath.FromSlash(file))
	}
	return name
}

// files returns the paths of the files below the release's directory.
func files(t testing.TB, s Site) (paths []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(s.Dir), ".", func(file string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			paths = append(paths, file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}
