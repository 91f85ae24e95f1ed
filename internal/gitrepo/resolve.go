package gitrepo

import (
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/plumbing/storer"

	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/history"
)

// Resolve returns the commit that a revision names: a reference or a hash of at
// least four digits, with any number of ~N, ^N and ^{commit} behind
// (gitrevisions(7)); "" and "@" are HEAD. Other forms are unknown revisions:
// go-git's own parser passes over what it does not know, so that
// "main@{yesterday}" would be main.
func (r *Repo) Resolve(rev string) (history.Hash, error) {
	base, steps := rev, ""
	if i := strings.IndexAny(rev, "~^"); i >= 0 {
		base, steps = rev[:i], rev[i:]
	}

	if base == "@" || rev == "" {
		base = "HEAD"
	}
	id, err := r.base(base)
	if err == nil {
		id, err = r.step(id, steps)
	}

	switch {
	case err == nil:
		return id, nil
	case base == "HEAD" && errors.Is(err, plumbing.ErrReferenceNotFound):
		return history.Hash{}, r.noHead()
	}

	err = fmt.Errorf("unknown revision %q: %w", rev, err)
	if hint.Of(err) != "" {
		return history.Hash{}, err
	}
	return history.Hash{}, hint.Wrap(err,
		"give a branch, a tag or a commit that the repository has; a shallow or single-branch clone has few")
}

// noHead explains a HEAD that names nothing.
func (r *Repo) noHead() error {
	var branches []string
	if refs, err := r.refs.IterReferences(); err == nil {
		refs.ForEach(func(ref *plumbing.Reference) error {
			if name := ref.Name(); name.IsBranch() || name.IsRemote() {
				branches = append(branches, strings.TrimPrefix(name.String(), "refs/heads/"))
			}
			return nil
		})
	}
	if len(branches) == 0 {
		return hint.Wrap(errors.New("the repository has no commits"), "commit something first; with --worktree an empty commit (`git commit --allow-empty`) is enough")
	}

	slices.Sort(branches)
	return hint.Wrap(errors.New("HEAD names no commit"), "name a branch with --rev, as %s", branches[0])
}

// base resolves a revision without steps, in git's order: a full hash, a
// reference, a short hash.
func (r *Repo) base(name string) (history.Hash, error) {
	if plumbing.IsHash(name) {
		id, err := r.peel(plumbing.NewHash(name))
		if errors.Is(err, plumbing.ErrObjectNotFound) {
			err = plumbing.ErrObjectNotFound // asked for from outside: nothing is damaged
		}
		return id, err
	}

	for _, rule := range plumbing.RefRevParseRules {
		full := plumbing.ReferenceName(fmt.Sprintf(rule, name))
		if !full.IsSafe() {
			continue
		}
		if ref, err := storer.ResolveReference(r.refs, full); err == nil {
			return r.peel(ref.Hash())
		}
	}

	if name == "HEAD" {
		return history.Hash{}, plumbing.ErrReferenceNotFound
	}
	return r.short(name)
}

// short resolves the first digits of a commit's name.
func (r *Repo) short(prefix string) (history.Hash, error) {
	const least = 4
	prefix = strings.ToLower(prefix)
	raw, err := hex.DecodeString(prefix[:len(prefix)&^1])
	if err != nil || len(prefix) < least {
		return history.Hash{}, plumbing.ErrReferenceNotFound
	}

	hashes, err := r.withPrefix(raw)
	if err != nil {
		return history.Hash{}, err
	}
	var commits []history.Hash
	for _, h := range hashes {
		if !strings.HasPrefix(h.String(), prefix) {
			continue
		}
		// Trees and files do not count.
		if id, err := r.peel(h); err == nil && !slices.Contains(commits, id) {
			commits = append(commits, id)
		}
	}

	switch len(commits) {
	case 0:
		return history.Hash{}, plumbing.ErrReferenceNotFound
	case 1:
		return commits[0], nil
	}
	return history.Hash{}, fmt.Errorf("%d commits begin so", len(commits))
}

// withPrefix returns the objects whose names start so.
func (r *Repo) withPrefix(prefix []byte) ([]plumbing.Hash, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var hashes []plumbing.Hash
	for _, st := range r.stores {
		found, err := st.withPrefix(prefix)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, found...)
	}
	return hashes, nil
}

// peel follows tags to the commit they name.
func (r *Repo) peel(h plumbing.Hash) (history.Hash, error) {
	for {
		o, err := r.object(plumbing.AnyObject, history.Hash(h))
		var tag object.Tag
		if err == nil && o.kind == plumbing.TagObject {
			err = tag.Decode(o.encoded())
		}
		switch {
		case err != nil:
			return history.Hash{}, err
		case o.kind == plumbing.CommitObject:
			return history.Hash(h), nil
		case o.kind != plumbing.TagObject:
			return history.Hash{}, fmt.Errorf("it names a %s, not a commit", o.kind)
		}
		h = tag.Target
	}
}

// oneStep is ^{commit} or ^{}, which are nothing new to a commit, or ~N or ^N.
var oneStep = regexp.MustCompile(`^(?:\^\{(?:commit)?\}|([~^])([0-9]*))`)

// step follows what stands behind a revision.
func (r *Repo) step(id history.Hash, steps string) (history.Hash, error) {
	for steps != "" {
		m := oneStep.FindStringSubmatch(steps)
		if m == nil {
			return history.Hash{}, fmt.Errorf("%q is not understood", steps)
		}
		steps = steps[len(m[0]):]
		n := 1
		if m[2] != "" {
			var err error
			if n, err = strconv.Atoi(m[2]); err != nil {
				return history.Hash{}, err
			}
		}
		generations, parent := 0, 1
		switch m[1] {
		case "~":
			generations = n
		case "^":
			generations, parent = min(n, 1), n
		}
		for range generations {
			c, err := r.Commit(id)
			if err != nil {
				return history.Hash{}, err
			}
			if len(c.Parents) < parent {
				return history.Hash{}, fmt.Errorf("commit %s has %d parents", id, len(c.Parents))
			}
			id = c.Parents[parent-1]
		}
	}

	return id, nil
}
