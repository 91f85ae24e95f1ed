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

// currentView returns the view of the live release, nil before the first one. After a sync
// or a release one caller makes a new view, for which tens of thousands of nodes take some
// milliseconds; others get the last one meanwhile.
func (h *Handler) currentView() *view {
	if v, ok := h.isCurrent(); ok {
		return v
	}
	last := h.view.Load()
	if last == nil {
		return h.newestView()
	}
	if !h.joining.TryLock() {
		return last
	}
	defer h.joining.Unlock()
	return h.renew()
}

// newestView is like currentView, but waits for another caller that makes a new view.
func (h *Handler) newestView() *view {
	h.joining.Lock()
	defer h.joining.Unlock()
	return h.renew()
}

// renew makes a new view if the last one is not current. The caller holds joining.
func (h *Handler) renew() *view {
	v, ok := h.isCurrent()
	if !ok {
		v = h.join()
		h.view.Store(v)
	}
	return v
}

// isCurrent returns the last view, and whether it is of the live release and of the last
// syncs; also if there is no release yet.
func (h *Handler) isCurrent() (v *view, ok bool) {
	live, v := h.opts.Release(), h.view.Load()
	if live == nil {
		return nil, true
	}
	return v, v != nil && v.release == live && v.generation == h.opts.Monitor.Generation()
}

// join makes a view. The generation is read before the snapshots: if one changes in
// between, the next call makes another view.
func (h *Handler) join() *view {
	live, generation := h.opts.Release(), h.opts.Monitor.Generation()
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

	var site string
	find := v.snapshots[site].Finder()
	for i := range live.Nodes {
		if n := &live.Nodes[i]; n.Site != site { // the nodes of a site are next to each other
			site, find = n.Site, v.snapshots[n.Site].Finder()
		}
		v.hosts[i] = find(live.Nodes[i].UID)
	}
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
