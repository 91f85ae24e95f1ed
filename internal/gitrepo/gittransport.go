package gitrepo

import (
	"context"
	"errors"
	"maps"
	"slices"
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

// advertisement is what a server reports of its references.
type advertisement struct {
	head string            // the content of the file HEAD, without its line end; "" for none
	refs map[string]string // by full name, of those that are mirrored
}

// add adds a reference: its hash, the reference that it stands for, or both.
func (ad *advertisement) add(name, hash, target string) {
	switch {
	case name == "HEAD" && isMirrored(target):
		ad.head = "ref: " + target
	case name == "HEAD" && ad.head == "":
		ad.head = hash
	case isMirrored(name) && target == "":
		ad.refs[name] = hash
	}
}

func isMirrored(name string) bool {
	return slices.ContainsFunc(mirroredRefs, func(pattern string) bool {
		return strings.HasPrefix(name, strings.TrimSuffix(pattern, "*"))
	})
}

// text describes it, in lines.
func (ad *advertisement) text() string {
	lines := []string{ad.head}
	for _, name := range slices.Sorted(maps.Keys(ad.refs)) {
		lines = append(lines, ad.refs[name]+" "+name)
	}
	return strings.Join(lines, "\n")
}

// refspecs make a clone have what the server advertises. A HEAD that is not a
// branch may name a commit that no branch has.
func (ad *advertisement) refspecs() []string {
	specs := make([]string, len(mirroredRefs))
	for i, pattern := range mirroredRefs {
		specs[i] = "+" + pattern + ":" + pattern
	}
	if ad.isDetached() {
		specs = append(specs, "+HEAD:"+detachedHead)
	}
	return specs
}

// detachedHead keeps the commit of a detached HEAD in a clone.
const detachedHead = "refs/refgen/HEAD"

func (ad *advertisement) isDetached() bool {
	return ad.head != "" && !strings.HasPrefix(ad.head, "ref: ")
}

// fetcher fetches one remote repository.
type fetcher interface {
	// list lists the references.
	list(ctx context.Context) (*advertisement, error)
	// fetch fetches references into a bare repository, and what they need.
	fetch(ctx context.Context, dir string, refspecs []string) error
	// repack puts a repository's objects into few files.
	repack(ctx context.Context, dir string) error
}

// libraryFetcher fetches with go-git if the git program is not installed: with the
// credentials of the location and the options, and the SSH agent.
type libraryFetcher struct {
	remote *remote
	sshKey string // "" for none
}

// connect prepares a connection for a storage.
func (l *libraryFetcher) connect(st storage.Storer) (*git.Remote, transport.AuthMethod, error) {
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

func (l *libraryFetcher) list(ctx context.Context) (*advertisement, error) {
	remote, auth, err := l.connect(memory.NewStorage())
	if err != nil {
		return nil, l.wrap(ctx, err)
	}

	ad := &advertisement{refs: map[string]string{}}
	refs, err := remote.ListContext(ctx, &git.ListOptions{Auth: auth})
	if errors.Is(err, transport.ErrEmptyRemoteRepository) {
		return ad, nil
	}
	if err != nil {
		return nil, l.wrap(ctx, err)
	}

	hashes := map[plumbing.ReferenceName]string{}
	for _, ref := range refs {
		hashes[ref.Name()] = ref.Hash().String()
	}

	for _, ref := range refs {
		hash := ref.Hash().String()
		if ref.Type() == plumbing.SymbolicReference {
			hash = hashes[ref.Target()]
		}
		ad.add(ref.Name().String(), hash, ref.Target().String())
	}

	return ad, nil
}

func (l *libraryFetcher) fetch(ctx context.Context, dir string, refspecs []string) error {
	repo, err := git.PlainOpen(dir)
	if err != nil {
		return err
	}

	remote, auth, err := l.connect(repo.Storer)
	if err != nil {
		return l.wrap(ctx, err)
	}

	o := &git.FetchOptions{Auth: auth, Force: true, Prune: true, Tags: git.NoTags}
	for _, spec := range refspecs {
		o.RefSpecs = append(o.RefSpecs, config.RefSpec(spec))
	}

	err = remote.FetchContext(ctx, o)
	if err != nil && !errors.Is(err, git.NoErrAlreadyUpToDate) &&
		!errors.Is(err, transport.ErrEmptyRemoteRepository) {
		return l.wrap(ctx, err)
	}

	return nil
}

// repack always fails: go-git cannot, so the repository is cloned again.
func (l *libraryFetcher) repack(context.Context, string) error { return errors.ErrUnsupported }

func (l *libraryFetcher) wrap(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return diagnoseLibrary(l.remote, err)
}
