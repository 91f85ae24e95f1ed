// Package worktree reads the files of a git work tree as `git add --all` would commit
// them: with the line ends of the repository and the files that a sparse checkout
// omits, without ignored files.
package worktree

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/history"
)

// Layout is where a work tree and its repository are stored on disk.
type Layout struct {
	Top       string // of the checkout
	GitDir    string // holds HEAD and the index
	CommonDir string // holds the configuration; another one in a linked work tree
}

// Objects reads what the repository holds.
type Objects interface {
	// Blob reads a file's content; false for one of more than limit bytes.
	Blob(id history.Hash, limit int64) (data []byte, ok bool, err error)
	// Tree reads the entries of a tree.
	Tree(id history.Hash) ([]history.TreeEntry, error)
}

// maxBlob bounds the size of files that are not checked out, in bytes.
const maxBlob = 64 << 20

// FS are the files of a work tree. It implements [fs.ReadFileFS],
// [fs.ReadDirFS], [fs.StatFS] and [fs.ReadLinkFS]; links are not followed.
type FS struct {
	disk     diskFS
	objects  Objects
	settings settings
	links    bool // the file system has symbolic links

	tracked map[string]*entry
	folders map[string]map[string]bool // directories of tracked files → what is in them
	index   map[string]bool            // what is read from the index, and the directories of it

	info    []ignorePattern // of .git/info/exclude
	user    []ignorePattern // of core.excludesFile
	shared  []attributeLine // of the system and the user
	own     []attributeLine // of .git/info/attributes
	mu      sync.Mutex
	ignores map[string][]ignorePattern // by directory
	attrs   map[string][]attributeLine // by directory
	ignored map[string]bool            // of directories
	foreign map[string]bool            // directories that are repositories of their own
}

// diskFS is the interface of the file system of an [os.Root].
type diskFS interface {
	fs.ReadFileFS
	fs.ReadDirFS
	fs.ReadLinkFS
}

// Open reads the index and the settings of a work tree; getenv reads the
// environment of the user whose settings count. Files are read on demand.
func Open(l Layout, objects Objects, getenv func(string) string) (*FS, error) {
	s, err := readSettings(l, getenv)
	if err != nil {
		return nil, err
	}
	if s.is("core.bare") && l.GitDir == l.CommonDir {
		return nil, hint.Wrap(fmt.Errorf("open the work tree %s: the repository is bare and has none", l.Top),
			"omit --worktree, or give a checkout")
	}

	root, err := os.OpenRoot(l.Top)
	if err != nil {
		return nil, fmt.Errorf("open the work tree: %w", err)
	}

	disk, ok := root.FS().(diskFS)
	if !ok {
		return nil, errors.New("open the work tree: the system cannot read its links")
	}

	w := &FS{
		disk: disk, objects: objects, settings: s, links: s["core.symlinks"] == "" || s.is("core.symlinks"),
		tracked: map[string]*entry{}, folders: map[string]map[string]bool{}, index: map[string]bool{},
		ignores: map[string][]ignorePattern{}, attrs: map[string][]attributeLine{},
		ignored: map[string]bool{".": false}, foreign: map[string]bool{".": false},
	}
	if err := w.readIndex(filepath.Join(l.GitDir, "index")); err != nil {
		return nil, err
	}

	w.readShared(l, getenv)
	return w, nil
}

// readIndex reads which files are tracked. Without an index none is.
func (w *FS) readIndex(file string) error {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the index: %w", err)
	}

	entries, err := parseIndex(data)
	if err != nil {
		return fmt.Errorf("read the index %s: %w", file, err)
	}

	for i := range entries {
		if err := w.track(&entries[i]); err != nil {
			return fmt.Errorf("read the index %s: %w", file, err)
		}
	}

	return nil
}

// track records an entry, or all entries below a directory of a sparse index.
func (w *FS) track(e *entry) error {
	if e.is(modeTree) {
		dir := strings.TrimSuffix(e.path, "/")
		entries, err := w.objects.Tree(e.hash)
		if err != nil {
			return fmt.Errorf("read the directory %s: %w", dir, err)
		}

		for _, t := range entries {
			if err := w.track(&entry{path: path.Join(dir, t.Name), mode: t.Mode, hash: t.Hash,
				skip: true}); err != nil {
				return err
			}
		}

		return nil
	}

	if !fs.ValidPath(e.path) {
		return nil // git never checks out such a path
	}

	w.tracked[e.path] = e
	fromIndex := w.isFromIndex(e)
	w.index[e.path] = fromIndex

	for name, dir := e.path, ""; name != "."; name = dir {
		dir = path.Dir(name)
		if w.folders[dir] == nil {
			w.folders[dir] = map[string]bool{}
		}
		w.folders[dir][path.Base(name)] = true
		w.index[dir] = w.index[dir] || fromIndex
	}

	return nil
}

// isFromIndex reports whether git takes the file of the index to be the current
// one. In a sparse checkout files that are on disk nevertheless count.
func (w *FS) isFromIndex(e *entry) bool {
	switch {
	case e.conflict || e.is(modeGitlink):
		return false
	case e.assume:
		return true
	case e.skip && w.settings.is("core.sparsecheckout") && !w.settings.is("sparse.expectfilesoutsideofpatterns"):
		_, err := w.disk.Lstat(e.path)
		return err != nil
	}
	return e.skip
}

// isHidden reports whether a path is below a repository of its own, which git
// keeps as one entry, or in git's own directory.
func (w *FS) isHidden(name string) bool {
	for dir := name; dir != "."; {
		if path.Base(dir) == ".git" {
			return true
		}
		if dir = path.Dir(dir); w.isForeign(dir) {
			return true
		}
	}
	return false
}

// Submodule reports whether a directory is a repository of its own: a submodule,
// or one that git does not know of.
func (w *FS) Submodule(dir string) bool { return w.isForeign(dir) }

// isForeign reports whether a directory is a repository of its own.
func (w *FS) isForeign(dir string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()

	foreign, ok := w.foreign[dir]
	if !ok {
		if e := w.tracked[dir]; e != nil && e.is(modeGitlink) {
			foreign = true
		} else if w.folders[dir] == nil {
			_, err := w.disk.Lstat(path.Join(dir, ".git"))
			foreign = err == nil
		}
		w.foreign[dir] = foreign
	}

	return foreign
}
