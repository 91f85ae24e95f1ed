package availhttp

import (
	"net/http"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/route"
)

// slots responds with the times at which several nodes are free at once.
func (h *Handler) slots(v *view, r *http.Request, _ []string, now time.Time) answer {
	values, faults := readQuery(route.Slots.Get().Query, r.URL.RawQuery)
	after := availability.At(values.Time("after", now))
	month := max(after, availability.At(now)).Std().Add(defaultWindow)
	q := availability.SlotQuery{
		Count:    values.Int("count"),
		Length:   values.Hours(),
		Grain:    time.Minute, // Blazar accepts times to the minute
		After:    after,
		Before:   availability.At(values.Time("before", month)),
		Limit:    values.Int("limit"),
		SameSite: values.Bool("same_site"),
		Rules:    h.opts.Rules,
	}
	faults = append(faults, values.hoursFaults()...)
	if q.After >= q.Before {
		faults = append(faults, values.Fault("before", "the window must end after it starts"))
	}

	if faults != nil {
		return validationError(faults...)
	}

	// Only after the validation: a window that has passed is not a fault.
	q.After = max(q.After, availability.At(now))
	found, total := availability.Slots(v.slotCandidates(newFilter(values)), availability.At(now), q)
	a := okJSON(slotsBody(found, total))
	a.lastModified, a.until = v.lastModified, availability.At(now.Add(slotsTTL))
	return a
}

// slotsTTL is how long a response about slots may be cached. Slots that start now move
// with the clock.
const slotsTTL = 5 * time.Second

// slotCandidates returns the matching nodes that can be reserved as complete machines.
func (v *view) slotCandidates(isWanted condition) []availability.Candidate {
	var all []availability.Candidate
	for i := range v.release.Nodes {
		n := &v.release.Nodes[i]
		if host := v.hosts[i]; host != nil && !host.Maintenance && !v.byFlavor(i) && isWanted(v, i) {
			all = append(all, availability.Candidate{Site: n.Site, Node: n.UID, Host: host})
		}
	}
	return all
}

// slotsBody returns the body of a response about slots.
func slotsBody(found []availability.Slot, total int) api.SlotList {
	body := api.SlotList{Total: total}
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
