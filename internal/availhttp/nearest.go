package availhttp

import (
	"slices"
	"sort"
	"strconv"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/route"
)

// maxLetGo is how many filters of a question are left out, one at a time, to find
// questions near to it: each costs as much as the question.
const maxLetGo = 10

// nearest returns the questions that differ from one in one thing and have a slot, another
// one than it.
func (h *Handler) nearest(
	v *view, q *slotQuestion, raw string, found *api.SlotList, now time.Time,
) (all []api.NearestSlot) {
	all = []api.NearestSlot{}
	ask := func(name, query string) {
		slot := h.firstSlot(v, query, now)
		isNews := func(first api.Slot) bool { return slot.Start != first.Start || !slices.Equal(slot.Nodes, first.Nodes) }
		if slot != nil && (len(found.Items) == 0 || isNews(found.Items[0])) {
			all = append(all, api.NearestSlot{LetGo: name, Query: query, Slot: *slot})
		}
	}

	given := decodeForm(raw)
	raw = withParam(raw, "nearest", "")
	if q.After > availability.At(now) {
		ask("after", withParam(raw, "after", ""))
	}
	if before := q.firstEnd(now); before > q.Before {
		ask("before", withParam(raw, "before", string(api.NewTime(before.Std()))))
	}

	asked := 0
	for _, p := range paramsOf(route.Slots, given) {
		if given[p.Name] != "" && p.Filter && asked < maxLetGo {
			asked++
			ask(p.Name, q.without(raw, given, p.Name))
		}
	}

	for i, most := range mostOf(found) {
		if most != nil && most.Count < q.parts[i].count {
			name := q.parts[i].prefix + "count"
			ask(name, withParam(raw, name, strconv.Itoa(most.Count)))
		}
	}
	if found.Total == 0 {
		if length := q.longest(now); length > 0 {
			ask("hours", withParam(raw, "hours", strconv.FormatFloat(length.Hours(), 'f', -1, 64)))
		}
	}
	if q.SameSite {
		ask("same_site", withParam(raw, "same_site", ""))
	}
	return all
}

// mostOf returns the largest number for each part that is known.
func mostOf(found *api.SlotList) []*api.MostAtOnce {
	if found.MostOfParts != nil {
		return found.MostOfParts
	}
	return []*api.MostAtOnce{found.Most}
}

// firstSlot returns the first slot of a query, nil for none.
func (h *Handler) firstSlot(v *view, raw string, now time.Time) *api.Slot {
	q, faults := h.newSlotQuestion(v, raw, now)
	if faults != nil {
		return nil
	}
	return q.first(now)
}

func (q *slotQuestion) first(now time.Time) *api.Slot {
	q.Limit = 1
	found, _ := availability.Slots(q.candidates, availability.At(now), q.SlotQuery)
	if len(found) == 0 {
		return nil
	}
	return new(q.slot(&found[0]))
}

// maxRises bounds the numbers for which one has to wait.
const maxRises = 8

// most returns the largest number of the first part that is free together, nil for none,
// and of a mixture that of each part.
func (q *slotQuestion) most(now time.Time) (first *api.MostAtOnce, ofParts []*api.MostAtOnce) {
	if len(q.parts) == 1 {
		return q.mostOfAll(now), nil
	}

	for i := range q.parts {
		of := *q
		of.Parts = slices.Clone(q.Parts)
		of.Parts[i].Count = availability.MostOf(q.candidates, availability.At(now), q.SlotQuery, i)
		var most *api.MostAtOnce
		if slot := of.first(now); of.Parts[i].Count > 0 && slot != nil {
			most = &api.MostAtOnce{Count: of.Parts[i].Count * q.parts[i].each, Slot: *slot}
		}
		ofParts = append(ofParts, most)
	}
	return ofParts[0], ofParts
}

// mostOfAll returns the largest number of a question with one part, nil for none.
func (q *slotQuestion) mostOfAll(now time.Time) *api.MostAtOnce {
	rises := availability.Rises(q.candidates, availability.At(now), q.SlotQuery, maxRises)
	if len(rises) == 0 {
		return nil
	}

	last := &rises[len(rises)-1]
	most := &api.MostAtOnce{Count: last.Count, Slot: q.slot(&last.Slot)}
	for i := range rises {
		slot := q.slot(&rises[i].Slot)
		most.Rises = append(most.Rises, api.SlotRise{Count: rises[i].Count, Nodes: len(slot.Nodes), Start: slot.Start,
			ExtendableUntil: slot.ExtendableUntil, SiteID: slot.SiteID})
	}

	gpus, bySite := hardware.Properties().Index("gpus"), map[string]int{}
	for _, node := range q.matching() {
		n, site := &q.view.release.Nodes[node], ""
		if q.SameSite {
			site = n.Site
		}
		if q.parts[0].gpus {
			bySite[site] += int(min(n.Facts[gpus].Number, 1<<20))
		} else {
			bySite[site]++
		}
		most.All = max(most.All, bySite[site])
	}
	return most
}

// firstEnd returns the end of the first slot whenever it is, 0 if there is none.
func (q *slotQuestion) firstEnd(now time.Time) availability.Time {
	of := *q
	of.Limit = 1
	of.Before = availability.EverythingFree(q.candidates, availability.At(now), q.SlotQuery)
	found, _ := availability.Slots(of.candidates, availability.At(now), of.SlotQuery)
	if len(found) == 0 {
		return 0
	}
	return found[0].End
}

// longest returns the longest duration below that of the question for which there is a
// slot, 0 if there is none: of complete hours, or of minutes if the question is for no
// more than an hour.
func (q *slotQuestion) longest(now time.Time) time.Duration {
	unit := time.Hour
	if q.Length <= time.Hour {
		unit = time.Minute
	}

	// A shorter slot is in every longer one.
	shorter := int((q.Length - 1) / unit)
	tooLong := sort.Search(shorter, func(i int) bool {
		of := *q
		of.Limit, of.Length = 0, time.Duration(i+1)*unit
		_, total := availability.Slots(of.candidates, availability.At(now), of.SlotQuery)
		return total == 0
	})
	return time.Duration(tooLong) * unit
}
