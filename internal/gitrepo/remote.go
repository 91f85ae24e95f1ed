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
	"github.com/go-git/go-git/v5/plumbing/transport"
	"github.com/go-git/go-git/v5/plumbing/transport/http"

	"github.com/chameleoncloud/refapi/internal/durable"
	"github.com/chameleoncloud/refapi/internal/hint"
)

// scpLike is git's short form of an SSH address, user@host:path.
var scpLike = regexp.MustCompile(`^[\w.-]+@[\w.-]+:`)

// IsURL reports whether Open fetches a location.
func IsURL(location string) bool {
	return strings.Contains(location, "://") || scpLike.MatchString(location)
}

// remote is an address and the credentials that were in it. Apart from each
// other, the credentials come neither into errors nor on disk.
type remote struct {
	url  string
	auth transport.AuthMethod
}

func parseRemote(location string) (remote, error) {
	if !strings.Contains(location, "://") {
		return remote{url: location}, nil // an SSH address, without a password
	}
	u, err := url.Parse(location)
	if err != nil {
		// The cause would quote what may be a password.
		return remote{}, hint.Wrap(errors.New("the repository's address is not a URL"),
			"escape special characters in it, and in the password too: %%2F is a slash")
	}
	r := remote{}
	if u.User != nil && (u.Scheme == "http" || u.Scheme == "https") {
		password, _ := u.User.Password()
		r.auth = &http.BasicAuth{Username: u.User.Username(), Password: password}
		u.User = nil
	}
	r.url = u.String()
	return r, nil
}

// openURL keeps a bare mirror of a remote repository in cacheDir.
func openURL(ctx context.Context, location, cacheDir string) (*Repo, error) {
	r, err := parseRemote(location)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(r.url))
	dir := filepath.Join(cacheDir, hex.EncodeToString(sum[:8])+".git")
	// The repository may be private.
	if err := os.MkdirAll(cacheDir, 0o700); err != nil {
		return nil, fmt.Errorf("make the cache for clones: %w", err)
	}
	unlock, err := durable.Lock(ctx, dir+".lock", 0o600)
	if err != nil {
		return nil, err
	}
	defer unlock()
	mirror, err := git.PlainOpen(dir)
	if errors.Is(err, git.ErrRepositoryNotExists) {
		err = r.clone(ctx, dir)
	} else if err == nil {
		err = r.fetch(ctx, mirror)
	}
	if err != nil {
		return nil, hint.Wrap(fmt.Errorf("fetch repository %s: %w", r.url, err),
			"check the address, the network and your credentials; the local copy is %s", dir)
	}
	return openDir(dir)
}

// clone mirrors into a directory beside, so that an interrupted clone is never
// taken for a repository.
func (r remote) clone(ctx context.Context, dir string) error {
	tmp := dir + ".new"
	// One of a process that was killed; the lock is ours.
	if err := os.RemoveAll(tmp); err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	if _, err := git.PlainCloneContext(ctx, tmp, true, &git.CloneOptions{URL: r.url, Auth: r.auth, Mirror: true}); err != nil {
		return err
	}
	return os.Rename(tmp, dir)
}

// fetch brings a mirror up to date, its HEAD too.
func (r remote) fetch(ctx context.Context, mirror *git.Repository) error {
	err := mirror.FetchContext(ctx, &git.FetchOptions{
		RefSpecs: []config.RefSpec{"+refs/*:refs/*"}, Auth: r.auth, Force: true, Prune: true, Tags: git.AllTags,
	})
	if err != nil && !errors.Is(err, git.NoErrAlreadyUpToDate) {
		return err
	}
	origin, err := mirror.Remote(git.DefaultRemoteName)
	if err != nil {
		return err
	}
	refs, err := origin.ListContext(ctx, &git.ListOptions{Auth: r.auth})
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
