package build

import (
	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// changes writes what each commit changed, the list of them, and the feeds.
func (b *builder) changes() {
	for n, c := range b.History.Commits {
		b.emit(tree.File{
			Path: route.VersionChanges.File(c.ID.String()),
			Body: api.Encode(b.changeSet(n, b.log.Commit(n))),
			Time: b.times.Modified(c),
		})
	}

	var entries []api.ChangeEntry
	for n := range b.History.Commits {
		entries = append(entries, b.changeEntry(n))
	}

	b.offerChanges()
	putCollection(b, route.Changes, entries)
	b.feeds("", route.ChangesAtom, route.ChangesFeed)
}

// changeEntry is a commit in the list of changes.
func (b *builder) changeEntry(n int) api.ChangeEntry {
	c := b.History.Commits[n]
	entry := api.ChangeEntry{
		Commit:    c.ID.String(),
		Message:   c.Subject(),
		Timestamp: api.NewTimestamp(c.Committer.When),
		Author:    c.Author.Name,
		Cut:       c.Boundary,
		Links:     b.links.ChangeLinks(c.ID.String()),
	}

	for _, r := range b.log.Commit(n) {
		switch r.Action() {
		case change.Added:
			entry.Added++
		case change.Removed:
			entry.Removed++
		default:
			entry.Changed++
		}
	}

	return entry
}

// changeSet is what a commit did to some resources.
func (b *builder) changeSet(n int, resources []change.Resource) api.ChangeSet {
	c := b.History.Commits[n]
	set := api.ChangeSet{
		Commit:    c.ID.String(),
		Message:   c.Body(),
		Timestamp: api.NewTimestamp(c.Committer.When),
		Author:    c.Author.Name,
		Cut:       c.Boundary,
		Links:     b.links.ChangeLinks(c.ID.String()),
	}

	for _, p := range c.Parents {
		set.Parents = append(set.Parents, p.String())
	}

	for _, r := range resources {
		p, kind := r.Path(), api.ResourceKind(r.Kind.String())

		// The states add to the list only where a file cannot be read.
		var before, after api.FileState
		if r.Before == change.Unreadable || r.After == change.Unreadable {
			before, after = api.FileState(r.Before), api.FileState(r.After)
		}

		switch r.Action() {
		case change.Added:
			set.Added = append(set.Added,
				api.AddedResource{Path: p, Kind: kind, NodeType: r.NodeType, Before: before, After: after})
		case change.Removed:
			set.Removed = append(set.Removed,
				api.RemovedResource{Path: p, Kind: kind, NodeType: r.NodeType, Before: before, After: after})
		default:
			set.Changed = append(set.Changed,
				api.ChangedResource{Path: p, Kind: kind, Before: before, After: after,
					Difference: Difference(r.Delta)})
		}
	}

	return set
}

// Difference is the wire form of a delta; nil has none.
func Difference(d *change.Delta) (out api.Difference) {
	if d == nil {
		return out
	}

	out.Patch = make(api.JSONPatch, len(d.Ops))
	out.Old = api.OldValues{}
	for i := range d.Ops {
		op := &d.Ops[i]
		out.Patch[i] = api.PatchOperation{Op: api.PatchOperationName(op.Kind()), Path: op.Pointer, Value: op.New}
		if op.Old != nil {
			out.Old = append(out.Old, api.OldValue{Pointer: op.Pointer, Value: op.Old})
		}
	}

	return out
}

// historyOf writes a resource's history: its versions, as the list of versions
// has them, with what each one changed in the resource's file, and the content of the
// newest one.
func (b *builder) historyOf(of route.ID, gitPath string, args ...string) {
	var items []api.FileVersion
	var file rawjson.Value

	versions := b.log.Versions(gitPath)
	for i, c := range b.History.Log(gitPath) {
		v := &versions[i]
		items = append(items, api.FileVersion{
			Version:    b.versionEntry(c, of.Get().VersionRoute, of, args...),
			State:      api.FileState(v.State),
			Difference: Difference(v.Delta),
		})
		if v.Text != nil {
			file = v.Text
		}
	}

	id := of.Get().HistoryRoute
	h := api.NewHistory(b.links, id, items, file, args...)
	b.emit(tree.File{Path: id.File(args...), Body: api.Encode(h), Time: b.lastCommitTime(gitPath)})

	if len(items) > 0 && b.examples.wants(id, args) {
		h.Items = exampleItems(items)
		b.examples.offer(id, api.Encode(h), args...)
	}
}
