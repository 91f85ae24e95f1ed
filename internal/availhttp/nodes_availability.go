package availhttp

import (
	"fmt"
	"net/http"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/route"
)

// nodesQuery selects nodes, and a page of them.
type nodesQuery struct {
	filter        filter
	cluster, node string // "" for all
	reservations  bool
	offset, limit int
}

// parseNodesQuery reads and validates a query.
func parseNodesQuery(raw string) (*nodesQuery, []api.Fault) {
	v, faults := readQuery(route.NodesAvailability.Get().Query, raw)
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

// nodes responds with the availability of nodes that are selected by their hardware.
func (h *Handler) nodes(r *http.Request, _ []string, now time.Time) answer {
	view := h.currentView()
	key := "availability?" + r.URL.RawQuery
	if a, ok := view.answers.Get(key, now); ok {
		return h.untilSync(a, now)
	}

	q, faults := parseNodesQuery(r.URL.RawQuery)
	if faults != nil {
		return validationError(faults)
	}

	found := view.findNodes(q)
	part := found[min(q.offset, len(found)):]
	part = part[:min(q.limit, len(part))]

	// As for searches: a sync replaces the view and its cache, so the response can be
	// cached there until something in it changes without a sync.
	until := availability.Forever.Std()
	body := api.NodesAvailability{Total: len(found), Offset: q.offset, Demonstration: h.isDemonstration()}
	for i, node := range found {
		site := view.release.Nodes[node].Site
		if i > 0 && site == view.release.Nodes[found[i-1]].Site {
			continue // nodes are ordered by their sites
		}

		s := view.sites[site].Snapshot
		body.Sites = append(body.Sites, api.SiteSync{SiteID: site, LastSynced: syncedAt(s), Stale: h.stale(s, now)})

		if s != nil {
			until = h.beforeStale(until, s, now)
		}
	}

	for _, node := range part {
		item, end := view.nodeReservations(node, availability.At(now), q.reservations)
		body.Items = append(body.Items, item)
		until = earlier(until, end)
	}

	a := okJSON(body)
	a.lastModified, a.until = view.lastModified(), until
	view.keep(key, a)

	return h.untilSync(a, now)
}

// findNodes returns the indexes of the selected nodes, in the release's order.
func (v *view) findNodes(q *nodesQuery) (found []int) {
	for i := range v.release.Nodes {
		n := &v.release.Nodes[i]
		if (q.node == "" || n.UID == q.node) && (q.cluster == "" || n.Cluster == q.cluster) &&
			v.matches(&q.filter, i) {
			found = append(found, i)
		}
	}
	return found
}

// nodeReservations returns the item for a node, and when it changes without a sync.
func (v *view) nodeReservations(
	node int, now availability.Time, reservations bool,
) (api.NodeReservations, availability.Time) {
	n := &v.release.Nodes[node]
	status, end := v.nodeStatus(node, now)
	item := api.NodeReservations{
		NodeID:     n.UID,
		NodeName:   nullableText(n.Name),
		NodeType:   nullableText(n.Type),
		SiteID:     n.Site,
		ClusterID:  n.Cluster,
		NodeStatus: status,
	}

	if reservations {
		item.Reservations = reservationsOf(v.hosts[node])
	}

	return item, end
}

// nullableText returns nil for "".
func nullableText(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
