package publish

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// Why a file or a whole release cannot be written.
var (
	errNoFiles   = errors.New("write the release: there are no files")
	errBadPath   = errors.New("the path does not name a file of a release")
	errPathTaken = errors.New("another file has this path, or one that leads through it")
)

// staging is a release while it is written.
type staging struct {
	dir   string
	live  *Tree // nil where there is none
	o     Options
	chmod bool // the umask would take permissions away

	mu      sync.Mutex
	entries []Entry
	dirs    map[string]bool
	held    map[time.Time]bool // times that were read back
	targets targets
	damaged []string // files of the live release that are the same, but not on disk
	report  *Report
}

// stage writes all files below dir, several at once.
func stage(ctx context.Context, dir string, live *Tree, files iter.Seq2[File, error], o Options) (*staging, error) {
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return nil, fmt.Errorf("make the release's directory: %w", err)
	}
	s := &staging{dir: dir, live: live, o: o, dirs: map[string]bool{".": true}, held: map[time.Time]bool{}, targets: targets{}, report: &Report{}}
	info, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	if s.chmod = info.Mode().Perm() != dirMode; s.chmod {
		if err := os.Chmod(dir, dirMode); err != nil {
			return nil, err
		}
	}
	jobs := max(o.Jobs, 1)
	work := make(chan File, 2*jobs)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(work)
		for f, err := range files {
			if err != nil {
				return err
			}
			select {
			case work <- f:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	for range jobs {
		g.Go(func() error {
			w := &worker{staging: s, compress: newCompressor(), targets: targets{}}
			defer w.merge()
			for f := range work {
				if err := w.file(f); err != nil {
					return fmt.Errorf("write %s: %w", f.Path, err)
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	if len(s.entries) == 0 {
		return nil, errNoFiles
	}
	slices.SortFunc(s.entries, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) })
	return s, nil
}

func (s *staging) path(p string) string { return filepath.Join(s.dir, filepath.FromSlash(p)) }

// write creates a file with its time and, whatever the umask, mode 0644:
// nginx reads it as another user.
func (s *staging) write(p string, body []byte, modified time.Time) (err error) {
	if err := s.makeDir(path.Dir(p)); err != nil {
		return err
	}
	name := s.path(p)
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if errors.Is(err, fs.ErrExist) {
		return errPathTaken
	}
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	if s.chmod && err == nil {
		err = f.Chmod(fileMode)
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = s.setTime(name, modified)
	}
	return err
}

// setTimes gives files of the release the times of their entries.
func (s *staging) setTimes(entries []*Entry) error {
	for _, e := range entries {
		if err := s.setTime(s.path(e.Path), e.Time); err != nil {
			return err
		}
	}
	return nil
}

// setTime sets a file's modification time, and reads back the first of each: one
// that the file system cannot hold would be another file's, too, and be taken for
// damage.
func (s *staging) setTime(name string, modified time.Time) error {
	if err := os.Chtimes(name, modified, modified); err != nil {
		return err
	}
	s.mu.Lock()
	held := s.held[modified]
	s.held[modified] = true
	s.mu.Unlock()
	if held {
		return nil
	}

	info, err := os.Lstat(name)
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

// makeDir makes a directory and those above it, once.
func (s *staging) makeDir(dir string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.makeDirLocked(dir)
}

func (s *staging) makeDirLocked(dir string) error {
	if s.dirs[dir] {
		return nil
	}
	if err := s.makeDirLocked(path.Dir(dir)); err != nil {
		return err
	}
	switch err := os.Mkdir(s.path(dir), dirMode); {
	case errors.Is(err, fs.ErrExist):
		return errPathTaken
	case err != nil:
		return err
	}
	if s.chmod {
		if err := os.Chmod(s.path(dir), dirMode); err != nil {
			return err
		}
	}
	s.dirs[dir] = true
	return nil
}

// targets has for each path that must exist the first file, by name, that leads
// to it.
type targets map[string]string

func (t targets) add(target, from string) {
	if other, ok := t[target]; !ok || from < other {
		t[target] = from
	}
}

// checkTargets checks that every link leads to a file of the release.
func (s *staging) checkTargets(m *Manifest) error {
	var broken []string
	for target, from := range s.targets {
		if m.Lookup(target) == nil {
			broken = append(broken, fmt.Sprintf("%s leads to %s", from, target))
		}
	}
	if len(broken) == 0 {
		return nil
	}
	slices.Sort(broken)
	return fmt.Errorf("check the release: %s, which does not exist%s", broken[0], inAll(len(broken), "link"))
}
