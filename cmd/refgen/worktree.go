package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/cli"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/watch"
	"github.com/chameleoncloud/refapi/internal/worktree"
)

// openWorktree replaces the commit's files by those on disk, as git sees them.
func (s *source) openWorktree(getenv func(string) string) error {
	if s.repo.Worktree() == "" {
		return cli.Usagef("--worktree: %s has no work tree", s.label)
	}

	files, err := worktree.Open(s.repo, getenv)
	if err != nil {
		return err
	}

	s.setFiles(files)
	return nil
}

// compareWith records whether the work tree differs from its commit, and since
// when.
func (s *source) compareWith(committed fs.FS) error {
	before, err := fingerprint(committed, s.dataDir, nil)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}

	onDisk, err := fingerprint(s.fsys, s.dataDir, &s.edited)
	if err != nil {
		return fmt.Errorf("read the work tree: %w", err)
	}

	if onDisk != before {
		s.dirty = onDisk
	}

	if s.edited.IsZero() { // nothing is checked out
		s.edited = s.head.Committer.When
	}

	return nil
}

// fingerprint hashes the names and contents of all files below dir that a grid may depend on, and
// records the newest modification time of them and of their directories.
func fingerprint(fsys fs.FS, dir string, newest *time.Time) (string, error) {
	h := sha256.New()
	err := fs.WalkDir(fsys, dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && p != dir && strings.HasPrefix(d.Name(), ".") {
			return fs.SkipDir
		}
		if !d.IsDir() && !inventory.IsSource(p) {
			return nil
		}

		if newest != nil {
			if info, err := d.Info(); err == nil && info.ModTime().After(*newest) {
				*newest = info.ModTime()
			}
		}

		var body []byte
		switch d.Type() {
		case 0:
			body, err = fs.ReadFile(fsys, p)
		case fs.ModeSymlink:
			var target string
			target, err = fs.ReadLink(fsys, p)
			body = []byte("-> " + target)
		default:
			return nil
		}

		if err != nil {
			return err
		}

		fmt.Fprintf(h, "%s %d\n", p, len(body))
		h.Write(body)
		return nil
	})

	return hex.EncodeToString(h.Sum(nil)), err
}

// editedAt is the modification time of files that differ from the commit, zero
// for a clean work tree: that of the newest edit, or now where that is in the
// future, moved by up to an hour by a hash of the contents. Two edits within a
// second must not give different bytes one time, because ETags are made of time
// and length.
func (s *source) editedAt(now time.Time) time.Time {
	if s.dirty == "" {
		return time.Time{}
	}

	at := s.edited
	if at.After(now) {
		at = now
	}

	sum := sha256.Sum256([]byte(s.dirty))
	return at.Add(-history.Spread(sum[:]))
}

// watchPaths are the files and directories that change when the source does;
// none for one that is fetched, or built in.
func (s *source) watchPaths(worktree bool) watch.Paths {
	if s.place == "" {
		return watch.Paths{}
	}

	paths := watch.Paths{Roots: []string{s.place}}
	if s.bundle != "" {
		paths.Watched = append(paths.Watched, s.bundle)
	}

	for _, dir := range s.repo.GitDirs() {
		paths.Roots = append(paths.Roots, dir)
		for _, name := range []string{"HEAD", "packed-refs", "refs"} {
			paths.Watched = append(paths.Watched, filepath.Join(dir, name))
		}
	}

	if worktree {
		paths.Watched = append(paths.Watched, s.worktreePaths()...)
	}

	return paths
}

// worktreePaths are the files that decide which files of the work tree count, and
// the data directory.
func (s *source) worktreePaths() []string {
	top, dirs := s.repo.Worktree(), s.repo.GitDirs()
	common := dirs[len(dirs)-1]
	paths := []string{
		filepath.Join(dirs[0], "index"),
		filepath.Join(common, "info", "exclude"),
		filepath.Join(common, "info", "attributes"),
	}

	for dir := s.dataDir; dir != "."; {
		dir = path.Dir(dir)
		for _, name := range []string{".gitignore", ".gitattributes"} {
			paths = append(paths, filepath.Join(top, filepath.FromSlash(dir), name))
		}
	}

	return append(paths, filepath.Join(top, filepath.FromSlash(s.dataDir)))
}
