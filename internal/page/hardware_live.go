package page

import (
	"net/url"
	"strconv"

	"github.com/chameleoncloud/refapi/internal/route"
)

// live is what a page's scripts ask the live service.
type live struct {
	Reservations string // the URL of the reservations of the page's nodes
	Slots        string // the URL of a slot search, "" for none
	Pages        string // the pattern of the URLs of nodes' pages
}

// live is for the nodes that a search's filter chooses.
func (r *Renderer) live(filter url.Values) live {
	return live{
		Reservations: r.base + route.NodesAvailability.Path() + "?" + filter.Encode(),
		Pages:        r.base + string(route.HardwareNode),
	}
}

// withSlots is the same with a slot search.
func (r *Renderer) withSlots(filter url.Values) live {
	l := r.live(filter)
	l.Slots = r.base + route.Slots.Path() + "?" + filter.Encode()
	return l
}

// liveList is for the list of all nodes, which needs no reservations, and so
// gets all nodes at once.
func (r *Renderer) liveList() live {
	l := r.live(url.Values{"reservations": {"false"}, "limit": {strconv.Itoa(route.MaxStates)}})
	l.Slots = r.base + route.Slots.Path()
	return l
}
