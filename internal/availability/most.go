package availability

import (
	"cmp"
	"slices"
	"sort"
)

// Rise is a number of nodes, or their weight, for which one has to wait longer than for
// any smaller one.
type Rise struct {
	Count int
	Slot  Slot // the first with as many
}

// Rises returns how many nodes can start together, or their weight, each time that it is
// more than before, for a query with one part. The last is the most. If there are more
// than a limit, of at least two, those between the first and the last are thinned out.
func Rises(candidates []Candidate, now Time, q SlotQuery, limit int) (rises []Rise) {
	q.Parts = []Part{{Count: 1, Weighed: q.Parts[0].Weighed}}
	f := newFinder(candidates, now, q)
	if f == nil {
		return nil
	}

	type groupRise struct {
		rise
		group int
	}
	var all []groupRise
	for group, pools := range f.groups {
		s := f.starts(pools, 1)
		for _, r := range s.rises() {
			all = append(all, groupRise{r, group})
		}
	}

	// Of those at one time the largest is the first, and the others are none.
	slices.SortStableFunc(all, func(a, b groupRise) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(b.count, a.count))
	})
	most := int32(0)
	all = slices.DeleteFunc(all, func(r groupRise) bool {
		less := r.count <= most
		most = max(most, r.count)
		return less
	})

	for i := range min(len(all), limit) {
		r := all[i]
		if len(all) > limit {
			r = all[i*(len(all)-1)/(limit-1)]
		}
		f.parts[0].Count = int(r.count)
		offers := f.offersAt(f.groups[r.group], []Time{r.at})
		rises = append(rises, Rise{int(r.count), f.slotAt(offers[0], r.at)})
	}
	return rises
}

// MostOf returns the largest number, or weight, of nodes for a part of a query for which
// there is a slot; the other parts need as many as they ask for.
func MostOf(candidates []Candidate, now Time, q SlotQuery, part int) int {
	f := newFinder(candidates, now, q)
	if f == nil {
		return 0
	}

	alone := int32(0)
	for _, pools := range f.groups {
		s := f.starts(pools, 1<<part)
		for _, r := range s.rises() {
			alone = max(alone, r.count)
		}
	}
	if len(q.Parts) == 1 {
		return int(alone)
	}

	// Where there is a slot with some nodes, there is one with fewer.
	q.Parts = slices.Clone(q.Parts)
	return sort.Search(int(alone), func(i int) bool {
		q.Parts[part].Count = i + 1
		f := newFinder(candidates, now, q)
		return !slices.ContainsFunc(f.groups, func(pools []pool) bool { return len(f.stretches(pools)) > 0 })
	})
}

// Starts returns the times at which slots can start, from the first to the last of each
// stretch. They are disjoint and in order.
func Starts(candidates []Candidate, now Time, q SlotQuery) (times []Interval) {
	f := newFinder(candidates, now, q)
	if f == nil {
		return nil
	}
	for _, pools := range f.groups {
		times = append(times, f.stretches(pools)...)
	}
	times = slices.Clone(mergeBusy(times))
	for i := range times {
		times[i].End -= f.step
	}
	return times
}
