package availhttp

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/release"
)

// Limits of the responses that a view caches.
const (
	maxAnswers     = 256
	maxAnswerBytes = 8 << 20
)

// view is a release joined with the snapshots of its sites. Only its caches change.
type view struct {
	release      *release.Release
	generation   uint64
	lastModified time.Time                         // when any of the data last changed
	snapshots    map[string]*availability.Snapshot // of synced sites
	hosts        []*availability.Host              // by index of node; nil if Blazar does not know it
	nodes        []atomic.Pointer[content]         // cached responses of [Handler.node], by index of node
	answers      *availability.Cache[string, answer]
}

// currentView returns the view of the live release, nil before the first one. It makes a
// new view after a sync or a release. The generation is read before the snapshots: if
// one changes in between, the next call makes another view.
func (h *Handler) currentView() *view {
	live, generation := h.opts.Release(), h.opts.Monitor.Generation()
	if live == nil {
		return nil
	}
	if v := h.view.Load(); v != nil && v.release == live && v.generation == generation {
		return v
	}

	v := &view{
		release:      live,
		generation:   generation,
		lastModified: live.Live,
		snapshots:    map[string]*availability.Snapshot{},
		hosts:        make([]*availability.Host, len(live.Nodes)),
		nodes:        make([]atomic.Pointer[content], len(live.Nodes)),
		answers:      availability.NewCache[string, answer](maxAnswers, maxAnswerBytes),
	}

	for _, site := range h.opts.Monitor.Sites() {
		status, _ := h.opts.Monitor.Status(site)
		if s := status.Snapshot; s != nil {
			v.snapshots[site] = s
			if s.Synced.After(v.lastModified) {
				v.lastModified = s.Synced
			}
		}
	}

	for i := range live.Nodes {
		v.hosts[i] = v.snapshots[live.Nodes[i].Site].Host(live.Nodes[i].UID)
	}

	h.view.Store(v)
	return v
}

// byFlavor reports whether a node is leased by flavor only, according to the reference
// repository or to Blazar.
func (v *view) byFlavor(node int) bool {
	return v.release.Nodes[node].ByFlavor || v.hosts[node] != nil && v.hosts[node].ByFlavor
}

// states are the states of a node, in the order of sorting and reports.
var states = []availability.State{availability.Available, availability.Reserved, availability.Maintenance,
	availability.Unknown}

// byFlavor is the key for counts of nodes that are leased by flavor. It is not a state of
// a node.
const byFlavor availability.State = "by_flavor"

// countedStates are the keys of counts, in the order of reports.
var countedStates = append(slices.Clone(states), byFlavor)

// counts returns, for each site, the number of nodes by state. Nodes that are leased by
// flavor are counted separately, since they cannot be reserved.
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
