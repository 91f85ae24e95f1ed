package history

import (
	"encoding/binary"
	"slices"
	"time"
)

// Times are the dates of a history's commits, corrected for wrong clocks, and the
// modification times of the files that name them.
//
// A commit from a wrong clock cannot be removed from a shared history. If it is
// dated more than a day after one of its children, or in the future, it counts as
// dated one second after its newest parent.
type Times struct {
	dates    map[*Commit]time.Time // of the commits whose own date is ignored
	modified map[*Commit]time.Time
	ahead    []Ahead
}

// Ahead is a commit whose own date is ignored.
type Ahead struct {
	*Commit
	Child *Commit // dated more than a day before it; nil if the commit is in the future
}

// Bounds of dates and times.
const (
	maxAhead = 24 * time.Hour // of a child: time zones and most wrong clocks are off by less
	maxSkew  = time.Minute    // of the clock: clocks of a project's machines differ

	// spread bounds by how much a hash moves a time, in seconds.
	spread = 3600
	// earliest keeps modification times after 1970, in seconds.
	earliest = 24 * 3600
)

// Times returns the times of all commits as of now, moved by shift. A zero now
// means no bound.
//
// A modification time is the committer's, in seconds, minus the first four bytes of
// the hash modulo an hour. ETags consist of a file's time and length, so a commit
// that was amended within a second, or rewritten with the same date, must get
// another time. For the same reason it is moved back by a second as long as it
// equals the time of a parent. It is never later than now (RFC 9110, section
// 8.8.2.1). It depends only on the history and, for commits in the future, on the
// clock, so that all machines agree.
func (h *History) Times(now time.Time, shift time.Duration) *Times {
	t := &Times{dates: map[*Commit]time.Time{}, modified: make(map[*Commit]time.Time, len(h.Commits))}
	h.findAhead(t, now)

	dates := make([]int64, len(h.Commits))
	modified := make([]int64, len(h.Commits))
	for _, n := range h.parentsFirst() {
		c := h.Commits[n]
		dates[n] = max(c.Committer.When.Unix(), earliest)
		if _, ahead := t.dates[c]; ahead {
			dates[n] = earliest
			for _, p := range h.parents[n] {
				dates[n] = max(dates[n], dates[p]+1)
			}
			t.dates[c] = time.Unix(dates[n], 0).UTC()
		}

		modified[n] = dates[n] + int64((shift-Spread(c.ID[:]))/time.Second)
		h.moveBack(n, modified, now)
		t.modified[c] = time.Unix(modified[n], 0).UTC()
	}

	return t
}

// Spread returns by how much a hash of at least four bytes moves the time of a file
// back: less than an hour, in seconds. Different content of the same time and length
// gets different ETags by it, except for one pair in 3,600.
func Spread(hash []byte) time.Duration {
	return time.Duration(binary.BigEndian.Uint32(hash)%spread) * time.Second
}

// findAhead finds the commits whose own dates are ignored.
func (h *History) findAhead(t *Times, now time.Time) {
	child := map[*Commit]*Commit{} // the first in log order that is a day behind
	for n, c := range h.Commits {
		for _, p := range h.parents[n] {
			parent := h.Commits[p]
			if child[parent] == nil && parent.Committer.When.Sub(c.Committer.When) > maxAhead {
				child[parent] = c
			}
		}
	}

	for _, c := range h.Commits {
		switch {
		case !now.IsZero() && c.Committer.When.Sub(now) > maxSkew:
			t.ahead = append(t.ahead, Ahead{Commit: c})
		case child[c] != nil:
			t.ahead = append(t.ahead, Ahead{Commit: c, Child: child[c]})
		default:
			continue
		}
		t.dates[c] = time.Time{}
	}
}

// moveBack moves the time of a commit back until it is neither in the future nor
// equal to the time of a parent.
func (h *History) moveBack(n int, modified []int64, now time.Time) {
	latest := max(now.Unix(), 2*earliest) // tolerates clocks that start in 1970
	for moved := true; moved; {
		moved = false
		for !now.IsZero() && modified[n] > latest {
			modified[n] -= spread
		}

		for _, p := range h.parents[n] {
			if modified[p] == modified[n] {
				modified[n]--
				moved = true
			}
		}
	}
}

// parentsFirst returns the numbers of all commits, parents before children.
// Log order is not enough: wrong clocks put parents before their children.
func (h *History) parentsFirst() []int {
	children := make([]int, len(h.Commits)) // those that are not in order yet
	for _, parents := range h.parents {
		for _, p := range parents {
			children[p]++
		}
	}

	order := make([]int, 1, len(h.Commits)) // the head, which reaches all
	for i := 0; i < len(order); i++ {
		for _, p := range h.parents[order[i]] {
			if children[p]--; children[p] == 0 {
				order = append(order, p)
			}
		}
	}

	slices.Reverse(order)
	return order
}

// Modified returns the modification time of files that name a commit, in UTC.
func (t *Times) Modified(c *Commit) time.Time { return t.modified[c] }

// Date returns the date of a commit: the committer's, unless it is ignored.
func (t *Times) Date(c *Commit) time.Time {
	if d, ok := t.dates[c]; ok {
		return d
	}
	return c.Committer.When
}

// Ahead returns the commits whose own dates are ignored, in log order.
func (t *Times) Ahead() []Ahead { return t.ahead }
