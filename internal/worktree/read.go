package worktree

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// Lstat implements [fs.ReadLinkFS].
func (w *FS) Lstat(name string) (fs.FileInfo, error) {
	missing := &fs.PathError{Op: "lstat", Path: name, Err: fs.ErrNotExist}
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "lstat", Path: name, Err: fs.ErrInvalid}
	}
	if name == "." {
		return w.disk.Lstat(name)
	}
	if w.isHidden(name) {
		return nil, missing
	}

	e := w.tracked[name]
	if e != nil && w.index[name] {
		return w.statEntry(e)
	}

	info, err := w.disk.Lstat(name)
	switch {
	case err != nil && e == nil && w.index[name]:
		return fileInfo{name: path.Base(name), mode: fs.ModeDir | 0o755}, nil
	case err != nil:
		return nil, err
	case e == nil && w.folders[name] == nil && w.isIgnored(name, info.IsDir()):
		return nil, missing
	case e != nil && e.is(modeLink) && !w.links && info.Mode().IsRegular():
		// Where the file system has no links, a file holds the target of the link.
		return fileInfo{name: path.Base(name), mode: fs.ModeSymlink | 0o644, size: info.Size(),
			time: info.ModTime()}, nil
	}

	return info, nil
}

// statEntry describes a file that is read from the index.
func (w *FS) statEntry(e *entry) (fs.FileInfo, error) {
	data, err := w.readBlob(e)
	if err != nil {
		return nil, &fs.PathError{Op: "lstat", Path: e.path, Err: err}
	}

	mode := fs.FileMode(0o644)
	if e.is(modeLink) {
		mode |= fs.ModeSymlink
	}

	return fileInfo{name: path.Base(e.path), mode: mode, size: int64(len(data))}, nil
}

func (w *FS) readBlob(e *entry) ([]byte, error) {
	data, ok, err := w.objects.Blob(e.hash, maxBlob)
	if err == nil && !ok {
		err = fmt.Errorf("the file has more than %d bytes", maxBlob)
	}
	return data, err
}

// Stat implements [fs.StatFS]. Links are not followed.
func (w *FS) Stat(name string) (fs.FileInfo, error) { return w.Lstat(name) }

// ReadLink implements [fs.ReadLinkFS].
func (w *FS) ReadLink(name string) (string, error) {
	info, err := w.Lstat(name)
	if err != nil {
		return "", err
	}
	if info.Mode()&fs.ModeSymlink == 0 {
		return "", &fs.PathError{Op: "readlink", Path: name, Err: fs.ErrInvalid}
	}

	e := w.tracked[name]
	switch {
	case e != nil && w.index[name]:
		data, err := w.readBlob(e)
		return string(data), err
	case e != nil && !w.links:
		data, err := w.disk.ReadFile(name)
		return string(data), err
	}

	return w.disk.ReadLink(name)
}

// ReadFile implements [fs.ReadFileFS].
func (w *FS) ReadFile(name string) ([]byte, error) {
	fail := func(err error) ([]byte, error) { return nil, &fs.PathError{Op: "read", Path: name, Err: err} }
	info, err := w.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return fail(fs.ErrInvalid)
	}

	e := w.tracked[name]
	switch {
	case e != nil && e.conflict:
		return fail(hint.Wrap(errors.New("it has merge conflicts"), "resolve it, then `git add` it"))
	case e != nil && w.index[name]:
		data, err := w.readBlob(e)
		if err != nil {
			return fail(err)
		}
		return data, nil
	}

	data, err := w.disk.ReadFile(name)
	if err != nil {
		return nil, err
	}
	if data, err = w.clean(name, data); err != nil {
		return fail(err)
	}

	return data, nil
}

// ReadDir implements [fs.ReadDirFS].
func (w *FS) ReadDir(name string) ([]fs.DirEntry, error) {
	info, err := w.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrInvalid}
	}
	if w.isForeign(name) {
		return nil, nil
	}

	names := map[string]bool{}
	onDisk, err := w.disk.ReadDir(name)
	if err != nil && !w.index[name] {
		return nil, err
	}

	for _, e := range onDisk {
		names[e.Name()] = true
	}

	for child := range w.folders[name] {
		if w.index[path.Join(name, child)] {
			names[child] = true
		}
	}

	var entries []fs.DirEntry
	for child := range names {
		info, err := w.Lstat(path.Join(name, child))
		if errors.Is(err, fs.ErrNotExist) {
			continue // ignored, or deleted meanwhile
		}
		if err != nil {
			return nil, err
		}
		entries = append(entries, fs.FileInfoToDirEntry(info))
	}

	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, nil
}
