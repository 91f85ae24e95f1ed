package availhttp

import (
	"bytes"
	"encoding/binary"
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
	isWanted      condition
	window        availability.Interval
	windowed      bool
	states        []string // any of them; none for all
	order         []comparison
	fields        []string // nil for all
	offset, limit int
	until         availability.Time // when its conditions may change without a sync
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

// maxKeptLength is the longest body that is kept for clients without compression.
const maxKeptLength = 64 << 10

// search responds with the nodes that match, and when they are free.
func (h *Handler) search(v *view, r *http.Request, _ []string, now time.Time) answer {
	s, _, refusal := newSearch(route.Search, r, now)
	if refusal != nil {
		return *refusal
	}

	found := v.find(s, availability.At(now))
	a := answer{lastModified: v.lastModified, content: taggedContent(nil, found.tag())}
	if r.Method != http.MethodPost { // whose responses are not cached
		a.until = found.until
	}

	length := found.length()
	if length > maxKeptLength && !route.Accepts(r.Header["Accept-Encoding"], codingGzip) {
		// Streamed from the release's own texts: copying them into a body first costs
		// memory and time.
		a.length, a.stream = length, func(w io.Writer) { h.stream(w, found) }
		return a
	}

	var body bytes.Buffer
	body.Grow(length)
	h.stream(&body, found)
	a.content.body = body.Bytes()
	return a
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

	dst = append(dst, tail...)
	_, _ = w.Write(dst) // the client may be gone
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

// newSearch reads a request for a search and the values of its query, or returns the
// response that rejects it. Faults of the query are reported before those of the body.
func newSearch(id route.ID, r *http.Request, now time.Time) (*search, queryValues, *answer) {
	v, faults := readQuery(id.Get().Query, r.URL.RawQuery)
	s := &search{
		isWanted: newFilter(v),
		states:   v.Texts("availability"),
		until:    availability.Forever,
		offset:   v.Int("offset"),
		limit:    v.Int("limit"),
	}

	if list := v.Text("fields"); list != "" {
		s.fields = strings.Split(list, ",")
	}

	hasStart, hasEnd := v.Has("start"), v.Has("end")
	free, wrongHours := newFreeFilter(v, now)
	faults = append(faults, wrongHours...)
	switch {
	case free.isWanted != nil && hasEnd:
		faults = append(faults, v.Fault("hours", "give either the end or the hours"))
	case free.isWanted != nil:
		hasStart = false
		s.isWanted, s.until = combine(api.Intersection, []condition{s.isWanted, free.isWanted}), free.until
	case hasStart && hasEnd:
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

	if faults != nil {
		return nil, nil, new(validationError(faults...))
	}

	if r.Method == http.MethodPost {
		set, refusal := readFilterSet(r)
		if refusal != nil {
			return nil, nil, refusal
		}
		s.isWanted = combine(api.Intersection, []condition{s.isWanted, newSetCondition(set)})
	}

	if hasStart != hasEnd {
		return nil, nil, new(problem(api.Problem{Status: http.StatusBadRequest, Detail: route.OneEnd}))
	}
	return s, v, nil
}

// find returns the page of the matching nodes, in the search's order.
func (v *view) find(s *search, now availability.Time) *result {
	r := &result{view: v, search: s, until: s.until}
	found := make([]match, 0, min(len(v.release.Nodes), s.limit)) // growing would cost a quarter of the search
	for i := range v.release.Nodes {
		if !s.isWanted(v, i) {
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

		if m.state == "" || len(s.states) > 0 && !slices.Contains(s.states, string(m.state)) {
			continue
		}

		found = append(found, m)
	}

	r.total = len(found)
	r.page = v.first(min(s.offset, len(found))+s.limit, found, s.order)
	r.page = r.page[min(s.offset, len(r.page)):]
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

// The JSON around a state.
const (
	stateHead   = `,"availability":"`
	stateMiddle = `","availability_until":`
)

// appendItem appends a node with its availability, or the selected members of it.
func (r *result) appendItem(dst []byte, m match) []byte {
	n, start := &r.view.release.Nodes[m.node], len(dst)
	dst = append(dst, n.Head...)
	dst = append(dst, stateHead...)
	dst = append(dst, m.state...)
	dst = append(dst, stateMiddle...)
	if m.until == availability.Forever {
		dst = append(dst, "null"...)
	} else {
		dst = append(api.AppendTime(append(dst, '"'), m.until.Std()), '"')
	}

	dst = append(dst, n.Rest...)
	if r.search.fields != nil {
		dst = append(dst[:start], selectFields(dst[start:], r.search.fields)...)
	}
	return dst
}

// selectFields returns the selected members of an item, in the item's order.
func selectFields(item []byte, fields []string) []byte {
	object, err := rawjson.Parse(item, rawjson.Limits{})
	if err != nil {
		return item // cannot happen: appendItem wrote it
	}

	var b rawjson.Builder
	b.BeginObject()

	for m := range object.Members() {
		if slices.Contains(fields, m.Name) {
			b.RawKey(m.Key)
			b.Raw(m.Value)
		}
	}

	b.EndObject()
	return b.Bytes()
}
