package history

import (
	"fmt"
	"slices"
)

// Segment is a part of a history: some commits of the first-parent chain of the head,
// one after another, with all that became reachable with them. It depends on its last
// commit and its length alone, and not on what came later.
type Segment struct {
	Last   *Commit // the newest of its commits on the chain
	Length int     // number of its commits on the chain, a power of two

	// Commits are the indexes in [History.Commits] of all its commits, parents before
	// children: those of a side branch are in the segment of the merge that brought
	// them to the chain.
	Commits []int
}

// Name names the segment: a file name, unique among those of all histories.
func (s Segment) Name() string { return fmt.Sprintf("%s-%d", s.Last.ID, s.Length) }

// Segments cuts the history in segments, oldest first. Their lengths are the binary
// digits of the length of the head's first-parent chain, so that a commit more adds
// one, for which it merges the newest few, and a long history has few. The chain
// ends at a root, or at the boundary of a shallow clone.
func (h *History) Segments() []Segment {
	chain := []int{0}
	for p := h.parents[0]; len(p) > 0; p = h.parents[p[0]] {
		chain = append(chain, p[0])
	}
	slices.Reverse(chain)

	var segments []Segment
	seen := make([]bool, len(h.Commits))
	for length := highestBit(len(chain)); len(chain) > 0; length /= 2 {
		if len(chain) < length {
			continue
		}

		s := Segment{Last: h.Commits[chain[length-1]], Length: length}
		for _, n := range chain[:length] {
			s.Commits = h.appendReached(s.Commits, seen, n)
		}

		segments = append(segments, s)
		chain = chain[length:]
	}

	return segments
}

// highestBit returns the largest power of two that is at most n, which is positive.
func highestBit(n int) int {
	bit := 1
	for bit <= n/2 {
		bit *= 2
	}
	return bit
}

// appendReached appends a commit and those of its ancestors that were not seen before,
// parents before children. Which come first depends on the commits alone, unlike the
// order of the log, which also depends on the head.
func (h *History) appendReached(order []int, seen []bool, n int) []int {
	type step struct{ commit, parent int } // the parent that is looked at next
	stack := []step{{commit: n}}
	seen[n] = true
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		parents := h.parents[top.commit]
		if top.parent == len(parents) {
			order = append(order, top.commit)
			stack = stack[:len(stack)-1]
			continue
		}

		p := parents[top.parent]
		top.parent++
		if !seen[p] {
			seen[p] = true
			stack = append(stack, step{commit: p})
		}
	}

	return order
}
