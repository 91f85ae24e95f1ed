package availhttp

import (
	"sort"
	"strconv"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/route"
)

// maxLetGo is how many filters of a question are left out, one at a time, to find
// questions near to it: each costs as much as the question.
const maxLetGo = 10

// nearest returns the questions that differ from one in one thing and have a slot, and
// the largest number that is free together.
func (h *Handler) nearest(
	v *view, q *slotQuestion, raw string, hasSlot bool, now time.Time,
) (all []api.NearestSlot, most *api.MostAtOnce) {
	all = []api.NearestSlot{}
	ask := func(name, value string) {
		query := withParam(withParam(raw, "nearest", ""), name, value)
		if slot := h.firstSlot(v, query, now); slot != nil {
			all = append(all, api.NearestSlot{LetGo: name, Query: query, Slot: *slot})
		}
	}

	given := decodeForm(raw)
	if q.After > availability.At(now) {
		ask("after", "")
	}
	if before := q.firstEnd(now); before > q.Before {
		ask("before", string(api.NewTime(before.Std())))
	}

	asked := 0
	for _, p := range paramsOf(route.Slots, given) {
		if given[p.Name] != "" && p.Filter && asked < maxLetGo {
			asked++
			ask(p.Name, "")
		}
	}

	if len(q.parts) == 1 {
		most = q.most(now)
	}
	if most != nil && most.Count < q.parts[0].count {
		ask("count", strconv.Itoa(most.Count))
	}
	if !hasSlot {
		if length := q.longest(now); length > 0 {
			ask("hours", strconv.FormatFloat(length.Hours(), 'f', -1, 64))
		}
	}
	if q.SameSite {
		ask("same_site", "")
	}
	return all, most
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

// most returns the largest number that is free together, nil for none.
func (q *slotQuestion) most(now time.Time) *api.MostAtOnce {
	count := availability.MostOf(q.candidates, availability.At(now), q.SlotQuery, 0)
	if count == 0 {
		return nil
	}

	of := *q
	of.Parts = []availability.Part{{Count: count, Weighed: q.Parts[0].Weighed}}
	slot := of.first(now)
	if slot == nil {
		return nil
	}
	return &api.MostAtOnce{Count: count, Slot: *slot}
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
