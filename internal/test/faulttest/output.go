package faulttest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// Copy copies files, directories and links, with their times and modes.
func Copy(from, to string) error {
	return filepath.WalkDir(from, func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}

		there := filepath.Join(to, rel)
		switch {
		case e.IsDir():
			return os.MkdirAll(there, info.Mode().Perm())
		case e.Type() == fs.ModeSymlink:
			target, err := os.Readlink(name)
			return errors.Join(err, os.Symlink(target, there))
		}

		body, err := os.ReadFile(name)
		return errors.Join(err, os.WriteFile(there, body, info.Mode().Perm()),
			os.Chtimes(there, info.ModTime(), info.ModTime()))
	})
}

// onDisk is a file of a release.
type onDisk struct {
	mode fs.FileMode
	size int64
	time time.Time
	body [sha256.Size]byte
}

// release reads the live release: its files as servers find them.
func release(root string) (map[string]onDisk, error) {
	found := map[string]onDisk{}
	dir, err := filepath.EvalSymlinks(filepath.Join(root, disk.CurrentLink))
	if err != nil {
		return nil, err
	}

	read := func(top string) error {
		return filepath.WalkDir(top, func(name string, e fs.DirEntry, err error) error {
			if err != nil || !e.Type().IsRegular() {
				return err
			}
			info, err := e.Info()
			if err != nil {
				return err
			}
			body, err := os.ReadFile(name)
			rel, _ := filepath.Rel(top, name) // it is below
			found[rel] = onDisk{info.Mode(), info.Size(), info.ModTime().UTC(), sha256.Sum256(body)}
			return err
		})
	}

	err = read(dir)
	if store, missing := filepath.EvalSymlinks(filepath.Join(dir, tree.StoreDir)); missing == nil {
		err = errors.Join(err, read(store))
	}
	return found, err
}

// Same reports how the live release of an output directory differs from that of another.
func Same(root, other string) error {
	got, err := release(root)
	if err != nil {
		return err
	}
	want, err := release(other)
	if err != nil {
		return err
	}
	for p := range want {
		if got[p] != want[p] {
			return fmt.Errorf("%s is %+v, want %+v", p, got[p], want[p])
		}
		delete(got, p)
	}
	if len(got) > 0 {
		return fmt.Errorf("there is more: %q", slices.Sorted(maps.Keys(got)))
	}
	return nil
}

// Leftovers returns what an output directory has that no release needs, in the order of
// their kinds: temporary names, journals, stores of no release, and files in a store that
// no release lists.
func Leftovers(root string) ([]string, error) {
	var left []string
	used, err := storesInUse(root, &left)
	if err != nil {
		return nil, err
	}

	for _, dir := range []string{"", "releases", "immutable"} {
		entries, err := os.ReadDir(filepath.Join(root, dir))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for _, e := range entries {
			name := filepath.Join(dir, e.Name())
			switch ext := filepath.Ext(name); {
			case ext == ".tmp", ext == ".adding":
				left = append(left, name)
			case dir == "immutable" && used[e.Name()] == nil:
				left = append(left, name+" (a store of no release)")
			case dir == "immutable":
				left = append(left, unlisted(root, name, used[e.Name()])...)
			}
		}
	}

	return left, nil
}

// storesInUse returns the manifests that stores are used by.
func storesInUse(root string, left *[]string) (map[string][]*tree.Manifest, error) {
	used := map[string][]*tree.Manifest{}
	entries, err := os.ReadDir(filepath.Join(root, "releases"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, e := range entries {
		dir := filepath.Join(root, "releases", e.Name())
		if strings.HasSuffix(e.Name(), ".tmp") {
			continue
		}
		t, err := disk.OpenDir(dir)
		if err != nil || t.Manifest.Load() != nil {
			*left = append(*left, filepath.Join("releases", e.Name())+" (no complete release)")
			continue
		}
		store, err := os.Readlink(filepath.Join(dir, tree.StoreDir))
		if err == nil {
			used[filepath.Base(store)] = append(used[filepath.Base(store)], t.Manifest)
		}
	}
	return used, nil
}

// unlisted returns the files of a store that no release lists.
func unlisted(root, store string, owners []*tree.Manifest) (left []string) {
	_ = filepath.WalkDir(filepath.Join(root, store), func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(filepath.Join(root, store), name) // it is below
		file, _ := tree.CutSidecar(filepath.ToSlash(rel))
		if !slices.ContainsFunc(owners, func(m *tree.Manifest) bool {
			return m.LookupClass(file, tree.Immutable) != nil
		}) {
			left = append(left, filepath.Join(store, rel)+" (a file of no release)")
		}
		return nil
	})
	return left
}
