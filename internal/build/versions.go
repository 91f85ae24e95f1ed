package build

import (
	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// versions writes the history of the complete repository.
func (b *builder) versions() {
	for _, c := range b.History.Commits {
		b.putVersion(c, route.VersionDetail, api.Encode(version(c)), c.ID.String())
	}

	entries := b.versionEntries(b.History.Commits, route.VersionDetail, route.Root)
	b.examples.offer(route.Versions, api.Encode(b.links.History(entries[:min(maxExampleItems, len(entries))])))
	b.put(route.Versions, api.Encode(b.links.History(entries)))
}

// versionsOf writes the versions of one resource, whose files are at a git path:
// the list, and each version by its own hash. Every item links to the version
// HEAD of itself, so that one is there too, and shows the newest. What a work tree
// has and no commit is without versions; there HEAD is described, the commit that
// the work tree starts from.
func (b *builder) versionsOf(id route.ID, gitPath string, args ...string) {
	r := id.Get()
	commits := b.History.Log(gitPath)
	for _, c := range commits {
		b.versionDetail(c, c, r.VersionRoute, args)
	}

	switch head := b.History.Head(); {
	case len(commits) == 0 && r.Representation == route.Item:
		b.versionDetail(head, head, r.VersionRoute, args)
	case len(commits) > 0 && commits[0] != head:
		b.versionDetail(head, commits[0], r.VersionRoute, args)
	}

	putCollection(b, r.VersionsRoute, b.versionEntries(commits, r.VersionRoute, id, args...), args...)
}

// versionDetail writes a version at the URL that names a commit.
func (b *builder) versionDetail(named, shown *history.Commit, id route.ID, args []string) {
	args = append(args[:len(args):len(args)], named.ID.String())
	b.putVersion(named, id, api.Encode(b.links.LinkedVersion(version(shown), id, args...)), args...)
}

// putVersion writes what is at a URL that names a commit, with that commit's time.
func (b *builder) putVersion(named *history.Commit, id route.ID, body []byte, args ...string) {
	b.examples.offer(id, body, args...)
	b.emit(tree.File{Path: id.File(args...), Body: body, Time: b.times.Modified(named)})
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
		entries = append(entries, b.versionEntry(c, detail, resource, args...))
	}
	return entries
}

// versionEntry is a commit in the list of a resource's versions.
func (b *builder) versionEntry(c *history.Commit, detail, resource route.ID, args ...string) api.VersionEntry {
	return api.VersionEntry{
		UID:     c.ID.String(),
		Message: c.Subject(),
		Date:    api.NewDate(c.Author.When),
		Author:  c.Author.Name,
		Type:    api.TypeVersion,
		Links:   b.links.VersionLinks(c.ID.String(), detail, resource, args...),
	}
}
