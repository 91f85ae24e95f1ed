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
}

// Rules are the limits that a site sets on reservations.
type Rules struct {
	MinLead     time.Duration // from now to the earliest start
	Buffer      time.Duration // before and after every other reservation of a node
	MaxDuration time.Duration // of one reservation; 0 means no limit
}

// SlotQuery asks for times at which several nodes are free at once.
type SlotQuery struct {
	Count         int                     // number of nodes
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
	Site  string   // "" where the nodes are of several sites
	Nodes []string // uids, as many as requested; grouped by site, sorted in each
	Kept  []string // those of Nodes that are restricted to some projects, in the same order
}

// Slots finds the earliest times at which Count nodes are free for Length, and the
// total number of such times regardless of Limit. With a grain, only its multiples
// are tried, and Length is rounded up to one. Candidates must be unique.
//
// A node can start at t if no reservation, extended by the site's Buffer on both
// sides, overlaps [t, t+Length), and After, Before and the site's rules allow it.
// Times at which at least Count nodes can start form stretches; each gives one slot,
// at its beginning. With SameSite each site has stretches of its own, and slots are
// sorted by start, then by site. Without, the nodes of a slot are of as few sites as
// possible: sites with more free nodes come first, then by id, and nodes by uid.
func Slots(candidates []Candidate, now Time, q SlotQuery) (slots []Slot, total int) {
	if q.Count < 1 || q.Count > len(candidates) || q.Length < time.Microsecond {
		return nil, 0
	}

	count := int32(q.Count)
	step := max(1, span(q.Grain))
	length := roundUp(span(q.Length), step)
	last := roundDown(clamp(q.Before), step) - length
	pools := pools(candidates, now, length, step, q)

	if !q.SameSite {
		starts, total := upwardCrossings(pools, last, length, step, count, q.Limit)
		for _, start := range starts {
			slots = append(slots, slotAt(pools, start, length, q.Count))
		}
		return slots, total
	}

	type first struct {
		start Time
		pool  int
	}

	var firsts []first
	for i := range pools {
		starts, n := upwardCrossings(pools[i:i+1], last, length, step, count, q.Limit)
		total += n
		for _, start := range starts {
			firsts = append(firsts, first{start, i})
		}
	}

	// Pools are in the order of site ids, so a stable sort breaks ties by site.
	slices.SortStableFunc(firsts, func(a, b first) int { return cmp.Compare(a.start, b.start) })
	for _, f := range firsts[:min(len(firsts), max(q.Limit, 0))] {
		slots = append(slots, slotAt(pools[f.pool:f.pool+1], f.start, length, q.Count))
	}

	return slots, total
}

// pool is the nodes of one site and the site's rules.
type pool struct {
	site       string
	candidates []Candidate // by uid
	earliest   Time        // possible start
	buffer     Time
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

		if r.MaxDuration <= 0 || length <= span(r.MaxDuration) {
			earliest := max(clamp(q.After), clamp(now)+span(r.MinLead))
			all = append(all, pool{site: site, candidates: candidates[:n], earliest: roundUp(earliest, step),
				buffer: span(r.Buffer)})
		}

		candidates = candidates[n:]
	}

	return all
}

// slotAt chooses the nodes of a slot at a time at which enough of them can start.
func slotAt(pools []pool, start, length Time, count int) Slot {
	type offer struct {
		site  string
		nodes []*Candidate
	}

	var offers []offer
	for i := range pools {
		if nodes := pools[i].freeNodes(start, length, count); len(nodes) > 0 {
			offers = append(offers, offer{pools[i].site, nodes})
		}
	}

	// The largest offers first, so that the slot spans few sites.
	slices.SortStableFunc(offers, func(a, b offer) int { return cmp.Compare(len(b.nodes), len(a.nodes)) })
	s := Slot{Interval: Interval{start, start + length}, Site: offers[0].site}
	for _, o := range offers {
		need := count - len(s.Nodes)
		if need == 0 {
			break
		}

		for _, c := range o.nodes[:min(need, len(o.nodes))] {
			s.Nodes = append(s.Nodes, c.Node)
			if c.Host.Kept {
				s.Kept = append(s.Kept, c.Node)
			}
		}
		if o.site != s.Site {
			s.Site = ""
		}
	}

	return s
}

// freeNodes returns the first nodes that can start at a time, at most count.
func (p *pool) freeNodes(start, length Time, count int) (nodes []*Candidate) {
	if start < p.earliest {
		return nil
	}
	for i := range p.candidates {
		c := &p.candidates[i]
		if !c.isReservable() {
			continue
		}

		// Only the first busy time that ends after start can overlap the slot.
		busy := c.Host.busyTimes()
		next := sort.Search(len(busy), func(i int) bool { return clamp(busy[i].End)+p.buffer > start })
		if next == len(busy) || clamp(busy[next].Start)-p.buffer >= start+length {
			if nodes = append(nodes, c); len(nodes) == count {
				break
			}
		}
	}

	return nodes
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

func roundDown(t, step Time) Time { return t - (t%step+step)%step }

func span(d time.Duration) Time { return Time(max(0, d).Microseconds()) }
