package availhttp

import (
	"net/http"
	"time"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/query"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// slots answers when nodes are free together.
func (h *Handler) slots(r *http.Request, _ []string, now time.Time) answer {
	v, faults := query.Read(route.Slots.Get().Query, r.URL.RawQuery)
	// Blazar takes times to the minute.
	q := availability.SlotQuery{Count: 1, Length: time.Hour, Grain: time.Minute, After: availability.At(now), Before: availability.At(now.Add(month)), Limit: 10, Rules: h.o.Rules}
	if n, ok := v.Int("count"); ok {
		q.Count = int(n)
	}
	if hours, ok := v.Number("hours"); ok {
		q.Length = time.Duration(hours * float64(time.Hour)).Truncate(time.Second)
		if q.Length <= 0 {
			faults = append(faults, v.Fault("hours", "there must be a second at least"))
		}
	}
	if t, ok := v.Time("after"); ok {
		q.After = availability.At(t)
	}
	if t, ok := v.Time("before"); ok {
		q.Before = availability.At(t)
	} else if q.After > availability.At(now) {
		q.Before = availability.At(q.After.Std().Add(month))
	}
	if q.After >= q.Before {
		faults = append(faults, v.Fault("before", "the window must end after it starts"))
	}
	if n, ok := v.Int("limit"); ok {
		q.Limit = int(n)
	}
	q.SameSite, _ = v.Bool("same_site")
	if faults != nil {
		return validationError(faults)
	}
	q.After = max(q.After, availability.At(now))
	view := h.currentView()
	key := "slots?" + r.URL.RawQuery
	if a, ok := view.answers.get(key, now); ok {
		return a
	}
	f := newFilter(v)
	found, total := availability.Slots(view.slotCandidates(&f), availability.At(now), q)
	a := okJSON(slotsBody(found, total))
	a.lastModified = view.lastModified()
	// Slots move as now does: what starts now starts a little later soon.
	a.until = now.Add(slotsTTL)
	if sync := h.nextSyncOfAny(now); sync.Before(a.until) {
		a.until = sync
	}
	view.answers.put(key, a)
	return a
}

// slotsTTL is how long an answer about slots may be kept.
const slotsTTL = 5 * time.Second

// slotCandidates are the nodes that fit and can be reserved, each as a complete
// machine.
func (v *view) slotCandidates(f *filter) []availability.Candidate {
	var all []availability.Candidate
	for i := range v.release.Nodes {
		n := &v.release.Nodes[i]
		if host := v.hosts[i]; host != nil && !host.Maintenance && !v.byFlavor(i) && v.fits(f, i) {
			all = append(all, availability.Candidate{Site: n.Site, Node: n.UID, Host: host})
		}
	}
	return all
}

func slotsBody(found []availability.Slot, total int) []byte {
	var b rawjson.Builder
	b.BeginObject()
	b.Key("total")
	b.Int(total)
	b.Key("items")
	b.BeginArray()
	for _, s := range found {
		b.BeginObject()
		b.Key("start")
		b.Raw(jsonTime(s.Start.Std(), "Z"))
		b.Key("end")
		b.Raw(jsonTime(s.End.Std(), "Z"))
		b.Key("site_id")
		if s.Site == "" {
			b.Raw(nil)
		} else {
			b.String(s.Site)
		}
		b.Key("nodes")
		b.BeginArray()
		for _, uid := range s.Nodes {
			b.String(uid)
		}
		b.EndArray()
		if len(s.Kept) > 0 {
			b.Key("kept_for_projects")
			b.BeginArray()
			for _, uid := range s.Kept {
				b.String(uid)
			}
			b.EndArray()
		}
		b.EndObject()
	}
	b.EndArray()
	b.EndObject()
	return b.Bytes()
}
