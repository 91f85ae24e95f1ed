package build

import (
	"slices"
	"sync"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/route"
)

// How many changes a feed has, and that of a node that was removed and not moved: its
// readers have the others, and most testbeds have lost more nodes than they have.
const (
	maxFeedEntries   = 50
	maxFormerEntries = 1
)

// feedFiles are both forms of a feed, at routes that have the same arguments.
type feedFiles struct {
	atom, json route.ID
	args       []string
	read       func() (api.Feed, error) // without its own URLs
}

// each yields both files of a feed, each with what is to be in it: so many of the first
// entries.
func (b *builder) each(f feedFiles, yield func(id route.ID, url string, first func(n int) content)) {
	url := func(id route.ID) string { return b.Published() + id.Path(f.args...) }

	// Both are made from one feed.
	all := sync.OnceValues(func() (api.Feed, error) {
		feed, err := f.read()
		feed.Atom, feed.JSON = url(f.atom), url(f.json)
		return feed, err
	})

	encode := map[route.ID]func(*api.Feed) []byte{
		f.atom: (*api.Feed).EncodeAtom,
		f.json: func(f *api.Feed) []byte { return api.Encode(f.JSONFeed()) },
	}
	for _, id := range []route.ID{f.atom, f.json} {
		yield(id, url(id), func(n int) content {
			return func() ([]byte, error) {
				feed, err := all()
				feed.Entries = feed.Entries[:min(n, len(feed.Entries))]
				b.recordFeed(&feed, url(id))
				return encode[id](&feed), err
			}
		})
	}
}

// recordFeed records the links of a feed in the form whose own URL is self.
func (b *builder) recordFeed(f *api.Feed, self string) {
	b.record(self)
	b.record(f.Home)
	for i := range f.Entries {
		b.record(f.Entries[i].URL)
	}
}

// feedsOfHead writes a feed that depends on HEAD, and offers it as an example.
func (b *builder) feedsOfHead(f feedFiles, offer func(id route.ID, body content, args ...string)) {
	b.each(f, func(id route.ID, _ string, first func(n int) content) {
		offer(id, first(maxExampleItems), f.args...)
		b.put(id, first(maxFeedEntries), f.args...)
	})
}

// siteFeeds writes the feeds of a site, or, for "", of all sites.
func (b *builder) siteFeeds(site string) {
	f := feedFiles{atom: route.ChangesAtom, json: route.ChangesFeed}
	title, home := "What changed: "+b.Grid.UID, route.HardwareChanges.Path()
	isPart := func(*change.Resource) bool { return true }
	if site != "" {
		f = feedFiles{atom: route.SiteChangesAtom, json: route.SiteChangesFeed, args: []string{site}}
		title, home = "What changed at "+site, route.HardwareSiteHistory.Path(site)
		isPart = func(r *change.Resource) bool { return r.Site == site }
	}

	f.read = func() (api.Feed, error) {
		feed := api.Feed{ID: api.FeedID("feed", b.Grid.UID, site), Title: title, Home: b.Published() + home}
		err := b.addCommits(&feed, isPart, site)
		return feed, err
	}
	b.feedsOfHead(f, b.examples.offer)
}

// typeFeeds writes the feeds of a node type: of the nodes that have it, and of those that
// were added or removed with it.
func (b *builder) typeFeeds(nodeType, slug string) {
	f := feedFiles{atom: route.TypeChangesAtom, json: route.TypeChangesFeed, args: []string{slug}}
	f.read = func() (api.Feed, error) {
		feed := api.Feed{
			ID:    api.FeedID("feed of type", b.Grid.UID, nodeType),
			Title: "What changed: nodes of type " + nodeType,
			Home:  b.Published() + route.HardwareType.Path(slug),
		}
		types := b.typesByPlace()
		err := b.addCommits(&feed, func(r *change.Resource) bool {
			return r.Kind == route.NodeKind && (r.NodeType == nodeType || types[r.Place] == nodeType)
		}, "type", nodeType)
		return feed, err
	}

	b.feedsOfHead(f, b.examples.offerAny)
}

// typesByPlace are the types of all nodes.
func (b *builder) typesByPlace() map[inventory.Place]string {
	types := map[inventory.Place]string{}
	for _, n := range b.nodes() {
		types[inventory.Place{Kind: route.NodeKind, Site: n.Site, Cluster: n.Cluster, UID: n.UID}] = n.Type
	}
	return types
}

// addCommits adds the newest commits that changed some resources. It omits merges: most of
// what they bring was in the feed when it was committed. The ids of entries are made from
// these names.
func (b *builder) addCommits(f *api.Feed, isPart func(*change.Resource) bool, names ...string) error {
	log, err := b.Changes()
	if err != nil {
		return err
	}

	for n, c := range b.History.Commits {
		if len(f.Entries) == maxFeedEntries {
			break
		}
		if len(c.Parents) > 1 {
			continue
		}

		var resources []change.Resource
		all := log.Commit(n)
		for i := range all {
			if isPart(&all[i]) {
				resources = append(resources, all[i])
			}
		}
		if len(resources) > 0 {
			f.Entries = append(f.Entries, b.feedEntry(c, change.Summary(resources), names...))
		}
	}

	b.date(f)
	return nil
}

// date sets when a feed was updated.
func (b *builder) date(f *api.Feed) {
	f.Updated = b.times.Date(b.History.Head())
	if len(f.Entries) > 0 {
		byTime := func(a, b api.FeedEntry) int { return a.Updated.Compare(b.Updated) }
		f.Updated = slices.MaxFunc(f.Entries, byTime).Updated
	}
}

func (b *builder) feedEntry(c *history.Commit, summary string, names ...string) api.FeedEntry {
	id, updated := b.commits[c].id, b.times.Date(c)
	published := c.Author.When
	if published.After(updated) { // a clock was wrong: readers would keep it on top
		published = updated
	}

	return api.FeedEntry{
		ID:        api.FeedID(append([]string{"commit", id}, names...)...),
		Title:     c.Subject(),
		URL:       b.Published() + route.HardwareChange.Path(id),
		Author:    c.Author.Name,
		Summary:   summary,
		Published: published,
		Updated:   updated,
	}
}

// nodeFeeds writes the feeds of a node, which depend on its log alone.
func (b *builder) nodeFeeds(log *change.Log, s subject) error {
	home, most := route.HardwareNodeHistory.Path(s.Args()...), maxFeedEntries
	if s.former && !log.IsJoined(s.path) {
		home, most = route.HardwareNode.Path(s.Args()...), maxFormerEntries
	}
	f := feedFiles{atom: route.NodeChangesAtom, json: route.NodeChangesFeed, args: s.Args(), read: func() (api.Feed, error) {
		feed := api.Feed{
			ID:    api.FeedID("feed of node", b.Grid.UID, s.Place.Path()),
			Title: "What changed: " + s.name + " at " + s.Site,
			Home:  b.Published() + home,
		}
		pages, err := b.told()
		if err != nil {
			return feed, err
		}
		steps, err := log.Steps(s.Place, s.path)
		if err != nil {
			return feed, err
		}

		for i := range steps[:min(len(steps), most)] {
			text, err := pages.StepText(&steps[i])
			if err != nil {
				return feed, err
			}
			feed.Entries = append(feed.Entries, b.feedEntry(steps[i].Commit, text, "node", s.Place.Path()))
		}
		b.date(&feed)
		return feed, nil
	}}

	steps, err := b.steps(log, s.Place, s.path, s.commits)
	if err != nil {
		return err
	}
	var links []string
	for i := range steps[:min(len(steps), most)] {
		links = append(links, b.Published()+route.HardwareChange.Path(b.commits[steps[i].Commit].id))
	}

	b.each(f, func(id route.ID, url string, first func(n int) content) {
		file := b.ofLog(id.File(f.args...), s.commits,
			func() []string { return slices.Concat(links, []string{url, b.Published() + home}) })
		if !s.former {
			b.examples.offer(id, first(maxExampleItems), f.args...)
		}
		b.emitBody(b.alsoOf(file, laterOf(log, steps)), first(most))
	})

	return nil
}
