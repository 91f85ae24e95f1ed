package publish

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// Tree is a release on disk.
type Tree struct {
	Dir      string // the release's own directory, not the link
	Manifest *Manifest
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
	src, err := os.ReadFile(filepath.Join(dir, ManifestFile))
	if err != nil {
		return nil, err
	}
	m, err := ParseManifest(src)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return &Tree{Dir: dir, Manifest: m}, nil
}

func (t *Tree) manifest() *Manifest {
	if t == nil {
		return nil
	}
	return t.Manifest
}

// otherTime is the time of a manifest that will replace the tree's: a second
// earlier where that has other bytes at the same time and length.
func (t *Tree) otherTime(body []byte, at time.Time) time.Time {
	if t == nil {
		return at
	}
	name := t.path(ManifestFile)
	info, err := os.Stat(name)
	if err != nil || info.Size() != int64(len(body)) || !info.ModTime().Equal(at) {
		return at
	}
	if old, err := os.ReadFile(name); err == nil && bytes.Equal(old, body) {
		return at
	}
	return at.Add(-time.Second)
}

func (t *Tree) path(p string) string { return filepath.Join(t.Dir, filepath.FromSlash(p)) }

// isIntact reports whether the tree is the release of an id, with every file
// in its place.
func (t *Tree) isIntact(id string) bool {
	return t != nil && t.Manifest.ID == id && len(t.damaged()) == 0
}

// damaged returns the paths of files that are not on disk as the manifest says,
// or whose variants are not. It looks at no content.
func (t *Tree) damaged() []string {
	if t == nil {
		return nil
	}
	files := t.Manifest.Files
	found := make([][]string, runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	for i := range found {
		wg.Go(func() {
			for _, e := range files[i*len(files)/len(found) : (i+1)*len(files)/len(found)] {
				if !t.has(&e) {
					p := e.Path
					if IsVariant(p) {
						p = strings.TrimSuffix(p, path.Ext(p))
					}
					found[i] = append(found[i], p)
				}
			}
		})
	}
	wg.Wait()
	return slices.Concat(found...)
}

// has reports whether a file is there, readable for every user, with its size
// and time.
func (t *Tree) has(e *Entry) bool {
	info, err := os.Lstat(t.path(e.Path))
	return err == nil && info.Mode() == fileMode && info.Size() == e.Size && info.ModTime().Equal(e.Time)
}

// holds reports whether a file has the bytes of the manifest.
func (t *Tree) holds(e *Entry) bool {
	body, err := os.ReadFile(t.path(e.Path))
	return err == nil && e.CheckBody(body) == nil
}

// CheckBody compares content with the entry.
func (e *Entry) CheckBody(body []byte) error {
	sum := sha256.Sum256(body)
	want, err := hex.DecodeString(e.SHA256)
	if err != nil || !bytes.Equal(sum[:], want) {
		return fmt.Errorf("%s: the content does not have the manifest's SHA-256", e.Path)
	}
	return nil
}
