package availhttp

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/hardware"
)

// Bounds of what a response has: ways, those of other hardware, and starts of each.
const (
	maxWays         = 20
	maxAlternatives = 6
	maxStarts       = 100
)

// ways returns the ways to have what a question asks for, those with the earliest slots
// first: the nodes of each type at each site, and, where these will not do or only later,
// nodes of several.
func (q *slotQuestion) ways(now time.Time) []api.SlotWay {
	matching := map[siteType]int{}
	for _, node := range q.matching() {
		matching[q.view.typeAt(node)]++
	}

	ways := []api.SlotWay{}
	earliest := map[string]string{} // start of a way at a site, "" for all
	if len(q.parts) == 1 {
		byType := q.splitCandidates(func(of siteType) siteType { return of })
		for of, candidates := range byType {
			way := q.way(candidates, now)
			if way == nil {
				continue
			}
			way.Nodes = matching[of]
			ways = append(ways, *way)
			for _, site := range []string{of.site, ""} {
				if first, ok := earliest[site]; !ok || string(way.Slot.Start) < first {
					earliest[site] = string(way.Slot.Start)
				}
			}
		}
	}

	together := q.splitCandidates(func(of siteType) siteType {
		if !q.SameSite {
			return siteType{}
		}
		return siteType{site: of.site}
	})
	for of, candidates := range together {
		way := q.way(candidates, now)
		first, ok := earliest[of.site]
		if way == nil || len(q.parts) == 1 && (q.isOfOneType(way) || ok && first <= string(way.Slot.Start)) {
			continue
		}
		if len(q.parts) == 1 {
			for key, n := range matching {
				if of.site == "" || key.site == of.site {
					way.Nodes += n
				}
			}
		}
		ways = append(ways, *way)
	}

	slices.SortFunc(ways, compareWays)
	return ways[:min(len(ways), maxWays)]
}

// compareWays puts earlier ways first, of these the ones that more nodes could serve.
func compareWays(a, b api.SlotWay) int {
	nodes := func(w *api.SlotWay) string {
		site := ""
		if w.Slot.SiteID != nil {
			site = *w.Slot.SiteID
		}
		return site + "/" + strings.Join(w.Slot.Nodes, "/")
	}
	return cmp.Or(
		cmp.Compare(a.Slot.Start, b.Slot.Start),
		cmp.Compare(b.Slot.Candidates, a.Slot.Candidates),
		cmp.Compare(nodes(&a), nodes(&b)),
	)
}

// splitCandidates groups the candidates by a key, in their order.
func (q *slotQuestion) splitCandidates(keyOf func(siteType) siteType) map[siteType][]availability.Candidate {
	groups := map[siteType][]availability.Candidate{}
	for _, c := range q.candidates {
		key := keyOf(q.view.typeAt(c.Index))
		groups[key] = append(groups[key], c)
	}
	return groups
}

// isOfOneType reports whether a way's nodes are of one type at one site.
func (q *slotQuestion) isOfOneType(way *api.SlotWay) bool {
	of := map[siteType]bool{}
	for _, c := range q.candidates {
		if slices.Contains(way.Slot.Nodes, c.Node) {
			of[q.view.typeAt(c.Index)] = true
		}
	}
	return len(of) == 1
}

// way returns the way to have a slot on some candidates, nil for none.
func (q *slotQuestion) way(candidates []availability.Candidate, now time.Time) *api.SlotWay {
	of := *q
	of.candidates = candidates
	slot := of.first(now)
	if slot == nil {
		return nil
	}

	way := &api.SlotWay{Slot: *slot}
	for _, t := range availability.Starts(candidates, availability.At(now), q.SlotQuery) {
		if len(way.Starts) < maxStarts {
			way.Starts = append(way.Starts, api.SlotStarts{First: api.NewTime(t.Start.Std()), Last: api.NewTime(t.End.Std())})
		}
	}
	return way
}

// matching returns the nodes that serve a part, in any state, but no hosts of virtual
// machines.
func (q *slotQuestion) matching() []int {
	if q.matched != nil {
		return q.matched
	}

	nodes := []int{}
	gpus := hardware.Properties().Index("gpus")
	for i := range q.view.release.Nodes {
		serves := func(p slotPart) bool {
			return (!p.gpus || q.view.release.Nodes[i].Facts[gpus].Number > 0) && p.isWanted(q.view, i)
		}
		if !q.view.byFlavor(i) && slices.ContainsFunc(q.parts, serves) {
			nodes = append(nodes, i)
		}
	}
	q.matched = nodes
	return nodes
}

// naming are the parameters that name types or models of hardware.
var naming = []string{"node_type", "gpu_family", "gpu_name", "gpu_model", "processor_model", "cluster_id", "node_id"}

// without returns a query without a filter. Where it names hardware, ranges ask for nodes
// that are as large as all that match.
func (q *slotQuestion) without(raw string, given map[string]string, name string) string {
	raw = withParam(raw, name, "")
	if len(q.parts) == 1 && slices.Contains(naming, name) {
		raw = q.asLarge(raw, given)
	}
	return raw
}

// asLarge adds ranges to a query of one part: memory and number of GPUs, or memory and
// threads of nodes of which some have none. Other ranges that are given stay.
func (q *slotQuestion) asLarge(raw string, given map[string]string) string {
	nodes := q.matching()
	table := hardware.Properties()
	least := func(name string) int64 {
		least, row := int64(math.MaxInt64), table.Index(name)
		for _, node := range nodes {
			least = min(least, q.view.release.Nodes[node].Facts[row].Number)
		}
		return least
	}

	bounds := []string{"gpu_memory", "gpus"}
	switch {
	case len(nodes) == 0:
		return raw
	case least("gpus") <= 0:
		bounds = []string{"ram", "threads"}
	case q.parts[0].gpus: // several nodes may have them together
		bounds = bounds[:1]
	}

	for _, name := range bounds {
		p := &table[table.Index(name)]
		n := least(name)
		if n <= 0 || given[p.Range] != "" || p.Min != "" && given[p.Min] != "" {
			continue
		}
		value := strconv.FormatInt(n, 10)
		if p.Kind == hardware.KindBinaryBytes && n%(1<<30) == 0 {
			value = strconv.FormatInt(n>>30, 10) + "GiB"
		}
		raw = withParam(raw, p.Range, value+"..")
	}
	return raw
}

// alternatives returns the ways to have other hardware that is as large as what a question
// names, nil if it names none.
func (h *Handler) alternatives(v *view, q *slotQuestion, raw string, now time.Time) *api.SlotAlternatives {
	given := decodeForm(raw)
	query := withParam(raw, "nearest", "")
	named := false
	for _, name := range naming {
		if given[name] != "" {
			named = true
			query = withParam(query, name, "")
		}
	}
	if !named || len(q.parts) != 1 || len(q.matching()) == 0 {
		return nil
	}

	query = q.asLarge(query, given)
	other, faults := h.newSlotQuestion(v, query, now)
	if faults != nil {
		return nil
	}

	types := map[string]bool{}
	for _, node := range q.matching() {
		types[v.typeAt(node).name] = true
	}
	other.candidates = slices.DeleteFunc(other.candidates, func(c availability.Candidate) bool {
		return types[v.typeAt(c.Index).name]
	})
	ways := slices.DeleteFunc(other.ways(now), func(w api.SlotWay) bool { return !other.isOfOneType(&w) })
	return &api.SlotAlternatives{Query: query, Ways: ways[:min(len(ways), maxAlternatives)]}
}
