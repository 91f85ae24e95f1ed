package availhttp

import (
	"fmt"
	"iter"
	"net/http"
	"slices"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/route"
)

// capacity responds with the number of free nodes over time.
func (h *Handler) capacity(v *view, r *http.Request, _ []string, now time.Time) answer {
	now = now.Truncate(time.Second)
	values, faults := readQuery(route.Capacity.Get().Query, r.URL.RawQuery)
	start := values.Time("start", now)
	window := availability.Interval{
		Start: availability.At(start), End: availability.At(values.Time("end", start.Add(defaultWindow))),
	}
	if fault := checkCapacityWindow(v, r, values, window); fault != nil {
		faults = append(faults, *fault)
	}

	if faults != nil {
		return validationError(faults...)
	}

	nodes := slices.DeleteFunc(v.findNodes(values), v.byFlavor)
	groups := v.groupNodes(nodes, values.Text("by"))
	step := values.Duration("step")
	if fault := checkCapacitySteps(v, r, values, window, len(groups)); fault != nil {
		return validationError(*fault)
	}

	body := api.NodeCapacity{
		Start: api.NewTime(window.Start.Std()), End: api.NewTime(window.End.Std()), Step: int(step / time.Second),
		Total: len(groups),
	}
	var until availability.Time
	body.SiteSyncs, until = h.syncsOf(v, nodes, now)
	edges := availability.StepEdges(window, availability.Time(step.Microseconds()))
	past := h.newPastCounter(v, edges, availability.At(now))
	for _, g := range groups {
		g.Free, g.Least = v.countFree(g.nodes, edges, availability.At(now))
		past.fill(&g)
		body.Items = append(body.Items, g.CapacityGroup)
	}

	body.Counts = v.countValues(nodes, values.Texts("counts"), max(window.Start, availability.At(now)))

	a := okJSON(body)
	a.lastModified, a.until = v.lastModified, until
	if !values.Has("start") || start.Before(now) {
		a.until = min(until, availability.At(now.Add(slotsTTL)))
	}
	return a
}

// group is the nodes with one value of a property.
type group struct {
	api.CapacityGroup
	nodes []int
}

// groupNodes groups nodes by the values of a property, "" for one group of all. Groups
// are sorted by value; nodes without a value come last.
func (v *view) groupNodes(nodes []int, by string) (groups []group) {
	if by == "" {
		return []group{{api.CapacityGroup{Nodes: len(nodes)}, nodes}}
	}
	if by == "site" {
		by = "site_id"
	}

	table := hardware.Properties()
	row := slices.IndexFunc(table, func(p hardware.Property) bool { return p.Facet == by })
	if row < 0 {
		row = table.Index(by)
	}
	spelling := table.Spelling(row, v.facts())
	var unknown []int
	found := map[string]int{} // indexes of groups
	last, of := "", -1        // the value that was seen last, and its group: neighbors are alike
	for _, node := range nodes {
		fact := v.release.Nodes[node].Facts[row]
		values := table[row].Values(fact)
		if len(values) == 0 || !table[row].IsStated(fact) { // a flag that is not stated counts as false elsewhere
			values = nil
			unknown = append(unknown, node)
		}

		for _, value := range values {
			if of < 0 || value != last {
				last = value
				value = spelling(value)
				i, ok := found[value]
				if !ok {
					i, found[value] = len(groups), len(groups)
					groups = append(groups, group{CapacityGroup: api.CapacityGroup{Value: &value}})
				}
				of = i
			}
			groups[of].nodes = append(groups[of].nodes, node)
		}
	}

	slices.SortFunc(groups, func(a, b group) int { return table[row].CompareValues(*a.Value, *b.Value) })
	if unknown != nil {
		groups = append(groups, group{nodes: unknown})
	}
	for i := range groups {
		groups[i].Nodes = len(groups[i].nodes)
	}
	return groups
}

// countValues counts nodes, and those that are free at a time, by the values of properties and
// by site.
func (v *view) countValues(nodes []int, properties []string, at availability.Time) (counts []api.ValueCount) {
	if len(properties) == 0 {
		return nil
	}

	isFree := map[int]bool{}
	for _, node := range nodes {
		isFree[node] = inWindow(v.hosts[node], availability.Interval{Start: at, End: at + 1}) == availability.Available
	}

	properties = slices.Sorted(slices.Values(properties))
	for _, name := range slices.Compact(properties) {
		if !slices.Contains(route.FacetNames(), name) {
			continue
		}
		for _, g := range v.groupNodes(nodes, name) {
			if g.Value == nil {
				continue
			}
			c := api.ValueCount{Property: name, Value: *g.Value}
			for _, node := range g.nodes { // by site
				site := v.release.Nodes[node].Site
				if n := len(c.Sites); n == 0 || c.Sites[n-1].SiteID != site {
					c.Sites = append(c.Sites, api.SiteCount{SiteID: site})
				}
				of := &c.Sites[len(c.Sites)-1]
				of.Nodes++
				if isFree[node] {
					of.Free++
				}
			}
			counts = append(counts, c)
		}
	}
	return counts
}

// facts yields the facts of all nodes.
func (v *view) facts() iter.Seq[hardware.Facts] {
	return func(yield func(hardware.Facts) bool) {
		for i := range v.release.Nodes {
			if !yield(v.release.Nodes[i].Facts) {
				return
			}
		}
	}
}

// countFree returns how many of some nodes are free at the edges of steps, and the least
// number within each step, from now on.
func (v *view) countFree(nodes []int, edges []availability.Time, now availability.Time) (free, least []*int) {
	free, least = make([]*int, len(edges)), make([]*int, len(edges)-1)
	known, isEdge := slices.BinarySearch(edges, now)
	if known == len(edges) {
		return free, least
	}

	// The rest of a step that has begun is counted from now on.
	times := edges[known:]
	rest := 0
	if known > 0 && !isEdge {
		times, rest = slices.Concat([]availability.Time{now}, times), 1
	}

	hosts := make([]*availability.Host, len(nodes))
	for i, node := range nodes {
		hosts[i] = v.hosts[node]
	}

	numbers, lows := availability.CountFree(hosts, times)
	for i := rest; i < len(numbers); i++ {
		free[known-rest+i] = &numbers[i]
	}
	for i := range lows {
		least[known-rest+i] = &lows[i]
	}
	return free, least
}

// checkCapacityWindow returns the fault of a window, nil for none.
func checkCapacityWindow(v *view, r *http.Request, values queryValues, window availability.Interval) *api.Fault {
	latest := window.Start.Std().Add(route.MaxCapacityDays * 24 * time.Hour)
	switch {
	case window.End <= window.Start:
		return new(values.Fault("end", "the end must be after the start"))
	case window.End > availability.At(latest):
		near := nearestQuestion(v, r, "end", string(api.NewTime(latest)))
		return new(values.Fault("end", fmt.Sprintf("at most %d days: %s would do", route.MaxCapacityDays, near)))
	}
	return nil
}

// checkCapacitySteps returns the fault of a question for too many steps, nil for none.
func checkCapacitySteps(
	v *view, r *http.Request, values queryValues, window availability.Interval, groups int,
) *api.Fault {
	fits := func(step time.Duration) bool {
		return groups*availability.StepCount(window, availability.Time(step.Microseconds())) <= route.MaxCapacitySteps
	}
	if fits(values.Duration("step")) {
		return nil
	}

	const day = 24 * time.Hour
	why := fmt.Sprintf("%d groups have more than %d steps together", groups, route.MaxCapacitySteps)
	for _, step := range []time.Duration{
		time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 3 * time.Hour,
		6 * time.Hour, 12 * time.Hour, day, 7 * day, route.MaxCapacityDays * day,
	} {
		if fits(step) {
			why += ": " + nearestQuestion(v, r, "step", route.FormatDuration(step)) + " would do"
			break
		}
	}
	return new(values.Fault("step", why))
}

// nearestQuestion returns the URL of a request with another value of a parameter.
func nearestQuestion(v *view, r *http.Request, name, value string) string {
	return v.release.Links.Href(route.Capacity) + "?" + withParam(r.URL.RawQuery, name, value)
}
