package availhttp

import (
	"slices"
	"sync/atomic"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/cache"
	"github.com/chameleoncloud/refapi/internal/release"
)

// Limits of the answers that a view keeps.
const (
	maxAnswers     = 256
	maxAnswerBytes = 8 << 20
)

// view is a release together with what is known of its nodes. Nothing of it
// changes but the answers that it keeps.
type view struct {
	release    *release.Release
	generation uint64
	sites      map[string]availability.Status // configured
	hosts      []*availability.Host           // of the release's nodes; nil for those that Blazar does not know
	nodes      []atomic.Pointer[content]      // answers about single nodes
	answers    *cache.Cache[string, answer]
}

// currentView is that of now, nil while there is no release. It is made anew
// after a sync or a release.
func (h *Handler) currentView() *view {
	c, generation := h.opts.Release(), h.opts.Monitor.Generation()
	if c == nil {
		return nil
	}
	if v := h.view.Load(); v != nil && v.release == c && v.generation == generation {
		return v
	}

	v := &view{
		release:    c,
		generation: generation,
		sites:      map[string]availability.Status{},
		hosts:      make([]*availability.Host, len(c.Nodes)),
		nodes:      make([]atomic.Pointer[content], len(c.Nodes)),
		answers:    cache.New[string, answer](maxAnswers, maxAnswerBytes),
	}

	for _, site := range h.opts.Monitor.Sites() {
		if status, ok := h.opts.Monitor.Status(site); ok {
			v.sites[site] = status
		}
	}

	for i := range c.Nodes {
		if host, ok := v.sites[c.Nodes[i].Site].Snapshot.Host(c.Nodes[i].UID); ok {
			v.hosts[i] = host
		}
	}

	h.view.Store(v)
	return v
}

// keep stores an answer until it may change.
func (v *view) keep(key string, a answer) {
	// Besides the body there may be its compressed form, which is smaller.
	v.answers.Put(key, a, 2*len(a.content.body)+len(key), a.until)
}

// byFlavor reports whether a node of the release is leased by flavor alone: the
// reference repository says so, or Blazar.
func (v *view) byFlavor(node int) bool {
	return v.release.Nodes[node].ByFlavor || v.hosts[node] != nil && v.hosts[node].ByFlavor
}

// states is what a node can be in, in the order in which it is told.
var states = []availability.State{availability.Available, availability.Reserved, availability.Maintenance,
	availability.Unknown}

// byFlavor counts nodes that are leased by flavor. It is no state of a node.
const byFlavor availability.State = "by_flavor"

// countedStates are what nodes are counted as, in the order in which it is told.
var countedStates = append(slices.Clone(states), byFlavor)

// counts says, of each site, how many nodes are in which state. Those that are
// leased by flavor are counted by themselves: none of them can be reserved.
func (v *view) counts(now availability.Time) map[string]map[availability.State]int {
	counts := map[string]map[availability.State]int{}
	for i := range v.release.Nodes {
		site := v.release.Nodes[i].Site
		if counts[site] == nil {
			counts[site] = map[availability.State]int{}
		}

		state, _ := v.hosts[i].State(now)
		if v.byFlavor(i) {
			state = byFlavor
		}

		counts[site][state]++
	}

	return counts
}
