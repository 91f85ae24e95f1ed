package availhttp

import (
	"maps"
	"slices"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/availability"
)

// noticesOf returns the notices of a site that have not ended, and when the first of them
// will.
func (h *Handler) noticesOf(site string, now time.Time) (found []availability.Notice, until availability.Time) {
	until = availability.Forever
	if h.opts.Notices == nil {
		return nil, until
	}
	for _, n := range h.opts.Notices() {
		if n.IsOf(site) && n.End.After(now) {
			found = append(found, n)
			until = min(until, availability.At(n.End))
		}
	}
	return found, until
}

// noticesOfSites returns the notices of some sites, each once.
func (h *Handler) noticesOfSites(sites map[string]bool, now time.Time) []api.Notice {
	seen := map[string]bool{}
	var all []availability.Notice
	for _, site := range slices.Sorted(maps.Keys(sites)) {
		found, _ := h.noticesOf(site, now)
		for _, n := range found {
			if !seen[n.ID] {
				seen[n.ID] = true
				all = append(all, n)
			}
		}
	}
	return noticesBody(all)
}

// noticeEvents are the events of notices in a calendar. What holds already begins with the day.
func noticeEvents(notices []api.Notice, page string, day time.Time) (events []entry) {
	seen := map[string]bool{}
	for _, n := range notices {
		if seen[n.ID] {
			continue
		}
		seen[n.ID] = true

		e := entry{id: api.FeedID("notice", n.ID), start: day, end: timeOf(n.End), category: "notice", page: page}
		e.title = "All sites: " + n.Text
		if n.SiteID != nil {
			e.title = *n.SiteID + ": " + n.Text
		}
		if n.URL != nil {
			e.text = *n.URL
		}
		if n.Start != nil && timeOf(*n.Start).After(day) {
			e.start = timeOf(*n.Start)
		}
		events = append(events, e)
	}
	return events
}

// noticesBody returns the form of notices in answers.
func noticesBody(notices []availability.Notice) (all []api.Notice) {
	for _, n := range notices {
		item := api.Notice{
			ID: n.ID, SiteID: nullableText(n.Site), End: api.NewTime(n.End), Text: n.Text, URL: nullableText(n.URL),
		}
		if !n.Start.IsZero() {
			item.Start = new(api.NewTime(n.Start))
		}
		all = append(all, item)
	}
	return all
}
