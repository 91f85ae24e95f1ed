// Package availability owns which nodes are available and when: the last report
// of each site's reservation system as an immutable snapshot, how snapshots are
// kept up to date and stored, and queries over them.
package availability

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Time is an instant in microseconds since 1970-01-01T00:00:00Z, which is as
// fine as Blazar's times are.
type Time int64

// At converts a time, cut to microseconds.
func At(t time.Time) Time { return Time(t.UnixMicro()) }

// Std is the instant in UTC.
func (t Time) Std() time.Time { return time.UnixMicro(int64(t)).UTC() }

// Interval is the time from Start up to, but not at, End. One that Blazar gave
// may be empty or inverted.
type Interval struct {
	Start, End Time
}

// Overlaps reports whether the intervals share time, by the contract's rule
// for reservations and windows.
func (i Interval) Overlaps(o Interval) bool { return i.Start < o.End && i.End > o.Start }

// Host is what a reservation system reports of a node.
type Host struct {
	Node         string // the node's uid, Blazar's hypervisor_hostname
	Maintenance  bool
	Reservations []Interval // all that Blazar gave, in its order

	// ByFlavor says that Blazar's own properties of the host mark it as one of
	// virtual machines, which nobody can lease as a complete machine.
	ByFlavor bool
	// Kept says that the host has a list of projects that it is kept for. Which
	// they are is nobody's business: their ids are never read.
	Kept bool

	// busy is the same time without order, overlaps, and empty or inverted
	// intervals. NewSnapshot sets it, never to nil; it may be Reservations.
	busy []Interval
}

// Equal reports whether both have the same data.
func (h Host) Equal(o Host) bool {
	return h.Node == o.Node && h.Maintenance == o.Maintenance && h.ByFlavor == o.ByFlavor && h.Kept == o.Kept &&
		slices.Equal(h.Reservations, o.Reservations)
}

// Report is one site's hosts, as its reservation system gave them at one time.
type Report struct {
	Hosts []Host // by node, bytewise; no node twice
	// Rows counts the hosts that have a row of allocations, even an empty one.
	Rows int
	// Requested is when the oldest of the requests was sent that the source made for
	// this inventory: what happened later may be missing from it. Zero is when
	// Source.Hosts was called.
	Requested time.Time
	// HostsRequested is when the list of hosts was requested. It may be older than
	// Asked where a source reuses its last list. Zero: not known.
	HostsRequested time.Time
	// Warnings are about what was skipped, for the log. They have no names of leases
	// or projects.
	Warnings []Warning
}

// Warning is about one kind of entries that a source skipped or had to interpret.
type Warning struct {
	Kind    string // what they have in common
	Count   int
	Example string // the first one, "" for none
}

// String is a line such as "hosts without id: 2, e.g. n1".
func (a Warning) String() string {
	line := fmt.Sprintf("%s: %d", a.Kind, a.Count)
	if a.Example != "" {
		line += ", e.g. " + a.Example
	}
	return line
}

// Source polls one site's reservation system. Its errors wrap an *Error.
type Source interface {
	Hosts(ctx context.Context) (*Report, error)
}

// Segment is a stretch of a window and how many instances of a flavor can be
// reserved in it.
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

// Why a flavor has no answer.
var (
	ErrNoFlavor    = errors.New("no such flavor in Nova")
	ErrUnsupported = errors.New("this Blazar does not report flavor availability")
)

// Reason is why a site could not be polled, in a word. It is a label of metrics.
type Reason string

// The reasons.
const (
	ReasonConfig    Reason = "config"     // clouds.yaml lacks the entry, or the entry lacks something
	ReasonAuth      Reason = "auth"       // Keystone refuses the credentials
	ReasonCatalog   Reason = "catalog"    // the catalog has no such service
	ReasonForbidden Reason = "forbidden"  // 403: the policy lets others read
	ReasonNotFound  Reason = "not_found"  // 404: no Blazar at the endpoint
	ReasonRateLimit Reason = "rate_limit" // 429
	ReasonServer    Reason = "server"     // 5xx
	ReasonResponse  Reason = "response"   // the response is not in Blazar's format
	ReasonTooLarge  Reason = "too_large"  // the response is longer than the limit
	ReasonTLS       Reason = "tls"        // the certificate is not trusted, or TLS is not spoken
	ReasonTimeout   Reason = "timeout"    // no response in time
	ReasonNetwork   Reason = "network"    // no connection
	ReasonInternal  Reason = "internal"   // a fault of this program
)

// Error is why a site could not be polled.
type Error struct {
	Reason Reason
	// RetryAfter is the site's Retry-After, 0 for none.
	RetryAfter time.Duration
	Err        error // what was tried and what happened; no secrets
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// ReasonOf is the reason of an error of a Source.
func ReasonOf(err error) Reason {
	var e *Error
	switch {
	case errors.As(err, &e):
		return e.Reason
	case errors.Is(err, context.DeadlineExceeded):
		return ReasonTimeout
	}
	return ReasonNetwork
}

// Failf makes an *Error.
func Failf(reason Reason, format string, args ...any) error {
	return &Error{Reason: reason, Err: fmt.Errorf(format, args...)}
}
