package availhttp

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/route"
)

// A feed or calendar is the JSON answer to the same question in another form, so that the
// two never differ.

// feedStep is how long a feed stays as it is while nothing changes: what is free now
// begins with the next of these steps, and not with each request.
const feedStep = 15 * time.Minute

// feedRefresh is how often calendars are asked for again, as a duration of iCalendar.
const feedRefresh = "PT1H"

// entry is an item of a feed or an event of a calendar.
type entry struct {
	id             string
	start, end     time.Time
	title, text    string
	page, category string
	busy           bool
}

// listed is what a feed or calendar is made from.
type listed struct {
	kind, title, page string // the page is a path, with its query
	nearest           string // parameter with which there would be few enough entries, "" if unknown
	entries           []entry
}

// lister makes the entries of a form of a question; an answer with a status refuses it.
type lister func(v *view, r *http.Request, question string, now time.Time) (listed, answer)

// feed returns a handler of one form of a question.
func (h *Handler) feed(id route.ID, list lister) handler {
	return func(v *view, r *http.Request, _ []string, now time.Time) answer {
		rounded := now.Truncate(feedStep)
		if rounded.Before(now) {
			rounded = rounded.Add(feedStep)
		}

		question := questionOf(r.URL.RawQuery)
		found, a := list(v, r, question, rounded)
		if n := len(found.entries); n > route.MaxFeedEntries {
			a = tooMany(fmt.Sprintf("a feed has at most %d entries, and this would have %d: %s would do",
				route.MaxFeedEntries, n, cmp.Or(found.nearest, "fewer nodes")))
		}
		if a.status != 0 {
			return a
		}

		until := availability.At(rounded)
		if !rounded.After(now) {
			until = availability.At(now.Add(slotsTTL))
		}
		return answer{
			content:   newContent(v.encodeFeed(id, r.URL.RawQuery, question, found, rounded)),
			mediaType: id.Get().MediaType(), lastModified: v.lastModified, until: until,
		}
	}
}

// tooMany refuses a question that a feed has no room for.
func tooMany(why string) answer {
	return validationError(api.Fault{Type: api.ValueError, Loc: []string{"query"}, Msg: why})
}

// decoded returns a lister that makes entries from the JSON answer to the question.
func decoded[T any](ask handler, list func(v *view, question string, body T, now time.Time) listed) lister {
	return func(v *view, r *http.Request, question string, now time.Time) (listed, answer) {
		a := ask(v, r, nil, now)
		if a.status != 0 {
			return listed{}, a
		}
		var body T
		if err := api.Decode(a.content.body, &body); err != nil {
			panic(fmt.Errorf("read our own answer: %w", err))
		}
		return list(v, question, body, now), answer{}
	}
}

// questionOf is what a query asks, however it is written: the ids of entries are made from
// it.
func questionOf(query string) string {
	values, _ := url.ParseQuery(query) // what cannot be read was refused, or has no effect
	for _, name := range []string{"strict", "limit", "offset"} {
		values.Del(name)
	}
	return values.Encode()
}

// encodeFeed writes a feed or calendar. What it has of times is the day, so that it is the
// same until something changes.
func (v *view) encodeFeed(id route.ID, query, question string, of listed, now time.Time) []byte {
	base, day := v.release.Published, now.UTC().Truncate(24*time.Hour)
	if query != "" {
		query = "?" + query
	}
	self := func(suffix string) string {
		path := id.Get().Pattern
		for _, other := range []string{route.AtomSuffix, route.JSONFeedSuffix, route.CalendarSuffix} {
			path = strings.TrimSuffix(path, other)
		}
		return base + path + suffix + query
	}

	if strings.HasSuffix(id.Get().Pattern, route.CalendarSuffix) {
		c := api.Calendar{
			Name: of.title, About: "Times are UTC.", URL: self(route.CalendarSuffix), Stamp: day, Refresh: feedRefresh,
		}
		for _, e := range of.entries {
			c.Events = append(c.Events, api.Event{
				UID: e.id, Start: e.start, End: e.end, Summary: e.title, About: e.text, URL: base + e.page,
				Category: e.category, Busy: e.busy,
			})
		}
		return c.EncodeICal()
	}

	f := api.Feed{
		ID: api.FeedID("live", of.kind, question), Title: of.title, Home: base + of.page, Updated: day,
		Atom: self(route.AtomSuffix), JSON: self(route.JSONFeedSuffix),
	}
	for _, e := range of.entries {
		f.Entries = append(f.Entries, api.FeedEntry{
			ID: e.id, Title: e.title, URL: base + e.page, Author: cmp.Or(e.category, "testbed"), Summary: e.text,
			Published: day, Updated: day,
		})
	}
	if strings.HasSuffix(id.Get().Pattern, route.AtomSuffix) {
		return f.EncodeAtom()
	}
	return api.Encode(f.JSONFeed())
}

// entryID is an entry's permanent id. What begins now would have another one with each
// step, so it has that of the day.
func entryID(start, now time.Time, of ...string) string {
	at := start.UTC().Format(time.RFC3339)
	if !start.After(now) {
		at = now.UTC().Format(time.DateOnly)
	}
	return api.FeedID(append(of, at)...)
}

// clock writes a time for people.
func clock(t time.Time) string { return t.UTC().Format("Mon 2 Jan 15:04") }

// span is an entry's times for people.
func span(start, end time.Time) string { return clock(start) + " to " + clock(end) + " UTC" }

// listSlots has an entry for each slot.
func listSlots(v *view, question string, slots api.SlotList, now time.Time) listed {
	of := listed{kind: "slots", title: "Free slots", page: withQuery(route.HardwareSlots.Path(), question)}
	names := v.nodeNames()
	for i := range slots.Items {
		s := &slots.Items[i]
		start, end := timeOf(s.Start), timeOf(s.End)
		where := "several sites"
		if s.SiteID != nil {
			where = *s.SiteID
		}
		of.entries = append(of.entries, entry{
			id: entryID(start, now, "slot", question, where), start: start, end: end, page: of.page, category: where,
			title: fmt.Sprintf("%s free at %s, %s", count(len(s.Nodes), "node"), where, span(start, end)),
			text:  "Free: " + listNames(names, s.Nodes),
		})
	}
	return of
}

// listCapacity has an entry for each group and step.
func listCapacity(_ *view, question string, capacity api.NodeCapacity, now time.Time) listed {
	of := listed{kind: "capacity", title: "Free nodes", page: route.HardwareNodes.Path()}
	start, step := timeOf(capacity.Start), time.Duration(capacity.Step)*time.Second
	window := availability.Interval{Start: availability.At(start), End: availability.At(timeOf(capacity.End))}
	edges := availability.StepEdges(window, availability.Time(step.Microseconds()))
	for _, g := range capacity.Items {
		what := "nodes"
		if g.Value != nil {
			what = *g.Value
		}
		for i, least := range g.Least {
			if least == nil {
				continue // past
			}
			from, to := edges[i].Std(), edges[i+1].Std()
			of.entries = append(of.entries, entry{
				id: entryID(from, now, "capacity", question, what), start: from, end: to, page: of.page, category: what,
				title: fmt.Sprintf("%d of %d %s free, %s", *least, g.Nodes, what, span(from, to)),
				text:  fmt.Sprintf("At least %d of %d are free all the time.", *least, g.Nodes),
			})
		}
	}
	of.nearest = fewerSteps(window, len(capacity.Items))
	return of
}

// fewerSteps is the parameter for the shortest steps of which a feed has room.
func fewerSteps(window availability.Interval, groups int) string {
	const day = 24 * time.Hour
	for _, step := range []time.Duration{
		time.Minute, 15 * time.Minute, time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, day, 7 * day,
	} {
		if groups*availability.StepCount(window, availability.Time(step.Microseconds())) <= route.MaxFeedEntries {
			return "step=" + route.FormatDuration(step)
		}
	}
	return ""
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

// timeOf reads a time of our own answers.
func timeOf(t api.Time) time.Time {
	at, _ := time.Parse(time.RFC3339Nano, string(t))
	return at
}

// withQuery adds a query to a path, unless it is empty.
func withQuery(path, query string) string {
	if query == "" {
		return path
	}
	return path + "?" + query
}

// count writes a number with the name of what it counts.
func count(n int, of string) string {
	if n != 1 {
		of += "s"
	}
	return fmt.Sprint(n, " ", of)
}

// maxNames is how many nodes an entry names.
const maxNames = 20

func listNames(names map[string]string, uids []api.UID) string {
	var all []string
	for _, uid := range uids[:min(maxNames, len(uids))] {
		all = append(all, cmp.Or(names[uid], uid))
	}
	text := strings.Join(all, ", ")
	if more := len(uids) - len(all); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// nodeNames returns the names of nodes by their uids.
func (v *view) nodeNames() map[string]string {
	names := make(map[string]string, len(v.release.Nodes))
	for i := range v.release.Nodes {
		names[v.release.Nodes[i].UID] = v.release.Nodes[i].Name
	}
	return names
}
