// Package availhttp serves the live routes of the API from memory: those whose responses
// depend on the current time or on a query.
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

// Monitor is the status of the sites. Its methods take no lock.
type Monitor interface {
	Sites() []string // configured, sorted
	Status(site string) (availability.Status, bool)
	Schedule() availability.Schedule
	Generation() uint64 // changes after any snapshot has changed
}

// Flavors is the availability of flavors.
type Flavors interface {
	// Flavor's errors are [availability.ErrNoFlavorSource] and those of
	// [availability.FlavorSource].
	Flavor(ctx context.Context, site, name string, window availability.Interval) (*availability.FlavorAnswer, error)
}

// Options are the dependencies of a Handler.
type Options struct {
	Release func() *release.Release // the live one, nil before the first
	Monitor Monitor
	Flavors Flavors                              // nil for none
	Rules   func(site string) availability.Rules // nil for none
	Notices func() []availability.Notice         // in the order in which they are shown; nil for none
	Hourly  *availability.Hourly                 // counts of the past, nil for none
	Now     func() time.Time
	Log     *slog.Logger
	Metrics *Metrics // nil for none
	// Demonstration reports whether reservations are simulated; nil if they never are.
	Demonstration func() bool
	// Reload reads the configuration again; nil if that is not possible.
	Reload func() error
	// Hosts are accepted as the host of reload requests, in addition to IP addresses and
	// names without a dot.
	Hosts []string
}

// Handler serves the live routes, and the operations in operations.go.
type Handler struct {
	opts   Options
	values *headerValues
	router *httprouter.Router
	// handlers are the handlers of the routes, by id.
	handlers map[route.ID]handler
	view     atomic.Pointer[view]
	joining  sync.Mutex // held while a new view is made
	// scratch has buffers for streamed bodies (*[]byte).
	scratch sync.Pool
}

// New returns a Handler.
func New(opts Options) *Handler {
	h := &Handler{opts: opts, values: newHeaderValues()}
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
