package publish

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"
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
	targets map[string]string // path that must exist → a file that leads to it
	report  *Report
}

// stage writes all files below dir, several at once.
func stage(ctx context.Context, dir string, live *Tree, files iter.Seq[File], o Options) (*staging, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the release's directory: %w", err)
	}
	s := &staging{dir: dir, live: live, o: o, dirs: map[string]bool{".": true}, targets: map[string]string{}, report: &Report{}}
	info, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	if s.chmod = info.Mode().Perm() != 0o755; s.chmod {
		if err := os.Chmod(dir, 0o755); err != nil {
			return nil, err
		}
	}
	jobs := max(o.Jobs, 1)
	work := make(chan File, 2*jobs)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(work)
		for f := range files {
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
			w := &worker{staging: s, compress: newCompressor(), targets: map[string]string{}}
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
	slices.SortFunc(s.entries, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) })
	for i := range s.entries[1:] {
		if s.entries[i].Path == s.entries[i+1].Path {
			return nil, fmt.Errorf("write %s: two files have this path", s.entries[i].Path)
		}
	}
	return s, nil
}

// worker writes files for one goroutine and keeps its results to itself.
type worker struct {
	*staging
	compress *compressor
	entries  []Entry
	targets  map[string]string
	report   Report
}

// merge hands a worker's results over.
func (w *worker) merge() {
	w.staging.mu.Lock()
	defer w.staging.mu.Unlock()
	w.staging.entries = append(w.staging.entries, w.entries...)
	for target, from := range w.targets {
		w.staging.targets[target] = from
	}
	r := w.staging.report
	r.Written += w.report.Written
	r.Linked += w.report.Linked
	r.Raw += w.report.Raw
	r.Gzip += w.report.Gzip
	r.Brotli += w.report.Brotli
}

// file takes a file over from the live release, or writes it.
func (w *worker) file(f File) error {
	if w.o.Targets != nil {
		for _, t := range w.o.Targets(f) {
			w.targets[t] = f.Path
		}
	}
	sum := sha256.Sum256(f.Body)
	e := Entry{Path: f.Path, Size: int64(len(f.Body)), SHA256: hex.EncodeToString(sum[:]), Time: f.Time}
	if w.takeOver(f, e) {
		return nil
	}
	w.report.Raw += e.Size
	if err := w.put(e, f.Body); err != nil {
		return err
	}
	variants, err := w.compress.variants(f)
	if err != nil {
		return err
	}
	for suffix, body := range variants {
		sum := sha256.Sum256(body)
		v := Entry{Path: f.Path + suffix, Size: int64(len(body)), SHA256: hex.EncodeToString(sum[:]), Time: f.Time}
		w.count(v)
		if err := w.put(v, body); err != nil {
			return err
		}
	}
	return nil
}

func (w *worker) put(e Entry, body []byte) error {
	w.entries = append(w.entries, e)
	w.report.Written++
	return w.write(e.Path, body, e.Time)
}

// count adds a variant to the sums.
func (w *worker) count(v Entry) {
	if path.Ext(v.Path) == gzipSuffix {
		w.report.Gzip += v.Size
	} else {
		w.report.Brotli += v.Size
	}
}

// takeOver links a file and its variants from the live release where bytes and
// time are the same and the disk still has them. Anything else is no failure:
// the file is written.
func (w *worker) takeOver(f File, e Entry) bool {
	old := w.live.manifest().Lookup(f.Path)
	if old == nil || !old.Equal(e) {
		return false
	}
	if onDisk, err := os.ReadFile(w.live.path(f.Path)); err != nil || !bytes.Equal(onDisk, f.Body) {
		return false
	}
	entries := []Entry{e}
	for _, suffix := range []string{gzipSuffix, brotliSuffix} {
		if v := w.live.Manifest.Lookup(f.Path + suffix); v != nil {
			if w.live.checkFile(v) != nil {
				return false
			}
			entries = append(entries, *v)
		}
	}
	if w.makeDir(path.Dir(f.Path)) != nil {
		return false
	}
	for i, v := range entries {
		if os.Link(w.live.path(v.Path), w.path(v.Path)) != nil {
			for _, done := range entries[:i] {
				os.Remove(w.path(done.Path))
			}
			return false
		}
	}
	for _, v := range entries[1:] {
		w.count(v)
	}
	w.report.Raw += e.Size
	w.report.Linked += len(entries)
	w.entries = append(w.entries, entries...)
	return true
}

func (s *staging) path(p string) string { return filepath.Join(s.dir, filepath.FromSlash(p)) }

// write creates a file with its time and, whatever the umask, mode 0644:
// nginx reads it as another user.
func (s *staging) write(p string, body []byte, modified time.Time) (err error) {
	if err := s.makeDir(path.Dir(p)); err != nil {
		return err
	}
	name := s.path(p)
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	if s.chmod && err == nil {
		err = f.Chmod(0o644)
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Chtimes(name, modified, modified)
	}
	return err
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
	if err := os.Mkdir(s.path(dir), 0o755); err != nil {
		return err
	}
	if s.chmod {
		if err := os.Chmod(s.path(dir), 0o755); err != nil {
			return err
		}
	}
	s.dirs[dir] = true
	return nil
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
	return fmt.Errorf("check the release: %d links lead nowhere, as %s, which does not exist", len(broken), broken[0])
}

// syncFileSystem makes what was written durable. One call for the whole file
// system costs less than one for each of thousands of files.
func syncFileSystem(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := unix.Syncfs(int(f.Fd())); err != nil {
		return fmt.Errorf("sync %s: %w", dir, err)
	}
	return nil
}
