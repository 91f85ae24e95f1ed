package availhttp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// search is the parameters of a search.
type search struct {
	filter        filter
	set           *api.FilterSet // the body of POST, else nil
	window        availability.Interval
	windowed      bool
	state         availability.State // "" for all
	order         []order
	fields        []string // nil for all
	offset, limit int
}

// match is a node that a search found.
type match struct {
	node     int // index in the release's nodes
	state    availability.State
	until    availability.Time
	freeFrom availability.Time // like until, but after all reservations that follow at once
}

// result is a page of matches, and how many there are in total.
type result struct {
	view   *view
	search *search
	page   []match
	total  int
	until  availability.Time // when it may change without a sync
}

// maxKeptLength is the longest body that is cached uncompressed.
const maxKeptLength = 64 << 10

// search responds with the nodes that match, and when they are free.
func (h *Handler) search(r *http.Request, _ []string, now time.Time) answer {
	view := h.currentView()
	gzip := route.Accepts(r.Header["Accept-Encoding"], codingGzip)
	key := "search?" + r.URL.RawQuery

	if gzip {
		key = codingGzip + " " + key
	}

	if r.Method != http.MethodPost {
		if a, ok := view.answers.Get(key, now); ok {
			return h.untilSync(a, now)
		}
	}

	s, refusal := newSearch(r)
	if refusal != nil {
		return *refusal
	}

	found := view.find(s, availability.At(now))
	tag := found.tag()
	a := answer{contentType: typeJSON, lastModified: view.lastModified()}

	if length := found.length(); length > maxKeptLength && !gzip {
		// Streamed from the release's own texts: copying them into a body first costs
		// memory and time.
		a.content = &content{etag: []string{quoteTag(tag, "")}}
		a.length, a.stream = length, func(w io.Writer) { h.stream(w, found) }
	} else {
		a.content = encodeContent(found.appendBody(make([]byte, 0, length)), gzip, tag)
	}

	// A sync replaces the view and its cache, so the response is cached there until
	// something in it changes without a sync. Clients get the shorter untilSync.
	a.until = found.until.Std()
	switch {
	case r.Method == http.MethodPost:
		a.until = time.Time{} // responses to POST are not cached
	case a.stream == nil:
		view.keep(key, a)
	}

	return h.untilSync(a, now)
}

// encodeContent returns a body as content, compressed if the client accepts that and it
// is shorter.
func encodeContent(body []byte, gzip bool, tag string) *content {
	if gzip && len(body) >= minCompressSize {
		if packed := compress(body); packed != nil {
			return &content{body: packed, etag: []string{quoteTag(tag, "gz")}, encoding: codingGzip}
		}
	}
	return &content{body: body, etag: []string{quoteTag(tag, "")}}
}

// flushSize is how much of a body is written at once; it fits a processor's cache.
const flushSize = 64 << 10

// stream writes the body of a response.
func (h *Handler) stream(w io.Writer, r *result) {
	scratch := h.scratch.Get().(*[]byte)
	defer h.scratch.Put(scratch)

	dst := r.appendHead((*scratch)[:0])
	for i, m := range r.page {
		if i > 0 {
			dst = append(dst, ',')
		}

		dst = r.appendItem(dst, m)
		if len(dst) >= flushSize {
			if _, err := w.Write(dst); err != nil {
				return // the client has gone
			}
			dst = dst[:0]
		}
	}

	_, _ = w.Write(append(dst, tail...)) // the client may be gone
	*scratch = dst
}

// tag identifies the response by a hash of its inputs, which are much shorter than the
// body.
func (r *result) tag() string {
	key := make([]byte, 0, 256+20*len(r.page))
	key = fmt.Appendf(key, "%s %d %d %q\n", r.view.release.ID, r.total, r.search.offset, r.search.fields)
	for _, m := range r.page {
		key = binary.AppendUvarint(key, uint64(m.node))
		key = append(key, m.state[0])
		key = binary.AppendVarint(key, int64(m.until))
	}
	return hash(key)
}

// newSearch reads a request, or returns the response that rejects it. Faults of the query
// are reported before those of the body.
func newSearch(r *http.Request) (*search, *answer) {
	v, faults := readQuery(route.Search.Get().Query, r.URL.RawQuery)
	s := &search{
		filter: newFilter(v),
		state:  availability.State(v.Text("availability")),
		offset: v.Int("offset"),
		limit:  v.Int("limit"),
	}

	if list := v.Text("fields"); list != "" {
		s.fields = strings.Split(list, ",")
	}

	hasStart, hasEnd := v.Has("start"), v.Has("end")
	if hasStart && hasEnd {
		start, end := v.Time("start", time.Time{}), v.Time("end", time.Time{})
		s.windowed, s.window = true, availability.Interval{Start: availability.At(start), End: availability.At(end)}
		if !start.Before(end) {
			faults = append(faults, v.Fault("end", "the end must be after the start"))
		}
	}

	var wrong string
	if s.order, wrong = parseOrder(v.Text("sort")); wrong != "" {
		faults = append(faults, v.Fault("sort", wrong))
	}

	refuse := func(a answer) (*search, *answer) { return nil, &a }
	if r.Method == http.MethodPost && faults == nil {
		var err error
		s.set, faults, err = readFilterSet(r)
		switch {
		case errors.Is(err, errTooLarge):
			return refuse(problem(api.TooLarge))
		case err != nil:
			return refuse(problem(api.BadRequest))
		}
	}

	switch {
	case faults != nil:
		return refuse(validationError(faults))
	case hasStart != hasEnd:
		return refuse(problem(api.Problem{Status: http.StatusBadRequest, Detail: route.OneEnd}))
	}

	return s, nil
}

// isWanted reports whether a node matches the filters of a search.
func (v *view) isWanted(s *search, node int) bool {
	return v.matches(&s.filter, node) && (s.set == nil || matchesSet(&v.release.Nodes[node], s.set))
}

// find returns the matching nodes, sorted by the search's order.
func (v *view) find(s *search, now availability.Time) *result {
	r := &result{view: v, search: s, until: availability.Forever}
	var found []match
	for i := range v.release.Nodes {
		if !v.isWanted(s, i) {
			continue
		}

		m := match{node: i, until: availability.Forever, freeFrom: availability.Forever}
		if s.windowed {
			m.state = inWindow(v.hosts[i], s.window)
		} else {
			m.state, m.until = v.hosts[i].State(now)
			r.until = min(r.until, m.until)
			if m.freeFrom = m.until; m.state == availability.Reserved {
				m.freeFrom = v.hosts[i].FreeFrom(now)
			}
		}

		if m.state == "" || s.state != "" && m.state != s.state {
			continue
		}

		found = append(found, m)
	}

	v.sort(found, s.order)

	r.total = len(found)
	r.page = found[min(s.offset, len(found)):]
	r.page = r.page[:min(s.limit, len(r.page))]
	return r
}

// inWindow returns a host's state in a window, "" if it is reserved for a part of it.
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

// tail is the end of the body.
const tail = "]}"

// appendBody appends the body.
func (r *result) appendBody(dst []byte) []byte {
	dst = r.appendHead(dst)
	for i, m := range r.page {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = r.appendItem(dst, m)
	}
	return append(dst, tail...)
}

// length returns the length of the body; 0 if only some fields are selected, whose
// length is not known before they are written.
func (r *result) length() int {
	if r.search.fields != nil {
		return 0
	}

	var scratch [128]byte
	n := len(r.appendHead(scratch[:0])) + max(len(r.page)-1, 0) + len(tail)
	for _, m := range r.page {
		node := &r.view.release.Nodes[m.node]
		n += len(node.Head) + len(stateHead) + len(m.state) + len(stateMiddle) + len(node.Rest)
		if m.until == availability.Forever {
			n += len("null")
		} else {
			n += timeLength(m.until) + len(`""`)
		}
	}

	return n
}

// appendHead appends the part of the body before the items.
func (r *result) appendHead(dst []byte) []byte {
	dst = append(dst, `{"total":`...)
	dst = strconv.AppendInt(dst, int64(r.total), 10)
	dst = append(dst, `,"offset":`...)
	dst = strconv.AppendInt(dst, int64(r.search.offset), 10)
	return append(dst, `,"items":[`...)
}

// appendItem appends a node with its availability, or the selected members of it.
func (r *result) appendItem(dst []byte, m match) []byte {
	if r.search.fields == nil {
		return r.view.appendItem(dst, m)
	}
	return appendFields(dst, r.view.appendItem(nil, m), r.search.fields)
}

// appendItem appends a node with its availability.
func (v *view) appendItem(dst []byte, m match) []byte {
	n := &v.release.Nodes[m.node]
	dst = append(dst, n.Head...)
	dst = appendState(dst, m)
	return append(dst, n.Rest...)
}

// The JSON around a state.
const (
	stateHead   = `,"availability":"`
	stateMiddle = `","availability_until":`
)

// appendState appends the members about availability.
func appendState(dst []byte, m match) []byte {
	dst = append(dst, stateHead...)
	dst = append(dst, m.state...)
	dst = append(dst, stateMiddle...)
	if m.until == availability.Forever {
		return append(dst, "null"...)
	}
	return append(api.AppendTime(append(dst, '"'), m.until.Std()), '"')
}

// appendFields appends the selected members of an item, in the item's order.
func appendFields(dst, item []byte, fields []string) []byte {
	object, err := rawjson.Parse(item, rawjson.Limits{})
	if err != nil {
		return append(dst, item...) // cannot happen: appendItem wrote it
	}

	var b rawjson.Builder
	b.BeginObject()

	for _, m := range object.Members {
		if slices.Contains(fields, m.Name) {
			b.RawKey(m.Key)
			b.Raw(m.Value)
		}
	}

	b.EndObject()
	return append(dst, b.Bytes()...)
}
