package availhttp

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/route"
)

// nodes responds with the availability of nodes that are selected by their hardware.
func (h *Handler) nodes(v *view, r *http.Request, _ []string, now time.Time) answer {
	values, faults := readQuery(route.NodesAvailability.Get().Query, r.URL.RawQuery)
	offset, limit, reservations := values.Int("offset"), values.Int("limit"), values.Bool("reservations")
	if reservations && limit > route.MaxLimit {
		why := fmt.Sprintf("at most %d items have reservations", route.MaxLimit)
		faults = append(faults, values.Fault("limit", why))
	}

	free, wrong := newFreeFilter(values, now)
	faults = append(faults, wrong...)

	if faults != nil {
		return validationError(faults...)
	}

	found := v.findNodes(values)
	if free.isWanted != nil {
		found = slices.DeleteFunc(found, func(node int) bool { return !free.isWanted(v, node) })
	}

	part := found[min(offset, len(found)):]
	part = part[:min(limit, len(part))]

	body := api.NodeAvailabilityList{Total: len(found), Offset: offset}
	var until availability.Time
	body.SiteSyncs, until = h.syncsOf(v, found, now)
	until = min(until, free.until)

	for _, node := range part {
		item, end := v.nodeReservations(node, availability.At(now), reservations)
		body.Items = append(body.Items, item)
		until = min(until, end)
	}

	a := okJSON(body)
	a.lastModified, a.until = v.lastModified, until
	return a
}

// syncsOf returns how fresh the data of nodes is, by their sites, and when that changes
// without a sync.
func (h *Handler) syncsOf(v *view, nodes []int, now time.Time) (syncs api.SiteSyncs, until availability.Time) {
	syncs.Demonstration = h.isDemonstration()
	until = availability.Forever
	for i, node := range nodes {
		site := v.release.Nodes[node].Site
		if i > 0 && site == v.release.Nodes[nodes[i-1]].Site {
			continue // nodes are ordered by their sites
		}

		s := v.snapshots[site]
		until = min(until, s.StaleChanges(now, h.pollInterval()))
		notices, end := h.noticesOf(site, now)
		until = min(until, end)
		syncs.Sites = append(syncs.Sites, api.SiteSync{
			SiteID: site, LastSynced: syncedAt(s), Stale: s.Stale(now, h.pollInterval()), Notices: noticesBody(notices),
		})
	}
	return syncs, until
}

// findNodes returns the indexes of the nodes that a query selects, in the release's order.
func (v *view) findNodes(values queryValues) (found []int) {
	isWanted := newFilter(values)
	for i := range v.release.Nodes {
		if isWanted(v, i) {
			found = append(found, i)
		}
	}
	return found
}

// nodeReservations returns the item for a node, and when it changes without a sync.
func (v *view) nodeReservations(
	node int, now availability.Time, reservations bool,
) (api.NodeAvailabilityEntry, availability.Time) {
	n := &v.release.Nodes[node]
	status, end := v.nodeStatus(node, now)
	item := api.NodeAvailabilityEntry{
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
