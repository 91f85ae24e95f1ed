package availhttp

import (
	"fmt"
	"net/http"
	"time"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/query"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// nodesQuery asks for the reservations of some nodes.
type nodesQuery struct {
	filter        filter
	cluster, node string // "" for all
	reservations  bool
	offset, limit int
}

// parseNodesQuery reads a query, and returns what is wrong with it.
func parseNodesQuery(raw string) (*nodesQuery, query.Faults) {
	v, faults := query.Read(route.NodesAvailability.Get().Query, raw)
	q := &nodesQuery{
		filter:       newFilter(v),
		cluster:      v.Text("cluster_id"),
		node:         v.Text("node_id"),
		reservations: v.Bool("reservations"),
		offset:       v.Int("offset"),
		limit:        v.Int("limit"),
	}
	if q.reservations && q.limit > route.MaxLimit {
		faults = append(faults, v.Fault("limit", fmt.Sprintf("at most %d items have reservations", route.MaxLimit)))
	}
	return q, faults
}

// nodes answers the reservations of nodes that are chosen by their hardware.
func (h *Handler) nodes(r *http.Request, _ []string, now time.Time) answer {
	view := h.currentView()
	key := "availability?" + r.URL.RawQuery
	if a, ok := view.answers.get(key, now); ok {
		return h.untilSync(a, now)
	}
	q, faults := parseNodesQuery(r.URL.RawQuery)
	if faults != nil {
		return validationError(faults)
	}
	found := view.findNodes(q)
	part := found[min(q.offset, len(found)):]
	part = part[:min(q.limit, len(part))]

	// As with searches: a sync makes another view, so the answer holds until
	// something in it changes by itself.
	until := availability.Forever.Std()
	var b rawjson.Builder
	b.BeginObject()
	b.Key("total")
	b.Int(len(found))
	b.Key("offset")
	b.Int(q.offset)
	if h.isDemonstration() {
		b.Key("demonstration")
		b.Bool(true)
	}
	b.Key("sites")
	b.BeginArray()
	var last string
	for i, node := range found {
		site := view.release.Nodes[node].Site
		if i > 0 && site == last {
			continue // nodes are ordered by their sites
		}
		last = site
		s := view.sites[site].Snapshot
		b.BeginObject()
		b.Key("site_id")
		b.String(site)
		b.Key("last_synced")
		b.Raw(syncedAt(s))
		b.Key("stale")
		b.Bool(h.stale(s, now))
		b.EndObject()
		if s != nil {
			until = h.beforeStale(until, s, now)
		}
	}
	b.EndArray()
	b.Key("items")
	b.BeginArray()
	for _, node := range part {
		until = earlier(until, view.writeNodeAvailability(&b, node, availability.At(now), q.reservations))
	}
	b.EndArray()
	b.EndObject()
	a := okJSON(b.Bytes())
	a.lastModified, a.until = view.lastModified(), until
	view.answers.put(key, a)
	return h.untilSync(a, now)
}

// findNodes finds the nodes that are asked for, in the release's order.
func (v *view) findNodes(q *nodesQuery) (found []int) {
	for i := range v.release.Nodes {
		n := &v.release.Nodes[i]
		if (q.node == "" || n.UID == q.node) && (q.cluster == "" || n.Cluster == q.cluster) && v.matches(&q.filter, i) {
			found = append(found, i)
		}
	}
	return found
}

// writeNodeAvailability writes what is known of a node, and returns when that changes by
// itself.
func (v *view) writeNodeAvailability(to *rawjson.Builder, node int, now availability.Time, reserved bool) availability.Time {
	n, host := &v.release.Nodes[node], v.hosts[node]
	to.BeginObject()
	to.Key("node_id")
	to.String(n.UID)
	for _, m := range []struct{ key, text string }{{"node_name", n.Name}, {"node_type", n.Type}} {
		to.Key(m.key)
		if m.text == "" {
			to.Raw(nil)
		} else {
			to.String(m.text)
		}
	}
	to.Key("site_id")
	to.String(n.Site)
	to.Key("cluster_id")
	to.String(n.Cluster)
	end := v.writeState(to, node, now)
	if reserved {
		writeReservations(to, host)
	} else {
		to.Key("maintenance")
		to.Bool(host != nil && host.Maintenance)
	}
	to.EndObject()
	return end
}
