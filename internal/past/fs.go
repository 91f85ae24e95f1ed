package past

import (
	"bytes"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/history"
)

// FS is a commit's JSON files as a file system, for readers that read a commit's. It
// does not follow links, and has no other files and no empty directories.
type FS struct {
	past  *Past
	at    place
	paths []string // that directories list, if they are there at the commit
}

// FS returns the JSON files of a commit. Directories list those that keep accepts, all
// for nil; the others can be read by their paths.
func (p *Past) FS(commit history.Hash, keep func(path string) bool) (*FS, error) {
	at, ok := p.find(commit)
	if !ok {
		return nil, &UnknownCommitError{commit}
	}

	f := &FS{past: p, at: at, paths: p.sorted}
	if keep != nil {
		f.paths = slices.DeleteFunc(slices.Clone(p.sorted), func(path string) bool { return !keep(path) })
	}

	return f, nil
}

// info is a file, link or directory.
type info struct {
	name string
	mode fs.FileMode
	size int64
}

func (i info) Name() string               { return i.name }
func (i info) Size() int64                { return i.size }
func (i info) Mode() fs.FileMode          { return i.mode }
func (i info) Type() fs.FileMode          { return i.mode.Type() }
func (i info) ModTime() time.Time         { return time.Time{} }
func (i info) IsDir() bool                { return i.mode.IsDir() }
func (i info) Sys() any                   { return nil }
func (i info) Info() (fs.FileInfo, error) { return i, nil }

func pathError(op, name string, err error) error {
	return &fs.PathError{Op: op, Path: name, Err: err}
}

// Submodule reports whether a name is that of a repository of its own: none is known.
func (f *FS) Submodule(string) bool { return false }

// Lstat implements [fs.ReadLinkFS].
func (f *FS) Lstat(name string) (fs.FileInfo, error) {
	if !fs.ValidPath(name) {
		return nil, pathError("lstat", name, fs.ErrInvalid)
	}

	e, ok := f.past.lookup(f.past.paths[name], f.at)
	if !ok {
		if name == "." || f.hasDir(name) {
			return info{name: path.Base(name), mode: fs.ModeDir | 0o755}, nil
		}
		return nil, pathError("lstat", name, fs.ErrNotExist)
	}

	size, err := f.past.size(e)
	if err != nil {
		return nil, pathError("lstat", name, err)
	}

	return info{name: path.Base(name), mode: mode(e), size: size}, nil
}

// Stat implements [fs.StatFS], without following links.
func (f *FS) Stat(name string) (fs.FileInfo, error) { return f.Lstat(name) }

func mode(e Entry) fs.FileMode {
	if e.IsLink {
		return fs.ModeSymlink | 0o777
	}
	return 0o644
}

// ReadFile implements [fs.ReadFileFS]. Of a link it returns the target.
func (f *FS) ReadFile(name string) ([]byte, error) {
	e, ok := f.past.lookup(f.past.paths[name], f.at)
	if !ok {
		return nil, pathError("read", name, fs.ErrNotExist)
	}

	text, ok, err := f.past.Read(e)
	switch {
	case err != nil:
		return nil, pathError("read", name, err)
	case !ok:
		return nil, pathError("read", name, fs.ErrInvalid)
	}

	return text, nil
}

// ReadLink implements [fs.ReadLinkFS].
func (f *FS) ReadLink(name string) (string, error) {
	if e, ok := f.past.lookup(f.past.paths[name], f.at); ok && !e.IsLink {
		return "", pathError("readlink", name, fs.ErrInvalid)
	}
	text, err := f.ReadFile(name)
	return string(text), err
}

// ReadDir implements [fs.ReadDirFS].
func (f *FS) ReadDir(name string) ([]fs.DirEntry, error) {
	var entries []fs.DirEntry
	prefix := prefixOf(name)
	paths := below(f.paths, prefix)
	for len(paths) > 0 {
		p := paths[0]
		base, _, deeper := strings.Cut(p[len(prefix):], "/")
		e, ok := f.past.lookup(f.past.paths[p], f.at)
		if !ok {
			paths = paths[1:]
			continue
		}

		if !deeper {
			entries = append(entries, info{name: base, mode: mode(e)})
			paths = paths[1:]
			continue
		}

		// One file is enough: go on after the directory.
		entries = append(entries, info{name: base, mode: fs.ModeDir | 0o755})
		n, _ := slices.BinarySearch(paths, prefix+base+"0") // the character after the slash
		paths = paths[n:]
	}

	if len(entries) == 0 && !f.hasDir(name) {
		return nil, pathError("readdir", name, fs.ErrNotExist)
	}

	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, nil
}

// hasDir reports whether a directory has a file at the commit.
func (f *FS) hasDir(name string) bool {
	return slices.ContainsFunc(below(f.past.sorted, prefixOf(name)), func(p string) bool {
		_, ok := f.past.lookup(f.past.paths[p], f.at)
		return ok
	})
}

func prefixOf(dir string) string {
	if dir == "." {
		return ""
	}
	return dir + "/"
}

// below returns those of some sorted paths that start with a prefix.
func below(paths []string, prefix string) []string {
	start, _ := slices.BinarySearch(paths, prefix)
	rest := paths[start:]
	end, _ := slices.BinarySearchFunc(rest, prefix, func(name, prefix string) int {
		if strings.HasPrefix(name, prefix) {
			return -1
		}
		return 1
	})
	return rest[:end]
}

// Open implements [fs.FS], for files and links.
func (f *FS) Open(name string) (fs.File, error) {
	i, err := f.Lstat(name)
	if err != nil {
		return nil, err
	}
	if i.IsDir() {
		return nil, pathError("open", name, fs.ErrInvalid)
	}

	text, err := f.ReadFile(name)
	if err != nil {
		return nil, err
	}

	return &file{bytes.NewReader(text), i}, nil
}

type file struct {
	*bytes.Reader
	info fs.FileInfo
}

func (f *file) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *file) Close() error               { return nil }
