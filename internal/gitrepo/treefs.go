package gitrepo

import (
	"fmt"
	"io/fs"
	"sync"
	"time"

	"github.com/go-git/go-git/v5/plumbing/filemode"

	"github.com/chameleoncloud/refapi/internal/history"
)

// FS returns the files of a commit; an error for one that is beyond the limits.
// Submodules are empty directories. All times are the committer's.
func (r *Repo) FS(commit history.Hash) (FS, error) {
	c, err := r.Commit(commit)
	if err == nil {
		err = r.measure(c.Tree)
	}
	if err != nil {
		return FS{}, fmt.Errorf("read commit %s: %w", commit, err)
	}

	top := history.TreeEntry{Name: ".", Mode: uint32(filemode.Dir), Hash: c.Tree}
	return FS{r.node(top, c.Committer.When)}, nil
}

// node is the node of an entry of a tree.
func (r *Repo) node(e history.TreeEntry, modified time.Time) *Node {
	n := &Node{Base: e.Name, FileMode: 0o644, Modified: modified}
	switch filemode.FileMode(e.Mode) {
	case filemode.Dir:
		n.FileMode = fs.ModeDir | 0o755
		n.List = sync.OnceValues(func() (map[string]*Node, error) {
			entries, err := r.directory(e.Hash)
			children := make(map[string]*Node, len(entries))
			for _, child := range entries {
				children[child.Name] = r.node(child, modified)
			}
			return children, err
		})
		return n

	case filemode.Submodule:
		n.FileMode, n.Submodule = fs.ModeDir|0o755, true
		return n

	case filemode.Symlink:
		n.FileMode |= fs.ModeSymlink
	case filemode.Executable:
		n.FileMode = 0o755
	}

	n.Read = func() ([]byte, error) { return r.blob(e.Hash) }
	n.Size = func() (int64, error) { return r.blobSize(e.Hash) }
	return n
}

// directory reads a tree that a checkout can have.
func (r *Repo) directory(tree history.Hash) ([]history.TreeEntry, error) {
	entries, err := r.Tree(tree)
	if err != nil {
		return nil, err
	}
	return entries, checkNames(entries)
}
