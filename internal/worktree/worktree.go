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

	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/hint"
)

// maxBlob bounds the size of files that are not checked out, in bytes.
const maxBlob = 64 << 20

// workTree is what decides which files of a work tree count, and what they say.
type workTree struct {
	repo     *gitrepo.Repo
	disk     diskFS
	settings settings
	links    bool // the file system has symbolic links

	tracked map[string]*entry
	folders map[string]map[string]bool // directories of tracked files → what is in them
	index   map[string]bool            // what is read from the index, and the directories of it

	own []attributeLine // of .git/info/attributes
}

// diskFS is the interface of the file system of an [os.Root].
type diskFS interface {
	fs.ReadFileFS
	fs.ReadDirFS
	fs.ReadLinkFS
}

// Open reads the index and the settings of a repository's work tree; getenv reads the
// environment of the user whose settings count. Files are read on demand.
func Open(repo *gitrepo.Repo, getenv func(string) string) (gitrepo.FS, error) {
	dirs := repo.GitDirs()
	gitDir, commonDir := dirs[0], dirs[len(dirs)-1]
	s, err := readSettings(gitDir, commonDir, getenv)
	if err != nil {
		return gitrepo.FS{}, err
	}
	if s.is("core.bare") && gitDir == commonDir {
		err := fmt.Errorf("open the work tree %s: the repository is bare and has none", repo.Worktree())
		return gitrepo.FS{}, hint.Wrap(err, "omit --worktree, or give a checkout")
	}

	root, err := os.OpenRoot(repo.Worktree())
	if err != nil {
		return gitrepo.FS{}, fmt.Errorf("open the work tree: %w", err)
	}

	disk, ok := root.FS().(diskFS)
	if !ok {
		return gitrepo.FS{}, errors.New("open the work tree: the system cannot read its links")
	}

	w := &workTree{
		repo:     repo,
		disk:     disk,
		settings: s,
		links:    s["core.symlinks"] == "" || s.is("core.symlinks"),
		tracked:  map[string]*entry{},
		folders:  map[string]map[string]bool{},
		index:    map[string]bool{},
	}
	if err := w.readIndex(filepath.Join(gitDir, "index")); err != nil {
		return gitrepo.FS{}, err
	}

	info, err := disk.Lstat(".")
	if err != nil {
		return gitrepo.FS{}, fmt.Errorf("open the work tree: %w", err)
	}

	return gitrepo.FS{Root: w.directoryNode(w.readShared(commonDir, getenv), info)}, nil
}

// readIndex reads which files are tracked. Without an index none is.
func (w *workTree) readIndex(file string) error {
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
func (w *workTree) track(e *entry) error {
	if e.is(modeTree) {
		dir := strings.TrimSuffix(e.path, "/")
		entries, err := w.repo.Tree(e.hash)
		if err != nil {
			return fmt.Errorf("read the directory %s: %w", dir, err)
		}

		for _, t := range entries {
			below := &entry{path: path.Join(dir, t.Name), mode: t.Mode, hash: t.Hash, skip: true}
			if err := w.track(below); err != nil {
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
func (w *workTree) isFromIndex(e *entry) bool {
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

// isForeign reports whether a directory is a repository of its own: a submodule, or
// one that git does not know of.
func (w *workTree) isForeign(dir string) bool {
	if e := w.tracked[dir]; e != nil && e.is(modeGitlink) {
		return true
	}
	if w.folders[dir] != nil {
		return false
	}
	_, err := w.disk.Lstat(path.Join(dir, ".git"))
	return err == nil
}
