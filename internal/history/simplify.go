package history

// simplifier applies git's default history simplification (git-log(1), under
// "History Simplification") to one path after another. Its scratch space is
// reused, so it is not safe for concurrent use.
type simplifier struct {
	g       *graph
	changed []bool // by edge: the path differs between commit and parent
	seen    []int  // by commit: the last run that queued it, so that no run has to clear it
	run     int
	queue   []int
}

func newSimplifier(g *graph) *simplifier {
	return &simplifier{g: g, changed: make([]bool, g.edges), seen: make([]int, len(g.commits))}
}

// log returns the commits to show, from one on, for a path that changed on the given edges.
func (s *simplifier) log(from int, edges []int) []*Commit {
	if len(edges) == 0 {
		return nil
	}

	for _, e := range edges {
		s.changed[e] = true
	}

	defer func() {
		for _, e := range edges {
			s.changed[e] = false
		}
	}()

	s.run++
	s.queue = s.queue[:0]
	s.push(from)
	var shown []*Commit

	for len(s.queue) > 0 {
		n := s.queue[0]
		s.queue = s.queue[1:]
		if same, ok := s.sameParent(n); ok {
			s.push(same)
			continue
		}

		parents, first := s.g.parents[n], s.g.firstEdge[n]
		if len(parents) == 0 && !s.changed[first] {
			continue // a root without the path
		}

		shown = append(shown, s.g.commits[n])
		for _, p := range parents {
			s.push(p)
		}
	}

	return shown
}

// sameParent returns the first parent in which the path is the same. Only that
// one is followed, and the commit itself is not shown.
func (s *simplifier) sameParent(n int) (int, bool) {
	for i, p := range s.g.parents[n] {
		if !s.changed[s.g.firstEdge[n]+i] {
			return p, true
		}
	}
	return 0, false
}

func (s *simplifier) push(n int) {
	if s.seen[n] == s.run {
		return
	}
	s.seen[n] = s.run
	s.queue = insertByDate(s.queue, n, func(a, b int) int {
		return s.g.commits[a].Committer.When.Compare(s.g.commits[b].Committer.When)
	})
}
