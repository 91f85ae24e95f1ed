package build

import (
	"fmt"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/route"
)

// changes writes what each commit changed, the list of them, and the feeds.
func (b *builder) changes() {
	for n, c := range b.History.Commits {
		id := b.commits[c].id
		f := b.ofCommit(c, route.VersionChanges.File(id), hrefs(b.declared().ChangeLinks(id))...)
		b.emitBody(f, func() ([]byte, error) {
			log, err := b.Changes()
			if err != nil {
				return nil, err
			}
			set, err := b.changeSet(log, n, log.Commit(n))
			return api.Encode(set), err
		})
	}

	b.examples.chosen[route.VersionChanges] = b.exampleChanges
	putCollection(b, route.Changes, len(b.History.Commits), b.changeEntries)
	b.siteFeeds("")
}

// hrefs are the URLs of links.
func hrefs(links []api.Link) (urls []string) {
	for _, l := range links {
		urls = append(urls, l.Href)
	}
	return urls
}

// changeEntries are the first commits in the list of changes.
func (b *builder) changeEntries(count int) (entries []api.ChangeEntry, err error) {
	log, err := b.Changes()
	if err != nil {
		return nil, err
	}

	for n := range count {
		entries = append(entries, b.changeEntry(n, log.Commit(n)))
	}

	return entries, nil
}

// changeEntry is a commit in the list of changes.
func (b *builder) changeEntry(n int, resources []change.Resource) api.ChangeEntry {
	c := b.History.Commits[n]
	entry := api.ChangeEntry{
		Commit:    c.ID.String(),
		Message:   c.Subject(),
		Timestamp: api.NewTimestamp(c.Committer.When),
		Author:    c.Author.Name,
		Cut:       c.Boundary,
		Links:     b.links.ChangeLinks(c.ID.String()),
	}

	for _, r := range resources {
		switch r.Action() {
		case change.Added:
			entry.Added++
		case change.Removed:
			entry.Removed++
		default:
			entry.Changed++
		}

		if m := r.Move; m != nil && r.Action() == change.Added {
			if m.Replaced {
				entry.Replaced++
			} else {
				entry.Moved++
			}
		}
	}

	return entry
}

// changeSet is what a commit did to some resources.
func (b *builder) changeSet(log *change.Log, n int, resources []change.Resource) (api.ChangeSet, error) {
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
			d, err := log.Delta(r.Delta())
			if err != nil {
				return set, fmt.Errorf("what commit %s changed in %s: %w", c.ID, r.GitPath, err)
			}

			set.Changed = append(set.Changed,
				api.ChangedResource{Path: p, Kind: kind, Before: before, After: after, Difference: Difference(d)})
		}

		if r.Move != nil && r.Action() == change.Added {
			if err := addMove(log, &set, r.Move); err != nil {
				return set, err
			}
		}
	}

	return set, nil
}

// addMove adds what joins two nodes of a commit.
func addMove(log *change.Log, set *api.ChangeSet, m *change.Move) error {
	from, to := m.From.Path(), m.To.Path()
	if m.Replaced {
		set.Replaced = append(set.Replaced, api.ReplacedNode{From: from, To: to, NodeName: m.To.Name})
		return nil
	}

	d, err := log.Delta(m.Delta())
	if err != nil {
		return fmt.Errorf("what the move from %s to %s changed: %w", from, to, err)
	}
	set.Moved = append(set.Moved, api.MovedNode{From: from, To: to, Difference: Difference(d)})
	return nil
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
