package availhttp

import (
	"net/http"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/route"
)

// node responds with a node's reservations.
func (h *Handler) node(v *view, _ *http.Request, args []string, now time.Time) answer {
	site, cluster, uid := args[0], args[1], args[2]
	i, ok := v.release.Index(site, cluster, uid)
	if !ok {
		return notFound(route.NodeNotFound)
	}

	s := v.snapshots[site]
	switch {
	case s == nil:
		return notSynced(route.NodeNotSynced)
	case v.hosts[i] == nil:
		return notFound(route.NotInBlazar)
	}

	// Encoded at the first request for the node in this v. Two requests at once may
	// both do so: the results are equal.
	c := v.nodes[i].Load()
	if c == nil {
		c = newContent(api.Encode(api.NodeAvailability{
			NodeID:       uid,
			ClusterID:    cluster,
			SiteID:       site,
			LastUpdated:  api.NewTime(s.Synced),
			Maintenance:  v.hosts[i].Maintenance,
			Reservations: reservationsOf(v.hosts[i]),
		}))
		v.nodes[i].Store(c)
	}

	return answer{content: c, lastModified: s.Synced, dated: true, until: h.nextSync(site, now)}
}

// reservationsOf returns a host's reservations; none for a nil host.
func reservationsOf(host *availability.Host) []api.Reservation {
	if host == nil {
		return []api.Reservation{}
	}
	all := make([]api.Reservation, len(host.Reservations))
	for i, r := range host.Reservations {
		all[i] = api.Reservation{Start: api.NewTime(r.Start.Std()), End: api.NewTime(r.End.Std())}
	}
	return all
}

// cluster responds with the reservations of all nodes of a cluster.
func (h *Handler) cluster(v *view, _ *http.Request, args []string, now time.Time) answer {
	site, cluster := args[0], args[1]
	from, to := v.release.Cluster(site, cluster)
	if from == to { // without nodes: only the files know of it
		switch ok, err := v.release.Has(route.Cluster, site, cluster); {
		case err != nil:
			return h.unreadable(err)
		case !ok:
			return notFound(route.ClusterNotFound)
		}
	}

	s := v.snapshots[site]
	body := api.ClusterAvailability{
		SiteID:      site,
		ClusterID:   cluster,
		LastUpdated: syncedAt(s),
		Stale:       s.Stale(now, h.pollInterval()),
		Total:       to - from,
		Links:       v.release.Links.SelfAndParent(route.ClusterAvailability, args...),
	}

	until := min(h.nextSync(site, now), s.StaleChanges(now, h.pollInterval()))
	for i := from; i < to; i++ {
		state, end := v.nodeStatus(i, availability.At(now))
		body.Items = append(body.Items, api.ClusterAvailabilityEntry{
			NodeID:       v.release.Nodes[i].UID,
			NodeStatus:   state,
			Reservations: reservationsOf(v.hosts[i]),
		})
		until = min(until, end)
	}

	a := okJSON(body)
	a.until = until
	if s != nil {
		a.lastModified = s.Synced
	}

	return a
}

// nodeStatus returns the availability of a node, and when it changes without a sync.
func (v *view) nodeStatus(node int, now availability.Time) (api.NodeStatus, availability.Time) {
	host := v.hosts[node]
	state, end := host.State(now)
	byFlavor := v.byFlavor(node)
	status := api.NodeStatus{
		Availability:      api.NodeState(state),
		AvailabilityUntil: nullableTime(end),
		LeasedBy:          api.LeasedBy(hardware.LeasedBy(byFlavor)),
		KeptForProjects:   host != nil && host.Kept,
		Maintenance:       host != nil && host.Maintenance,
	}

	// availability_until is the end of one reservation, which another may follow at
	// once; free_from is the end of the last of them.
	if state == availability.Reserved && !byFlavor {
		status.FreeFrom = nullableTime(host.FreeFrom(now))
	}

	return status, end
}
