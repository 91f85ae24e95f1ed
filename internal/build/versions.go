package build

import (
	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// ofCommit returns a file that depends on one commit alone.
func (b *builder) ofCommit(c *history.Commit, path string, links ...string) tree.File {
	n := b.commits[c]
	return tree.File{Path: path, Class: tree.Immutable, Time: n.modified, Fingerprint: n.fingerprint, Links: links}
}

// ofLog returns a file that depends on the log of one git path alone. A log is what its
// newest commit reaches, so that this commit stands for all of it, and for the content. A
// file without a log depends on HEAD, and so may any in a work tree with edits.
func (b *builder) ofLog(path string, log []*history.Commit, links func() []string) tree.File {
	if len(log) == 0 || !b.Edited.IsZero() {
		return b.ofHead(path)
	}

	f := b.ofCommit(log[0], path, links()...)
	f.Class = tree.OfPath
	return f
}

// alsoOf returns a file of one path that says where machines went with other commits, too:
// it depends on these as well.
func (b *builder) alsoOf(f tree.File, commits []*history.Commit) tree.File {
	if f.Fingerprint == "" {
		return f
	}
	for _, c := range commits {
		n := b.commits[c]
		f.Fingerprint = b.fingerprint(f.Fingerprint, n.fingerprint)
		if n.modified.After(f.Time) {
			f.Time = n.modified
		}
	}
	return f
}

// versions writes the history of the complete repository.
func (b *builder) versions() {
	for _, c := range b.History.Commits {
		id := b.commits[c].id
		f := b.ofCommit(c, route.VersionDetail.File(id))
		b.putVersion(f, route.VersionDetail, document(func() api.TestbedVersion { return version(c) }), id)
	}

	list := func(commits []*history.Commit) content {
		return document(func() api.VersionHistory {
			return b.links.History(b.versionEntries(commits, route.VersionDetail, route.Root))
		})
	}

	commits := b.History.Commits
	b.examples.offer(route.Versions, list(commits[:min(maxExampleItems, len(commits))]))
	b.put(route.Versions, list(commits))
}

// versionsOf writes the versions of one resource, whose files are at a git path:
// the list, and each version by its own hash. Every item links to the version
// HEAD of itself, so that one is there too, and shows the newest. What a work tree
// has and no commit is without versions; there HEAD is described, the commit that
// the work tree starts from.
func (b *builder) versionsOf(id route.ID, gitPath string, args ...string) {
	r := id.Get()
	commits := b.History.Log(gitPath)
	parent := b.declared().Href(id, args...)

	// detail writes a version at the URL that names a commit.
	detail := func(f tree.File, shown *history.Commit, args []string) {
		f.Path = r.VersionRoute.File(args...)
		b.putVersion(f, r.VersionRoute, document(func() api.ResourceVersion {
			return b.links.LinkedVersion(version(shown), r.VersionRoute, args...)
		}), args...)
	}

	for _, c := range commits {
		args := append(args[:len(args):len(args)], b.commits[c].id)
		detail(b.ofCommit(c, "", b.declared().Href(r.VersionRoute, args...), parent), c, args)
	}

	// The file of the version HEAD is gone once another commit is HEAD.
	head := b.History.Head()
	alias := tree.File{Time: b.commits[head].modified}
	of := append(args[:len(args):len(args)], b.commits[head].id)
	switch {
	case len(commits) == 0 && r.Representation == route.Item:
		detail(alias, head, of)
	case len(commits) > 0 && commits[0] != head:
		detail(alias, commits[0], of)
	}

	putCollection(b, r.VersionsRoute, len(commits), func(n int) ([]api.VersionEntry, error) {
		return b.versionEntries(commits[:n], r.VersionRoute, id, args...), nil
	}, args...)
}

// putVersion writes what is at a URL that names a commit.
func (b *builder) putVersion(f tree.File, id route.ID, body content, args ...string) {
	b.examples.offer(id, body, args...)
	b.emitBody(f, body)
}

// version is a commit without links.
func version(c *history.Commit) api.TestbedVersion {
	return api.TestbedVersion{
		UID:     c.ID.String(),
		Message: c.Body(),
		Date:    api.NewDate(c.Committer.When),
		Author:  c.Author.Name,
		Type:    api.TypeVersion,
	}
}

// versionEntries are commits in the list of a resource's versions.
func (b *builder) versionEntries(
	commits []*history.Commit, detail, resource route.ID, args ...string,
) (entries []api.VersionEntry) {
	for _, c := range commits {
		entries = append(entries, b.versionEntry(c, b.links.VersionLinks(b.commits[c].id, detail, resource, args...)))
	}
	return entries
}

// versionEntry is a commit in the list of a resource's versions.
func (b *builder) versionEntry(c *history.Commit, links []api.Link) api.VersionEntry {
	return api.VersionEntry{
		UID:     b.commits[c].id,
		Message: c.Subject(),
		Date:    api.NewDate(c.Author.When),
		Author:  c.Author.Name,
		Type:    api.TypeVersion,
		Links:   links,
	}
}
