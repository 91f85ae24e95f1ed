package change

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
)

// joinMachines joins the removed and the added nodes of a commit whose files are of one
// machine, and of no third node.
func joinMachines(resources []Resource) {
	removed, added := unjoined(resources)
	if len(removed) == 0 || len(added) == 0 {
		return
	}

	came := owners(added, macsOf)
	shared := map[[2]*Resource]int{}
	for mac, from := range owners(removed, macsOf) {
		if to := came[mac]; from != nil && to != nil {
			shared[[2]*Resource{from, to}]++
		}
	}

	partners := map[*Resource]int{}
	same := map[*Resource]*Resource{} // by what was removed
	for pair, n := range shared {
		if decodeMachine(pair[0].Machine).isSame(decodeMachine(pair[1].Machine), n) {
			partners[pair[0]]++
			partners[pair[1]]++
			same[pair[0]] = pair[1]
		}
	}

	for from, to := range same {
		if partners[from] == 1 && partners[to] == 1 {
			move := &Move{From: from, To: to}
			from.Move, to.Move = move, move
		}
	}
}

// came is a node that a commit added or removed.
type came struct {
	commit int
	*Resource
	macs []string // that no other node has which the commit added, or removed
}

// joinLater joins nodes that a commit added with those that an earlier one had removed, if
// no commit did both. Each depends on what the later commit reaches alone. Merges repeat
// what their sides did.
func (l *Log) joinLater() {
	var added []came
	removed := map[string][]came{} // by address
	for n, resources := range l.commits {
		if len(l.history.Commits[n].Parents) > 1 {
			continue
		}
		gone, new := unjoined(resources)
		added = append(added, identified(n, new)...)
		for _, r := range identified(n, gone) {
			for _, mac := range r.macs {
				removed[mac] = append(removed[mac], r)
			}
		}
	}

	claims := map[*Resource][]claim{} // by what was removed
	for _, a := range added {
		if c, ok := l.claimOf(a, removed); ok {
			claims[c.from.Resource] = append(claims[c.from.Resource], c)
		}
	}

	l.left, l.later = map[*Resource]*Move{}, map[inventory.Place][]*history.Commit{}
	for r, all := range claims {
		l.settle(r, all)
	}
}

// macsOf are the addresses of a node's adapters, each once.
func macsOf(r *Resource) []string { return decodeMachine(r.Machine).macs }

// identified are those of a commit's nodes that have an address of their own.
func identified(commit int, nodes []*Resource) (found []came) {
	byMAC := owners(nodes, macsOf)
	for _, r := range nodes {
		c := came{commit: commit, Resource: r}
		for _, mac := range macsOf(r) {
			if byMAC[mac] != nil {
				c.macs = append(c.macs, mac)
			}
		}
		if c.macs != nil {
			found = append(found, c)
		}
	}
	return found
}

// claim says that a node that was added is the machine that was removed before.
type claim struct {
	from, to came
	reached  []bool // by the commit that added it
}

// maxCandidates is how often a machine may have been removed before it was added again.
const maxCandidates = 8

// claimOf finds the last node that was removed before another was added, and is the same
// machine; false where there is none, or where it is not clear which was the last.
func (l *Log) claimOf(a came, removed map[string][]came) (c claim, ok bool) {
	shared := map[*Resource]int{}
	var candidates []came
	for _, mac := range a.macs {
		for _, r := range removed[mac] {
			if shared[r.Resource]++; shared[r.Resource] == 1 {
				candidates = append(candidates, r)
			}
		}
	}

	m := decodeMachine(a.Machine)
	candidates = slices.DeleteFunc(candidates, func(r came) bool {
		return !decodeMachine(r.Machine).isSurely(m, shared[r.Resource])
	})
	if len(candidates) == 0 {
		return c, false
	}

	reached := l.history.Ancestors(a.commit)
	candidates = slices.DeleteFunc(candidates, func(r came) bool { return !reached[r.commit] })
	if len(candidates) > maxCandidates {
		return c, false
	}

	for _, r := range candidates {
		before := l.history.Ancestors(r.commit)
		isLast := !slices.ContainsFunc(candidates, func(other came) bool {
			return other.Resource != r.Resource && !before[other.commit]
		})
		if isLast {
			return claim{from: r, to: a, reached: reached}, true
		}
	}

	return c, false
}

// settle joins a node that was removed with those that claim to be it. Of one after the
// other, the first is: the next is a copy.
func (l *Log) settle(r *Resource, all []claim) {
	var moves []*Move
	for _, c := range all {
		isCopy := slices.ContainsFunc(all, func(other claim) bool { return c.reached[other.to.commit] })
		twice := slices.ContainsFunc(all, func(other claim) bool {
			return other.to.Resource != c.to.Resource && other.to.commit == c.to.commit
		})
		if isCopy || twice || c.to.GitPath == r.GitPath {
			continue
		}

		m := &Move{
			From: r,
			To:   c.to.Resource,
			Left: l.history.Commits[c.from.commit],
			Came: l.history.Commits[c.to.commit],
		}
		c.to.Move = m
		l.later[r.Place] = append(l.later[r.Place], m.Came)
		moves = append(moves, m)
	}

	// Two sides may both have moved it, to one path.
	elsewhere := func(m *Move) bool { return m.To.GitPath != moves[0].To.GitPath }
	if len(moves) > 0 && !slices.ContainsFunc(moves, elsewhere) {
		l.left[r] = slices.MinFunc(moves, func(a, b *Move) int {
			return cmp.Or(a.Came.Committer.When.Compare(b.Came.Committer.When), bytes.Compare(a.Came.ID[:], b.Came.ID[:]))
		})
	}
}

// moveOf returns the move of a node, also of one that a later commit added elsewhere; nil
// for none.
func (l *Log) moveOf(r *Resource) *Move {
	if r.Move != nil {
		return r.Move
	}
	return l.left[r]
}

// Later are the commits with which machines came elsewhere that had been removed at some
// places: what is said of these depends on them, too.
func (l *Log) Later(places ...inventory.Place) (commits []*history.Commit) {
	for _, p := range places {
		for _, c := range l.later[p] {
			if !slices.Contains(commits, c) {
				commits = append(commits, c)
			}
		}
	}
	slices.SortFunc(commits, func(a, b *history.Commit) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	return commits
}
