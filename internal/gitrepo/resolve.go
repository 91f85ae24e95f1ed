package gitrepo

import (
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
// go-git's own parser ignores what it does not know, so that
// "main@{yesterday}" would be main.
func (r *Repo) Resolve(rev string) (history.Hash, error) {
	base, steps := rev, ""
	if i := strings.IndexAny(rev, "~^"); i >= 0 {
		base, steps = rev[:i], rev[i:]
	}

	if base == "@" || rev == "" {
		base = "HEAD"
	}

	id, err := r.resolveBase(base)
	if err == nil {
		id, err = r.followSteps(id, steps)
	}

	switch {
	case err == nil:
		return id, nil
	case base == "HEAD" && errors.Is(err, plumbing.ErrReferenceNotFound):
		return history.Hash{}, r.noHeadError()
	}

	err = fmt.Errorf("unknown revision %q: %w", rev, err)
	if hint.Of(err) != "" {
		return history.Hash{}, err
	}

	return history.Hash{}, hint.Wrap(err,
		"give a branch, a tag or a commit that the repository has; a shallow or single-branch clone has few")
}

// noHeadError explains a HEAD that names nothing.
func (r *Repo) noHeadError() error {
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
		return hint.Wrap(errors.New("the repository has no commits"),
			"commit something first; with --worktree an empty commit (`git commit --allow-empty`) is enough")
	}

	slices.Sort(branches)
	return hint.Wrap(errors.New("HEAD names no commit"), "name a branch with --rev, for example %s", branches[0])
}

// resolveBase resolves a revision without steps, in git's order: a full hash, a
// reference, a short hash.
func (r *Repo) resolveBase(name string) (history.Hash, error) {
	if plumbing.IsHash(name) {
		id, err := r.peel(plumbing.NewHash(name))
		if errors.Is(err, plumbing.ErrObjectNotFound) {
			err = plumbing.ErrObjectNotFound // without the hint that the repository is damaged
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

	return r.resolveShort(name)
}

// resolveShort resolves the first digits of a commit's name.
func (r *Repo) resolveShort(prefix string) (history.Hash, error) {
	const minDigits = 4
	prefix = strings.ToLower(prefix)
	if len(prefix) < minDigits || strings.Trim(prefix, "0123456789abcdef") != "" {
		return history.Hash{}, plumbing.ErrReferenceNotFound
	}

	r.mu.Lock()
	hashes, err := r.objects.withPrefix(prefix)
	r.mu.Unlock()
	if err != nil {
		return history.Hash{}, err
	}

	var commits []history.Hash
	for _, h := range hashes {
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

	return history.Hash{}, fmt.Errorf("short hash is ambiguous: %d commits match", len(commits))
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

// stepForm matches ^{commit} or ^{}, which change nothing for a commit, or ~N or ^N.
var stepForm = regexp.MustCompile(`^(?:\^\{(?:commit)?\}|([~^])([0-9]*))`)

// followSteps follows the suffixes of a revision.
func (r *Repo) followSteps(id history.Hash, steps string) (history.Hash, error) {
	for steps != "" {
		m := stepForm.FindStringSubmatch(steps)
		if m == nil {
			return history.Hash{}, fmt.Errorf("%q is not supported", steps)
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
