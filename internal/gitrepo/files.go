package gitrepo

import (
	"bytes"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// FS is a file system over a tree of nodes, of a commit or of a work tree. No method
// follows links: callers that mean to follow one call ReadLink.
type FS struct{ Root *Node }

// Node is a file, directory or link of an [FS], whose content is read on demand. It is
// its own [fs.DirEntry].
type Node struct {
	Base      string // the last element of its path
	FileMode  fs.FileMode
	Modified  time.Time
	Submodule bool // a directory that is a repository of its own, and has no nodes

	// List reads the nodes of a directory, by name; nil for anything else.
	List func() (map[string]*Node, error)
	// Read reads a file, or the target of a link; nil for anything else.
	Read func() ([]byte, error)
	// Size returns the bytes of a file; nil for 0.
	Size func() (int64, error)
}

// Map returns the same files with their contents converted, of which sizes say nothing.
func (f FS) Map(convert func(name string, data []byte) []byte) FS { return FS{f.Root.mapped(convert)} }

func (n *Node) mapped(convert func(name string, data []byte) []byte) *Node {
	m := *n
	if n.List != nil {
		m.List = sync.OnceValues(func() (map[string]*Node, error) {
			children, err := n.List()
			all := make(map[string]*Node, len(children))
			for name, child := range children {
				all[name] = child.mapped(convert)
			}
			return all, err
		})
	}

	if n.FileMode.IsRegular() && n.Read != nil {
		m.Read = func() ([]byte, error) {
			data, err := n.Read()
			if err != nil {
				return nil, err
			}
			return convert(n.Base, data), nil
		}
	}

	return &m
}

// Name implements [fs.DirEntry].
func (n *Node) Name() string { return n.Base }

// IsDir implements [fs.DirEntry].
func (n *Node) IsDir() bool { return n.FileMode.IsDir() }

// Type implements [fs.DirEntry].
func (n *Node) Type() fs.FileMode { return n.FileMode.Type() }

// Info implements [fs.DirEntry].
func (n *Node) Info() (fs.FileInfo, error) { return n.stat(n.Base) }

// stat is Info for a node that was asked for by a path.
func (n *Node) stat(path string) (fs.FileInfo, error) {
	info := fileInfo{Node: n}
	if n.Size != nil {
		var err error
		if info.size, err = n.Size(); err != nil {
			return nil, pathError("lstat", path, err)
		}
	}
	return info, nil
}

// fileInfo is a node with its size.
type fileInfo struct {
	*Node
	size int64
}

func (i fileInfo) Size() int64        { return i.size }
func (i fileInfo) Mode() fs.FileMode  { return i.FileMode }
func (i fileInfo) ModTime() time.Time { return i.Modified }
func (i fileInfo) Sys() any           { return nil }

// pathError adds an operation and a path to an error, if there is one.
func pathError(op, name string, err error) error {
	if err == nil {
		return nil
	}
	return &fs.PathError{Op: op, Path: name, Err: err}
}

// find walks down to a name.
func (f FS) find(op, name string) (*Node, error) {
	if !fs.ValidPath(name) {
		return nil, pathError(op, name, fs.ErrInvalid)
	}

	n := f.Root
	if name == "." {
		return n, nil
	}

	for segment := range strings.SplitSeq(name, "/") {
		var children map[string]*Node
		if n.List != nil {
			var err error
			if children, err = n.List(); err != nil {
				return nil, pathError(op, name, err)
			}
		}
		if n = children[segment]; n == nil {
			return nil, pathError(op, name, fs.ErrNotExist)
		}
	}

	return n, nil
}

// Lstat implements [fs.ReadLinkFS].
func (f FS) Lstat(name string) (fs.FileInfo, error) {
	n, err := f.find("lstat", name)
	if err != nil {
		return nil, err
	}
	return n.stat(name)
}

// Stat implements [fs.StatFS], without following links.
func (f FS) Stat(name string) (fs.FileInfo, error) { return f.Lstat(name) }

// Submodule reports whether a name is that of a repository of its own.
func (f FS) Submodule(name string) bool {
	n, err := f.find("lstat", name)
	return err == nil && n.Submodule
}

// ReadLink implements [fs.ReadLinkFS].
func (f FS) ReadLink(name string) (string, error) {
	n, err := f.find("readlink", name)
	if err != nil {
		return "", err
	}
	if n.Type() != fs.ModeSymlink {
		return "", pathError("readlink", name, fs.ErrInvalid)
	}

	data, err := n.Read()
	return string(data), pathError("readlink", name, err)
}

// ReadFile implements [fs.ReadFileFS]. Of a link it returns the target.
func (f FS) ReadFile(name string) ([]byte, error) {
	n, err := f.find("read", name)
	if err != nil {
		return nil, err
	}
	if n.Read == nil {
		return nil, pathError("read", name, fs.ErrInvalid)
	}

	data, err := n.Read()
	return data, pathError("read", name, err)
}

// ReadDir implements [fs.ReadDirFS].
func (f FS) ReadDir(name string) ([]fs.DirEntry, error) {
	n, err := f.find("readdir", name)
	if err != nil {
		return nil, err
	}
	if !n.IsDir() {
		return nil, pathError("readdir", name, fs.ErrInvalid)
	}

	var children map[string]*Node
	if n.List != nil {
		if children, err = n.List(); err != nil {
			return nil, pathError("readdir", name, err)
		}
	}

	entries := make([]fs.DirEntry, 0, len(children))
	for _, child := range slices.Sorted(maps.Keys(children)) {
		entries = append(entries, children[child])
	}

	return entries, nil
}

// Open implements [fs.FS].
func (f FS) Open(name string) (fs.File, error) {
	n, err := f.find("open", name)
	if err != nil {
		return nil, err
	}
	if n.IsDir() {
		entries, err := f.ReadDir(name)
		return &openDirectory{fileInfo{Node: n}, entries}, err
	}

	data, err := f.ReadFile(name)
	return &openFile{bytes.NewReader(data), fileInfo{n, int64(len(data))}}, err
}

// openFile is an open file, which was read completely.
type openFile struct {
	*bytes.Reader
	info fs.FileInfo
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *openFile) Close() error               { return nil }

type openDirectory struct {
	info    fs.FileInfo
	entries []fs.DirEntry // those that were not returned yet
}

func (d *openDirectory) Stat() (fs.FileInfo, error) { return d.info, nil }
func (d *openDirectory) Close() error               { return nil }

func (d *openDirectory) Read([]byte) (int, error) {
	return 0, pathError("read", d.info.Name(), fs.ErrInvalid)
}

// ReadDir implements [fs.ReadDirFile].
func (d *openDirectory) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 {
		n = len(d.entries)
	} else if len(d.entries) == 0 {
		return nil, io.EOF
	}

	some := d.entries[:min(n, len(d.entries))]
	d.entries = d.entries[len(some):]
	return some, nil
}
