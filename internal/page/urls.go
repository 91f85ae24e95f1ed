package page

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"

	"github.com/chameleoncloud/refapi/internal/route"
)

// path is the URL path of a resource (route.ID) or a page (route.Page).
func (r *Renderer) path(to interface{ Path(args ...string) string }, args ...string) string {
	if r.Has != nil && !r.Has(to) {
		return r.API + to.Path(args...)
	}
	return r.Base + route.Link(to, r.Suffix, args...)
}

// TypeSlug names a node type in URLs. A type that is not plain has its hash
// behind a tilde, which no plain type has.
func TypeSlug(name string) string {
	if isPlain(name) {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return "type~" + hex.EncodeToString(sum[:8])
}

// isPlain reports whether a node type can be a file's name and a segment of a
// URL as it is.
func isPlain(name string) bool {
	isOther := func(c rune) bool {
		isWord := 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '_' || c == '-'
		return !isWord
	}
	return len(name) >= 1 && len(name) <= 64 && !strings.ContainsFunc(name, isOther)
}

// typePage is the URL path of a type's page; "" for no type.
func (r *Renderer) typePage(name string) string {
	if name == "" {
		return ""
	}
	return r.path(route.HardwareType, TypeSlug(name))
}

// live is what a page's scripts ask the live service.
type live struct {
	Reservations string // the URL of the reservations of the page's nodes
	Slots        string // the URL of the page that finds slots for them, "" for none

	// To take along, "" for what there is not:
	Calendar string // when each of the nodes is free and reserved
	Feed     string // of times at which one of them is free for a day
	CSV      string
}

// slotsPage is the URL of the page that finds slots: of one node for a day, among those
// that a search's filter chooses. It is "" where a filter is too long for a URL.
func (r *Renderer) slotsPage(filter url.Values) string {
	query := url.Values{"count": {"1"}, "hours": {"24"}, "same_site": {"true"}}
	for name, values := range filter {
		if name != "reservations" && name != "limit" { // of the list of nodes
			query[name] = values
		}
	}
	return short(r.path(route.HardwareSlots) + "?" + query.Encode())
}

// maxURL is the length of links that every server takes, in bytes.
const maxURL = 2000

// live is for the nodes that a search's filter chooses, so many.
func (r *Renderer) live(filter url.Values, count int) live {
	query := "?" + filter.Encode()
	l := live{Reservations: r.path(route.NodesAvailability) + query, CSV: short(r.path(route.SearchTable) + query)}
	if !filter.Has("cluster_id") { // a slot is at a site, in whatever clusters
		l.Slots = r.slotsPage(filter)
		l.Feed = strings.Replace(l.Slots, r.path(route.HardwareSlots), r.path(route.SlotsAtom), 1)
	}
	if count <= route.MaxCalendarNodes {
		l.Calendar = short(r.path(route.NodesCalendar) + query)
	}
	return l
}

// short is a link, or "" where it is too long for some server.
func short(link string) string {
	if len(link) > maxURL {
		return ""
	}
	return link
}
