package gitrepo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing"
	"golang.org/x/sys/unix"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// scpLike is git's short form of an SSH address, user@host:path.
var scpLike = regexp.MustCompile(`^[\w.-]+@[\w.-]+:[^/]`)

// IsURL reports whether Open fetches a location.
func IsURL(location string) bool {
	return strings.Contains(location, "://") || scpLike.MatchString(location)
}

// redact hides a password in a URL.
func redact(location string) string {
	if u, err := url.Parse(location); err == nil {
		return u.Redacted()
	}
	return location
}

// openURL keeps a bare mirror of a remote repository in cacheDir.
func openURL(ctx context.Context, location, cacheDir string) (*Repo, error) {
	sum := sha256.Sum256([]byte(location))
	dir := filepath.Join(cacheDir, hex.EncodeToString(sum[:8])+".git")
	if err := os.MkdirAll(cacheDir, 0o755); err != nil {
		return nil, fmt.Errorf("make the cache for clones: %w", err)
	}
	unlock, err := lock(ctx, dir+".lock")
	if err != nil {
		return nil, err
	}
	defer unlock()
	mirror, err := git.PlainOpen(dir)
	if errors.Is(err, git.ErrRepositoryNotExists) {
		mirror, err = clone(ctx, location, dir)
	} else if err == nil {
		err = fetch(ctx, mirror)
	}
	if err != nil {
		return nil, hint.Wrap(fmt.Errorf("fetch repository %s: %w", redact(location), err),
			"check the address, the network and your credentials; the local copy is %s", dir)
	}
	return openDir(dir, false)
}

// clone mirrors into a temporary directory, so that an interrupted clone is
// never taken for a repository.
func clone(ctx context.Context, location, dir string) (*git.Repository, error) {
	tmp, err := os.MkdirTemp(filepath.Dir(dir), "clone-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	if _, err := git.PlainCloneContext(ctx, tmp, true, &git.CloneOptions{URL: location, Mirror: true}); err != nil {
		return nil, err
	}
	if err := os.Rename(tmp, dir); err != nil {
		return nil, err
	}
	return git.PlainOpen(dir)
}

// fetch brings a mirror up to date, its HEAD too.
func fetch(ctx context.Context, mirror *git.Repository) error {
	err := mirror.FetchContext(ctx, &git.FetchOptions{
		RefSpecs: []config.RefSpec{"+refs/*:refs/*"}, Force: true, Prune: true, Tags: git.AllTags,
	})
	if err != nil && !errors.Is(err, git.NoErrAlreadyUpToDate) {
		return err
	}
	remote, err := mirror.Remote(git.DefaultRemoteName)
	if err != nil {
		return err
	}
	refs, err := remote.ListContext(ctx, &git.ListOptions{})
	if err != nil {
		return err
	}
	for _, ref := range refs {
		if ref.Name() == plumbing.HEAD {
			return mirror.Storer.SetReference(ref)
		}
	}
	return nil
}

// lock waits for the one process that may change a mirror.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("lock the clone: %w", err)
	}
	done := make(chan error, 1)
	go func() { done <- unix.Flock(int(f.Fd()), unix.LOCK_EX) }()
	select {
	case err = <-done:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("lock the clone: %w", err)
	}
	return func() { f.Close() }, nil
}
