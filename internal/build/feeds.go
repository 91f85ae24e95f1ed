package build

import (
	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/route"
)

// feedLength is how many commits a feed tells of.
const feedLength = 50

// feeds writes both feeds of a site, or, for "", of everything.
func (b *builder) feeds(site string, atom, jsonFeed route.ID) {
	var args []string
	if site != "" {
		args = []string{site}
	}
	f := b.feed(site, feedLength)
	base := b.in.Options.Published()
	f.Atom, f.JSON = base+atom.Path(args...), base+jsonFeed.Path(args...)
	b.recordFeed(&f, f.Atom)
	b.put(atom, f.EncodeAtom(), args...)
	b.recordFeed(&f, f.JSON)
	b.put(jsonFeed, api.Encode(f.JSONFeed()), args...)
}

// recordFeed notes the links of a feed, in the form whose own URL is self.
func (b *builder) recordFeed(f *api.Feed, self string) {
	b.record(self)
	b.record(f.Home)
	for i := range f.Entries {
		b.record(f.Entries[i].URL)
	}
}

// feed collects the newest commits that changed something at a site, or, for
// "", anywhere. It leaves merges out: what they bring was told when it was
// committed.
func (b *builder) feed(site string, length int) api.Feed {
	grid, base := b.in.Grid.UID, b.in.Options.Published()
	f := api.Feed{
		ID:      api.FeedID("feed", grid, site),
		Title:   "What changed: " + grid,
		Home:    base + route.HardwareChanges.Path(),
		Updated: b.times.Date(b.in.History.Head()),
	}
	if site != "" {
		f.Title = "What changed at " + site
		f.Home = base + route.HardwareSiteHistory.Path(site)
	}
	for n, c := range b.in.History.Commits {
		if len(f.Entries) == length {
			break
		}
		if len(c.Parents) > 1 {
			continue
		}
		resources := b.log.Commit(n)
		if site != "" {
			resources = at(site, resources)
		}
		if len(resources) == 0 {
			continue
		}
		id, updated := c.ID.String(), b.times.Date(c)
		published := c.Author.When
		if published.After(updated) { // a clock was wrong: readers would keep it on top
			published = updated
		}
		f.Entries = append(f.Entries, api.FeedEntry{
			ID:        api.FeedID("commit", id, site),
			Title:     c.Subject(),
			URL:       base + route.HardwareChange.Path(id),
			Author:    c.Author.Name,
			Summary:   change.Summary(resources),
			Published: published,
			Updated:   updated,
		})
	}
	for i, e := range f.Entries {
		if i == 0 || e.Updated.After(f.Updated) {
			f.Updated = e.Updated
		}
	}
	return f
}

// at returns the changes at one site.
func at(site string, all []change.Resource) (some []change.Resource) {
	for _, r := range all {
		if r.Site == site {
			some = append(some, r)
		}
	}
	return some
}
