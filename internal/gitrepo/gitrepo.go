// Package gitrepo reads git repositories with go-git: work trees, bare
// repositories, bundles and remote ones, without a git program.
package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/storage"
	"github.com/go-git/go-git/v5/storage/filesystem"

	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/history"
)

// Repo is an open repository.
type Repo struct {
	git      *git.Repository
	storer   storage.Storer
	worktree string // the checkout's top directory, "" where there is none
	gitDirs  []string
	shallow  map[plumbing.Hash]bool
}

// Open opens what location names: a work tree, a bare repository, a .git
// directory, a work tree whose .git is a file, a git bundle, or a URL, which is
// cloned below cacheDir at the first time and fetched after.
func Open(ctx context.Context, location, cacheDir string) (*Repo, error) {
	location = strings.TrimPrefix(location, "file://")
	if IsURL(location) {
		return openURL(ctx, location, cacheDir)
	}
	info, err := os.Stat(location)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, hint.Wrap(fmt.Errorf("open repository %s: no such file or directory", location),
			"give the path of a git work tree, a bare repository or a bundle, or a URL")
	case err != nil:
		return nil, fmt.Errorf("open repository: %w", err)
	case info.IsDir():
		return openDir(location, false)
	}
	return openBundle(location)
}

// Around opens the work tree that holds dir and returns it with dir's
// slash-separated path inside it ("." for the top).
func Around(dir string) (*Repo, string, error) {
	if _, err := os.Stat(dir); err != nil {
		return nil, "", fmt.Errorf("open directory %s: %w", dir, errors.Unwrap(err))
	}
	r, err := openDir(dir, true)
	if err != nil {
		return nil, "", err
	}
	if r.worktree == "" {
		return nil, "", fmt.Errorf("open directory %s: it is in a bare repository, not in a work tree", dir)
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, "", err
	}
	// The top may be reached through a link; compare real paths.
	if abs, err = filepath.EvalSymlinks(abs); err != nil {
		return nil, "", err
	}
	top, err := filepath.EvalSymlinks(r.worktree)
	if err != nil {
		return nil, "", err
	}
	rel, err := filepath.Rel(top, abs)
	if err != nil {
		return nil, "", err
	}
	return r, filepath.ToSlash(rel), nil
}

func openDir(dir string, detect bool) (*Repo, error) {
	opened, err := git.PlainOpenWithOptions(dir, &git.PlainOpenOptions{DetectDotGit: detect, EnableDotGitCommonDir: true})
	switch {
	case errors.Is(err, git.ErrRepositoryNotExists):
		return nil, hint.Wrap(fmt.Errorf("open %s: not a git repository", dir),
			"the API's versions come from git history: clone the reference repository, or run `git init` and commit")
	case err != nil:
		return nil, unsupported(fmt.Errorf("open repository %s: %w", dir, err))
	}
	r := &Repo{git: opened, storer: opened.Storer}
	if st, ok := opened.Storer.(*filesystem.Storage); ok {
		// Thousands of small reads follow: keep the packs open between them.
		r.storer = filesystem.NewStorageWithOptions(st.Filesystem(), cache.NewObjectLRU(64*cache.MiByte),
			filesystem.Options{KeepDescriptors: true, ExclusiveAccess: false})
		if r.git, err = git.Open(r.storer, nil); err != nil {
			return nil, unsupported(fmt.Errorf("open repository %s: %w", dir, err))
		}
		r.gitDirs = append(r.gitDirs, st.Filesystem().Root())
	}
	if wt, err := opened.Worktree(); err == nil {
		r.worktree = wt.Filesystem.Root()
	}
	if err := r.readShallow(); err != nil {
		return nil, fmt.Errorf("open repository %s: %w", dir, err)
	}
	return r, nil
}

// unsupported adds advice to the errors of formats that go-git cannot read.
func unsupported(err error) error {
	if errors.Is(err, git.ErrUnknownExtension) || errors.Is(err, git.ErrUnsupportedRepositoryFormatVersion) ||
		errors.Is(err, git.ErrUnsupportedExtensionRepositoryFormatVersion) {
		return hint.Wrap(err, "SHA-256 object names and reftable references cannot be read: give a plain clone or a bundle")
	}
	return err
}

func (r *Repo) readShallow() error {
	hashes, err := r.storer.Shallow()
	if err != nil {
		return fmt.Errorf("read the shallow list: %w", err)
	}
	r.shallow = make(map[plumbing.Hash]bool, len(hashes))
	for _, h := range hashes {
		r.shallow[h] = true
	}
	return nil
}

// Shallow reports whether the history is cut.
func (r *Repo) Shallow() bool { return len(r.shallow) > 0 }

// Worktree is the top directory of the checkout, "" where there is none.
func (r *Repo) Worktree() string { return r.worktree }

// GitDirs are the directories that change when references do, for watching.
func (r *Repo) GitDirs() []string { return slices.Clone(r.gitDirs) }

// Resolve returns the commit that a revision names (gitrevisions(7); "" is
// HEAD).
func (r *Repo) Resolve(rev string) (history.Hash, error) {
	if rev == "" {
		rev = "HEAD"
	}
	h, err := r.git.ResolveRevision(plumbing.Revision(rev))
	if err == nil {
		return history.Hash(*h), nil
	}
	if rev == "HEAD" && errors.Is(err, plumbing.ErrReferenceNotFound) {
		return history.Hash{}, hint.Wrap(errors.New("the repository has no commits"), "commit something first, or name a branch with --rev")
	}
	return history.Hash{}, hint.Wrap(fmt.Errorf("unknown revision %q: %w", rev, err),
		"give a branch, a tag or a commit that the repository has; a shallow or single-branch clone has few")
}

// Close lets go of open files.
func (r *Repo) Close() error {
	if st, ok := r.storer.(*filesystem.Storage); ok {
		return st.Close()
	}
	return nil
}
