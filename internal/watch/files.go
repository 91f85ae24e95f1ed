package watch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/fsnotify/fsnotify"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// notifier reports changes in directories, one by one.
type notifier interface {
	Add(dir string) error
	Events() <-chan fsnotify.Event
	Errors() <-chan error
	Close() error
}

// system is the operating system's notifier.
type system struct{ *fsnotify.Watcher }

func newNotifier() (notifier, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	return system{w}, nil
}

func (s system) Events() <-chan fsnotify.Event { return s.Watcher.Events }
func (s system) Errors() <-chan error          { return s.Watcher.Errors }

// files watches directories recursively, and single files.
type files struct {
	notifier notifier
	single   map[string]bool // single files; their directories are watched
	dirs     map[string]bool // directories of which every event counts
	tops     map[string]bool // watched directories without a watched parent
	lost     bool            // one of tops is gone, and its watch with it
}

// addAll watches paths, up to the first that the system refuses.
func (f *files) addAll(paths []string) error {
	for _, p := range paths {
		if err := f.add(p); err != nil {
			return err
		}
		if p = filepath.Clean(p); f.single[p] {
			p = filepath.Dir(p)
		}
		f.tops[p] = true
	}
	return nil
}

// add watches a path. One that was deleted meanwhile is not an error.
func (f *files) add(p string) error {
	info, err := os.Stat(p)
	if err != nil || !info.IsDir() {
		// Editors replace files by renaming, which ends a watch of the file: watch its
		// directory.
		f.single[filepath.Clean(p)] = true
		return f.watch(filepath.Dir(p))
	}

	return filepath.WalkDir(p, func(dir string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && dir == p, errors.Is(err, fs.ErrNotExist):
			return nil // deleted meanwhile
		case err != nil:
			return nil // whoever reads the files reports a better error
		case !d.IsDir():
			return nil
		}

		f.dirs[filepath.Clean(dir)] = true
		return f.watch(dir)
	})
}

// watch watches one directory.
func (f *files) watch(dir string) error {
	err := f.notifier.Add(dir)
	switch {
	case err == nil, errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission), errors.Is(err,
		syscall.ENOTDIR):
		return nil // whoever reads the files reports a better error
	}
	return fmt.Errorf("watch %s: %w", dir, err)
}

// take reports whether an event is about something watched, and starts to watch new
// directories.
func (f *files) take(e fsnotify.Event) (counts bool, err error) {
	if e.Op == fsnotify.Chmod {
		return false, nil
	}

	name := filepath.Clean(e.Name)
	if f.tops[name] && (e.Has(fsnotify.Remove) || e.Has(fsnotify.Rename)) {
		f.lost = true
	}

	if e.Has(fsnotify.Create) && f.dirs[filepath.Dir(name)] {
		if info, statErr := os.Stat(name); statErr == nil && info.IsDir() {
			err = f.add(name)
		}
	}

	return f.single[name] || f.dirs[filepath.Dir(name)], err
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

// identity is the file or directory that a path named at some time.
type identity struct{ info fs.FileInfo }

// identify returns what paths name. Of the watched ones it looks only at directories:
// replacing a file sends an event.
func identify(p Paths) []identity {
	var all []identity
	for _, name := range p.Roots {
		info, _ := os.Stat(name) // nil where it does not exist
		all = append(all, identity{info})
	}

	for _, name := range p.Watched {
		info, err := os.Stat(name)
		if err != nil || !info.IsDir() {
			info = nil
		}
		all = append(all, identity{info})
	}

	return all
}

func (i identity) same(j identity) bool {
	if i.info == nil || j.info == nil {
		return i.info == nil && j.info == nil
	}
	return os.SameFile(i.info, j.info)
}
