package availability

import (
	"slices"
	"strings"
	"time"
)

// Snapshot is what a site's Blazar said at one time. It never changes.
type Snapshot struct {
	Site   string
	Synced time.Time // when the answer was complete, UTC, whole microseconds
	Inventory
}

// Host finds a node; false where Blazar does not know it.
func (s *Snapshot) Host(node string) (*Host, bool) {
	if s == nil {
		return nil, false
	}
	i, ok := slices.BinarySearchFunc(s.Hosts, node, func(h Host, node string) int { return strings.Compare(h.Node, node) })
	if !ok {
		return nil, false
	}
	return &s.Hosts[i], true
}

// State is what a client can do with a node.
type State string

// The states.
const (
	Unknown     State = "unknown" // never synced, or not in Blazar
	Available   State = "available"
	Reserved    State = "reserved"
	Maintenance State = "maintenance"
)

// Forever is later than all times.
const Forever = Time(1<<63 - 1)

// State is the host's state at a time, and until when it lasts by the contract:
// the earliest end of the reservations that cover the time, or the next start;
// Forever where there is none, and in maintenance. A nil host is unknown.
func (h *Host) State(now Time) (State, Time) {
	switch {
	case h == nil:
		return Unknown, Forever
	case h.Maintenance:
		return Maintenance, Forever
	}
	end, next := Forever, Forever
	for _, r := range h.Reservations {
		switch {
		case r.Start > now:
			next = min(next, r.Start)
		case r.End > now:
			end = min(end, r.End)
		}
	}
	if end < Forever {
		return Reserved, end
	}
	return Available, next
}

// Free reports whether no reservation overlaps a window. It does not look at
// maintenance.
func (h *Host) Free(window Interval) bool {
	for _, r := range h.Reservations {
		if r.Overlaps(window) {
			return false
		}
	}
	return true
}
