package availability

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
	candidates := make([]Candidate, len(hosts))
	for i, host := range hosts {
		candidates[i].Host = host
	}

	free, least = make([]int, len(edges)), make([]int, len(edges)-1)
	passed, number, lowest := 0, 0, 0

	// pass records the number at the edges before a time.
	pass := func(at Time) {
		for ; passed < len(edges) && edges[passed] < at; passed++ {
			if passed > 0 {
				least[passed-1] = lowest
			}
			free[passed], lowest = number, number
		}
	}

	// A host is free when a slot of one microsecond can start on it.
	all := starts{
		pools: []pool{{candidates: candidates, earliest: edges[0]}},
		last:  edges[len(edges)-1], length: 1, step: 1, weigh: one,
	}
	all.sweep(func(*bucket) bool { return true }, func(at Time, _, now int32) {
		pass(at)
		number = int(now)
		if passed < len(edges) && at < edges[passed] {
			lowest = min(lowest, number)
		}
	})

	pass(Forever)
	return free, least
}
