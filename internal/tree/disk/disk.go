// Package disk reads releases from a disk: the live one of an output directory, or any
// other, and compares their files with the manifest.
package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/chameleoncloud/refapi/internal/durable"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// CurrentLink is the name of the link to the live release, in an output
// directory.
const CurrentLink = "current"

// Modes of what is published, whatever the umask: nginx reads it as another
// user.
const (
	FileMode = 0o644
	DirMode  = 0o755
)

// Tree is a release on disk.
type Tree struct {
	FS       durable.FS
	Dir      string // the release's own directory, not the link
	Manifest *tree.Manifest
	store    bool // immutable files are in a store, and not in the directory
	// Live is when the release became the live one; zero for one that is not.
	Live time.Time
}

// Open reads the live release of an output directory. The error is
// fs.ErrNotExist where nothing was published yet.
func Open(root string) (*Tree, error) { return OpenFS(durable.OS{}, root) }

// OpenFS is like Open, on a file system.
func OpenFS(fsys durable.FS, root string) (*Tree, error) {
	link := filepath.Join(root, CurrentLink)
	info, err := fsys.Lstat(link)
	if err != nil {
		return nil, err
	}

	// The release must stay the same one when another becomes the live one.
	dir, err := fsys.EvalSymlinks(link)
	if err != nil {
		return nil, err
	}

	t, err := OpenDirFS(fsys, dir)
	if err != nil {
		return nil, err
	}

	t.Live = info.ModTime()
	return t, nil
}

// OpenDir reads a release by its own directory. Parts of its manifest are read when they
// are needed.
func OpenDir(dir string) (*Tree, error) { return OpenDirFS(durable.OS{}, dir) }

// OpenDirFS is like OpenDir, on a file system.
func OpenDirFS(fsys durable.FS, dir string) (*Tree, error) {
	t := &Tree{FS: fsys, Dir: dir}
	src, err := t.readOwn(tree.ManifestFile)
	if err != nil {
		return nil, err
	}

	if t.Manifest, err = tree.ParseManifest(src, t.readOwn); err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}

	// A link, or in a copy perhaps a directory.
	_, err = fsys.Lstat(filepath.Join(dir, tree.StoreDir))
	t.store = err == nil
	return t, nil
}

// readOwn reads a file in the release's own directory.
func (t *Tree) readOwn(file string) ([]byte, error) {
	return t.FS.ReadFile(filepath.Join(t.Dir, filepath.FromSlash(file)))
}

// Share makes the manifest share with one that is in memory what both have.
func (t *Tree) Share(m *tree.Manifest) { t.Manifest.Share(m, t.readOwn) }

// Path is where a file of the release is stored. In a copy immutable files may be next to
// the others.
func (t *Tree) Path(f tree.Form) string {
	p := f.Path
	if t.store {
		p = f.Stored()
	}
	return filepath.Join(t.Dir, filepath.FromSlash(p))
}

// Lists reports whether the directory may have a file of this path.
func (t *Tree) Lists(p string) bool { return t.Manifest.Lists(p, t.store) }

// ReadFile reads a file of the release by its path in URLs, also one in the store.
func (t *Tree) ReadFile(file string) ([]byte, error) {
	body, err := t.FS.ReadFile(t.Path(tree.Form{Path: file}))
	if errors.Is(err, fs.ErrNotExist) {
		if stored, err := t.FS.ReadFile(t.Path(tree.Form{Path: file, Class: tree.Immutable})); err == nil {
			return stored, nil
		}
	}
	return body, err
}

// IsIntact reports whether the tree is the release of an id, with every file
// in its place.
func (t *Tree) IsIntact(id string) bool {
	return t.Manifest.ID == id && t.Manifest.Load() == nil && len(t.Damaged(t.StatMatches)) == 0
}

// Damaged returns the paths of the files for which, or for a sidecar of which, a check
// of this tree fails.
func (t *Tree) Damaged(matches func(tree.Form) bool) map[string]bool {
	// Thousands of lstat calls take a while, so they run on all processors.
	found := make([][]string, runtime.GOMAXPROCS(0))
	entries := slices.Collect(t.Manifest.Files())
	var wg sync.WaitGroup

	for i := range found {
		part := entries[i*len(entries)/len(found) : (i+1)*len(entries)/len(found)]
		wg.Go(func() {
			for _, e := range part {
				for f := range e.Forms() {
					if !matches(f) {
						found[i] = append(found[i], e.Path)
						break
					}
				}
			}
		})
	}

	wg.Wait()
	damaged := map[string]bool{}
	for _, p := range slices.Concat(found...) {
		damaged[p] = true
	}
	return damaged
}

// StatMatches reports whether a file is there, readable for every user, with its
// size and time. It does not read content.
func (t *Tree) StatMatches(f tree.Form) bool {
	info, err := t.FS.Lstat(t.Path(f))
	return err == nil && info.Mode() == FileMode && info.Size() == f.Size && info.ModTime().Equal(f.Time)
}

// ContentMatches reports whether a file has the bytes of the manifest.
func (t *Tree) ContentMatches(f tree.Form) bool {
	body, err := t.FS.ReadFile(t.Path(f))
	return err == nil && f.HasContent(body)
}
