package build

import (
	"slices"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/openapi"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// changes writes what each commit changed, the list of them, and the feeds.
func (b *builder) changes() {
	var entries [][]byte
	for n, c := range b.in.History.Commits {
		entries = append(entries, b.changeEntry(n))
		b.emit(tree.File{Path: route.VersionChanges.File(c.ID.String()), Body: b.changeSet(n, b.log.Commit(n)), Time: b.times.Modified(c)})
	}
	b.collection(route.Changes, entries)
	b.feeds("", route.ChangesAtom, route.ChangesFeed)
}

// sorted are the changes of a commit by what became of the resources.
type sorted struct{ added, removed, changed []change.Resource }

func sortChanges(all []change.Resource) (s sorted) {
	for _, r := range all {
		switch r.Action() {
		case change.Added:
			s.added = append(s.added, r)
		case change.Removed:
			s.removed = append(s.removed, r)
		default:
			s.changed = append(s.changed, r)
		}
	}
	return s
}

func (b *builder) changeEntry(n int) []byte {
	s := sortChanges(b.log.Commit(n))
	return b.api.ChangeEntry(version(b.in.History.Commits[n]), api.Counts{Added: len(s.added), Removed: len(s.removed), Changed: len(s.changed)})
}

// changeSet is what a commit did to resources.
func (b *builder) changeSet(n int, resources []change.Resource) []byte {
	c := b.in.History.Commits[n]
	var parents []string
	for _, p := range c.Parents {
		parents = append(parents, p.String())
	}
	s := sortChanges(resources)
	return b.api.ChangeSet(version(c), parents, wire(s.added), wire(s.removed), wire(s.changed))
}

// wire turns changes into the API's form.
func wire(all []change.Resource) []api.Change {
	out := make([]api.Change, len(all))
	for i, r := range all {
		out[i] = api.Change{Path: r.Path(), Kind: r.Kind.String(), NodeType: r.NodeType}
		if r.Before == change.Unreadable || r.After == change.Unreadable {
			out[i].Before, out[i].After = string(r.Before), string(r.After)
		}
		if r.Delta != nil {
			out[i].Patch, out[i].Old = r.Delta.Patch(), r.Delta.Old()
		}
	}
	return out
}

// historyOf writes a resource's history: its versions, as the list of versions
// has them, with what each changed in its file.
func (b *builder) historyOf(of route.ID, p string, args ...string) {
	versions := b.log.Versions(p)
	items := make([][]byte, len(versions))
	for i, c := range b.in.History.Log(p) {
		items[i] = b.itemVersion(of, c, &versions[i], args)
	}
	b.collection(of.Get().HistoryRoute, items, args...)
}

func (b *builder) itemVersion(of route.ID, c *history.Commit, v *change.Version, args []string) []byte {
	out := api.ItemVersion{
		Entry:    b.api.Entry(version(c), of.Get().VersionRoute, of, args...),
		State:    string(v.State),
		Item:     v.Text,
		WithItem: !of.Get().Kind.Get().InDir,
	}
	if v.Delta != nil {
		out.Patch, out.Old = v.Delta.Patch(), v.Delta.Old()
	}
	return out.Body()
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
	var entries [][]byte
	for n := range commits[:min(fewItems, len(commits))] {
		entries = append(entries, b.changeEntry(n))
	}
	out[route.Changes] = openapi.Example{Body: b.api.Collection(route.Changes, entries, len(commits), 0)}
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
	out[route.VersionChanges] = openapi.Example{Args: []string{commits[best].ID.String()}, Body: b.changeSet(best, resources)}
	f := b.feed("", fewItems)
	f.JSON = b.in.Options.Published() + route.ChangesFeed.Path()
	out[route.ChangesFeed] = openapi.Example{Body: f.MarshalJSONFeed()}
	if sites := b.in.Grid.Sites; len(sites) > 0 {
		f = b.feed(sites[0].UID, fewItems)
		f.JSON = b.in.Options.Published() + route.SiteChangesFeed.Path(sites[0].UID)
		out[route.SiteChangesFeed] = openapi.Example{Args: []string{sites[0].UID}, Body: f.MarshalJSONFeed()}
	}
}

// historyExample shows a resource's newest versions.
func (b *builder) historyExample(out openapi.Examples, of route.ID, p string, args ...string) {
	commits, versions := b.in.History.Log(p), b.log.Versions(p)
	var items [][]byte
	for i, c := range commits[:min(fewItems, len(commits))] {
		if item := b.itemVersion(of, c, &versions[i], args); len(item) < longItem {
			items = append(items, item)
		}
	}
	id := of.Get().HistoryRoute
	out[id] = openapi.Example{Args: args, Body: b.api.Collection(id, items, len(commits), 0, args...)}
}
