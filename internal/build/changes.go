package build

import (
	"fmt"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// changes writes what each commit changed, the list of them, and the feeds.
func (b *builder) changes() {
	for n, c := range b.History.Commits {
		set, err := b.changeSet(n, b.log.Commit(n))
		if err != nil {
			b.fail(err)
			return
		}

		b.emit(tree.File{
			Path: route.VersionChanges.File(c.ID.String()),
			Body: api.Encode(set),
			Time: b.times.Modified(c),
		})
	}

	var entries []api.ChangeEntry
	for n := range b.History.Commits {
		entries = append(entries, b.changeEntry(n))
	}

	if err := b.offerChanges(); err != nil {
		b.fail(err)
		return
	}

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
func (b *builder) changeSet(n int, resources []change.Resource) (api.ChangeSet, error) {
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

	for i := range resources {
		r := &resources[i]
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
			d, err := b.log.Delta(r.Delta())
			if err != nil {
				return set, fmt.Errorf("what commit %s changed in %s: %w", c.ID, r.File, err)
			}

			set.Changed = append(set.Changed,
				api.ChangedResource{Path: p, Kind: kind, Before: before, After: after, Difference: Difference(d)})
		}
	}

	return set, nil
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
func (b *builder) historyOf(r inventory.Resource) error {
	kind, gitPath, args := r.Kind.Get(), r.LogPath(), r.Args()
	var items []api.FileVersion
	var file rawjson.Value

	versions, err := b.log.Versions(r)
	if err != nil {
		return fmt.Errorf("the versions of %s: %w", r.File.Path, err)
	}

	for i, c := range b.History.Log(gitPath) {
		v := &versions[i]
		d, err := b.log.Delta(v.Delta)
		if err != nil {
			return fmt.Errorf("what commit %s changed in %s: %w", c.ID, r.File.Path, err)
		}

		items = append(items, api.FileVersion{
			Version:    b.versionEntry(c, kind.ItemVersion, kind.Item, args...),
			State:      api.FileState(v.State),
			Difference: Difference(d),
		})

		if file == nil && v.State == change.Present {
			if file, err = b.log.Text(*v); err != nil {
				return fmt.Errorf("%s in commit %s: %w", r.File.Path, c.ID, err)
			}
		}
	}

	h := api.NewHistory(b.links, kind.ItemHistory, items, file, args...)
	b.emit(tree.File{Path: kind.ItemHistory.File(args...), Body: api.Encode(h), Time: b.lastCommitTime(gitPath)})

	if len(items) > 0 && b.examples.wants(kind.ItemHistory, args) {
		h.Items = exampleItems(items)
		b.examples.offer(kind.ItemHistory, api.Encode(h), args...)
	}

	return nil
}
