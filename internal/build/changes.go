package build

import (
	"slices"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/openapi"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// changes writes what each commit changed, the list of them, and the feeds.
func (b *builder) changes() {
	var entries []api.ChangeEntry
	for n, c := range b.in.History.Commits {
		entries = append(entries, b.changeEntry(n))
		b.emit(tree.File{
			Path: route.VersionChanges.File(c.ID.String()),
			Body: api.Encode(b.changeSet(n, b.log.Commit(n))),
			Time: b.times.Modified(c),
		})
	}
	putCollection(b, route.Changes, entries)
	b.feeds("", route.ChangesAtom, route.ChangesFeed)
}

// changeEntry is a commit in the list of changes.
func (b *builder) changeEntry(n int) api.ChangeEntry {
	c := b.in.History.Commits[n]
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

// changeSet is what a commit did to resources.
func (b *builder) changeSet(n int, resources []change.Resource) api.ChangeSet {
	c := b.in.History.Commits[n]
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
		// The states say more than the list only where a file cannot be read.
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
				api.ChangedResource{Path: p, Kind: kind, Before: before, After: after, Difference: difference(r.Delta)})
		}
	}
	return set
}

// difference is the wire form of a delta.
func difference(d *change.Delta) (out api.Difference) {
	if d == nil {
		return out
	}
	out.Patch = make(api.Patch, len(d.Ops))
	out.Old = api.OldValues{}
	for i := range d.Ops {
		op := &d.Ops[i]
		out.Patch[i] = api.PatchOperation{Op: api.PatchOp(op.Kind()), Path: op.Pointer, Value: op.New}
		if op.Old != nil {
			out.Old = append(out.Old, api.OldValue{Pointer: op.Pointer, Value: op.Old})
		}
	}
	return out
}

// historyOf writes a resource's history: its versions, as the list of versions
// has them, with what each changed in its file.
func (b *builder) historyOf(of route.ID, p string, args ...string) {
	items := b.fileVersions(of, p, args)
	if of.Get().Kind.Get().InDir {
		putCollection(b, of.Get().HistoryRoute, items, args...)
		return
	}
	putCollection(b, of.Get().HistoryRoute, itemVersions(items, b.log.Versions(p)), args...)
}

// fileVersions are the versions of a resource's file.
func (b *builder) fileVersions(of route.ID, p string, args []string) []api.FileVersion {
	versions := b.log.Versions(p)
	items := make([]api.FileVersion, len(versions))
	for i, c := range b.in.History.Log(p) {
		items[i] = api.FileVersion{
			Version:    b.versionEntry(c, of.Get().VersionRoute, of, args...),
			State:      api.FileState(versions[i].State),
			Difference: difference(versions[i].Delta),
		}
	}
	return items
}

// itemVersions adds the file's content to each version.
func itemVersions(items []api.FileVersion, versions []change.Version) []api.ItemVersion {
	out := make([]api.ItemVersion, len(items))
	for i := range items {
		out[i] = api.ItemVersion{FileVersion: items[i], Item: versions[i].Text}
	}
	return out
}

// fewChanges is how many resources the example of a commit's changes has at the
// most, and shortPatch how many bytes of patch each.
const (
	fewChanges = 3
	shortPatch = 4 << 10
	longItem   = 32 << 10 // bytes from which an example leaves a version out
)

func long(r change.Resource) bool { return r.Delta != nil && len(r.Delta.Patch()) > shortPatch }

// changeExamples shows what changed of late.
func (b *builder) changeExamples(out openapi.Examples) {
	commits := b.in.History.Commits
	var entries []api.ChangeEntry
	for n := range commits[:min(fewItems, len(commits))] {
		entries = append(entries, b.changeEntry(n))
	}
	changes := api.NewCollection(b.links, route.Changes, entries, len(commits), 0)
	out[route.Changes] = openapi.Example{Body: api.Encode(changes)}

	best := 0
	for n := range commits {
		resources := b.log.Commit(n)
		if len(resources) > 0 && len(resources) <= fewChanges && resources[0].Delta != nil && !slices.ContainsFunc(resources, long) {
			best = n
			break
		}
	}
	resources := slices.DeleteFunc(slices.Clone(b.log.Commit(best)), long)
	resources = resources[:min(fewChanges, len(resources))]
	out[route.VersionChanges] = openapi.Example{
		Args: []string{commits[best].ID.String()},
		Body: api.Encode(b.changeSet(best, resources)),
	}

	f := b.feed("", fewItems)
	f.JSON = b.in.Options.Published() + route.ChangesFeed.Path()
	out[route.ChangesFeed] = openapi.Example{Body: api.Encode(f.JSONFeed())}
	if sites := b.in.Grid.Sites; len(sites) > 0 {
		f = b.feed(sites[0].UID, fewItems)
		f.JSON = b.in.Options.Published() + route.SiteChangesFeed.Path(sites[0].UID)
		out[route.SiteChangesFeed] = openapi.Example{Args: []string{sites[0].UID}, Body: api.Encode(f.JSONFeed())}
	}
}

// historyExample shows a resource's newest versions, but for long ones.
func (b *builder) historyExample(out openapi.Examples, of route.ID, p string, args ...string) {
	items := itemVersions(b.fileVersions(of, p, args), b.log.Versions(p))
	total := len(items)
	items = slices.DeleteFunc(items[:min(fewItems, total)], func(v api.ItemVersion) bool {
		return len(api.Encode(v)) >= longItem
	})

	id := of.Get().HistoryRoute
	body := api.Encode(api.NewCollection(b.links, id, items, total, 0, args...))
	if of.Get().Kind.Get().InDir {
		files := make([]api.FileVersion, len(items))
		for i := range items {
			files[i] = items[i].FileVersion
		}
		body = api.Encode(api.NewCollection(b.links, id, files, total, 0, args...))
	}
	out[id] = openapi.Example{Args: args, Body: body}
}
