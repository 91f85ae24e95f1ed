package publish

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// Reasons why a file or a release cannot be written.
var (
	errNoFiles   = errors.New("write the release: it has no files")
	errBadPath   = errors.New("the path does not name a file of a release")
	errPathTaken = errors.New("another file has this path, or a path below it")
)

// staging is a release that is being written, or planned.
type staging struct {
	dir  string
	live *disk.Tree
	opts Options

	mu      sync.Mutex
	entries []tree.Entry
	dirs    map[string]bool    // created so far
	times   map[time.Time]bool // that the file system has stored exactly
	targets targets
	damaged map[string]bool // unchanged files that are damaged in the live release
	report  *Report
}

func newStaging(dir string, live *disk.Tree, healed string, opts Options) *staging {
	return &staging{
		dir:     dir,
		live:    live,
		opts:    opts,
		dirs:    map[string]bool{},
		times:   map[time.Time]bool{},
		targets: targets{},
		damaged: map[string]bool{},
		report:  &Report{Healed: healed},
	}
}

// writeAll distributes the files to workers as they are generated.
func (s *staging) writeAll(ctx context.Context, files iter.Seq2[tree.File, error]) error {
	if err := s.makeDir("."); err != nil {
		return fmt.Errorf("create the release's directory: %w", err)
	}

	jobs := max(cmp.Or(s.opts.Jobs, runtime.GOMAXPROCS(0)), 1)
	work := make(chan tree.File, 2*jobs)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(work)
		for f, err := range files {
			if err == nil {
				f, err = f.Rendered()
			}
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
			c := newCompressor()
			for f := range work {
				if err := s.writeFile(f, c); err != nil {
					return fmt.Errorf("write %s: %w", f.Path, err)
				}
			}
			return nil
		})
	}

	return g.Wait()
}

// writeFile hard-links a file and its sidecars from the live release, or writes them.
func (s *staging) writeFile(f tree.File, c *compressor) error {
	e, err := s.add(f)
	if err != nil || s.linkUnchanged(e) {
		return err
	}
	if err := s.create(e, f.Body); err != nil {
		return err
	}

	sidecars, err := c.compress(f)
	if err != nil {
		return err
	}

	for suffix, body := range sidecars {
		sidecar := tree.NewEntry(f.Path+suffix, body, e.Time)
		sidecar.Moved = e.Moved
		if err := s.create(sidecar, body); err != nil {
			return err
		}
	}

	return nil
}

// add records what a file links to, and returns its entry.
func (s *staging) add(f tree.File) (tree.Entry, error) {
	if !tree.ValidPath(f.Path) {
		return tree.Entry{}, errBadPath
	}

	if s.opts.Targets != nil {
		paths := s.opts.Targets(f)
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, p := range paths {
			s.targets.add(p, f.Path)
		}
	}

	return entryOf(f, s.live.Manifest), nil
}

// create writes a new file.
func (s *staging) create(e tree.Entry, body []byte) error {
	if err := s.write(e.Path, body, e.Time); err != nil {
		return err
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	s.entries = append(s.entries, e)
	return nil
}

// linkUnchanged hard-links a file and its sidecars from the live release if content
// and time are unchanged and the files are intact. If it cannot, it returns false and
// the file is written instead. Whether a file is intact is judged by length and time;
// only with Options.Force is it read.
func (s *staging) linkUnchanged(e tree.Entry) bool {
	old := s.live.Manifest.Lookup(e.Path)
	if old == nil || !old.Equal(e) {
		return false
	}

	entries := s.live.Manifest.WithSidecars(e.Path)
	isDamaged := func(v *tree.Entry) bool {
		return !s.live.StatMatches(v) || s.opts.Force && !s.live.ContentMatches(v)
	}
	if slices.ContainsFunc(entries, isDamaged) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.damaged[e.Path] = true
		return false
	}

	if s.makeDir(path.Dir(e.Path)) != nil {
		return false
	}

	for i, v := range entries {
		if os.Link(s.live.Path(v.Path), s.path(v.Path)) != nil {
			for _, linked := range entries[:i] {
				os.Remove(s.path(linked.Path))
			}
			return false
		}
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range entries {
		s.entries = append(s.entries, *v)
	}
	s.report.Linked += len(entries)

	return true
}

// complete reviews a release whose files are written, and writes its manifest.
func (s *staging) complete(rel tree.Release) error {
	if err := s.review(rel); err != nil {
		return err
	}

	m := s.report.Manifest
	s.report.Written = len(m.Files) - s.report.Linked
	for _, p := range s.report.Retimed {
		for _, e := range m.WithSidecars(p) {
			if err := s.setTime(s.path(e.Path), e.Time); err != nil {
				return fmt.Errorf("write %s: %w", p, err)
			}
		}
	}

	body, err := m.Encode()
	if err != nil {
		return err
	}

	return s.write(tree.ManifestFile, body, s.manifestTime(body, m.Time()))
}

// manifestTime returns the modification time of a manifest: a second earlier if the
// live one has other content with the same time and length, and so the same ETag.
func (s *staging) manifestTime(body []byte, at time.Time) time.Time {
	e := tree.NewEntry(tree.ManifestFile, body, at)
	if s.live.Dir != "" && s.live.StatMatches(&e) && !s.live.ContentMatches(&e) {
		return at.Add(-time.Second)
	}
	return at
}

func (s *staging) path(p string) string { return filepath.Join(s.dir, filepath.FromSlash(p)) }

// write creates a file with its time and, despite the umask, mode 0644, because nginx
// reads it as another user.
func (s *staging) write(p string, body []byte, modified time.Time) (err error) {
	if err := s.makeDir(path.Dir(p)); err != nil {
		return err
	}

	name := s.path(p)
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, disk.FileMode)
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

	return s.setTime(name, modified)
}

// setTime sets a file's modification time. It reads each distinct time back once: a
// time that the file system rounds would not match the manifest, and files would
// share ETags.
func (s *staging) setTime(name string, modified time.Time) error {
	if err := os.Chtimes(name, modified, modified); err != nil {
		return err
	}

	s.mu.Lock()
	known := s.times[modified]
	s.times[modified] = true
	s.mu.Unlock()

	if known {
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

// makeDir creates a directory and its parents, once.
func (s *staging) makeDir(dir string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.makeDirLocked(dir)
}

func (s *staging) makeDirLocked(dir string) error {
	if s.dirs[dir] {
		return nil
	}
	if dir != "." {
		if err := s.makeDirLocked(path.Dir(dir)); err != nil {
			return err
		}
	}

	err := os.Mkdir(s.path(dir), disk.DirMode)
	if errors.Is(err, fs.ErrExist) {
		return errPathTaken
	}
	if err == nil {
		err = os.Chmod(s.path(dir), disk.DirMode)
	}
	if err != nil {
		return err
	}

	s.dirs[dir] = true
	return nil
}
