// Package faulttest lets the operations of a file system fail one by one, or be the last
// ones before a crash, and checks what readers get meanwhile.
//
// The operations of a run are recorded once. Each is named by its call, its path and how
// many times the same was met before, so that a run whose goroutines take turns in
// another order is hit at the same operation.
package faulttest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/chameleoncloud/refapi/internal/durable"
)

// Op is an operation of a run.
type Op struct {
	Call  string // the method of [durable.FS] or of [durable.File]
	Path  string // below the root of the file system, or outside as it is
	Count int    // how many times the same was met before
}

// Nth is the n-th operation, from 0, whatever it is; or if a kind of fault does not meet
// that one, the next one that it meets.
func Nth(n int) Op { return Op{Count: n} }

// String implements [fmt.Stringer].
func (o Op) String() string { return fmt.Sprintf("%s %s #%d", o.Call, o.Path, o.Count) }

// Kind is what becomes of an operation.
type Kind int

// The kinds of faults.
const (
	None     Kind = iota
	EIO           // it fails once
	Late          // it fails once, and has been done all the same, as it may be on a network
	EMFILE        // it fails once, if it opens something
	ENOSPC        // it fails once, if it needs space; half of what is written is there
	Full          // like ENOSPC, and the disk stays full
	Kill          // it has no effect, and neither has any after it
	PowerCut      // like Kill, and some of what was not synced is lost
)

// Kinds are all kinds of faults.
var Kinds = []Kind{EIO, Late, EMFILE, ENOSPC, Full, Kill, PowerCut}

var kindNames = []string{"none", "EIO", "EIO, but done", "EMFILE", "ENOSPC", "disk stays full", "kill", "power cut"}

// String implements [fmt.Stringer].
func (k Kind) String() string {
	switch k {
	case Cut:
		return "cut"
	case Stall:
		return "stall"
	case Slow:
		return "slow"
	}
	return kindNames[k]
}

// Calls that change nothing, calls that open a file or directory, and calls that need space.
var (
	reads = []string{"Lstat", "Stat", "Readlink", "EvalSymlinks", "ReadDir", "ReadFile"}
	opens = []string{"ReadDir", "ReadFile", "OpenFile", "RemoveAll", "SyncDir", "SyncTree"}
	grows = []string{"OpenFile", "Write", "Sync", "Close", "Mkdir", "MkdirAll", "Link", "Symlink", "Rename", "SyncDir",
		"SyncTree"}
)

// Meets reports whether an operation can fail in a way.
func (k Kind) Meets(o Op) bool {
	switch k {
	case EMFILE:
		return slices.Contains(opens, o.Call)
	case ENOSPC, Full:
		return slices.Contains(grows, o.Call)
	}
	return k != None && (k != Late || !slices.Contains(reads, o.Call))
}

// ErrKilled is the error of all operations after a crash. Nobody sees it in truth.
var ErrKilled = errors.New("the process was killed")

// FS is the operating system's file system with at most one fault.
type FS struct {
	durable.OS
	root string
	kind Kind
	at   Op

	mu   sync.Mutex
	seen map[Op]int
	ops  []Op
	met  bool
	dead bool
	disk *unsynced // nil unless power is cut
}

// New returns a file system whose operation at fails. Paths are named below root.
func New(root string, kind Kind, at Op) *FS {
	f := &FS{root: root, kind: kind, at: at, seen: map[Op]int{}}
	if kind == PowerCut {
		f.disk = &unsynced{attic: root + ".attic", dirty: map[uint64]string{}}
	}
	return f
}

// Ops are the operations so far.
func (f *FS) Ops() []Op {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.ops)
}

// Met reports whether the fault has happened.
func (f *FS) Met() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.met
}

// do carries out an operation, unless it is the one that fails or comes after a crash.
// Half is what is left of one that fails for want of space; it may be nil.
func (f *FS) do(call, path string, run func() error, half func()) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dead {
		return ErrKilled
	}

	op := Op{Call: call, Path: f.relative(path)}
	f.seen[op]++
	op.Count = f.seen[op] - 1
	f.ops = append(f.ops, op)

	here := f.kind != None && (op == f.at || f.isNth() && !f.met && f.kind.Meets(op))
	f.met = f.met || here
	var errno syscall.Errno
	switch {
	case here && (f.kind == Kill || f.kind == PowerCut):
		f.dead = true
		if half != nil {
			half()
		}
		return ErrKilled
	case here && f.kind == EIO:
		errno = syscall.EIO
	case here && f.kind == Late:
		errno = syscall.EIO
		if err := run(); err != nil {
			return err
		}
	case here && f.kind == EMFILE:
		errno = syscall.EMFILE
	case here && f.kind == ENOSPC, f.met && f.kind == Full && f.kind.Meets(op):
		errno = syscall.ENOSPC
		if half != nil {
			half()
		}
	default:
		return run()
	}

	return &fs.PathError{Op: strings.ToLower(call), Path: path, Err: errno}
}

// isNth reports whether the last operation is as late as the fault, which is an [Nth].
func (f *FS) isNth() bool { return f.at == Nth(f.at.Count) && len(f.ops) > f.at.Count }

// relative is a path below the root.
func (f *FS) relative(path string) string {
	if rel, err := filepath.Rel(f.root, path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return path
}

// value carries out an operation that returns something.
func value[T any](f *FS, call, path string, run func() (T, error)) (v T, err error) {
	err = f.do(call, path, func() (err error) { v, err = run(); return err }, nil)
	return v, err
}

func (f *FS) Lstat(name string) (fs.FileInfo, error) {
	return value(f, "Lstat", name, func() (fs.FileInfo, error) { return os.Lstat(name) })
}

func (f *FS) Stat(name string) (fs.FileInfo, error) {
	return value(f, "Stat", name, func() (fs.FileInfo, error) { return os.Stat(name) })
}

func (f *FS) Readlink(name string) (string, error) {
	return value(f, "Readlink", name, func() (string, error) { return os.Readlink(name) })
}

func (f *FS) EvalSymlinks(name string) (string, error) {
	return value(f, "EvalSymlinks", name, func() (string, error) { return filepath.EvalSymlinks(name) })
}

func (f *FS) ReadDir(name string) ([]fs.DirEntry, error) {
	return value(f, "ReadDir", name, func() ([]fs.DirEntry, error) { return os.ReadDir(name) })
}

func (f *FS) ReadFile(name string) ([]byte, error) {
	return value(f, "ReadFile", name, func() ([]byte, error) { return os.ReadFile(name) })
}

func (f *FS) Mkdir(name string, perm fs.FileMode) error {
	return f.do("Mkdir", name, func() error {
		return f.disk.change(change{call: "Mkdir", name: name}, func() error { return os.Mkdir(name, perm) })
	}, nil)
}

func (f *FS) MkdirAll(name string, perm fs.FileMode) error {
	if _, err := os.Stat(name); err != nil && filepath.Dir(name) != name {
		if err := f.MkdirAll(filepath.Dir(name), perm); err != nil {
			return err
		}
		return f.Mkdir(name, perm)
	}
	return f.do("MkdirAll", name, func() error { return os.MkdirAll(name, perm) }, nil)
}

func (f *FS) Chmod(name string, mode fs.FileMode) error {
	return f.do("Chmod", name, func() error { return os.Chmod(name, mode) }, nil)
}

func (f *FS) Chtimes(name string, accessed, modified time.Time) error {
	return f.do("Chtimes", name, func() error { return os.Chtimes(name, accessed, modified) }, nil)
}

func (f *FS) Link(from, to string) error {
	return f.do("Link", to, func() error {
		return f.disk.change(change{call: "Link", name: to}, func() error { return os.Link(from, to) })
	}, nil)
}

func (f *FS) Symlink(target, name string) error {
	return f.do("Symlink", name, func() error {
		return f.disk.change(change{call: "Symlink", name: name}, func() error { return os.Symlink(target, name) })
	}, nil)
}

func (f *FS) Rename(from, to string) error {
	return f.do("Rename", to, func() error {
		return f.disk.change(change{call: "Rename", name: to, from: from}, func() error { return os.Rename(from, to) })
	}, nil)
}

func (f *FS) Remove(name string) error {
	return f.do("Remove", name, func() error {
		return f.disk.change(change{call: "Remove", name: name}, func() error { return os.Remove(name) })
	}, nil)
}

// RemoveAll removes one entry after the other, so that a crash may come between two.
func (f *FS) RemoveAll(name string) error {
	info, err := os.Lstat(name)
	if err != nil {
		return f.do("RemoveAll", name, func() error { return os.RemoveAll(name) }, nil)
	}

	if info.IsDir() {
		entries, err := value(f, "RemoveAll", name, func() ([]fs.DirEntry, error) { return os.ReadDir(name) })
		for _, e := range entries {
			err = errors.Join(err, f.RemoveAll(filepath.Join(name, e.Name())))
		}
		if err != nil {
			return err
		}
	}

	return f.Remove(name)
}

func (f *FS) SyncDir(dir string) error {
	return f.do("SyncDir", dir, func() error {
		f.disk.sync(func(d string) bool { return d == dir }, nil)
		return nil
	}, nil)
}

func (f *FS) SyncTree(dir string) error {
	return f.do("SyncTree", dir, func() error {
		below := func(d string) bool { return d == dir || strings.HasPrefix(d, dir+string(filepath.Separator)) }
		f.disk.sync(below, below)
		return nil
	}, nil)
}

func (f *FS) OpenFile(name string, flag int, perm fs.FileMode) (durable.File, error) {
	opened, err := value(f, "OpenFile", name, func() (file *os.File, err error) {
		made := change{call: "OpenFile", name: name}
		err = f.disk.change(made, func() error { file, err = os.OpenFile(name, flag, perm); return err })
		return file, err
	})
	if err != nil {
		return nil, err
	}

	f.disk.write(opened)
	return &file{opened, f}, nil
}

// file is an open file.
type file struct {
	*os.File
	fs *FS
}

func (w *file) Write(b []byte) (n int, err error) {
	err = w.fs.do("Write", w.Name(), func() (err error) { n, err = w.File.Write(b); return err },
		func() { n, _ = w.File.Write(b[:len(b)/2]) })
	return n, err
}

func (w *file) Chmod(mode fs.FileMode) error {
	return w.fs.do("Chmod", w.Name(), func() error { return w.File.Chmod(mode) }, nil)
}

func (w *file) Sync() error {
	return w.fs.do("Sync", w.Name(), func() error { w.fs.disk.synced(w.File); return nil }, nil)
}

// Close closes the file, whatever it returns: that is what an operating system does.
func (w *file) Close() error {
	return errors.Join(w.fs.do("Close", w.Name(), func() error { return nil }, nil), w.File.Close())
}
