package faulttest

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// unsynced is what a disk has not got yet: names of files that were created, renamed and
// removed since their directory was synced, and content that was written since its file
// was. It is the strict reading of POSIX: each directory keeps the order of what was done
// to its names, and nothing else has an order.
type unsynced struct {
	attic   string // where what was removed or replaced is kept
	changes []*change
	dirty   map[uint64]string // files by inode, with the directory that they are in now
}

// change is a change of names in a directory.
type change struct {
	call, name, from string
	existed          bool        // an OpenFile that created nothing
	dir              string      // of the name, as that directory is called now
	saved            string      // in the attic: what had the name before; "" for nothing
	mode             fs.FileMode // of a directory that was removed
	synced           bool
}

// change makes a change, and notes how to undo it.
func (u *unsynced) change(c change, run func() error) error {
	if u == nil {
		return run()
	}

	info, err := os.Lstat(c.name)
	c.existed = err == nil && c.call == "OpenFile"
	switch {
	case err != nil || c.existed:
	case info.IsDir():
		c.mode = info.Mode()
	case c.call == "Remove" || c.call == "Rename":
		c.saved = u.save(c.name, info)
	}

	if err := run(); err != nil {
		return err
	}

	c.dir = filepath.Dir(c.name)
	if c.call == "Rename" {
		for _, earlier := range u.changes {
			earlier.dir = moved(earlier.dir, c.from, c.name)
		}
		for inode, dir := range u.dirty {
			u.dirty[inode] = moved(dir, c.from, c.name)
			if file, err := os.Lstat(c.name); err == nil && inodeOf(file) == inode {
				u.dirty[inode] = c.dir
			}
		}
	}

	if !c.existed {
		u.changes = append(u.changes, &c)
	}
	return nil
}

// moved is a path after a directory was renamed.
func moved(path, from, to string) string {
	if rest, ok := strings.CutPrefix(path, from); ok && (rest == "" || rest[0] == filepath.Separator) {
		return to + rest
	}
	return path
}

// save keeps a file or a link in the attic.
func (u *unsynced) save(name string, info fs.FileInfo) string {
	_ = os.MkdirAll(u.attic, 0o700)
	saved := filepath.Join(u.attic, strconv.Itoa(len(u.changes)))
	if info.Mode().Type() == fs.ModeSymlink {
		target, _ := os.Readlink(name)
		_ = os.Symlink(target, saved)
	} else {
		_ = os.Link(name, saved)
	}
	return saved
}

func inodeOf(info fs.FileInfo) uint64 { return info.Sys().(*syscall.Stat_t).Ino }

// write notes that a file is being written.
func (u *unsynced) write(f *os.File) {
	if u == nil {
		return
	}
	if info, err := f.Stat(); err == nil {
		u.dirty[inodeOf(info)] = filepath.Dir(f.Name())
	}
}

// synced notes that a file's content is on the disk.
func (u *unsynced) synced(f *os.File) {
	if u == nil {
		return
	}
	if info, err := f.Stat(); err == nil {
		delete(u.dirty, inodeOf(info))
	}
}

// sync notes that the names in directories are on the disk, and the content of the files
// in some.
func (u *unsynced) sync(names, content func(dir string) bool) {
	if u == nil {
		return
	}
	for _, c := range u.changes {
		c.synced = c.synced || names(c.dir)
	}
	for inode, dir := range u.dirty {
		if content != nil && content(dir) {
			delete(u.dirty, inode)
		}
	}
}

// Lost is how much of what was not synced is lost when power is cut.
type Lost int

// What is lost.
const (
	AllNames  Lost = iota // every change of names, and all content
	Content               // content only: files are there, and empty
	Zeroed                // content only: files have their length, and zeros
	SomeNames             // the last changes of names of each directory, as many as chance will
)

// Losses are the ways in which a fault is to happen.
func (k Kind) Losses() []Lost {
	if k == PowerCut {
		return []Lost{AllNames, Content, Zeroed, SomeNames}
	}
	return []Lost{AllNames}
}

// Cut makes the directory what a power failure leaves of it.
func (f *FS) Cut(lost Lost, random *rand.Rand) error {
	u := f.disk
	err := filepath.WalkDir(f.root, func(name string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		if _, ok := u.dirty[inodeOf(info)]; !ok {
			return nil
		}
		size := int64(0)
		if lost == Zeroed {
			size = info.Size()
		}
		if err := os.Truncate(name, 0); err != nil {
			return err
		}
		if err := os.Truncate(name, size); err != nil {
			return err
		}
		return os.Chtimes(name, info.ModTime(), info.ModTime())
	})
	if err != nil || lost == Content || lost == Zeroed {
		return err
	}

	u.undo(func(c *change, gone bool) bool { return lost == AllNames || gone || random.IntN(3) == 0 })
	return os.RemoveAll(u.attic)
}

// undo undoes changes that were not synced, the last ones first. Whether one is lost may
// depend on whether an earlier one of its directory is: then it is gone, too.
func (u *unsynced) undo(lose func(c *change, gone bool) bool) {
	gone := map[string]bool{} // by directory
	lost := make([]bool, len(u.changes))
	for i, c := range u.changes {
		lost[i] = !c.synced && lose(c, gone[c.dir])
		gone[c.dir] = gone[c.dir] || lost[i]
	}

	// Renames that stay have moved what was changed before them.
	var stayed []*change
	for i := len(u.changes) - 1; i >= 0; i-- {
		c := u.changes[i]
		if !lost[i] {
			if c.call == "Rename" {
				stayed = append([]*change{c}, stayed...)
			}
			continue
		}

		name := c.name
		for _, r := range stayed {
			name = moved(name, r.from, r.name)
		}

		switch c.call {
		case "Mkdir", "Link", "Symlink", "OpenFile":
			_ = os.RemoveAll(name)
		case "Rename":
			from := c.from
			for _, r := range stayed {
				from = moved(from, r.from, r.name)
			}
			_ = os.Rename(name, from)
		case "Remove":
			if c.saved == "" {
				_ = os.Mkdir(name, c.mode.Perm())
			}
		}
		if c.saved != "" {
			_ = os.Rename(c.saved, name)
		}
	}
}
