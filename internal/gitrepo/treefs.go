package gitrepo

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-git/go-git/v5/plumbing/filemode"

	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/memfile"
)

// FS returns the files of a commit; an error for one that is beyond the limits.
// Files and symbolic links are read when asked for; submodules are empty
// directories, and a method Submodule(name string) bool reports them. All times are
// the committer's.
func (r *Repo) FS(commit history.Hash) (fs.FS, error) {
	c, err := r.Commit(commit)
	if err != nil {
		return nil, fmt.Errorf("read commit %s: %w", commit, err)
	}

	t := &treeFS{repo: r, dirs: map[history.Hash]map[string]node{}}
	t.root = node{fsys: t, name: ".", mode: filemode.Dir, hash: c.Tree, time: c.Committer.When}
	if err := t.measure(r.limits); err != nil {
		return nil, fmt.Errorf("read commit %s: %w", commit, err)
	}

	return t, nil
}

// treeFS is the file system of one commit. It implements fs.ReadFileFS,
// fs.ReadDirFS, fs.StatFS and fs.ReadLinkFS.
type treeFS struct {
	repo *Repo
	root node

	mu   sync.Mutex
	dirs map[history.Hash]map[string]node // directories already read, by name
}

// node is one file or directory; it is its own fs.DirEntry.
type node struct {
	fsys *treeFS
	name string
	mode filemode.FileMode
	hash history.Hash
	time time.Time
}

func (n node) Name() string { return n.name }
func (n node) IsDir() bool  { return n.Type() == fs.ModeDir }

func (n node) Type() fs.FileMode {
	switch n.mode {
	case filemode.Dir, filemode.Submodule:
		return fs.ModeDir
	case filemode.Symlink:
		return fs.ModeSymlink
	}
	return 0
}

func (n node) Info() (fs.FileInfo, error) { return n.info(n.name) }

// info reads the size of the file that was asked for by a path.
func (n node) info(path string) (fs.FileInfo, error) {
	info := fileInfo{node: n}
	if !n.IsDir() {
		var err error
		if info.size, err = n.fsys.repo.blobSize(n.hash); err != nil {
			return nil, &fs.PathError{Op: "lstat", Path: path, Err: err}
		}
	}
	return info, nil
}

// fileInfo is a node with its size.
type fileInfo struct {
	node
	size int64
}

func (i fileInfo) Size() int64        { return i.size }
func (i fileInfo) ModTime() time.Time { return i.time }
func (i fileInfo) Sys() any           { return nil }

func (i fileInfo) Mode() fs.FileMode {
	switch {
	case i.IsDir():
		return fs.ModeDir | 0o755
	case i.mode == filemode.Executable:
		return 0o755
	}
	return i.Type() | 0o644
}

// find walks down to a name. It follows no links.
func (t *treeFS) find(op, name string) (node, error) {
	if !fs.ValidPath(name) {
		return node{}, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}

	n := t.root
	if name == "." {
		return n, nil
	}

	for segment := range strings.SplitSeq(name, "/") {
		children, err := t.children(n)
		if err != nil {
			return node{}, &fs.PathError{Op: op, Path: name, Err: err}
		}

		child, ok := children[segment]
		if !ok {
			return node{}, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
		}

		n = child
	}

	return n, nil
}

// children returns what a directory holds, nothing for anything else.
func (t *treeFS) children(n node) (map[string]node, error) {
	if n.mode != filemode.Dir {
		return nil, nil
	}

	t.mu.Lock()
	defer t.mu.Unlock()

	if children, ok := t.dirs[n.hash]; ok {
		return children, nil
	}

	entries, err := t.repo.Tree(n.hash)
	if err != nil {
		return nil, err
	}
	if err := checkNames(entries); err != nil {
		return nil, err
	}

	children := make(map[string]node, len(entries))
	for _, e := range entries {
		children[e.Name] = node{fsys: t, name: e.Name, mode: filemode.FileMode(e.Mode), hash: e.Hash, time: n.time}
	}

	t.dirs[n.hash] = children
	return children, nil
}

// Open implements [fs.FS].
func (t *treeFS) Open(name string) (fs.File, error) { return memfile.Open(t, name) }

// Lstat implements [fs.ReadLinkFS].
func (t *treeFS) Lstat(name string) (fs.FileInfo, error) {
	n, err := t.find("lstat", name)
	if err != nil {
		return nil, err
	}
	return n.info(name)
}

// Submodule reports whether a name is that of a submodule.
func (t *treeFS) Submodule(name string) bool {
	n, err := t.find("lstat", name)
	return err == nil && n.mode == filemode.Submodule
}

// Stat implements [fs.StatFS]. Links are not followed: callers that mean to
// follow one ask ReadLink.
func (t *treeFS) Stat(name string) (fs.FileInfo, error) { return t.Lstat(name) }

// ReadLink implements [fs.ReadLinkFS].
func (t *treeFS) ReadLink(name string) (string, error) {
	n, err := t.find("readlink", name)
	if err != nil {
		return "", err
	}
	if n.mode != filemode.Symlink {
		return "", &fs.PathError{Op: "readlink", Path: name, Err: fs.ErrInvalid}
	}

	data, err := t.ReadFile(name)
	return string(data), err
}

// ReadFile implements [fs.ReadFileFS]. Of a link it returns the target.
func (t *treeFS) ReadFile(name string) ([]byte, error) {
	n, err := t.find("read", name)
	if err != nil {
		return nil, err
	}
	if n.IsDir() {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrInvalid}
	}

	data, err := t.repo.blob(n.hash)
	if err != nil {
		return nil, &fs.PathError{Op: "read", Path: name, Err: err}
	}

	return data, nil
}

// ReadDir implements [fs.ReadDirFS]: sorted by name, as fs.FS wants it.
func (t *treeFS) ReadDir(name string) ([]fs.DirEntry, error) {
	n, err := t.find("readdir", name)
	if err != nil {
		return nil, err
	}
	if !n.IsDir() {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrInvalid}
	}

	children, err := t.children(n)
	if err != nil {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: err}
	}

	entries := make([]fs.DirEntry, 0, len(children))
	for _, c := range children {
		entries = append(entries, c)
	}

	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, nil
}
