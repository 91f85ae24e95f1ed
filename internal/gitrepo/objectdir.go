package gitrepo

import (
	"bytes"
	"encoding/hex"
	"errors"
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

// objectDir is a directory of objects on disk (gitrepository-layout(5)): loose
// ones and packs. Git may repack them while they are read, so what is not found
// is looked for again after [objectDir.reopen].
type objectDir struct {
	path   string
	limit  int64 // bytes of one object
	cache  *objectCache
	opened *openPacks
	packs  map[string]*filePack // by path, without the suffix
}

// filePack is a pack on disk. Its file is open while it is in use.
type filePack struct {
	pack
	path string
	file *os.File
}

// openPacks bounds how many packs are open at once, because a repository that is
// never repacked has thousands.
type openPacks struct {
	packs []*filePack // the one that was opened first is first
}

const maxOpenPacks = 64

// open opens a pack's file, and closes another if there are too many.
func (o *openPacks) open(p *filePack) error {
	if p.file != nil {
		return nil
	}

	if len(o.packs) >= maxOpenPacks {
		o.close(o.packs[0])
	}

	f, err := os.Open(p.path + ".pack")
	if err != nil {
		return err
	}

	p.file, p.scanner = f, packfile.NewScanner(f)
	o.packs = append(o.packs, p)
	return nil
}

// close closes a pack's file; it is opened again when it is needed.
func (o *openPacks) close(p *filePack) error {
	if p.file == nil {
		return nil
	}
	f := p.file
	p.file, p.scanner = nil, nil
	o.packs = slices.DeleteFunc(o.packs, func(q *filePack) bool { return q == p })
	return f.Close() // it was read
}

// reopen lists the packs again, and reads the indexes of new ones. It reports
// whether packs were added or deleted.
func (d *objectDir) reopen() (changed bool, err error) {
	entries, err := os.ReadDir(filepath.Join(d.path, "pack"))
	if err != nil && !isMissing(err) {
		return false, err
	}

	onDisk := map[string]bool{}
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ".idx"); ok {
			onDisk[filepath.Join(d.path, "pack", name)] = true
		}
	}

	for path, p := range d.packs {
		if !onDisk[path] {
			d.opened.close(p)
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
		switch {
		case isMissing(err): // deleted just now
			changed = true
		case err != nil:
			return false, hint.Wrap(err, "rebuild the index with `git index-pack %s.pack`", path)
		default:
			d.packs[path] = &filePack{pack: pack{index: index, limit: d.limit, cache: d.cache}, path: path}
			changed = true
		}
	}

	return changed, nil
}

// locate finds a pack with an object and opens it; nil where there is none. A
// pack that was deleted is skipped.
func (d *objectDir) locate(h plumbing.Hash) (*filePack, int64, error) {
	for _, p := range d.packs {
		offset, err := p.index.FindOffset(h)
		if err != nil {
			continue
		}
		switch err := d.opened.open(p); {
		case err == nil:
			return p, offset, nil
		case !isMissing(err):
			return nil, 0, err
		}
	}

	return nil, 0, nil
}

// object implements [objectStore].
func (d *objectDir) object(h plumbing.Hash) (rawObject, error) {
	p, offset, err := d.locate(h)
	switch {
	case err != nil:
		return rawObject{}, err
	case p != nil:
		return p.read(offset)
	}

	var o rawObject
	err = d.readLoose(h, func(kind plumbing.ObjectType, size int64, in io.Reader) error {
		if size > d.limit {
			return objectTooLarge(uint64(size), d.limit)
		}
		o = rawObject{kind, make([]byte, size)}
		if _, err := io.ReadFull(in, o.data); err != nil {
			return fmt.Errorf("the file is damaged: %w", err)
		}
		return nil
	})

	return o, err
}

// objectSize implements [objectStore].
func (d *objectDir) objectSize(h plumbing.Hash) (size int64, err error) {
	p, offset, err := d.locate(h)
	switch {
	case err != nil:
		return 0, err
	case p != nil:
		return p.size(offset)
	}

	err = d.readLoose(h, func(_ plumbing.ObjectType, n int64, _ io.Reader) error {
		size = n
		return nil
	})

	return size, err
}

// readLoose reads an object that is a file of its own.
func (d *objectDir) readLoose(
	h plumbing.Hash, read func(kind plumbing.ObjectType, size int64, in io.Reader) error,
) error {
	name := h.String()
	f, err := os.Open(filepath.Join(d.path, name[:2], name[2:]))
	if isMissing(err) {
		return plumbing.ErrObjectNotFound
	}
	if err != nil {
		return err
	}
	defer f.Close()

	r, err := objfile.NewReader(f)
	if err != nil {
		return fmt.Errorf("read %s: %w", f.Name(), err)
	}
	defer r.Close()

	kind, size, err := r.Header()
	if err == nil && size < 0 {
		err = objfile.ErrNegativeSize
	}

	if err == nil {
		err = read(kind, size, r)
	}

	if err != nil {
		return fmt.Errorf("read %s: %w", f.Name(), err)
	}

	return nil
}

// withPrefix implements [objectStore].
func (d *objectDir) withPrefix(prefix []byte) ([]plumbing.Hash, error) {
	var found []plumbing.Hash
	for _, p := range d.packs {
		hashes, err := p.index.withPrefix(prefix)
		if err != nil {
			return nil, err
		}
		found = append(found, hashes...)
	}

	dir := hex.EncodeToString(prefix[:1])
	entries, err := os.ReadDir(filepath.Join(d.path, dir))
	if err != nil && !isMissing(err) {
		return nil, err
	}

	for _, e := range entries {
		name := dir + e.Name()
		if h := plumbing.NewHash(name); plumbing.IsHash(name) && bytes.HasPrefix(h[:], prefix) {
			found = append(found, h)
		}
	}

	return found, nil
}

// close closes all packs.
func (d *objectDir) close() error {
	var err error
	for _, p := range d.packs {
		err = errors.Join(err, d.opened.close(p))
	}
	d.packs = nil
	return err
}

// objectDirs are a repository's own objects and those of its alternates.
type objectDirs struct {
	path   string // of its own
	limit  int64  // bytes of one object
	cache  objectCache
	opened openPacks
	dirs   []*objectDir
}

// reopen lists all packs again, and reports whether any were added or deleted.
func (d *objectDirs) reopen() (changed bool, err error) {
	paths, err := addAlternates(d.path, []string{d.path})
	if err != nil {
		return false, fmt.Errorf("read the alternates: %w", err)
	}

	before := d.dirs
	d.dirs = nil
	for _, path := range paths {
		i := slices.IndexFunc(before, func(o *objectDir) bool { return o.path == path })
		if i < 0 {
			d.dirs = append(d.dirs, &objectDir{
				path:   path,
				limit:  d.limit,
				cache:  &d.cache,
				opened: &d.opened,
				packs:  map[string]*filePack{},
			})
			continue
		}

		d.dirs = append(d.dirs, before[i])
		before = slices.Delete(before, i, i+1)
	}

	for _, dir := range before {
		err = errors.Join(err, dir.close())
	}

	for _, dir := range d.dirs {
		here, failed := dir.reopen()
		changed, err = changed || here, errors.Join(err, failed)
	}

	return changed, err
}

func (d *objectDirs) stores() []objectStore {
	stores := make([]objectStore, len(d.dirs))
	for i, dir := range d.dirs {
		stores[i] = dir
	}
	return stores
}

func (d *objectDirs) close() error {
	var err error
	for _, dir := range d.dirs {
		err = errors.Join(err, dir.close())
	}
	d.dirs = nil
	return err
}
