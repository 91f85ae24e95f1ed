// Package disk reads releases from a disk: the live one of an output directory, or any
// other, and compares their files with the manifest.
package disk

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

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
	Dir      string // the release's own directory, not the link
	Manifest *tree.Manifest
	store    bool // immutable files are in a store
	// Live is when the release became the live one; zero for one that is not.
	Live time.Time
}

// Open reads the live release of an output directory. The error is
// fs.ErrNotExist where nothing was published yet.
func Open(root string) (*Tree, error) {
	link := filepath.Join(root, CurrentLink)
	info, err := os.Lstat(link)
	if err != nil {
		return nil, err
	}

	// The release must stay the same one when another becomes the live one.
	dir, err := filepath.EvalSymlinks(link)
	if err != nil {
		return nil, err
	}

	t, err := OpenDir(dir)
	if err != nil {
		return nil, err
	}

	t.Live = info.ModTime()
	return t, nil
}

// OpenDir reads a release by its own directory.
func OpenDir(dir string) (*Tree, error) {
	src, err := os.ReadFile(filepath.Join(dir, tree.ManifestFile))
	if err != nil {
		return nil, err
	}

	m, err := tree.ParseManifest(src)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}

	// A link, or in a copy perhaps a directory.
	_, err = os.Lstat(filepath.Join(dir, tree.StoreDir))
	return &Tree{Dir: dir, Manifest: m, store: err == nil}, nil
}

// Path is where a file of the release is stored: below its directory, or in its
// store.
func (t *Tree) Path(p string) string {
	name := filepath.Join(t.Dir, filepath.FromSlash(p))
	if !t.store {
		return name
	}
	if _, err := os.Lstat(name); err == nil {
		return name
	}
	return filepath.Join(t.Dir, tree.StoreDir, filepath.FromSlash(p))
}

// IsIntact reports whether the tree is the release of an id, with every file
// in its place.
func (t *Tree) IsIntact(id string) bool { return t.Manifest.ID == id && len(t.Damaged()) == 0 }

// Damaged returns the paths of files that, or whose sidecars, do not match the
// manifest by size and time. It does not read content.
func (t *Tree) Damaged() []string {
	// Thousands of lstat calls take a while, so they run on all processors.
	files := t.Manifest.Files
	found := make([][]string, runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup

	for i := range found {
		part := files[i*len(files)/len(found) : (i+1)*len(files)/len(found)]
		wg.Go(func() {
			for _, e := range part {
				if !t.StatMatches(&e) {
					p, _ := tree.CutSidecar(e.Path)
					found[i] = append(found[i], p)
				}
			}
		})
	}

	wg.Wait()
	return slices.Concat(found...)
}

// StatMatches reports whether a file is there, readable for every user, with its
// size and time.
func (t *Tree) StatMatches(e *tree.Entry) bool {
	info, err := os.Lstat(t.Path(e.Path))
	return err == nil && info.Mode() == FileMode && info.Size() == e.Size && info.ModTime().Equal(e.Time)
}

// ContentMatches reports whether a file has the bytes of the manifest.
func (t *Tree) ContentMatches(e *tree.Entry) bool {
	body, err := os.ReadFile(t.Path(e.Path))
	return err == nil && e.HasContent(body)
}
