package build

import (
	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// versions writes the history of the whole repository.
func (b *builder) versions() {
	var entries [][]byte
	for _, c := range b.in.History.Commits {
		v := version(c)
		entries = append(entries, b.api.Entry(v, route.VersionDetail, route.Root))
		b.emit(tree.File{Path: route.VersionDetail.File(v.UID), Body: api.BareDetail(v), Time: b.times.Modified(c)})
	}
	b.put(route.Versions, b.api.History(entries))
}

// versionsOf writes the versions of one resource, whose files lie at the git
// path p: the list, and each version by its own hash. Every item links to the
// version HEAD of itself, so that one is there too, and shows the newest. What a
// work tree has and no commit is without versions; there HEAD is described, the
// commit that the work tree starts from.
func (b *builder) versionsOf(id route.ID, p string, args ...string) {
	r := id.Get()
	commits := b.in.History.Log(p)
	var entries [][]byte
	for _, c := range commits {
		v := version(c)
		entries = append(entries, b.api.Entry(v, r.VersionRoute, id, args...))
		b.detail(c, v, v.UID, r.VersionRoute, args)
	}
	switch head := b.in.History.Head(); {
	case len(commits) == 0 && r.Representation == route.Item:
		b.detail(head, version(head), b.api.Version, r.VersionRoute, args)
	case len(commits) > 0 && commits[0] != head:
		b.detail(head, version(commits[0]), b.api.Version, r.VersionRoute, args)
	}
	b.collection(r.VersionsRoute, entries, args...)
}

// detail writes a version at the address of uid. What names a commit has the
// commit's time.
func (b *builder) detail(named *history.Commit, v api.Version, uid string, id route.ID, args []string) {
	args = append(args[:len(args):len(args)], uid)
	b.emit(tree.File{Path: id.File(args...), Body: b.api.Detail(v, id, args...), Time: b.times.Modified(named)})
}

func version(c *history.Commit) api.Version {
	return api.Version{
		UID:       c.ID.String(),
		Subject:   c.Subject(),
		Message:   c.Body(),
		Author:    c.Author.Name,
		Authored:  c.Author.When,
		Committed: c.Committer.When,
		Cut:       c.Boundary,
	}
}
