package availhttp

import (
	"cmp"
	"fmt"
	"net/http"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/route"
)

// feedRefresh is how often calendars are asked for again, as a duration of iCalendar.
const feedRefresh = "PT1H"

// calendar makes a calendar whose pages are at a base.
func (of *listed) calendar(base string, day time.Time) api.Calendar {
	c := api.Calendar{Name: of.title, About: "Times are UTC.", Stamp: day, Refresh: feedRefresh}
	for _, e := range of.entries {
		c.Events = append(c.Events, api.Event{
			UID: e.id, Start: e.start, End: e.end, Summary: e.title, About: e.text, URL: base + e.page,
			Category: e.category, Busy: e.busy,
		})
	}
	return c
}

// calendarWindow is how far a calendar of nodes looks ahead.
const calendarWindow = defaultWindow

// listNodes has an event for each time in which a node is free, reserved or not up.
func (h *Handler) listNodes(v *view, r *http.Request, _ string, now time.Time) (listed, answer) {
	values, faults := readQuery(route.NodesCalendar.Get().Query, r.URL.RawQuery)
	if faults != nil {
		return listed{}, validationError(faults...)
	}
	found := v.findNodes(values)
	if len(found) > route.MaxCalendarNodes {
		return listed{}, tooMany(fmt.Sprintf("a calendar has at most %d nodes, and these are %d: ask for fewer, or at %s "+
			"how many of them are free", route.MaxCalendarNodes, len(found), route.CapacityCalendar.Path()))
	}

	of := listed{kind: "nodes", title: "Availability of " + count(len(found), "node"), page: route.HardwareNodes.Path()}
	window := availability.Interval{Start: availability.At(now), End: availability.At(now.Add(calendarWindow))}
	for _, node := range found {
		n, host := &v.release.Nodes[node], v.hosts[node]
		name := cmp.Or(n.Name, n.UID)
		add := func(span availability.Interval, state availability.State) {
			e := entry{
				start: span.Start.Std(), end: span.End.Std(), title: fmt.Sprintf("%s: %s", name, state),
				text: fmt.Sprintf("%s at %s", cmp.Or(n.Type, "node"), n.Site), category: string(state),
				page: route.HardwareNode.Path(n.Site, n.Cluster, n.UID), busy: state != availability.Available,
			}
			e.id = entryID(e.start, now, "node", n.UID, string(state))
			of.entries = append(of.entries, e)
		}

		if host == nil || host.Maintenance {
			state, _ := host.State(window.Start)
			add(window, state)
			continue
		}
		for _, span := range host.Spans(window) {
			add(span.Interval, map[bool]availability.State{true: availability.Reserved, false: availability.Available}[span.Reserved])
		}
	}
	h.addNotices(&of, v, found, now)
	return of, answer{}
}

// addNotices adds an event for each notice of the nodes' sites.
func (h *Handler) addNotices(of *listed, v *view, nodes []int, now time.Time) {
	seen := map[string]bool{}
	for _, node := range nodes {
		site := v.release.Nodes[node].Site
		notices, _ := h.noticesOf(site, now)
		for _, n := range notices {
			if seen[n.ID] {
				continue
			}
			seen[n.ID] = true
			start := n.Start
			if start.Before(now) {
				start = now
			}
			of.entries = append(of.entries, entry{
				id: api.FeedID("notice", n.ID), start: start, end: n.End, title: cmp.Or(n.Site, "All sites") + ": " + n.Text,
				text: n.URL, category: "notice", page: of.page,
			})
		}
	}
}
