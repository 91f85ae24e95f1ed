// Package memfile implements Open for file systems that read each file whole, as
// those of commits and of work trees do.
package memfile

import (
	"bytes"
	"io"
	"io/fs"
)

// FS is such a file system.
type FS interface {
	fs.ReadFileFS
	fs.ReadDirFS
	Lstat(name string) (fs.FileInfo, error)
}

// Open opens a file or a directory, and follows no link.
func Open(fsys FS, name string) (fs.File, error) {
	info, err := fsys.Lstat(name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		entries, err := fsys.ReadDir(name)
		return &dir{info: info, entries: entries}, err
	}

	data, err := fsys.ReadFile(name)
	if err != nil {
		return nil, err
	}

	return &file{bytes.NewReader(data), fileInfo{info, int64(len(data))}}, nil
}

// fileInfo has the size of what was read: a filter may have changed that on disk.
type fileInfo struct {
	fs.FileInfo
	size int64
}

func (i fileInfo) Size() int64 { return i.size }

type file struct {
	*bytes.Reader
	info fileInfo
}

func (f *file) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *file) Close() error               { return nil }

type dir struct {
	info    fs.FileInfo
	entries []fs.DirEntry
}

func (d *dir) Stat() (fs.FileInfo, error) { return d.info, nil }
func (d *dir) Close() error               { return nil }

func (d *dir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.info.Name(), Err: fs.ErrInvalid}
}

// ReadDir implements [fs.ReadDirFile].
func (d *dir) ReadDir(n int) ([]fs.DirEntry, error) {
	some := d.entries
	if n > 0 {
		if len(some) == 0 {
			return nil, io.EOF
		}
		some = some[:min(n, len(some))]
	}

	d.entries = d.entries[len(some):]
	return some, nil
}
