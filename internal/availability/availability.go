// Package availability determines which nodes are available, and when: it polls
// each site's reservation system, keeps and stores the last report as an immutable
// snapshot, and answers queries over snapshots.
package availability

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Time is an instant in microseconds since 1970-01-01T00:00:00Z, the resolution of
// Blazar's times.
type Time int64

// At converts a time, cut to microseconds.
func At(t time.Time) Time { return Time(t.UnixMicro()) }

// Std is the instant in UTC.
func (t Time) Std() time.Time { return time.UnixMicro(int64(t)).UTC() }

// Interval is the half-open interval [Start, End). One from Blazar may be empty or
// inverted.
type Interval struct {
	Start, End Time
}

// Overlaps reports whether the intervals share time, by the contract's rule
// for reservations and windows.
func (i Interval) Overlaps(o Interval) bool { return i.Start < o.End && i.End > o.Start }

// Host is what a reservation system reports about a node.
type Host struct {
	Node         string // the node's uid, Blazar's hypervisor_hostname
	Maintenance  bool
	Reservations []Interval // all that Blazar gave, in its order

	// ByFlavor is set where Blazar's own properties of the host mark it as one that
	// runs virtual machines: it cannot be leased as a complete machine.
	ByFlavor bool
	// Kept is set where the host is restricted to some projects. Their ids are never
	// read, because they are confidential.
	Kept bool

	// busy is the union of Reservations as mergeBusy returns it: sorted, disjoint,
	// without empty and inverted intervals. NewSnapshot sets it, never to nil; it may
	// share memory with Reservations.
	busy []Interval
}

// Equal reports whether both have the same data.
func (h Host) Equal(o Host) bool {
	return h.Node == o.Node && h.Maintenance == o.Maintenance && h.ByFlavor == o.ByFlavor && h.Kept == o.Kept &&
		slices.Equal(h.Reservations, o.Reservations)
}

// Report is the state of one site's hosts, as its reservation system returned it.
type Report struct {
	Hosts []Host // by node, bytewise; no node twice
	// Rows counts the hosts that have a row of allocations, even an empty one.
	Rows int
	// Requested is when the oldest of the requests for this report was sent: later
	// changes may be missing from it. Zero means when Source.Hosts was called.
	Requested time.Time
	// HostsRequested is when the list of hosts was requested. It may be older than
	// Requested where a source reuses its last list. Zero means unknown.
	HostsRequested time.Time
	// Warnings describe skipped entries, for the log. They contain no names of leases
	// or projects.
	Warnings []Warning
}

// Warning counts the entries that a source skipped or had to interpret for one
// reason.
type Warning struct {
	Kind    string // the reason
	Count   int
	Example string // the first entry, "" for none
}

// String is a line such as "hosts without id: 2, e.g. n1".
func (w Warning) String() string {
	line := fmt.Sprintf("%s: %d", w.Kind, w.Count)
	if w.Example != "" {
		line += ", e.g. " + w.Example
	}
	return line
}

// Source polls one site's reservation system. Its errors wrap an *Error.
type Source interface {
	Hosts(ctx context.Context) (*Report, error)
}

// Segment is a part of a window, and how many instances of a flavor can be reserved
// in it.
type Segment struct {
	Interval
	Available, Total int
}

// FlavorSource asks one site's reservation system about flavors. A flavor's name
// is Nova's, else its id.
type FlavorSource interface {
	// Flavor returns what can be reserved of a flavor in a window, to the
	// minute. Its errors are ErrNoFlavor, ErrUnsupported, or wrap an *Error.
	Flavor(ctx context.Context, name string, window Interval) ([]Segment, error)
}

// Errors of a FlavorSource that are not faults of the site.
var (
	ErrNoFlavor    = errors.New("no such flavor in Nova")
	ErrUnsupported = errors.New("this Blazar does not report flavor availability")
)

// Reason is why a site could not be polled, as one word: it is a label of metrics.
type Reason string

// The reasons.
const (
	ReasonConfig    Reason = "config"     // clouds.yaml lacks the entry, or the entry lacks something
	ReasonAuth      Reason = "auth"       // Keystone refuses the credentials
	ReasonCatalog   Reason = "catalog"    // the catalog has no such service
	ReasonForbidden Reason = "forbidden"  // 403: the policy does not allow this user to read
	ReasonNotFound  Reason = "not_found"  // 404: no Blazar at the endpoint
	ReasonRateLimit Reason = "rate_limit" // 429
	ReasonServer    Reason = "server"     // 5xx
	ReasonResponse  Reason = "response"   // the response is not in Blazar's format
	ReasonTooLarge  Reason = "too_large"  // the response is longer than the limit
	ReasonTLS       Reason = "tls"        // the certificate is not trusted, or TLS is not spoken
	ReasonTimeout   Reason = "timeout"    // no response in time
	ReasonNetwork   Reason = "network"    // no connection
	ReasonInternal  Reason = "internal"   // a bug of this program
)

// Error is why a site could not be polled.
type Error struct {
	Reason Reason
	// RetryAfter is the site's Retry-After, 0 for none.
	RetryAfter time.Duration
	Err        error // what was tried and what happened; no secrets
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// ReasonOf returns the reason of an error of a Source.
func ReasonOf(err error) Reason {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Reason
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return ReasonTimeout
	}
	return ReasonNetwork
}

// Failf makes an *Error.
func Failf(reason Reason, format string, args ...any) error {
	return &Error{Reason: reason, Err: fmt.Errorf(format, args...)}
}
