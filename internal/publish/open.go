package publish

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
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

func (t *Tree) path(p string) string { return filepath.Join(t.Dir, filepath.FromSlash(p)) }

// isIntact reports whether the tree is the release of an id, with every file
// in its place by size and time.
func (t *Tree) isIntact(id string) bool {
	if t == nil || t.Manifest.ID != id {
		return false
	}
	for i := range t.Manifest.Files {
		e := &t.Manifest.Files[i]
		info, err := os.Lstat(t.path(e.Path))
		if err != nil || !info.Mode().IsRegular() || info.Size() != e.Size || !info.ModTime().Equal(e.Time) {
			return false
		}
	}
	return true
}

// checkFile compares a file on disk with its entry, bytes and time.
func (t *Tree) checkFile(e *Entry) error {
	name := t.path(e.Path)
	info, err := os.Lstat(name)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() || info.Size() != e.Size {
		return fmt.Errorf("%s: %d bytes on disk, %d in the manifest", e.Path, info.Size(), e.Size)
	}
	if !info.ModTime().Equal(e.Time) {
		return fmt.Errorf("%s: modified %s on disk, %s in the manifest", e.Path, info.ModTime().UTC().Format(time.RFC3339), e.Time.Format(time.RFC3339))
	}
	body, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	return e.CheckBody(body)
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
