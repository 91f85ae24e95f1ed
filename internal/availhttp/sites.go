package availhttp

import (
	"net/http"
	"slices"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// answer asks a route's handler, if there is a release.
func (h *Handler) answer(f found, r *http.Request, args []string, now time.Time) answer {
	if h.o.Catalog() == nil {
		return problem(api.LiveUnavailable)
	}
	return h.safely(f, r, args, now)
}

// notFound is a 404 that the contract words.
func notFound(detail string) answer {
	return problem(api.Problem{Status: http.StatusNotFound, Detail: detail})
}

// notSynced is a 404 that the next sync may change.
func notSynced(detail string) answer {
	a := notFound(detail)
	a.headers = append(a.headers, [2]string{"Retry-After", api.RetryAfter})
	return a
}

// nextSync is when a site's data may be new; now for a site that is late.
func (h *Handler) nextSync(site string, now time.Time) time.Time {
	status, ok := h.o.Monitor.Status(site)
	if !ok || status.NextAttempt.Before(now) {
		return now
	}
	return status.NextAttempt
}

// nextSyncOfAny is when the data of any site may be new.
func (h *Handler) nextSyncOfAny(now time.Time) time.Time {
	next := now.Add(h.o.Monitor.Schedule().PollInterval)
	for _, site := range h.o.Monitor.Sites() {
		if at := h.nextSync(site, now); at.Before(next) {
			next = at
		}
	}
	return next
}

// site answers when a site was last asked.
func (h *Handler) site(_ *http.Request, args []string, now time.Time) answer {
	status, ok := h.o.Monitor.Status(args[0])
	if !ok || status.Snapshot == nil {
		return notSynced(route.SiteNotSynced)
	}
	s := status.Snapshot
	var b rawjson.Builder
	b.BeginObject()
	b.Key("site_id")
	b.String(args[0])
	b.Key("last_synced")
	b.Raw(quoted(s.Synced.UTC(), "+00:00"))
	b.Key("synced_node_count")
	b.Int(s.Rows)
	b.EndObject()
	a := good(b.Bytes())
	a.modified, a.fixed = s.Synced, true
	a.until = h.nextSync(args[0], now)
	return a
}

// node answers a node's reservations.
func (h *Handler) node(_ *http.Request, args []string, now time.Time) answer {
	b := h.current()
	site, cluster, uid := args[0], args[1], args[2]
	i, ok := b.catalog.Index(site, cluster, uid)
	if !ok {
		return notFound(route.NodeNotFound)
	}
	s := b.sites[site].Snapshot
	switch {
	case s == nil:
		return notSynced(route.NodeNotSynced)
	case b.hosts[i] == nil:
		return notFound(route.NotInBlazar)
	}
	c := b.nodes[i].Load()
	if c == nil {
		c = newContent(nodeBody(site, cluster, b.hosts[i], s.Synced))
		b.nodes[i].Store(c)
	}
	return answer{kind: kindJSON, content: c, modified: s.Synced, fixed: true, until: h.nextSync(site, now)}
}

func nodeBody(site, cluster string, host *availability.Host, synced time.Time) []byte {
	var b rawjson.Builder
	b.BeginObject()
	b.Key("node_id")
	b.String(host.Node)
	b.Key("cluster_id")
	b.String(cluster)
	b.Key("site_id")
	b.String(site)
	b.Key("last_updated")
	b.Raw(quoted(synced.UTC(), "Z"))
	reservations(&b, host)
	b.EndObject()
	return b.Bytes()
}

// reservations writes what Blazar says of a host, nothing for nil.
func reservations(b *rawjson.Builder, host *availability.Host) {
	b.Key("maintenance")
	b.Bool(host != nil && host.Maintenance)
	b.Key("reservations")
	b.BeginArray()
	if host != nil {
		for _, r := range host.Reservations {
			b.BeginObject()
			b.Key("start")
			b.Raw(quoted(r.Start.Std(), "Z"))
			b.Key("end")
			b.Raw(quoted(r.End.Std(), "Z"))
			b.EndObject()
		}
	}
	b.EndArray()
}

// cluster answers the reservations of all nodes of a cluster.
func (h *Handler) cluster(_ *http.Request, args []string, now time.Time) answer {
	board := h.current()
	site, cluster := args[0], args[1]
	if !board.catalog.Has(route.Cluster, site, cluster) {
		return notFound(route.ClusterNotFound)
	}
	status := board.sites[site]
	from, to := board.catalog.Cluster(site, cluster)
	until := h.nextSync(site, now)
	var b rawjson.Builder
	b.BeginObject()
	b.Key("site_id")
	b.String(site)
	b.Key("cluster_id")
	b.String(cluster)
	b.Key("last_updated")
	b.Raw(syncedAt(status.Snapshot))
	b.Key("stale")
	b.Bool(h.stale(status.Snapshot, now))
	b.Key("total")
	b.Int(to - from)
	b.Key("items")
	b.BeginArray()
	for i := from; i < to; i++ {
		b.BeginObject()
		b.Key("node_id")
		b.String(board.catalog.Nodes[i].UID)
		end := board.state(&b, i, availability.At(now))
		reservations(&b, board.hosts[i])
		b.EndObject()
		until = sooner(until, end)
	}
	b.EndArray()
	board.catalog.API.SelfAndParent(&b, route.ClusterAvailability, args...)
	b.EndObject()
	a := good(b.Bytes())
	a.until = until
	if s := status.Snapshot; s != nil {
		a.modified = s.Synced
		a.until = h.beforeStale(a.until, s, now)
	}
	return a
}

// overview answers how fresh each site's data is.
func (h *Handler) overview(_ *http.Request, _ []string, now time.Time) answer {
	board := h.current()
	counts := board.counts(availability.At(now))
	sites := h.o.Monitor.Sites()
	var b rawjson.Builder
	b.BeginObject()
	b.Key("total")
	b.Int(len(sites))
	if h.o.Demonstration {
		b.Key("demonstration")
		b.Bool(true)
	}
	b.Key("items")
	b.BeginArray()
	var modified time.Time
	for _, site := range sites {
		status, _ := h.o.Monitor.Status(site)
		s := status.Snapshot
		if s != nil && s.Synced.After(modified) {
			modified = s.Synced
		}
		b.BeginObject()
		b.Key("site_id")
		b.String(site)
		b.Key("last_synced")
		b.Raw(syncedAt(s))
		b.Key("age_seconds")
		if s == nil || s.AgeUnknown(now) {
			b.Raw(nil)
		} else {
			b.Int(int(s.Age(now) / time.Second))
		}
		b.Key("stale")
		b.Bool(h.stale(s, now))
		b.Key("last_error")
		if status.LastError == "" {
			b.Raw(nil)
		} else {
			b.String(string(status.Reason))
		}
		b.Key("counts")
		b.BeginObject()
		for _, state := range tallies {
			b.Key(string(state))
			b.Int(counts[site][state])
		}
		b.EndObject()
		b.EndObject()
	}
	b.EndArray()
	board.catalog.API.SelfAndParent(&b, route.Availability)
	b.EndObject()
	a := good(b.Bytes())
	// The age changes each second.
	a.modified, a.until = modified, now.Add(time.Second)
	return a
}

// states is what a node can be in, in the order in which it is told.
var states = []availability.State{availability.Available, availability.Reserved, availability.Maintenance, availability.Unknown}

// byFlavor counts nodes that are leased by flavor. It is no state of a node.
const byFlavor availability.State = "by_flavor"

// tallies are what nodes are counted as, in the order in which it is told.
var tallies = append(slices.Clone(states), byFlavor)

// counts says, of each site, how many nodes are in which state. Those that are
// leased by flavor are counted by themselves: none of them can be reserved.
func (b *board) counts(now availability.Time) map[string]map[availability.State]int {
	counts := map[string]map[availability.State]int{}
	for i := range b.catalog.Nodes {
		site := b.catalog.Nodes[i].Site
		if counts[site] == nil {
			counts[site] = map[availability.State]int{}
		}
		state, _ := b.hosts[i].State(now)
		if b.byFlavor(i) {
			state = byFlavor
		}
		counts[site][state]++
	}
	return counts
}

func (h *Handler) stale(s *availability.Snapshot, now time.Time) bool {
	return s == nil || s.Stale(now, h.o.Monitor.Schedule().PollInterval)
}

// beforeStale cuts the time for which an answer holds that says whether its
// data is stale.
func (h *Handler) beforeStale(until time.Time, s *availability.Snapshot, now time.Time) time.Time {
	change := s.StaleChanges(now, h.o.Monitor.Schedule().PollInterval)
	if !change.IsZero() && change.Before(until) {
		return change
	}
	return until
}
