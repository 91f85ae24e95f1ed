// Package gitrepo reads git repositories with go-git: work trees, bare repositories,
// bundles and remote ones. The git program is optional; if it is installed, it
// fetches.
package gitrepo

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/storer"
	"github.com/go-git/go-git/v5/storage/memory"

	"github.com/chameleoncloud/refapi/internal/durable"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/history"
)

// Repo is an open repository. It may be used by several goroutines.
type Repo struct {
	mu       sync.Mutex // files of packs are read by one goroutine at a time
	refs     storer.ReferenceStorer
	objects  *objectDirs
	worktree string // the checkout's top directory, "" where there is none
	gitDirs  []string
	shallow  map[plumbing.Hash]bool

	// lacking is the hint about an object that is not there.
	lacking     string
	substitutes substitutes
	limits      Limits
}

// Options are how repositories are opened. The zero value suits those on disk.
type Options struct {
	// CacheDir is the directory for clones of remote repositories, and for the packs
	// of bundles. Without it, bundles are read into memory.
	CacheDir string

	// FS is the file system of CacheDir; nil for that of the operating system.
	FS durable.FS

	// Git is the path of the git program that fetches remote repositories.
	// Without one go-git does, which supports fewer ways.
	Git string
	// Environ is the environment of the git program, as from [os.Environ].
	Environ []string

	// SSHKey is the path of the private key for SSH; without one SSH looks for
	// keys itself.
	SSHKey string
	// Token is the password for http:// and https:// URLs without one, and
	// TokenFrom describes, for errors, where it comes from; "" for no token.
	Token, TokenFrom string

	// FetchTimeout bounds how long a remote repository is fetched; 0 means no limit.
	FetchTimeout time.Duration

	// Limits bound what a repository may cost; nil is [DefaultLimits].
	Limits *Limits
	// NoReplace ignores replacements of objects (git-replace(1)).
	NoReplace bool
}

func (o Options) fs() durable.FS { return cmp.Or[durable.FS](o.FS, durable.OS{}) }

func (o Options) limits() Limits {
	if o.Limits == nil {
		return DefaultLimits()
	}
	return *o.Limits
}

// Open opens what location names: a work tree, a bare repository, a .git
// directory, a work tree whose .git is a file, a git bundle, or a URL, which is
// cloned below CacheDir the first time and then fetched.
func Open(ctx context.Context, location string, o Options) (*Repo, error) {
	if IsRemote(location) {
		return openRemote(ctx, location, o)
	}

	location, err := LocalPath(location)
	if err != nil {
		return nil, err
	}

	info, err := os.Stat(location)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, hint.Wrap(fmt.Errorf("open repository %s: no such file or directory", location),
			"give the path of a git work tree, a bare repository or a bundle, or a URL")
	case err != nil:
		return nil, fmt.Errorf("open repository: %w", err)
	case info.IsDir():
		return openDir(location, o)
	}

	return openBundle(location, o)
}

// Shallow reports whether the history is incomplete.
func (r *Repo) Shallow() bool { return len(r.shallow) > 0 }

// ShallowBoundary lists the commits whose parents a shallow clone lacks, sorted.
func (r *Repo) ShallowBoundary() []history.Hash {
	var ids []history.Hash
	for h := range r.shallow {
		ids = append(ids, history.Hash(h))
	}
	slices.SortFunc(ids, func(a, b history.Hash) int { return bytes.Compare(a[:], b[:]) })
	return ids
}

// Worktree is the top directory of the checkout, "" where there is none.
func (r *Repo) Worktree() string { return r.worktree }

// GitDirs are the directories that change when references do, for watching.
func (r *Repo) GitDirs() []string { return slices.Clone(r.gitDirs) }

// Close closes files and releases objects in memory; nothing is found after.
func (r *Repo) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var err error
	if files, ok := r.refs.(io.Closer); ok {
		err = files.Close()
	}

	r.refs = memory.ReferenceStorage{}
	r.objects.close()
	return err
}
