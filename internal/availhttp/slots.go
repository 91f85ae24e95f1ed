package availhttp

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/route"
)

// slots responds with the times at which several nodes are free at once.
func (h *Handler) slots(v *view, r *http.Request, _ []string, now time.Time) answer {
	q, faults := h.newSlotQuestion(v, r.URL.RawQuery, now)
	if faults != nil {
		return validationError(faults...)
	}

	found, total := availability.Slots(q.candidates, availability.At(now), q.SlotQuery)
	body := api.SlotList{Total: total}
	for i := range found {
		body.Items = append(body.Items, q.slot(&found[i]))
	}
	until := availability.At(now.Add(slotsTTL))
	if total == 0 || q.nearest {
		body.Most, body.MostOfParts = q.most(now)
		body.Nearest = h.nearest(v, q, r.URL.RawQuery, &body, now)
	}
	if q.nearest {
		body.Ways = q.ways(now)
		body.Alternatives = h.alternatives(v, q, r.URL.RawQuery, now)
		syncs, stale := h.syncsOf(v, q.matching(), now.Truncate(time.Second))
		body.Demonstration, body.Sites = syncs.Demonstration, syncs.Sites
		until = min(until, stale)
	}

	sites := map[string]bool{}
	for i := range q.candidates {
		sites[q.candidates[i].Site] = true
	}
	body.Notices = h.noticesOfSites(sites, now)

	a := okJSON(body)
	a.lastModified, a.until = v.lastModified, until
	return a
}

// slotsTTL is how long a response about slots may be cached. Slots that start now move
// with the clock.
const slotsTTL = 5 * time.Second

// slotQuestion is a question for slots.
type slotQuestion struct {
	availability.SlotQuery
	view       *view
	parts      []slotPart
	candidates []availability.Candidate
	matched    []int // see [slotQuestion.matching]; nil until it is asked for
	nearest    bool
}

// newSlotQuestion reads a query, or returns what is wrong with it.
func (h *Handler) newSlotQuestion(v *view, raw string, now time.Time) (*slotQuestion, []api.Fault) {
	values, faults := readQuery(paramsOf(route.Slots, decodeForm(raw)), raw)
	after := availability.At(values.Time("after", now))
	month := max(after, availability.At(now)).Std().Add(defaultWindow)
	q := &slotQuestion{view: v, nearest: values.Bool("nearest"), SlotQuery: availability.SlotQuery{
		Length:   values.Hours(),
		Grain:    time.Minute, // Blazar accepts times to the minute
		After:    after,
		Before:   availability.At(values.Time("before", month)),
		Limit:    values.Int("limit"),
		SameSite: values.Bool("same_site"),
		Rules:    h.opts.Rules,
	}}
	faults = append(faults, values.hoursFaults()...)
	if q.After >= q.Before {
		faults = append(faults, values.Fault("before", "the window must end after it starts"))
	}
	if faults != nil {
		return nil, faults
	}

	// Only after the validation: a window that has passed is not a fault.
	q.After = max(q.After, availability.At(now))
	q.readParts(values)
	q.findCandidates()
	if faults := q.countParts(values); faults != nil {
		return nil, faults
	}
	if fault := q.checkLimit(values, raw); fault != nil {
		return nil, []api.Fault{*fault}
	}
	return q, nil
}

// checkLimit returns the fault of a question whose slots may have too many nodes together,
// nil for none.
func (q *slotQuestion) checkLimit(values queryValues, raw string) *api.Fault {
	each := 0
	for _, p := range q.Parts {
		each += p.Count
	}
	each = min(each, len(q.candidates))
	if q.Limit <= 1 || q.Limit*each <= route.MaxSlotNodes {
		return nil
	}

	limit := strconv.Itoa(max(1, route.MaxSlotNodes/each))
	why := fmt.Sprintf("%d slots may have more than %d nodes together: %s?%s would do", q.Limit, route.MaxSlotNodes,
		q.view.release.Links.Href(route.Slots), withParam(raw, "limit", limit))
	return new(values.Fault("limit", why))
}

// slot returns a slot as the API has it.
func (q *slotQuestion) slot(found *availability.Slot) api.Slot {
	s := api.Slot{
		Start:           api.NewTime(found.Start.Std()),
		End:             api.NewTime(found.End.Std()),
		SiteID:          nullableText(found.Site),
		ExtendableUntil: nullableTime(found.Extendable),
	}

	var nodes []*availability.Candidate
	for i, choice := range found.Parts {
		part := api.SlotPart{SlotNeeds: q.needs(i, choice)}
		for _, c := range choice.Nodes {
			part.Nodes = append(part.Nodes, c.Node)
			if c.Host.Kept {
				s.KeptForProjects = append(s.KeptForProjects, c.Node)
			}
		}

		s.Nodes = append(s.Nodes, part.Nodes...)
		s.Parts = append(s.Parts, part)
		nodes = append(nodes, choice.Nodes...)
	}

	s.SlotNeeds = s.Parts[0].SlotNeeds
	if len(s.Parts) == 1 {
		s.Parts = nil
		return s
	}

	// Of a mixture: reserved by type if all parts are.
	s.NodeType = q.typeOf(nodes)
	for _, part := range s.Parts[1:] {
		s.Candidates += part.Candidates
		s.GPUs += part.GPUs
		if part.ReserveBy == api.ReserveByNode {
			s.ReserveBy = api.ReserveByNode
		}
	}
	return s
}

// needs returns how the nodes of a part are reserved.
func (q *slotQuestion) needs(part int, choice availability.Choice) api.SlotNeeds {
	needs := api.SlotNeeds{Candidates: choice.Candidates, ReserveBy: api.ReserveByNode, NodeType: q.typeOf(choice.Nodes)}
	if q.parts[part].gpus {
		for _, c := range choice.Nodes {
			needs.GPUs += c.Weight
		}
	}

	byOthers := func(c *availability.Candidate) bool { return q.parts[part].others[q.view.typeAt(c.Index)] }
	if needs.NodeType != nil && !slices.ContainsFunc(choice.Nodes, byOthers) {
		needs.ReserveBy = api.ReserveByType
	}
	return needs
}

// typeOf returns the type of nodes; nil if they have none, or several.
func (q *slotQuestion) typeOf(nodes []*availability.Candidate) *string {
	first := q.view.release.Nodes[nodes[0].Index].Type
	for _, c := range nodes {
		if q.view.release.Nodes[c.Index].Type != first {
			return nil
		}
	}
	return nullableText(first)
}
