// Package watch owns batched file-system events, and the news of them that
// open pages get.
package watch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Files watches directories with all below them, and single files.
type Files struct {
	watcher *fsnotify.Watcher
	files   map[string]bool // single files; their directories are watched
	dirs    map[string]bool // directories whose every event counts
}

// New watches paths. One that does not exist is a file that may come; directories
// that come later below a watched one are watched too.
func New(paths ...string) (*Files, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watch files: %w", err)
	}
	f := &Files{watcher: w, files: map[string]bool{}, dirs: map[string]bool{}}
	for _, p := range paths {
		if err := f.add(p); err != nil {
			return nil, errors.Join(fmt.Errorf("watch %s: %w", p, err), w.Close())
		}
	}
	return f, nil
}

func (f *Files) add(p string) error {
	info, err := os.Stat(p)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err != nil || !info.IsDir() {
		// A file that is replaced by renaming is another file: watch its place.
		f.files[filepath.Clean(p)] = true
		return f.watcher.Add(filepath.Dir(p))
	}
	return filepath.WalkDir(p, func(dir string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // gone meanwhile
		case err != nil:
			return err
		case !d.IsDir():
			return nil
		}
		f.dirs[filepath.Clean(dir)] = true
		return f.watcher.Add(dir)
	})
}

// Batches calls changed after each burst of changes, when nothing has happened
// for quiet, or when changes have gone on for patience. It returns when ctx
// ends, and an error if watching breaks.
func (f *Files) Batches(ctx context.Context, quiet, patience time.Duration, changed func()) error {
	var (
		timer *time.Timer
		fire  <-chan time.Time
		since time.Time // start of the burst
	)
	for {
		select {
		case <-ctx.Done():
			return nil
		case err, ok := <-f.watcher.Errors:
			switch {
			case !ok:
				return nil
			case errors.Is(err, fsnotify.ErrEventOverflow):
				changed() // something did
			default:
				return fmt.Errorf("watch files: %w", err)
			}
		case e, ok := <-f.watcher.Events:
			if !ok {
				return nil
			}
			if !f.counts(e) {
				continue
			}
			if fire == nil {
				since = time.Now()
			}
			wait := min(quiet, max(0, patience-time.Since(since)))
			if timer == nil {
				timer = time.NewTimer(wait)
			} else {
				timer.Reset(wait)
			}
			fire = timer.C
		case <-fire:
			fire = nil
			changed()
		}
	}
}

// counts reports whether an event is of something watched, and watches new
// directories.
func (f *Files) counts(e fsnotify.Event) bool {
	if e.Op == fsnotify.Chmod {
		return false
	}
	name := filepath.Clean(e.Name)
	if e.Has(fsnotify.Create) && f.dirs[filepath.Dir(name)] {
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			_ = f.add(name) // it may be gone again, and then there is nothing to watch
		}
	}
	return f.files[name] || f.dirs[filepath.Dir(name)]
}

// Close ends watching.
func (f *Files) Close() error { return f.watcher.Close() }
