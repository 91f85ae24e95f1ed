package build

import (
	"fmt"
	"slices"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/rawjson"
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
	b.feeds("", route.ChangesAtom, route.ChangesFeed)
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

// historyOf writes a resource's history. It links to the versions.
func (b *builder) historyOf(r inventory.Resource, versions []string) {
	id, args := r.Kind.Get().ItemHistory, r.Args()
	links := func() []string { return slices.Concat(versions, hrefs(b.declared().SelfAndParent(id, args...))) }
	b.emitBody(b.ofLog(id.File(args...), r.LogPath(), links), func() ([]byte, error) {
		h, err := b.readHistory(r)
		return api.Encode(h), err
	})

	if len(versions) > 0 {
		b.examples.offer(id, func() ([]byte, error) {
			h, err := b.readHistory(r)
			h.Items = exampleItems(h.Items)
			return api.Encode(h), err
		}, args...)
	}
}

// readHistory is a resource's history: its versions, as the list of versions has them,
// with what each one changed in the resource's file, and the content of the newest one.
func (b *builder) readHistory(r inventory.Resource) (h api.FileHistory, err error) {
	log, err := b.Changes()
	if err != nil {
		return h, err
	}

	versions, err := log.Versions(r)
	if err != nil {
		return h, fmt.Errorf("the versions of %s: %w", r.File.Path, err)
	}

	kind, args := r.Kind.Get(), r.Args()
	var items []api.FileVersion
	var file rawjson.Value
	for i, c := range b.History.Log(r.LogPath()) {
		v := &versions[i]
		d, err := log.Delta(v.Delta)
		if err != nil {
			return h, fmt.Errorf("what commit %s changed in %s: %w", c.ID, r.File.Path, err)
		}

		items = append(items, api.FileVersion{
			Version:    b.versionEntry(c, kind.ItemVersion, kind.Item, args...),
			State:      api.FileState(v.State),
			Difference: Difference(d),
		})

		if file == nil && v.State == change.Present {
			if file, err = log.Text(*v); err != nil {
				return h, fmt.Errorf("%s in commit %s: %w", r.File.Path, c.ID, err)
			}
		}
	}

	return api.NewHistory(b.links, kind.ItemHistory, items, file, args...), nil
}
