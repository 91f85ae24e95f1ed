package availhttp

import (
	"net/http"
	"time"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// node answers a node's reservations.
func (h *Handler) node(_ *http.Request, args []string, now time.Time) answer {
	v := h.currentView()
	site, cluster, uid := args[0], args[1], args[2]
	i, ok := v.release.Index(site, cluster, uid)
	if !ok {
		return notFound(route.NodeNotFound)
	}
	s := v.sites[site].Snapshot
	switch {
	case s == nil:
		return notSynced(route.NodeNotSynced)
	case v.hosts[i] == nil:
		return notFound(route.NotInBlazar)
	}
	c := v.nodes[i].Load()
	if c == nil {
		c = newContent(nodeBody(site, cluster, v.hosts[i], s.Synced))
		v.nodes[i].Store(c)
	}
	return answer{contentType: typeJSON, content: c, lastModified: s.Synced, dated: true, until: h.nextSync(site, now)}
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
	b.Raw(jsonTime(synced.UTC(), "Z"))
	writeReservations(&b, host)
	b.EndObject()
	return b.Bytes()
}

// writeReservations writes what Blazar says of a host, nothing for nil.
func writeReservations(b *rawjson.Builder, host *availability.Host) {
	b.Key("maintenance")
	b.Bool(host != nil && host.Maintenance)
	b.Key("reservations")
	b.BeginArray()
	if host != nil {
		for _, r := range host.Reservations {
			b.BeginObject()
			b.Key("start")
			b.Raw(jsonTime(r.Start.Std(), "Z"))
			b.Key("end")
			b.Raw(jsonTime(r.End.Std(), "Z"))
			b.EndObject()
		}
	}
	b.EndArray()
}

// cluster answers the reservations of all nodes of a cluster.
func (h *Handler) cluster(_ *http.Request, args []string, now time.Time) answer {
	view := h.currentView()
	site, cluster := args[0], args[1]
	if !view.release.Has(route.Cluster, site, cluster) {
		return notFound(route.ClusterNotFound)
	}
	status := view.sites[site]
	from, to := view.release.Cluster(site, cluster)
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
		b.String(view.release.Nodes[i].UID)
		end := view.writeState(&b, i, availability.At(now))
		writeReservations(&b, view.hosts[i])
		b.EndObject()
		until = earlier(until, end)
	}
	b.EndArray()
	view.release.API.SelfAndParent(&b, route.ClusterAvailability, args...)
	b.EndObject()
	a := okJSON(b.Bytes())
	a.until = until
	if s := status.Snapshot; s != nil {
		a.lastModified = s.Synced
		a.until = h.beforeStale(a.until, s, now)
	}
	return a
}

// writeState writes the members that say whether a node is free, and returns when
// they change by themselves.
func (v *view) writeState(to *rawjson.Builder, node int, now availability.Time) availability.Time {
	host := v.hosts[node]
	state, end := host.State(now)
	to.Key("availability")
	to.String(string(state))
	to.Key("availability_until")
	to.Raw(nullableTime(end))

	// The search's availability_until is the end of one reservation; the next may
	// follow at once.
	byFlavor := v.byFlavor(node)
	to.Key("free_from")
	if state == availability.Reserved && !byFlavor {
		to.Raw(nullableTime(host.FreeFrom(now)))
	} else {
		to.Raw(nil)
	}
	to.Key("leased_by")
	to.String(hardware.LeasedBy(byFlavor))
	to.Key("kept_for_projects")
	to.Bool(host != nil && host.Kept)
	return end
}
