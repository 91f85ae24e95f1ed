package availhttp

import (
	"time"

	"github.com/chameleoncloud/refapi/internal/availability"
)

// hourLength is the time between two counts of the past.
const hourLength = availability.Time(time.Hour / time.Microsecond)

// RecordHour keeps how many of a site's nodes were free at the last full hour, by type, if
// that is not long ago and was not done.
func (h *Handler) RecordHour(site string) {
	v := h.newestView()
	if v == nil || h.opts.Hourly == nil || v.snapshots[site] == nil {
		return
	}

	synced := v.snapshots[site].Synced
	hour := synced.Truncate(time.Hour)
	if at := availability.At(hour); synced.Sub(hour) < availability.HourGrace && h.opts.Hourly.IsDue(site, at) {
		h.opts.Hourly.Record(site, at, v.countTypes(site, at))
	}
}

// countTypes counts the nodes of a site that are leased as complete machines, by type.
func (v *view) countTypes(site string, at availability.Time) map[string]availability.HourCount {
	counts := map[string]availability.HourCount{}
	for i := range v.release.Nodes {
		n := &v.release.Nodes[i]
		if n.Site != site || v.byFlavor(i) {
			continue
		}

		count := counts[n.Type]
		count.All++
		if state, _ := v.hosts[i].State(at); state == availability.Available {
			count.Free++
		}
		counts[n.Type] = count
	}
	return counts
}

// pastCounter fills in what was before now.
type pastCounter struct {
	view  *view
	of    *availability.Hourly
	edges []availability.Time
	now   availability.Time
	first availability.Time // full hour
	hours int               // from first on, before now
	sizes map[siteType]int  // how many nodes there are
}

func (h *Handler) newPastCounter(v *view, edges []availability.Time, now availability.Time) *pastCounter {
	c := &pastCounter{view: v, of: h.opts.Hourly, edges: edges, now: now, sizes: map[siteType]int{}}
	c.first = availability.FullHour(edges[0])
	last := min(edges[len(edges)-1]+1, now)
	if c.of == nil || c.first >= last {
		return c
	}

	c.hours = int((last-1-c.first)/hourLength) + 1
	for i := range v.release.Nodes {
		if !v.byFlavor(i) {
			c.sizes[v.typeAt(i)]++
		}
	}
	return c
}

// fill fills in the numbers of a group. They are known if the group has all nodes of each
// of its types at each of its sites: these were counted.
func (c *pastCounter) fill(g *group) {
	if c.hours == 0 {
		return
	}

	types := map[siteType]int{}
	for _, node := range g.nodes {
		types[c.view.typeAt(node)]++
	}

	free := make([]int, c.hours)
	known := make([]bool, c.hours)
	for i := range known {
		known[i] = len(types) > 0
	}
	for of, n := range types {
		if n != c.sizes[of] {
			return
		}
		for i, count := range c.of.Counts(of.site, of.name, c.first, c.hours) {
			free[i] += int(count.Free)
			known[i] = known[i] && count.All >= 0
		}
	}

	at := func(t availability.Time) *int {
		i := int((t - c.first) / hourLength)
		if t >= c.first && t%hourLength == 0 && i < c.hours && known[i] {
			return &free[i]
		}
		return nil
	}
	for i, edge := range c.edges {
		if edge >= c.now {
			break
		}
		g.Free[i] = at(edge)
		if i+1 == len(c.edges) || c.edges[i+1] > c.now {
			break
		}
		for t := availability.FullHour(edge); t < c.edges[i+1]; t += hourLength {
			if n := at(t); n != nil && (g.Least[i] == nil || *n < *g.Least[i]) {
				g.Least[i] = n
			}
		}
	}
}
