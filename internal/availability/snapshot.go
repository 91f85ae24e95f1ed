package availability

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"time"
)

// Snapshot is the result of one sync of a site. It never changes.
type Snapshot struct {
	Site string
	// Synced is when the request was sent, not when the response arrived: a lease made
	// in between may be missing. UTC, truncated to microseconds.
	Synced time.Time
	Report
}

// NewSnapshot prepares a report of a Source for queries. Synced is truncated to
// microseconds. The snapshot shares the reservations with the report, which is not
// changed.
func NewSnapshot(site string, synced time.Time, report *Report) *Snapshot {
	s := &Snapshot{Site: site, Synced: synced.UTC().Truncate(time.Microsecond), Report: *report}
	s.Hosts = slices.Clone(report.Hosts)
	byNode := func(a, b Host) int { return strings.Compare(a.Node, b.Node) }
	if !slices.IsSortedFunc(s.Hosts, byNode) {
		slices.SortStableFunc(s.Hosts, byNode)
	}

	for i := range s.Hosts {
		s.Hosts[i].busy = mergeBusy(s.Hosts[i].Reservations)
	}

	return s
}

// Age is how long ago the snapshot was made. It is never negative, even if the clock
// was set back.
func (s *Snapshot) Age(now time.Time) time.Duration {
	return max(0, now.Round(0).Sub(s.Synced)) // Round drops the monotonic reading, which Synced lacks
}

// maxAhead is how far the time of a sync may be ahead of the clock: NTP corrects
// clocks by that much now and then.
const maxAhead = time.Minute

// AgeUnknown reports whether the snapshot is dated in the future: the clock was wrong
// at the sync, or is wrong now. The snapshot may be of any age.
func (s *Snapshot) AgeUnknown(now time.Time) bool {
	return s.Synced.Sub(now.Round(0)) > maxAhead
}

// staleAfter is how many poll intervals old a snapshot may be.
const staleAfter = 3

// Stale reports whether a snapshot is, or may be, older than three poll intervals; true
// for a nil snapshot.
func (s *Snapshot) Stale(now time.Time, pollInterval time.Duration) bool {
	return s == nil || s.AgeUnknown(now) || s.Age(now) > staleAfter*pollInterval
}

// StaleChanges is when the result of Stale next changes; Forever means never.
func (s *Snapshot) StaleChanges(now time.Time, pollInterval time.Duration) Time {
	switch {
	case s == nil:
		return Forever
	case s.AgeUnknown(now):
		return At(s.Synced.Add(-maxAhead))
	case s.Stale(now, pollInterval):
		return Forever
	}
	return At(s.Synced.Add(staleAfter * pollInterval))
}

// Host finds a node; nil where Blazar does not know it, and in a nil snapshot.
func (s *Snapshot) Host(node string) *Host { return s.Finder()(node) }

// Finder returns a function like [Snapshot.Host] that is faster for many nodes in order: it
// looks first behind the one that it found last.
func (s *Snapshot) Finder() func(node string) *Host {
	next := 0
	return func(node string) *Host {
		if s == nil {
			return nil
		}
		if next == len(s.Hosts) || s.Hosts[next].Node != node {
			i, ok := slices.BinarySearchFunc(s.Hosts, node,
				func(h Host, node string) int { return strings.Compare(h.Node, node) })
			if !ok {
				return nil
			}
			next = i
		}
		next++
		return &s.Hosts[next-1]
	}
}

// State is the availability of a node.
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

// State returns the host's state at a time, and until when it lasts by the contract:
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

// FreeFrom returns when a host that is reserved at a time will be free: the end of
// the reservations that cover the time and of all that overlap or adjoin them. It is
// the time itself for a host that is free then, and Forever in maintenance and for a
// nil host.
func (h *Host) FreeFrom(now Time) Time {
	if h == nil || h.Maintenance {
		return Forever
	}

	busy := h.busyTimes()
	next := sort.Search(len(busy), func(i int) bool { return busy[i].End > now })
	if next == len(busy) || busy[next].Start > now {
		return now
	}

	return busy[next].End
}

// Free reports whether no reservation overlaps a window. It ignores maintenance.
func (h *Host) Free(window Interval) bool {
	for _, r := range h.Reservations {
		if r.Overlaps(window) {
			return false
		}
	}
	return true
}

// mergeBusy returns the union of reservations: sorted and disjoint, without empty and
// inverted ones. It is never nil. Reservations that already have this form are not
// copied.
func mergeBusy(reservations []Interval) []Interval {
	if isMerged(reservations) {
		return reservations[:len(reservations):len(reservations)]
	}

	sorted := make([]Interval, 0, len(reservations))
	for _, r := range reservations {
		if r.Start < r.End {
			sorted = append(sorted, r)
		}
	}

	slices.SortFunc(sorted, func(a, b Interval) int { return cmp.Compare(a.Start, b.Start) })
	merged := sorted[:0]
	for _, r := range sorted {
		if n := len(merged); n > 0 && r.Start <= merged[n-1].End {
			merged[n-1].End = max(merged[n-1].End, r.End)
		} else {
			merged = append(merged, r)
		}
	}

	return merged
}

// isMerged reports whether intervals already have the form that mergeBusy returns.
func isMerged(all []Interval) bool {
	if all == nil {
		return false
	}
	for i, r := range all {
		if r.Start >= r.End || i > 0 && r.Start <= all[i-1].End {
			return false
		}
	}

	return true
}
