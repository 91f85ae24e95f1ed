package gitrepo

import (
	"context"
	"errors"
	"strings"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/transport"
	"github.com/go-git/go-git/v5/plumbing/transport/http"
	"github.com/go-git/go-git/v5/plumbing/transport/ssh"
	"github.com/go-git/go-git/v5/storage"
	"github.com/go-git/go-git/v5/storage/memory"
)

// advertisement is what a server says of its references.
type advertisement struct {
	head string            // what the file HEAD has, without its line end; "" for a server without HEAD
	refs map[string]string // by full name, of those that are mirrored
}

// refspecs are what makes a clone have what the server advertises. A HEAD that
// is not a branch may name a commit that no branch has.
func (ad *advertisement) refspecs() []string {
	specs := make([]string, len(mirrored))
	for i, pattern := range mirrored {
		specs[i] = "+" + pattern + ":" + pattern
	}
	if ad.detached() {
		specs = append(specs, "+HEAD:"+detachedHead)
	}
	return specs
}

// detachedHead keeps the commit of a detached HEAD in a clone.
const detachedHead = "refs/refgen/HEAD"

func (ad *advertisement) detached() bool {
	return ad.head != "" && !strings.HasPrefix(ad.head, "ref: ")
}

// fetcher fetches one remote repository.
type fetcher interface {
	// list asks for the references.
	list(ctx context.Context) (*advertisement, error)
	// fetch fetches references into a bare repository, and what they need.
	fetch(ctx context.Context, dir string, refspecs []string) error
	// repack makes few files of a repository's objects.
	repack(ctx context.Context, dir string) error
}

// library fetches with go-git, where there is no git program: with the
// credentials of the location and the options, and the SSH agent.
type library struct {
	remote *remote
	sshKey string // "" for none
}

// connect prepares a connection for a storage.
func (l *library) connect(st storage.Storer) (*git.Remote, transport.AuthMethod, error) {
	var auth transport.AuthMethod
	switch r := l.remote; {
	case isHTTP(r.scheme) && (r.user != "" || r.hasPassword):
		auth = &http.BasicAuth{Username: r.user, Password: r.password}
	case isSSH(r.scheme) && l.sshKey != "":
		endpoint, err := transport.NewEndpoint(r.url)
		if err != nil {
			return nil, nil, err
		}
		user := endpoint.User
		if user == "" {
			user = ssh.DefaultUsername
		}
		if auth, err = ssh.NewPublicKeysFromFile(user, l.sshKey, ""); err != nil {
			return nil, nil, err
		}
	}

	remote := git.NewRemote(st, &config.RemoteConfig{Name: git.DefaultRemoteName, URLs: []string{l.remote.url}})
	return remote, auth, nil
}

func (l *library) list(ctx context.Context) (*advertisement, error) {
	remote, auth, err := l.connect(memory.NewStorage())
	if err != nil {
		return nil, l.failed(ctx, err)
	}

	ad := &advertisement{refs: map[string]string{}}
	refs, err := remote.ListContext(ctx, &git.ListOptions{Auth: auth})
	if errors.Is(err, transport.ErrEmptyRemoteRepository) {
		return ad, nil
	}
	if err != nil {
		return nil, l.failed(ctx, err)
	}

	hashes := map[plumbing.ReferenceName]string{}
	for _, ref := range refs {
		hashes[ref.Name()] = ref.Hash().String()
	}

	for _, ref := range refs {
		switch target := ref.Target(); {
		case ref.Name() == plumbing.HEAD && ref.Type() == plumbing.HashReference:
			ad.head = ref.Hash().String()
		case ref.Name() == plumbing.HEAD && isMirrored(target.String()):
			ad.head = "ref: " + target.String()
		case ref.Name() == plumbing.HEAD:
			ad.head = hashes[target]
		case ref.Type() == plumbing.HashReference && isMirrored(ref.Name().String()):
			ad.refs[ref.Name().String()] = ref.Hash().String()
		}
	}

	return ad, nil
}

func (l *library) fetch(ctx context.Context, dir string, refspecs []string) error {
	repo, err := git.PlainOpen(dir)
	if err != nil {
		return err
	}

	remote, auth, err := l.connect(repo.Storer)
	if err != nil {
		return l.failed(ctx, err)
	}
	o := &git.FetchOptions{Auth: auth, Force: true, Prune: true, Tags: git.NoTags}
	for _, spec := range refspecs {
		o.RefSpecs = append(o.RefSpecs, config.RefSpec(spec))
	}

	err = remote.FetchContext(ctx, o)
	if err != nil && !errors.Is(err, git.NoErrAlreadyUpToDate) && !errors.Is(err, transport.ErrEmptyRemoteRepository) {
		return l.failed(ctx, err)
	}
	return nil
}

// repack is left to a new clone.
func (l *library) repack(context.Context, string) error { return errors.ErrUnsupported }

func (l *library) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return diagnoseLibrary(l.remote, err)
}
