package page

import (
	"net/url"
	"strconv"

	"github.com/chameleoncloud/refapi/internal/route"
)

// live is what a page's scripts ask the live service.
type live struct {
	Reservations string // the address that tells when the page's nodes are free
	Slots        string // the address that finds a time for several, "" for none
	Pages        string // the address of a node's page, with the names of what stands in it
}

// live is for the nodes that a search's filter chooses.
func (r *Renderer) live(filter url.Values) live {
	return live{
		Reservations: r.base + route.NodesAvailability.Path() + "?" + filter.Encode(),
		Pages:        r.base + string(route.HardwareNode),
	}
}

// withSlots is the same with a form that finds times.
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
