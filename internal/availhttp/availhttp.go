// Package availhttp owns the live half of the API: what depends on now or on a
// query, answered from memory.
package availhttp

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/julienschmidt/httprouter"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/release"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Monitor has what is known of the sites. Its methods take no lock.
type Monitor interface {
	Sites() []string // configured, sorted
	Status(site string) (availability.Status, bool)
	Schedule() availability.Schedule
	Generation() uint64 // changes after any snapshot has changed
}

// Flavors knows the availability of flavors.
type Flavors interface {
	Has(site string) bool
	// Flavor's errors are those of [availability.FlavorSource].
	Flavor(ctx context.Context, site, name string, window availability.Interval) (*availability.FlavorAnswer, error)
}

// Options are what a Handler works with.
type Options struct {
	Release func() *release.Release // of the live release, nil while there is none
	Monitor Monitor
	Flavors Flavors                              // nil: no site is configured
	Rules   func(site string) availability.Rules // nil: none
	Now     func() time.Time
	Log     *slog.Logger
	Metrics *Metrics // nil: nothing is counted
	// Demonstration reports whether reservations are simulated; nil: they are real.
	Demonstration func() bool
	// Reload reads the configuration again; nil: it cannot be.
	Reload func() error
	// Host is the name by which the program may be asked to reload, beside IP
	// addresses and names without a dot.
	Host string
}

// Handler answers the live routes, and, below /-/, those who operate it.
type Handler struct {
	opts   Options
	values *headerValues
	router *httprouter.Router
	// handlers are those of the routes, by id.
	handlers map[route.ID]handler
	view     atomic.Pointer[view]
	// scratch has memory for pieces of bodies (*[]byte).
	scratch sync.Pool
}

// New makes a Handler.
func New(o Options) *Handler {
	h := &Handler{opts: o, values: newHeaderValues()}
	h.scratch.New = func() any { return new([]byte) }
	h.handlers = h.routeHandlers()
	h.router = h.newRouter()
	return h
}

// isDemonstration reports whether reservations are simulated.
func (h *Handler) isDemonstration() bool {
	return h.opts.Demonstration != nil && h.opts.Demonstration()
}

// DemonstrationHeader marks responses about simulated reservations.
const DemonstrationHeader = "Refapi-Demonstration"
