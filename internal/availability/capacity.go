package availability

import (
	"math/bits"
	"slices"
)

// StepCount returns how many steps a window has. Steps begin at its start and at the
// multiples of step since 1970 within it.
func StepCount(window Interval, step Time) int {
	return int((window.End-1-roundDown(window.Start, step))/step + 1)
}

// StepEdges returns the edges of a window's steps: its start, the multiples of step
// within it, and its end.
func StepEdges(window Interval, step Time) []Time {
	edges := make([]Time, 0, StepCount(window, step)+1)
	edges = append(edges, window.Start)
	for t := roundDown(window.Start, step) + step; t < window.End; t += step {
		edges = append(edges, t)
	}
	return append(edges, window.End)
}

// CountFree returns how many hosts are free at each of several times, and the least
// number from each of them until just before the next. The times must be in order. A
// host is free where no reservation covers the time; one that is nil or in maintenance
// never is.
func CountFree(hosts []*Host, edges []Time) (free, least []int) {
	free, least = make([]int, len(edges)), make([]int, len(edges)-1)
	number, changes := countChanges(hosts, Interval{edges[0], edges[len(edges)-1]})
	passed, lowest := 0, 0

	// pass records the number at the edges before a time.
	pass := func(at Time) {
		for ; passed < len(edges) && edges[passed] < at; passed++ {
			if passed > 0 {
				least[passed-1] = lowest
			}
			free[passed], lowest = number, number
		}
	}

	for i := 0; i < len(changes); {
		// Changes at the same time count together: an end that coincides with a
		// beginning is not a dip.
		since := changes[i] >> 1
		at := edges[0] + Time(since)
		pass(at)
		for ; i < len(changes) && changes[i]>>1 == since; i++ {
			number += int(changes[i]&1)*2 - 1
		}
		if passed < len(edges) && at < edges[passed] {
			lowest = min(lowest, number)
		}
	}

	pass(Forever)
	return free, least
}

// countChanges returns how many hosts are free when a window starts, and when that changes
// until its end, including that, in order: the time since the start, and in the lowest bit
// whether a host becomes free.
//
// There are as many buckets of equal length as changes, up to what a processor's cache
// holds, so that few changes are left to sort in each. It is what [starts.sweep] does for
// slots of one microsecond, in half the time: nothing is weighed, rounded or left out.
func countChanges(hosts []*Host, window Interval) (number int, sorted []uint64) {
	most := 0
	for _, host := range hosts {
		if host != nil {
			most += 2 * len(host.Reservations)
		}
	}

	buckets := min(max(bits.Len(uint(most)), 4), 16)
	largest := uint64(window.End-window.Start)<<1 | 1
	shift := max(0, bits.Len64(largest)-buckets)
	ends := make([]int32, largest>>shift+1)
	changes := make([]uint64, 0, most)
	add := func(at Time, up uint64) {
		change := uint64(at-window.Start)<<1 | up
		changes = append(changes, change)
		ends[change>>shift]++
	}

	for _, host := range hosts {
		if host == nil || host.Maintenance {
			continue
		}
		number++
		for _, r := range host.busyTimes() {
			if r.Start > window.End {
				break
			}
			if r.End <= window.Start {
				continue
			}
			if r.Start > window.Start {
				add(r.Start, 0)
			} else {
				number--
			}
			if r.End <= window.End {
				add(r.End, 1)
			}
		}
	}

	end := int32(0)
	for i, n := range ends {
		ends[i], end = end, end+n
	}
	sorted = make([]uint64, len(changes))
	for _, change := range changes {
		at := &ends[change>>shift]
		sorted[*at] = change
		*at++
	}

	from := int32(0)
	for _, end := range ends {
		if end-from > 1 {
			slices.Sort(sorted[from:end])
		}
		from = end
	}
	return number, sorted
}
