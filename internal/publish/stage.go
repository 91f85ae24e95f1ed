package publish

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
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

// staging is a release that is being written.
type staging struct {
	dir   string
	live  *disk.Tree // nil if there is none
	opts  Options
	chmod bool // the umask removes permissions

	mu      sync.Mutex
	entries []tree.Entry
	dirs    map[string]bool    // created so far
	times   map[time.Time]bool // that the file system has stored exactly
	targets targets
	damaged []string // unchanged files that are damaged in the live release
	report  *Report
}

// stage writes all files below dir, several at once.
func stage(ctx context.Context, dir string, live *disk.Tree, files iter.Seq2[tree.File, error], opts Options) (
	*staging, error,
) {
	if err := os.MkdirAll(dir, disk.DirMode); err != nil {
		return nil, fmt.Errorf("create the release's directory: %w", err)
	}

	info, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}

	s := &staging{
		dir:   dir,
		live:  live,
		opts:  opts,
		chmod: info.Mode().Perm() != disk.DirMode,

		dirs:    map[string]bool{".": true},
		times:   map[time.Time]bool{},
		targets: targets{},
		report:  &Report{},
	}
	if s.chmod {
		if err := os.Chmod(dir, disk.DirMode); err != nil {
			return nil, err
		}
	}

	if err := s.writeAll(ctx, files); err != nil {
		return nil, err
	}
	if len(s.entries) == 0 {
		return nil, errNoFiles
	}

	return s, nil
}

// writeAll distributes the files to workers as they are generated.
func (s *staging) writeAll(ctx context.Context, files iter.Seq2[tree.File, error]) error {
	jobs := max(s.opts.Jobs, 1)
	work := make(chan tree.File, 2*jobs)
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
			w := &worker{staging: s, compressor: newCompressor(), targets: targets{}}
			defer w.merge()
			for f := range work {
				if err := w.writeFile(f); err != nil {
					return fmt.Errorf("write %s: %w", f.Path, err)
				}
			}
			return nil
		})
	}

	return g.Wait()
}

// complete checks a release whose files are written, compares it with the live
// one, and writes its manifest.
func (s *staging) complete(rel tree.Release) error {
	live := manifestOf(s.live)
	m := tree.NewManifest(rel, s.entries)
	s.report.Manifest = m

	s.report.Retimed = retime(m, live)
	for _, p := range s.report.Retimed {
		for _, e := range m.WithSidecars(p) {
			if err := s.setTime(s.path(e.Path), e.Time); err != nil {
				return fmt.Errorf("write %s: %w", p, err)
			}
		}
	}

	s.opts.phase("check")
	if err := s.review(m); err != nil {
		return err
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
	if s.live == nil {
		return at
	}

	name := s.live.Path(tree.ManifestFile)
	info, err := os.Stat(name)
	if err != nil || info.Size() != int64(len(body)) || !info.ModTime().Equal(at) {
		return at
	}

	if old, err := os.ReadFile(name); err == nil && bytes.Equal(old, body) {
		return at
	}

	return at.Add(-time.Second)
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
	if s.chmod && err == nil {
		err = f.Chmod(disk.FileMode)
	}

	if closeErr := f.Close(); err == nil {
		err = closeErr
	}

	if err != nil {
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
	if err := s.makeDirLocked(path.Dir(dir)); err != nil {
		return err
	}

	err := os.Mkdir(s.path(dir), disk.DirMode)
	if errors.Is(err, fs.ErrExist) {
		return errPathTaken
	}

	if err == nil && s.chmod {
		err = os.Chmod(s.path(dir), disk.DirMode)
	}

	if err != nil {
		return err
	}

	s.dirs[dir] = true
	return nil
}
