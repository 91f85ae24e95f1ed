package build

import (
	"slices"
	"sync"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/route"
)

// maxFeedEntries is how many commits a feed has.
const maxFeedEntries = 50

// feeds writes both feeds of a site, or, for "", of all sites.
func (b *builder) feeds(site string, atom, jsonFeed route.ID) {
	var args []string
	if site != "" {
		args = []string{site}
	}

	// Both are made from one feed.
	all := sync.OnceValues(func() (api.Feed, error) {
		f, err := b.feed(site)
		f.Atom, f.JSON = b.Published()+atom.Path(args...), b.Published()+jsonFeed.Path(args...)
		return f, err
	})

	write := func(id route.ID, encode func(*api.Feed) []byte) {
		first := func(n int) content {
			return func() ([]byte, error) {
				f, err := all()
				f.Entries = f.Entries[:min(n, len(f.Entries))]
				b.recordFeed(&f, b.Published()+id.Path(args...))
				return encode(&f), err
			}
		}

		b.examples.offer(id, first(maxExampleItems), args...)
		b.put(id, first(maxFeedEntries), args...)
	}

	write(atom, (*api.Feed).EncodeAtom)
	write(jsonFeed, func(f *api.Feed) []byte { return api.Encode(f.JSONFeed()) })
}

// recordFeed records the links of a feed in the form whose own URL is self.
func (b *builder) recordFeed(f *api.Feed, self string) {
	b.record(self)
	b.record(f.Home)
	for i := range f.Entries {
		b.record(f.Entries[i].URL)
	}
}

// feed has the newest commits that changed something at a site, or, for "", at
// any. It omits merges: most of what they bring was in the feed when it was
// committed.
func (b *builder) feed(site string) (api.Feed, error) {
	log, err := b.Changes()
	if err != nil {
		return api.Feed{}, err
	}

	f := api.Feed{
		ID:      api.FeedID("feed", b.Grid.UID, site),
		Title:   "What changed: " + b.Grid.UID,
		Home:    b.Published() + route.HardwareChanges.Path(),
		Updated: b.times.Date(b.History.Head()),
	}

	if site != "" {
		f.Title = "What changed at " + site
		f.Home = b.Published() + route.HardwareSiteHistory.Path(site)
	}

	for n, c := range b.History.Commits {
		if len(f.Entries) == maxFeedEntries {
			break
		}

		resources := log.Commit(n)
		if site != "" {
			isElsewhere := func(r change.Resource) bool { return r.Site != site }
			resources = slices.DeleteFunc(slices.Clone(resources), isElsewhere)
		}
		if len(resources) > 0 && len(c.Parents) <= 1 {
			f.Entries = append(f.Entries, b.feedEntry(site, c, resources))
		}
	}

	if len(f.Entries) > 0 {
		byTime := func(a, b api.FeedEntry) int { return a.Updated.Compare(b.Updated) }
		f.Updated = slices.MaxFunc(f.Entries, byTime).Updated
	}

	return f, nil
}

func (b *builder) feedEntry(site string, c *history.Commit, resources []change.Resource) api.FeedEntry {
	id, updated := c.ID.String(), b.times.Date(c)
	published := c.Author.When
	if published.After(updated) { // a clock was wrong: readers would keep it on top
		published = updated
	}

	return api.FeedEntry{
		ID:        api.FeedID("commit", id, site),
		Title:     c.Subject(),
		URL:       b.Published() + route.HardwareChange.Path(id),
		Author:    c.Author.Name,
		Summary:   change.Summary(resources),
		Published: published,
		Updated:   updated,
	}
}
