package availhttp

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/catalog"
	"github.com/chameleoncloud/refapi/internal/query"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/resource"
	"github.com/chameleoncloud/refapi/internal/route"
)

// search is a search that was asked for.
type search struct {
	filter        filter
	set           *filterSet // of POST, else nil
	window        availability.Interval
	windowed      bool
	state         availability.State // "" for all
	order         []order
	fields        []string // nil for all
	offset, limit int
}

// match is a node that a search has found.
type match struct {
	node  int // among the catalog's
	state availability.State
	until availability.Time
}

// search answers which nodes fit, and when they are free.
func (h *Handler) search(r *http.Request, _ []string) answer {
	board := h.current()
	now := h.o.Now()
	if r.Method != http.MethodPost {
		if a, ok := board.answers.get("search?"+r.URL.RawQuery, now); ok {
			return a
		}
	}
	s, refusal := newSearch(r)
	if refusal != nil {
		return *refusal
	}
	found, changes := board.find(s, availability.At(now))
	board.sort(found, s.order)
	part := found[min(s.offset, len(found)):]
	part = part[:min(s.limit, len(part))]
	a := good(board.body(part, len(found), s))
	a.modified = board.modified()
	a.until = sooner(h.nextSyncOfAny(now), changes)
	if r.Method == http.MethodPost {
		a.until = time.Time{} // nobody keeps answers to POST
	} else {
		board.answers.put("search?"+r.URL.RawQuery, a)
	}
	return a
}

// newSearch reads a request, or refuses it: first what is wrong with the query,
// then the body.
func newSearch(r *http.Request) (*search, *answer) {
	v, faults := query.Read(route.Search.Get().Query, r.URL.RawQuery)
	s := &search{filter: newFilter(v), state: availability.State(v.Text("availability")), limit: route.MaxLimit}
	start, hasStart := v.Time("start")
	end, hasEnd := v.Time("end")
	if hasStart && hasEnd {
		s.windowed, s.window = true, availability.Interval{Start: availability.At(start), End: availability.At(end)}
		if !start.Before(end) {
			faults = append(faults, v.Fault("end", "the end must be after the start"))
		}
	}
	var wrong string
	if s.order, wrong = newOrder(v.Text("sort")); wrong != "" {
		faults = append(faults, v.Fault("sort", wrong))
	}
	if list := v.Text("fields"); list != "" {
		s.fields = strings.Split(list, ",")
	}
	if n, ok := v.Int("offset"); ok {
		s.offset = int(n)
	}
	if n, ok := v.Int("limit"); ok {
		s.limit = int(n)
	}
	refuse := func(a answer) (*search, *answer) { return nil, &a }
	if r.Method == http.MethodPost && faults == nil {
		var err error
		s.set, faults, err = readFilterSet(r)
		switch {
		case errors.Is(err, errTooLarge):
			return refuse(problem(resource.TooLarge))
		case err != nil:
			return refuse(problem(resource.BadRequest))
		}
	}
	switch {
	case faults != nil:
		return refuse(faulty(faults))
	case hasStart != hasEnd:
		return refuse(problem(resource.Problem{Status: http.StatusBadRequest, Detail: route.OneEnd}))
	}
	return s, nil
}

// fits reports whether a node is one that is searched for.
func (s *search) fits(n *catalog.Node) bool {
	return s.filter.fits(n) && (s.set == nil || s.set.fits(n))
}

// find returns the nodes that fit, in the catalog's order, and when that may
// change while no site is asked again.
func (b *board) find(s *search, now availability.Time) (found []match, changes availability.Time) {
	changes = availability.Forever
	for i := range b.catalog.Nodes {
		if !s.fits(&b.catalog.Nodes[i]) {
			continue
		}
		m := match{node: i, until: availability.Forever}
		if s.windowed {
			m.state = inWindow(b.hosts[i], s.window)
		} else {
			m.state, m.until = b.hosts[i].State(now)
			changes = min(changes, m.until)
		}
		if m.state == "" || s.state != "" && m.state != s.state {
			continue
		}
		found = append(found, m)
	}
	return found, changes
}

// inWindow is a node's state in a window, "" for one that is reserved.
func inWindow(host *availability.Host, window availability.Interval) availability.State {
	switch {
	case host == nil:
		return availability.Unknown
	case host.Maintenance:
		return availability.Maintenance
	case host.Free(window):
		return availability.Available
	}
	return ""
}

// modified is when the data of a board was last new.
func (b *board) modified() time.Time {
	latest := b.catalog.Live
	for _, status := range b.sites {
		if s := status.Snapshot; s != nil && s.Synced.After(latest) {
			latest = s.Synced
		}
	}
	return latest
}

// body writes the answer to a search.
func (b *board) body(part []match, total int, s *search) []byte {
	size := 64
	for _, m := range part {
		n := &b.catalog.Nodes[m.node]
		size += len(n.Head) + len(n.Rest) + 96
	}
	dst := make([]byte, 0, size)
	dst = append(dst, `{"total":`...)
	dst = strconv.AppendInt(dst, int64(total), 10)
	dst = append(dst, `,"offset":`...)
	dst = strconv.AppendInt(dst, int64(s.offset), 10)
	dst = append(dst, `,"items":[`...)
	for i, m := range part {
		if i > 0 {
			dst = append(dst, ',')
		}
		if s.fields == nil {
			dst = b.appendItem(dst, m)
		} else {
			dst = appendFields(dst, b.appendItem(nil, m), s.fields)
		}
	}
	return append(dst, "]}"...)
}

// appendItem writes a node with its availability.
func (b *board) appendItem(dst []byte, m match) []byte {
	n := &b.catalog.Nodes[m.node]
	dst = append(dst, n.Head...)
	dst = append(dst, `,"availability":"`...)
	dst = append(dst, m.state...)
	dst = append(dst, `","availability_until":`...)
	if m.until == availability.Forever {
		dst = append(dst, "null"...)
	} else {
		dst = append(appendTime(append(dst, '"'), m.until.Std(), "Z"), '"')
	}
	return append(dst, n.Rest...)
}

// appendFields writes those members of an item that are wanted, in the item's
// order.
func appendFields(dst, item []byte, fields []string) []byte {
	o, err := rawjson.Parse(item, rawjson.Limits{})
	if err != nil {
		return append(dst, item...) // it was written here
	}
	var b rawjson.Builder
	b.BeginObject()
	for _, m := range o.Members {
		if slices.Contains(fields, m.Name) {
			b.RawKey(m.Key)
			b.Raw(m.Value)
		}
	}
	b.EndObject()
	return append(dst, b.Bytes()...)
}
