package page

import (
	"fmt"
	"strings"

	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/route"
)

// sentence says what became of nodes and flavors in a year: what its commits did to each
// of them together.
func (c *Changes) sentence(year string) string {
	type fate struct {
		before, after        change.State // the year
		isMoved, hasHardware bool
		isElsewhere          bool // it left for where it is counted
	}

	fates := map[inventory.Place]*fate{}
	came := map[inventory.Place]bool{}         // elsewhere, since a later commit
	for n, commit := range c.history.Commits { // newest first
		if yearOf(commit) != year {
			continue
		}

		resources := c.log.Commit(n)
		for i := range resources {
			r := &resources[i]
			if r.Kind != route.NodeKind && r.Kind != route.FlavorKind {
				continue
			}

			f := fates[r.Place]
			isLast := f == nil
			if isLast {
				f = &fate{after: r.After}
				fates[r.Place] = f
			}
			f.before = r.Before
			f.isMoved = f.isMoved || r.Move != nil && !r.Move.Replaced && r == r.Move.To
			f.hasHardware = f.hasHardware || strings.ContainsRune(r.About, rune(change.AboutHardware))
			if r.Move != nil && r.Move.Left != nil {
				came[r.Move.From.Place] = true
			}
			if r.Move != nil && !r.Move.Replaced && r == r.Move.From || r.After == change.Absent && came[r.Place] {
				f.before = change.Absent // it is counted where it went
				f.isElsewhere = f.isElsewhere || isLast
			}
		}
	}

	type counts [2]int // nodes, flavors
	var added, removed, brief, moved, other counts
	for place, f := range fates {
		i := 0
		if place.Kind == route.FlavorKind {
			i = 1
		}
		switch isThere := f.after != change.Absent; {
		case f.isMoved && isThere:
			moved[i]++
		case f.before == change.Absent && isThere:
			added[i]++
		case f.isElsewhere && !isThere:
		case !isThere && (f.before != change.Absent || f.isMoved):
			removed[i]++
		case !isThere:
			brief[i]++
		case f.hasHardware && isThere:
			other[i]++
		}
	}

	var parts []string
	for _, part := range []struct {
		counts
		did string
	}{{added, "added"}, {removed, "removed"}, {brief, "added and removed again"}, {moved, "moved"}, {other, "changed in hardware"}} {
		if text := countOf(part.counts); text != "" {
			parts = append(parts, text+" "+part.did)
		}
	}

	if parts == nil {
		return "In " + year + ", no node or flavor was added, removed or changed in hardware."
	}
	if removed == (counts{}) && brief == (counts{}) {
		parts = append(parts, "none removed")
	}

	return "In " + year + ": " + strings.Join(parts, ", ") + "."
}

// countOf counts nodes and flavors in words.
func countOf(n [2]int) string {
	var parts []string
	for i, what := range []string{"node", "flavor"} {
		if n[i] > 0 {
			parts = append(parts, counted(n[i], what))
		}
	}
	return strings.Join(parts, " and ")
}

// counted counts things in words.
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
