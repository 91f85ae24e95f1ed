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
	"github.com/chameleoncloud/refapi/internal/query"
	"github.com/chameleoncloud/refapi/internal/rawjson"
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
	ends  availability.Time // when the state really ends: after reservations that follow at once
}

// longest is the longest body that is remembered as it is. Of longer ones only
// the compressed form is.
const longest = 64 << 10

// search answers which nodes fit, and when they are free.
func (h *Handler) search(r *http.Request, _ []string, now time.Time) answer {
	board := h.current()
	gzip := acceptsGzip(r)
	key := "search?" + r.URL.RawQuery
	if gzip {
		key = codingGzip + " " + key
	}
	if r.Method != http.MethodPost {
		if a, ok := board.answers.get(key, now); ok {
			return h.untilSync(a, now)
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

	a := answer{kind: kindJSON, modified: board.modified()}
	tag := board.tag(part, len(found), s)
	switch length := board.length(part, len(found), s); {
	case length > longest && !gzip:
		// It is written piece by piece: a body of its own would have to be
		// found in memory first, and then be read once more.
		a.content = &content{etag: []string{quoteTag(tag, "")}}
		a.length, a.stream = length, func(w io.Writer) { h.stream(w, board, part, len(found), s) }
	default:
		a.content = compact(board.body(make([]byte, 0, length), part, len(found), s), gzip, tag)
	}
	// It holds for as long as nothing changes by itself: a sync makes another
	// board, and however late that is, the answer is remembered until then.
	a.until = changes.Std()
	switch {
	case r.Method == http.MethodPost:
		a.until = time.Time{} // nobody keeps answers to POST
	case a.stream == nil:
		board.answers.put(key, a)
	}
	return h.untilSync(a, now)
}

// untilSync cuts the time for which clients may keep an answer.
func (h *Handler) untilSync(a answer, now time.Time) answer {
	if next := h.nextSyncOfAny(now); next.Before(a.until) {
		a.until = next
	}
	return a
}

// compact makes content of a body, in gzip where the client takes that and it
// pays.
func compact(body []byte, gzip bool, tag string) *content {
	if gzip && len(body) >= worthwhile {
		if packed := pack(body); packed != nil {
			return &content{body: packed, etag: []string{quoteTag(tag, "gz")}, coding: codingGzip}
		}
	}
	return &content{body: body, etag: []string{quoteTag(tag, "")}}
}

// piece is how much of a body is written at once: what stays in a processor's
// cache.
const piece = 64 << 10

// stream writes the answer to a search.
func (h *Handler) stream(w io.Writer, b *board, part []match, total int, s *search) {
	scratch := h.scratch.Get().(*[]byte)
	defer h.scratch.Put(scratch)
	dst := b.appendHead((*scratch)[:0], total, s)
	for i, m := range part {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = b.appendEntry(dst, m, s)
		if len(dst) >= piece {
			if _, err := w.Write(dst); err != nil {
				return // the client has gone
			}
			dst = dst[:0]
		}
	}
	_, _ = w.Write(append(dst, tail...)) // the client may be gone
	*scratch = dst
}

// tag names the answer to a search by what it depends on, which is much shorter
// than the answer.
func (b *board) tag(part []match, total int, s *search) string {
	key := make([]byte, 0, 256+20*len(part))
	key = fmt.Appendf(key, "%s %d %d %q\n", b.catalog.Release, total, s.offset, s.fields)
	for _, m := range part {
		key = binary.AppendUvarint(key, uint64(m.node))
		key = append(key, m.state[0])
		key = binary.AppendVarint(key, int64(m.until))
	}
	return hash(key)
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
			return refuse(problem(api.TooLarge))
		case err != nil:
			return refuse(problem(api.BadRequest))
		}
	}
	switch {
	case faults != nil:
		return refuse(faulty(faults))
	case hasStart != hasEnd:
		return refuse(problem(api.Problem{Status: http.StatusBadRequest, Detail: route.OneEnd}))
	}
	return s, nil
}

// isWanted reports whether a node is one that is searched for.
func (b *board) isWanted(s *search, node int) bool {
	return b.fits(&s.filter, node) && (s.set == nil || s.set.fits(&b.catalog.Nodes[node]))
}

// find returns the nodes that fit, in the catalog's order, and when that may
// change while no site is asked again.
func (b *board) find(s *search, now availability.Time) (found []match, changes availability.Time) {
	changes = availability.Forever
	for i := range b.catalog.Nodes {
		if !b.isWanted(s, i) {
			continue
		}
		m := match{node: i, until: availability.Forever, ends: availability.Forever}
		if s.windowed {
			m.state = inWindow(b.hosts[i], s.window)
		} else {
			m.state, m.until = b.hosts[i].State(now)
			changes = min(changes, m.until)
			if m.ends = m.until; m.state == availability.Reserved {
				m.ends = b.hosts[i].FreeFrom(now)
			}
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

// tail ends the answer to a search.
const tail = "]}"

// body appends the answer to a search.
func (b *board) body(dst []byte, part []match, total int, s *search) []byte {
	dst = b.appendHead(dst, total, s)
	for i, m := range part {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = b.appendEntry(dst, m, s)
	}
	return append(dst, tail...)
}

// length is that of the body; without fields, which have to be looked for.
func (b *board) length(part []match, total int, s *search) int {
	if s.fields != nil {
		return 0
	}
	var scratch [128]byte
	n := len(b.appendHead(scratch[:0], total, s)) + max(len(part)-1, 0) + len(tail)
	for _, m := range part {
		node := &b.catalog.Nodes[m.node]
		n += len(node.Head) + len(stateHead) + len(m.state) + len(stateMiddle) + len(node.Rest)
		if m.until == availability.Forever {
			n += len("null")
		} else {
			n += timeLength(m.until) + len(`""`)
		}
	}
	return n
}

func (b *board) appendHead(dst []byte, total int, s *search) []byte {
	dst = append(dst, `{"total":`...)
	dst = strconv.AppendInt(dst, int64(total), 10)
	dst = append(dst, `,"offset":`...)
	dst = strconv.AppendInt(dst, int64(s.offset), 10)
	return append(dst, `,"items":[`...)
}

// appendEntry writes what is wanted of a node.
func (b *board) appendEntry(dst []byte, m match, s *search) []byte {
	if s.fields == nil {
		return b.appendItem(dst, m)
	}
	return appendFields(dst, b.appendItem(nil, m), s.fields)
}

// appendItem writes a node with its availability.
func (b *board) appendItem(dst []byte, m match) []byte {
	n := &b.catalog.Nodes[m.node]
	dst = append(dst, n.Head...)
	dst = appendState(dst, m)
	return append(dst, n.Rest...)
}

// What stands around a state.
const (
	stateHead   = `,"availability":"`
	stateMiddle = `","availability_until":`
)

// appendState writes the members that say when a node is free.
func appendState(dst []byte, m match) []byte {
	dst = append(dst, stateHead...)
	dst = append(dst, m.state...)
	dst = append(dst, stateMiddle...)
	if m.until == availability.Forever {
		return append(dst, "null"...)
	}
	return append(appendTime(append(dst, '"'), m.until.Std(), "Z"), '"')
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
