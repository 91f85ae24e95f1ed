package worktree

import (
	"bytes"
	"io"
	"io/fs"
	"time"
)

// fileInfo is a file or directory that differs from what is on disk.
type fileInfo struct {
	name string
	mode fs.FileMode
	size int64
	time time.Time // zero for what is not on disk
}

func (i fileInfo) Name() string       { return i.name }
func (i fileInfo) Size() int64        { return i.size }
func (i fileInfo) Mode() fs.FileMode  { return i.mode }
func (i fileInfo) ModTime() time.Time { return i.time }
func (i fileInfo) IsDir() bool        { return i.mode.IsDir() }
func (i fileInfo) Sys() any           { return nil }

// Open implements [fs.FS].
func (w *FS) Open(name string) (fs.File, error) {
	info, err := w.Lstat(name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		entries, err := w.ReadDir(name)
		return &openDir{file: file{info: info}, entries: entries}, err
	}

	data, err := w.ReadFile(name)
	if err != nil {
		return nil, err
	}

	return &file{bytes.NewReader(data),
		fileInfo{name: info.Name(), mode: info.Mode(), size: int64(len(data)), time: info.ModTime()}}, nil
}

// file is an open file, with its content in memory.
type file struct {
	*bytes.Reader
	info fs.FileInfo
}

func (f *file) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *file) Close() error               { return nil }

// openDir is an open directory.
type openDir struct {
	file
	entries []fs.DirEntry
}

func (d *openDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.info.Name(), Err: fs.ErrInvalid}
}

func (d *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 || n > len(d.entries) {
		if n > 0 && len(d.entries) == 0 {
			return nil, io.EOF
		}
		n = len(d.entries)
	}

	some := d.entries[:n]
	d.entries = d.entries[n:]
	return some, nil
}
