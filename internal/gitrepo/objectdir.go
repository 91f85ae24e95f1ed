package gitrepo

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/objfile"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// objectDirs are the objects of a repository and of those that it borrows from
// (gitrepository-layout(5)): loose ones and packs. Git may repack them while they are
// read, so what is not found is looked for again after [objectDirs.reopen].
type objectDirs struct {
	path  string // of its own directory; "" for objects in memory
	limit int64  // bytes of one object
	cache objectCache
	dirs  []string         // its own and those of its alternates
	packs map[string]*pack // by path, without the suffix
	open  []*pack          // on disk and in use, the one that was opened first is first
}

// maxOpenPacks bounds how many packs are open at once, because a repository that is
// never repacked has thousands.
const maxOpenPacks = 64

// openPack opens a pack's file, and closes another if there are too many.
func (d *objectDirs) openPack(p *pack) error {
	if p.scanner != nil {
		return nil
	}
	if len(d.open) >= maxOpenPacks {
		d.closePack(d.open[0])
	}

	f, err := os.Open(p.path + ".pack")
	if err != nil {
		return err
	}

	p.file, p.scanner = f, packfile.NewScanner(f)
	d.open = append(d.open, p)
	return nil
}

// closePack closes a pack's file; it is opened again when it is needed.
func (d *objectDirs) closePack(p *pack) {
	if p.file == nil {
		return
	}

	_ = p.file.Close() // it was read
	p.file, p.scanner = nil, nil
	d.open = slices.DeleteFunc(d.open, func(q *pack) bool { return q == p })
}

// close closes all packs; nothing is found after.
func (d *objectDirs) close() {
	for _, p := range d.packs {
		d.closePack(p)
	}
	*d = objectDirs{}
}

// reopen lists the packs again, and reads the indexes of new ones. It reports
// whether packs were added or deleted.
func (d *objectDirs) reopen() (changed bool, err error) {
	if d.path == "" {
		return false, nil
	}
	if d.dirs, err = addAlternates(d.path, []string{d.path}); err != nil {
		return false, fmt.Errorf("read the alternates: %w", err)
	}

	onDisk := map[string]bool{}
	for _, dir := range d.dirs {
		entries, err := os.ReadDir(filepath.Join(dir, "pack"))
		if err != nil && !isMissing(err) {
			return false, err
		}

		for _, e := range entries {
			if name, ok := strings.CutSuffix(e.Name(), ".idx"); ok {
				onDisk[filepath.Join(dir, "pack", name)] = true
			}
		}
	}

	for path, p := range d.packs {
		if !onDisk[path] {
			d.closePack(p)
			delete(d.packs, path)
			changed = true
		}
	}

	for path := range onDisk {
		if d.packs[path] != nil {
			continue
		}

		// An interrupted cleaning leaves an index without its pack.
		if _, err := os.Stat(path + ".pack"); isMissing(err) {
			continue
		}

		index, err := readIndex(path + ".idx")
		changed = true
		switch {
		case err == nil:
			d.packs[path] = &pack{path: path, index: index, limit: d.limit, cache: &d.cache}
		case !isMissing(err): // it was deleted just now
			return false, hint.Wrap(err, "rebuild the index with `git index-pack %s.pack`", path)
		}
	}

	return changed, nil
}

// object reads an object; it fails with [plumbing.ErrObjectNotFound] for one that is
// not there.
func (d *objectDirs) object(h plumbing.Hash) (rawObject, error) {
	for _, p := range d.packs {
		offset, ok := p.index[h]
		if !ok {
			continue
		}

		err := d.openPack(p)
		if isMissing(err) {
			continue // deleted since it was listed
		}
		if err != nil {
			return rawObject{}, err
		}

		return p.read(offset)
	}

	for _, dir := range d.dirs {
		name := h.String()
		o, err := readLoose(filepath.Join(dir, name[:2], name[2:]), d.limit)
		if !isMissing(err) {
			return o, err
		}
	}

	return rawObject{}, plumbing.ErrObjectNotFound
}

// readLoose reads an object that is a file of its own.
func readLoose(path string, limit int64) (rawObject, error) {
	f, err := os.Open(path)
	if err != nil {
		return rawObject{}, err
	}
	defer f.Close()

	o, err := decodeLoose(f, limit)
	if err != nil {
		return rawObject{}, fmt.Errorf("read %s: %w", path, err)
	}

	return o, nil
}

// decodeLoose reads the content of such a file.
func decodeLoose(in io.Reader, limit int64) (rawObject, error) {
	r, err := objfile.NewReader(in)
	if err != nil {
		return rawObject{}, err
	}
	defer r.Close()

	kind, size, err := r.Header()
	switch {
	case err != nil:
		return rawObject{}, err
	case size < 0:
		return rawObject{}, objfile.ErrNegativeSize
	case size > limit:
		return rawObject{}, objectTooLarge(uint64(size), limit)
	}

	o := rawObject{kind, make([]byte, size)}
	if _, err := io.ReadFull(r, o.data); err != nil {
		return rawObject{}, fmt.Errorf("the file is damaged: %w", err)
	}

	return o, nil
}

// withPrefix returns the objects whose names start with at least two digits.
func (d *objectDirs) withPrefix(prefix string) ([]plumbing.Hash, error) {
	var found []plumbing.Hash
	for _, p := range d.packs {
		for h := range p.index {
			if strings.HasPrefix(h.String(), prefix) {
				found = append(found, h)
			}
		}
	}

	for _, dir := range d.dirs {
		entries, err := os.ReadDir(filepath.Join(dir, prefix[:2]))
		if err != nil && !isMissing(err) {
			return nil, err
		}

		for _, e := range entries {
			if name := prefix[:2] + e.Name(); plumbing.IsHash(name) && strings.HasPrefix(name, prefix) {
				found = append(found, plumbing.NewHash(name))
			}
		}
	}

	return found, nil
}
