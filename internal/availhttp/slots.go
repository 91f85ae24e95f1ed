package availhttp

import (
	"net/http"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/route"
)

// slots responds with the times at which several nodes are free at once.
func (h *Handler) slots(r *http.Request, _ []string, now time.Time) answer {
	v, faults := readQuery(route.Slots.Get().Query, r.URL.RawQuery)
	after := v.Time("after", now)
	before := v.Time("before", later(after, now).Add(month))
	q := availability.SlotQuery{
		Count:    v.Int("count"),
		Length:   time.Duration(v.Number("hours") * float64(time.Hour)).Truncate(time.Second),
		Grain:    time.Minute, // Blazar accepts times to the minute
		After:    availability.At(after),
		Before:   availability.At(before),
		Limit:    v.Int("limit"),
		SameSite: v.Bool("same_site"),
		Rules:    h.opts.Rules,
	}
	if v.Has("hours") && q.Length <= 0 {
		faults = append(faults, v.Fault("hours", "the duration must be at least one second"))
	}
	if q.After >= q.Before {
		faults = append(faults, v.Fault("before", "the window must end after it starts"))
	}

	if faults != nil {
		return validationError(faults)
	}

	// Only after the validation: a window that has passed is not a fault.
	q.After = max(q.After, availability.At(now))

	view := h.currentView()
	key := "slots?" + r.URL.RawQuery
	if a, ok := view.answers.Get(key, now); ok {
		return a
	}

	f := newFilter(v)
	found, total := availability.Slots(view.slotCandidates(&f), availability.At(now), q)
	a := okJSON(slotsBody(found, total))
	a.lastModified = view.lastModified()

	// Slots that start now move with the clock, so they are cached for seconds only.
	a.until = now.Add(slotsTTL)
	if sync := h.nextSyncOfAny(now); sync.Before(a.until) {
		a.until = sync
	}

	view.keep(key, a)
	return a
}

// later returns the later of two times.
func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// slotsTTL is how long a response about slots may be cached.
const slotsTTL = 5 * time.Second

// slotCandidates returns the matching nodes that can be reserved as complete machines.
func (v *view) slotCandidates(f *filter) []availability.Candidate {
	var all []availability.Candidate
	for i := range v.release.Nodes {
		n := &v.release.Nodes[i]
		if host := v.hosts[i]; host != nil && !host.Maintenance && !v.byFlavor(i) && v.matches(f, i) {
			all = append(all, availability.Candidate{Site: n.Site, Node: n.UID, Host: host})
		}
	}
	return all
}

// slotsBody returns the body of a response about slots.
func slotsBody(found []availability.Slot, total int) api.Slots {
	body := api.Slots{Total: total}
	for _, s := range found {
		body.Items = append(body.Items, api.Slot{
			Start:           api.NewTime(s.Start.Std()),
			End:             api.NewTime(s.End.Std()),
			SiteID:          nullableText(s.Site),
			Nodes:           s.Nodes,
			KeptForProjects: s.Kept,
		})
	}

	return body
}
