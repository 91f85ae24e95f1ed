package worktree

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"sync"

	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/hint"
)

// directory is a directory with the rules for its files; the last one that matches
// decides.
type directory struct {
	path       string // below the top, "." for it
	ignores    []ignorePattern
	attributes []attributeLine
	ignored    bool // only tracked files count
}

// directoryNode is the node of a directory on disk; a nil info is one that is only in
// the index.
func (w *workTree) directoryNode(dir directory, info fs.FileInfo) *gitrepo.Node {
	n := &gitrepo.Node{Base: path.Base(dir.path), FileMode: fs.ModeDir | 0o755}
	if info != nil {
		n.FileMode, n.Modified = info.Mode(), info.ModTime()
	}

	n.List = sync.OnceValues(func() (map[string]*gitrepo.Node, error) { return w.list(dir) })
	return n
}

// list reads a directory.
func (w *workTree) list(dir directory) (map[string]*gitrepo.Node, error) {
	onDisk, err := w.disk.ReadDir(dir.path)
	if err != nil && !w.index[dir.path] {
		return nil, err
	}

	names := maps.Clone(w.folders[dir.path])
	if names == nil {
		names = map[string]bool{}
	}
	for _, e := range onDisk {
		names[e.Name()] = true
	}
	delete(names, ".git")

	dir = w.addRules(dir)
	nodes := map[string]*gitrepo.Node{}
	for name := range names {
		n, err := w.node(dir, path.Join(dir.path, name))
		if err != nil {
			return nil, err
		}
		if n != nil {
			nodes[name] = n
		}
	}

	return nodes, nil
}

// node returns what git would commit at a path in a directory; nil for nothing.
func (w *workTree) node(dir directory, p string) (*gitrepo.Node, error) {
	e := w.tracked[p]
	if e != nil && w.index[p] {
		return w.indexNode(e), nil
	}

	below := directory{path: p, ignores: dir.ignores, attributes: dir.attributes, ignored: dir.ignored}
	info, err := w.disk.Lstat(p)
	switch {
	case err != nil && e == nil && w.index[p]:
		return w.directoryNode(below, nil), nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil // deleted
	case err != nil:
		return nil, err
	}

	below.ignored = dir.ignored || isExcluded(dir.ignores, p, info.IsDir())
	switch {
	case below.ignored && e == nil && w.folders[p] == nil:
		return nil, nil
	case info.IsDir() && w.isForeign(p):
		return &gitrepo.Node{Base: info.Name(), FileMode: info.Mode(), Modified: info.ModTime(), Submodule: true}, nil
	case info.IsDir():
		return w.directoryNode(below, info), nil
	}

	return w.diskNode(dir, p, info), nil
}

// indexNode is the node of a file that is read from the index.
func (w *workTree) indexNode(e *entry) *gitrepo.Node {
	n := &gitrepo.Node{Base: path.Base(e.path), FileMode: 0o644}
	if e.is(modeLink) {
		n.FileMode |= fs.ModeSymlink
	}

	n.Read = func() ([]byte, error) {
		data, ok, err := w.repo.Blob(e.hash, maxBlob)
		if err == nil && !ok {
			err = fmt.Errorf("the file has more than %d bytes", maxBlob)
		}
		return data, err
	}

	n.Size = func() (int64, error) {
		data, err := n.Read()
		return int64(len(data)), err
	}

	return n
}

// diskNode is the node of a file or link on disk.
func (w *workTree) diskNode(dir directory, p string, info fs.FileInfo) *gitrepo.Node {
	n := &gitrepo.Node{
		Base:     info.Name(),
		FileMode: info.Mode(),
		Modified: info.ModTime(),
		Size:     func() (int64, error) { return info.Size(), nil },
	}

	switch e := w.tracked[p]; {
	case e != nil && e.is(modeLink) && !w.links && info.Mode().IsRegular():
		// Where the file system has no links, a file holds the target of the link.
		n.FileMode = fs.ModeSymlink | 0o644
		n.Read = func() ([]byte, error) { return w.disk.ReadFile(p) }

	case info.Mode()&fs.ModeSymlink != 0:
		n.Read = func() ([]byte, error) {
			target, err := w.disk.ReadLink(p)
			return []byte(target), err
		}

	case e != nil && e.conflict:
		n.Read = func() ([]byte, error) {
			return nil, hint.Wrap(errors.New("it has merge conflicts"), "resolve it, then `git add` it")
		}

	case info.Mode().IsRegular():
		n.Read = func() ([]byte, error) {
			data, err := w.disk.ReadFile(p)
			if err != nil {
				return nil, err
			}
			return w.clean(p, data, w.attributesOf(dir, p))
		}
	}

	return n
}
