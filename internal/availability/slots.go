package availability

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"time"
)

// Candidate is a node that may be reserved.
type Candidate struct {
	Site, Node string
	Host       *Host // nil where Blazar does not know it; fastest if it is part of a Snapshot

	// Parts has a bit for each part of a query that the node can serve, the lowest for
	// the first. 0 stands for the first part alone.
	Parts uint8
	// Weight is what the node counts in parts that are weighed.
	Weight int
	// Index is for the caller.
	Index int
}

// Rules are the limits that a site sets on reservations.
type Rules struct {
	MinLead     time.Duration // from now to the earliest start
	Buffer      time.Duration // before and after every other reservation of a node
	MaxDuration time.Duration // of one reservation; 0 means no limit
}

// Part is what a slot needs of one kind of node.
type Part struct {
	Count int
	// Weighed means that nodes count their weights. No node may serve this part and
	// another one.
	Weighed bool
}

// MaxParts is how many parts a query may have.
const MaxParts = 5

// SlotQuery asks for times at which several nodes are free at once.
type SlotQuery struct {
	Parts         []Part                  // one, or several for a mixture
	Length        time.Duration           // of the slot, to the microsecond
	Grain         time.Duration           // slots begin and end at multiples of it since 1970; 0 is a microsecond
	After, Before Time                    // the slot is completely between them
	SameSite      bool                    // all nodes must be of one site
	Limit         int                     // maximum number of slots to return
	Rules         func(site string) Rules // nil for none
}

// Slot is a time at which several nodes are free.
type Slot struct {
	Interval
	Site  string // "" where the nodes are of several sites
	Parts []Choice
	// Extendable is until when these nodes stay free, and may stay reserved; Forever if
	// no end is known.
	Extendable Time
}

// Choice is the nodes that serve a part.
type Choice struct {
	Nodes      []*Candidate // grouped by site; by node in each, or the heaviest first
	Candidates int          // how many nodes could serve the part
}

// Slots finds the earliest times at which nodes for all parts are free for Length, and
// the total number of such times regardless of Limit. With a grain, only its multiples
// are tried, and Length is rounded up to one. Candidates must be unique.
//
// A node can start at t if no reservation, extended by the site's Buffer on both
// sides, overlaps [t, t+Length), and After, Before and the site's rules allow it.
// Times at which enough nodes can start form stretches; each gives one slot, at its
// beginning. With SameSite each site has stretches of its own, and slots are sorted by
// start, then by site. Without, the nodes of a slot are of as few sites as possible:
// sites with more free nodes come first, then by id, and nodes by uid. Of nodes that
// are weighed, as few as possible are chosen at each site.
func Slots(candidates []Candidate, now Time, q SlotQuery) (slots []Slot, total int) {
	f := newFinder(candidates, now, q)
	if f == nil {
		return nil, 0
	}

	type first struct {
		start Time
		group int
	}

	var firsts []first
	for group, pools := range f.groups {
		starts, n := f.find(pools, q.Limit)
		total += n
		for _, start := range starts {
			firsts = append(firsts, first{start, group})
		}
	}

	// Groups are in the order of site ids, so a stable sort breaks ties by site.
	slices.SortStableFunc(firsts, func(a, b first) int { return cmp.Compare(a.start, b.start) })
	firsts = firsts[:min(len(firsts), max(q.Limit, 0))]

	// The nodes of all slots of a group are found at once.
	times := make([][]Time, len(f.groups))
	for _, at := range firsts {
		times[at.group] = append(times[at.group], at.start)
	}
	offers := make([][][]offer, len(f.groups))
	for group, pools := range f.groups {
		offers[group] = f.offersAt(pools, times[group])
	}

	for _, at := range firsts {
		slots = append(slots, f.slotAt(offers[at.group][0], at.start))
		offers[at.group] = offers[at.group][1:]
	}
	return slots, total
}

// finder finds slots.
type finder struct {
	parts              []Part
	sets               []partSet
	groups             [][]pool // the nodes of a slot are of one of them
	last, length, step Time
}

// newFinder prepares a query; it returns nil if nothing can be found.
func newFinder(candidates []Candidate, now Time, q SlotQuery) *finder {
	tooFew := func(p Part) bool { return p.Count < 1 }
	if len(q.Parts) == 0 || slices.ContainsFunc(q.Parts, tooFew) || q.Length < time.Microsecond {
		return nil
	}

	f := &finder{parts: q.Parts, step: max(1, span(q.Grain))}
	f.length = roundUp(span(q.Length), f.step)
	f.last = roundDown(clamp(q.Before), f.step) - f.length
	f.sets = partSets(q.Parts, candidates)
	all := pools(candidates, now, f.length, f.step, q)
	if !q.SameSite {
		f.groups = [][]pool{all}
		return f
	}
	for i := range all {
		f.groups = append(f.groups, all[i:i+1])
	}
	return f
}

// starts returns the possible starts on nodes for at least one of some parts.
func (f *finder) starts(pools []pool, parts uint8) starts {
	weighed := parts&(parts-1) == 0 && f.parts[bitsOf(parts)[0]].Weighed
	return starts{pools: pools, last: f.last, length: f.length, step: f.step, weigh: func(c *Candidate) int32 {
		switch {
		case c.parts()&parts == 0:
			return 0
		case weighed:
			return c.weight()
		}
		return 1
	}}
}

// find returns the first starts of slots on nodes of some pools, and how many there are.
func (f *finder) find(pools []pool, limit int) (found []Time, total int) {
	if len(f.sets) == 1 {
		s := f.starts(pools, f.sets[0].parts)
		return s.crossings(f.sets[0].count, limit)
	}

	common := f.stretches(pools)
	for _, stretch := range common[:min(len(common), max(limit, 0))] {
		found = append(found, stretch.Start)
	}
	return found, len(common)
}

// stretches returns the longest intervals of starts of slots on nodes of some pools.
func (f *finder) stretches(pools []pool) (common []Interval) {
	for i, set := range f.sets {
		s := f.starts(pools, set.parts)
		stretches := s.stretches(set.count)
		if common = intersect(common, stretches); i == 0 {
			common = stretches
		}
		if len(common) == 0 {
			return nil
		}
	}
	return common
}

// intersect returns what two lists of intervals have in common. The intervals of each are
// disjoint and in order.
func intersect(a, b []Interval) (both []Interval) {
	for len(a) > 0 && len(b) > 0 {
		if common := (Interval{max(a[0].Start, b[0].Start), min(a[0].End, b[0].End)}); common.Start < common.End {
			both = append(both, common)
		}
		if a[0].End < b[0].End {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return both
}

// pool is the nodes of one site and the site's rules.
type pool struct {
	site       string
	candidates []Candidate // by uid
	earliest   Time        // possible start
	buffer     Time
	longest    Time // reservation, 0 for no limit

	byWeight [MaxParts][]int // see [pool.heaviest]
}

// pools groups candidates by site, and leaves out sites whose rules do not allow the
// query. They are sorted by id.
func pools(candidates []Candidate, now, length, step Time, q SlotQuery) []pool {
	bySite := func(a, b Candidate) int {
		return cmp.Or(strings.Compare(a.Site, b.Site), strings.Compare(a.Node, b.Node))
	}
	if !slices.IsSortedFunc(candidates, bySite) {
		candidates = slices.SortedFunc(slices.Values(candidates), bySite)
	}

	var all []pool
	for len(candidates) > 0 {
		site, n := candidates[0].Site, 1
		for n < len(candidates) && candidates[n].Site == site {
			n++
		}

		var r Rules
		if q.Rules != nil {
			r = q.Rules(site)
		}

		longest := span(r.MaxDuration)
		if longest == 0 || length <= longest {
			earliest := max(clamp(q.After), clamp(now)+span(r.MinLead))
			all = append(all, pool{site: site, candidates: candidates[:n], earliest: roundUp(earliest, step),
				buffer: span(r.Buffer), longest: longest})
		}

		candidates = candidates[n:]
	}

	return all
}

// nextBusy returns until when a node can be reserved from a time on: the time itself or
// an earlier one if it cannot.
func (p *pool) nextBusy(c *Candidate, start Time) Time {
	// Only the first busy time that ends after start can overlap the slot.
	busy := c.Host.busyTimes()
	next := sort.Search(len(busy), func(i int) bool { return clamp(busy[i].End)+p.buffer > start })
	if next == len(busy) {
		return Forever
	}
	return clamp(busy[next].Start) - p.buffer
}

// isReservable reports whether a node can be reserved at all.
func (c *Candidate) isReservable() bool { return c.Host != nil && !c.Host.Maintenance }

// busyTimes returns mergeBusy of the host's reservations.
func (h *Host) busyTimes() []Interval {
	if h.busy == nil {
		return mergeBusy(h.Reservations)
	}
	return h.busy
}

// maxTime bounds times before arithmetic: it is some 36,000 years away, and a few
// durations can be added to it without an overflow.
const maxTime = Time(1 << 60)

func clamp(t Time) Time { return min(max(t, -maxTime), maxTime) }

// roundUp and roundDown move a time to a multiple of a step.
func roundUp(t, step Time) Time { return -roundDown(-t, step) }

func roundDown(t, step Time) Time {
	over := t % step
	if over < 0 {
		over += step
	}
	return t - over
}

func span(d time.Duration) Time { return Time(max(0, d).Microseconds()) }

// EverythingFree returns a time before which a query finds a slot if it finds one at any
// time: no reservation is after it, and a slot fits in.
func EverythingFree(candidates []Candidate, now Time, q SlotQuery) Time {
	f := newFinder(candidates, now, q)
	if f == nil {
		return 0
	}

	var end Time
	for _, pools := range f.groups {
		for _, p := range pools {
			end = max(end, p.earliest)
			for i := range p.candidates {
				if !p.candidates[i].isReservable() {
					continue
				}
				if busy := p.candidates[i].Host.busyTimes(); len(busy) > 0 {
					end = max(end, clamp(busy[len(busy)-1].End)+p.buffer)
				}
			}
		}
	}
	return roundUp(end, f.step) + f.length
}
