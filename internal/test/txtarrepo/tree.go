package txtarrepo

import (
	"maps"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// tree writes the directory below prefix, and those below it.
func (b *builder) tree(files map[string]file, prefix string) (plumbing.Hash, error) {
	var t object.Tree
	done := map[string]bool{}
	for _, p := range slices.Sorted(maps.Keys(files)) {
		rest, ok := strings.CutPrefix(p, prefix)
		if !ok {
			continue
		}

		name, _, isDir := strings.Cut(rest, "/")
		if done[name] {
			continue
		}

		done[name] = true
		e := object.TreeEntry{Name: name, Mode: files[p].mode}
		var err error

		if isDir {
			e.Mode = filemode.Dir
			e.Hash, err = b.tree(files, prefix+name+"/")
		} else {
			e.Hash, err = b.blob(files[p].content)
		}

		if err != nil {
			return plumbing.ZeroHash, err
		}

		t.Entries = append(t.Entries, e)
	}

	slices.SortFunc(t.Entries, func(a, b object.TreeEntry) int { return strings.Compare(gitOrder(a), gitOrder(b)) })
	return b.store(&t)
}

// gitOrder is the name that a tree is sorted by.
func gitOrder(e object.TreeEntry) string {
	if e.Mode == filemode.Dir {
		return e.Name + "/"
	}
	return e.Name
}

func (b *builder) blob(content string) (plumbing.Hash, error) {
	o := b.storer.NewEncodedObject()
	o.SetType(plumbing.BlobObject)
	w, err := o.Writer()
	if err != nil {
		return plumbing.ZeroHash, err
	}
	if _, err := w.Write([]byte(content)); err != nil {
		return plumbing.ZeroHash, err
	}

	return b.storer.SetEncodedObject(o)
}

func (b *builder) store(v interface {
	Encode(plumbing.EncodedObject) error
}) (plumbing.Hash, error) {
	o := b.storer.NewEncodedObject()
	if err := v.Encode(o); err != nil {
		return plumbing.ZeroHash, err
	}
	return b.storer.SetEncodedObject(o)
}
