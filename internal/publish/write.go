package publish

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// path is where a file is written.
func (s *staging) path(f tree.Form) string {
	dir := s.dir
	if f.Class == tree.Immutable {
		dir = s.store
	}
	return filepath.Join(dir, filepath.FromSlash(f.Path))
}

// write creates a file with its time and, despite the umask, mode 0644, because nginx
// reads it as another user.
func (s *staging) write(form tree.Form, body []byte) (err error) {
	if err := s.makeParent(form); err != nil {
		return err
	}

	name := s.path(form)
	f, err := s.fs.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, disk.FileMode)
	if errors.Is(err, fs.ErrExist) {
		return errPathTaken
	}

	if err != nil {
		return err
	}

	_, err = f.Write(body)
	if err := errors.Join(err, f.Chmod(disk.FileMode), f.Close()); err != nil {
		return err
	}

	if form.Class == tree.Immutable {
		s.mu.Lock()
		s.staged = append(s.staged, form.Path)
		s.mu.Unlock()
	}

	return s.setTime(name, form.Time)
}

// setTime sets a file's modification time. It reads each distinct time back once: a
// time that the file system rounds would not match the manifest, and files would
// share ETags.
func (s *staging) setTime(name string, modified time.Time) error {
	if err := s.fs.Chtimes(name, modified, modified); err != nil {
		return err
	}

	s.mu.Lock()
	known := s.times[modified]
	s.times[modified] = true
	s.mu.Unlock()

	if known {
		return nil
	}

	info, err := s.fs.Lstat(name)
	if err != nil {
		return err
	}
	if got := info.ModTime().UTC(); !got.Equal(modified) {
		return hint.Wrap(fmt.Errorf("the file system cannot hold its time: %s became %s",
			modified.Format(time.RFC3339), got.Format(time.RFC3339Nano)),
			"give a directory with --out whose file system holds each second from 1970 on, such as ext4, XFS or btrfs")
	}

	return nil
}

// makeParent creates the directory of a file and its parents, each once.
func (s *staging) makeParent(f tree.Form) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.makeDir(filepath.Dir(s.path(f)))
}

// makeDir creates a directory below that of the release or the store, and that itself.
func (s *staging) makeDir(dir string) error {
	if s.dirs[dir] {
		return nil
	}
	if dir != s.dir && dir != s.store {
		if err := s.makeDir(filepath.Dir(dir)); err != nil {
			return err
		}
	}

	err := s.fs.Mkdir(dir, disk.DirMode)
	if errors.Is(err, fs.ErrExist) {
		return errPathTaken
	}
	if err == nil {
		err = s.fs.Chmod(dir, disk.DirMode)
	}
	if err != nil {
		return err
	}

	s.dirs[dir] = true
	return nil
}
