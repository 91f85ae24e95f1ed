package availhttp

import (
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
