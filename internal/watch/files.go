package watch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// notifier reports changes in directories, one by one.
type notifier struct {
	add    func(dir string) error
	close  func() error
	events <-chan fsnotify.Event
	errors <-chan error
}

// newNotifier returns the operating system's notifier.
func newNotifier() (notifier, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return notifier{}, err
	}
	return notifier{w.Add, w.Close, w.Events, w.Errors}, nil
}

// watched is one set of paths and its watches.
type watched struct {
	paths    Paths
	found    []fs.FileInfo   // the directories that the paths named
	notifier notifier        // the zero one where nothing is watched
	single   map[string]bool // single files; their directories are watched
	dirs     map[string]bool // directories of which every event counts
}

// watchPaths watches paths. The result can be used also where the system refuses.
func watchPaths(paths Paths, open func() (notifier, error)) (*watched, error) {
	w := &watched{paths: paths, found: directories(paths), single: map[string]bool{}, dirs: map[string]bool{}}
	if len(paths.Watched) == 0 {
		return w, nil
	}

	n, err := open()
	if err != nil {
		return w, err
	}

	w.notifier = n
	for _, p := range paths.Watched {
		if err := w.add(p); err != nil {
			w.close()
			w.notifier = notifier{}
			return w, err
		}
	}

	return w, nil
}

func (w *watched) close() {
	if w != nil && w.notifier.close != nil {
		_ = w.notifier.close() // nothing can be lost
	}
}

// add watches a path. What cannot be read is no error: whoever reads the files reports
// a better one.
func (w *watched) add(p string) error {
	info, err := os.Stat(p)
	if err != nil || !info.IsDir() {
		// Editors replace files by renaming, which ends a watch of the file: watch its
		// directory.
		w.single[filepath.Clean(p)] = true
		return w.watch(filepath.Dir(p))
	}

	return filepath.WalkDir(p, func(dir string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return nil
		}
		w.dirs[filepath.Clean(dir)] = true
		return w.watch(dir)
	})
}

// watch watches one directory.
func (w *watched) watch(dir string) error {
	err := w.notifier.add(dir)
	for _, unreadable := range []error{fs.ErrNotExist, fs.ErrPermission, syscall.ENOTDIR} {
		if errors.Is(err, unreadable) {
			return nil
		}
	}
	if err != nil {
		return fmt.Errorf("watch %s: %w", dir, err)
	}
	return nil
}

// wait waits for the end of a burst of changes, of files or by trigger, until a path names
// another directory than before, at most for the given time, and at most until ctx ends.
func (w *watched) wait(ctx context.Context, limit time.Duration, trigger <-chan struct{}) {
	poll := time.NewTimer(limit)
	defer poll.Stop()
	check := time.NewTicker(checkInterval)
	defer check.Stop()

	var settled, late <-chan time.Time // nil until the first change
	changed := func() {
		settled = time.After(settleDelay)
		if late == nil {
			late = time.After(maxDelay)
		}
	}

	for {
		select {
		case <-ctx.Done():
			return
		case <-poll.C:
			return
		case <-settled:
			return
		case <-late:
			return
		case <-w.notifier.errors:
			return // events were lost
		case <-check.C:
			if !slices.EqualFunc(w.found, directories(w.paths), sameDirectory) {
				return
			}

		case <-trigger:
			changed()
		case e := <-w.notifier.events:
			if w.counts(e) {
				changed()
			}
		}
	}
}

// counts reports whether an event is about something watched.
func (w *watched) counts(e fsnotify.Event) bool {
	name := filepath.Clean(e.Name)
	return e.Op != fsnotify.Chmod && (w.single[name] || w.dirs[name] || w.dirs[filepath.Dir(name)])
}

// directories returns the directories that paths name, nil for one that does not exist
// and for a file: replacing a file sends an event.
func directories(p Paths) []fs.FileInfo {
	var found []fs.FileInfo
	for _, name := range slices.Concat(p.Roots, p.Watched) {
		info, err := os.Stat(name)
		if err != nil || !info.IsDir() {
			info = nil
		}
		found = append(found, info)
	}
	return found
}

func sameDirectory(a, b fs.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return os.SameFile(a, b)
}

// explainLimit explains an error of inotify's limits, and adds a hint.
func explainLimit(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return hint.Wrap(fmt.Errorf("%w: the system's limit of watched directories is reached", err),
			"raise it: sysctl fs.inotify.max_user_watches=524288")
	case errors.Is(err, syscall.EMFILE):
		err = fmt.Errorf("watch files: %w: the system's limit of watching programs, or of open files, is reached",
			err)
		return hint.Wrap(err, "raise it: sysctl fs.inotify.max_user_instances=1024, or `ulimit -n`")
	}
	return err
}
