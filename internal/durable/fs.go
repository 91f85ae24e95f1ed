package durable

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// FS is the part of a file system that is needed to write files which survive a fault:
// the functions of os and filepath that have these names, and two for syncing. What
// publishes or stores is given one, so that a test can let each operation fail, or be
// the last one before a crash. [OS] is that of programs.
type FS interface {
	Lstat(name string) (fs.FileInfo, error)
	Stat(name string) (fs.FileInfo, error)
	Readlink(name string) (string, error)
	EvalSymlinks(name string) (string, error)
	ReadDir(name string) ([]fs.DirEntry, error)
	ReadFile(name string) ([]byte, error)

	OpenFile(name string, flag int, perm fs.FileMode) (File, error)
	Mkdir(name string, perm fs.FileMode) error
	MkdirAll(name string, perm fs.FileMode) error
	Chmod(name string, mode fs.FileMode) error
	Chtimes(name string, accessed, modified time.Time) error
	Link(from, to string) error
	Symlink(target, name string) error
	Rename(from, to string) error
	Remove(name string) error
	RemoveAll(name string) error

	// SyncDir makes the names in a directory survive a power failure: what was created,
	// renamed and removed there.
	SyncDir(dir string) error
	// SyncTree makes everything that was written below a directory survive one.
	SyncTree(dir string) error
}

// File is a file that is being written.
type File interface {
	io.WriteSeeker
	io.Closer
	Chmod(fs.FileMode) error
	Sync() error
}

// OS is the file system of the operating system.
type OS struct{}

func (OS) Lstat(name string) (fs.FileInfo, error)       { return os.Lstat(name) }
func (OS) Stat(name string) (fs.FileInfo, error)        { return os.Stat(name) }
func (OS) Readlink(name string) (string, error)         { return os.Readlink(name) }
func (OS) EvalSymlinks(name string) (string, error)     { return filepath.EvalSymlinks(name) }
func (OS) ReadDir(name string) ([]fs.DirEntry, error)   { return os.ReadDir(name) }
func (OS) ReadFile(name string) ([]byte, error)         { return os.ReadFile(name) }
func (OS) Mkdir(name string, perm fs.FileMode) error    { return os.Mkdir(name, perm) }
func (OS) MkdirAll(name string, perm fs.FileMode) error { return os.MkdirAll(name, perm) }
func (OS) Chmod(name string, mode fs.FileMode) error    { return os.Chmod(name, mode) }
func (OS) Link(from, to string) error                   { return os.Link(from, to) }
func (OS) Symlink(target, name string) error            { return os.Symlink(target, name) }
func (OS) Rename(from, to string) error                 { return os.Rename(from, to) }
func (OS) Remove(name string) error                     { return os.Remove(name) }
func (OS) RemoveAll(name string) error                  { return os.RemoveAll(name) }

// Chtimes implements [FS].
func (OS) Chtimes(name string, accessed, modified time.Time) error {
	return os.Chtimes(name, accessed, modified)
}

// OpenFile implements [FS].
func (OS) OpenFile(name string, flag int, perm fs.FileMode) (File, error) {
	f, err := os.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err // and no File with a nil pointer in it
	}
	return f, nil
}
