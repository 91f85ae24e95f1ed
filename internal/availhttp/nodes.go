package availhttp

import (
	"fmt"
	"net/http"
	"time"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/query"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// agenda asks for the reservations of some nodes.
type agenda struct {
	filter        filter
	cluster, node string // "" for all
	reservations  bool
	offset, limit int
}

// newAgenda reads a query, and says what is wrong with it.
func newAgenda(raw string) (*agenda, query.Faults) {
	v, faults := query.Read(route.NodesAvailability.Get().Query, raw)
	a := &agenda{filter: newFilter(v), cluster: v.Text("cluster_id"), node: v.Text("node_id"), reservations: true, limit: route.MaxLimit}
	if wanted, ok := v.Bool("reservations"); ok {
		a.reservations = wanted
	}
	if n, ok := v.Int("offset"); ok {
		a.offset = int(n)
	}
	if n, ok := v.Int("limit"); ok {
		a.limit = int(n)
	}
	if a.reservations && a.limit > route.MaxLimit {
		faults = append(faults, v.Fault("limit", fmt.Sprintf("items with reservations are %d at the most", route.MaxLimit)))
	}
	return a, faults
}

// nodes answers the reservations of nodes that are chosen by their hardware.
func (h *Handler) nodes(r *http.Request, _ []string, now time.Time) answer {
	board := h.current()
	key := "availability?" + r.URL.RawQuery
	if a, ok := board.answers.get(key, now); ok {
		return h.untilSync(a, now)
	}
	q, faults := newAgenda(r.URL.RawQuery)
	if faults != nil {
		return faulty(faults)
	}
	found := board.agenda(q)
	part := found[min(q.offset, len(found)):]
	part = part[:min(q.limit, len(part))]

	// As with searches: a sync makes another board, so the answer holds until
	// something in it changes by itself.
	until := availability.Forever.Std()
	var b rawjson.Builder
	b.BeginObject()
	b.Key("total")
	b.Int(len(found))
	b.Key("offset")
	b.Int(q.offset)
	if h.o.Demonstration {
		b.Key("demonstration")
		b.Bool(true)
	}
	b.Key("sites")
	b.BeginArray()
	var last string
	for i, node := range found {
		site := board.catalog.Nodes[node].Site
		if i > 0 && site == last {
			continue // nodes are ordered by their sites
		}
		last = site
		s := board.sites[site].Snapshot
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
		until = sooner(until, board.appointments(&b, node, availability.At(now), q.reservations))
	}
	b.EndArray()
	b.EndObject()
	a := good(b.Bytes())
	a.modified, a.until = board.modified(), until
	board.answers.put(key, a)
	return h.untilSync(a, now)
}

// agenda finds the nodes that are asked for, in the catalog's order.
func (b *board) agenda(q *agenda) (found []int) {
	for i := range b.catalog.Nodes {
		n := &b.catalog.Nodes[i]
		if (q.node == "" || n.UID == q.node) && (q.cluster == "" || n.Cluster == q.cluster) && b.fits(&q.filter, i) {
			found = append(found, i)
		}
	}
	return found
}

// appointments writes what is known of a node, and returns when that changes by
// itself.
func (b *board) appointments(to *rawjson.Builder, node int, now availability.Time, reserved bool) availability.Time {
	n, host := &b.catalog.Nodes[node], b.hosts[node]
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
	end := b.state(to, node, now)
	if reserved {
		reservations(to, host)
	} else {
		to.Key("maintenance")
		to.Bool(host != nil && host.Maintenance)
	}
	to.EndObject()
	return end
}

// state writes the members that say whether a node is free, and returns when
// they change by themselves.
func (b *board) state(to *rawjson.Builder, node int, now availability.Time) availability.Time {
	host := b.hosts[node]
	state, end := host.State(now)
	to.Key("availability")
	to.String(string(state))
	to.Key("availability_until")
	to.Raw(orNull(end))

	// The search's availability_until is the end of one reservation; the next may
	// follow at once.
	byFlavor := b.byFlavor(node)
	to.Key("free_from")
	if state == availability.Reserved && !byFlavor {
		to.Raw(orNull(host.FreeFrom(now)))
	} else {
		to.Raw(nil)
	}
	to.Key("leased_by")
	to.String(hardware.LeasedBy(byFlavor))
	to.Key("kept_for_projects")
	to.Bool(host != nil && host.Kept)
	return end
}
