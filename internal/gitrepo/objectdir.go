package gitrepo

import (
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
// is looked for again after [objectDir.reopen]. One without a path is in memory.
type objectDir struct {
	path   string
	limit  int64 // bytes of one object
	cache  *objectCache
	opened *openPacks
	packs  map[string]*pack // by path, without the suffix
}

// openPacks bounds how many packs are open at once, because a repository that is
// never repacked has thousands.
type openPacks struct {
	packs []*pack // the one that was opened first is first
}

const maxOpenPacks = 64

// open opens a pack's file, and closes another if there are too many.
func (o *openPacks) open(p *pack) error {
	if p.scanner != nil {
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
func (o *openPacks) close(p *pack) error {
	if p.file == nil {
		return nil
	}
	f := p.file
	p.file, p.scanner = nil, nil
	o.packs = slices.DeleteFunc(o.packs, func(q *pack) bool { return q == p })
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
			d.packs[path] = &pack{path: path, index: index, limit: d.limit, cache: d.cache}
			changed = true
		}
	}

	return changed, nil
}

// object reads an object; it fails with [plumbing.ErrObjectNotFound] for one that the
// directory lacks.
func (d *objectDir) object(h plumbing.Hash) (rawObject, error) {
	for _, p := range d.packs {
		offset, ok := p.index[h]
		if !ok {
			continue
		}

		err := d.opened.open(p)
		if isMissing(err) {
			continue // deleted since it was listed
		}
		if err != nil {
			return rawObject{}, err
		}

		return p.read(offset)
	}

	name := h.String()
	f, err := os.Open(filepath.Join(d.path, name[:2], name[2:]))
	if isMissing(err) || d.path == "" {
		return rawObject{}, plumbing.ErrObjectNotFound
	}
	if err != nil {
		return rawObject{}, err
	}
	defer f.Close()

	o, err := readLoose(f, d.limit)
	if err != nil {
		return rawObject{}, fmt.Errorf("read %s: %w", f.Name(), err)
	}

	return o, nil
}

// readLoose reads an object that is a file of its own.
func readLoose(in io.Reader, limit int64) (rawObject, error) {
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
func (d *objectDir) withPrefix(prefix string) ([]plumbing.Hash, error) {
	var found []plumbing.Hash
	for _, p := range d.packs {
		for h := range p.index {
			if strings.HasPrefix(h.String(), prefix) {
				found = append(found, h)
			}
		}
	}
	if d.path == "" {
		return found, nil
	}

	entries, err := os.ReadDir(filepath.Join(d.path, prefix[:2]))
	if err != nil && !isMissing(err) {
		return nil, err
	}

	for _, e := range entries {
		if name := prefix[:2] + e.Name(); plumbing.IsHash(name) && strings.HasPrefix(name, prefix) {
			found = append(found, plumbing.NewHash(name))
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
	path   string // of its own; "" for objects in memory
	limit  int64  // bytes of one object
	cache  objectCache
	opened openPacks
	dirs   []*objectDir
}

// reopen lists all packs again, and reports whether any were added or deleted.
func (d *objectDirs) reopen() (changed bool, err error) {
	if d.path == "" {
		return false, nil
	}

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
				packs:  map[string]*pack{},
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

func (d *objectDirs) close() error {
	var err error
	for _, dir := range d.dirs {
		err = errors.Join(err, dir.close())
	}
	d.dirs = nil
	return err
}
