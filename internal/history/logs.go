package history

import "fmt"

// Logs has the logs of paths that the walk was not given, such as those of files that the
// head does not have, as of any commit. It is not safe for concurrent use.
type Logs struct {
	simplifier *simplifier
	index      map[string]int // path → index in edges
	edges      [][]int        // on which it differs
}

// Logs prepares the logs of paths below the directory that the walk recorded. A directory
// in the place of a file does not count.
func (h *History) Logs(files *Files, paths []string) (*Logs, error) {
	g := &graph{commits: h.Commits, parents: h.parents, firstEdge: make([]int, len(h.Commits))}
	for n := range h.Commits {
		g.firstEdge[n] = g.edges
		g.edges += max(1, len(h.parents[n]))
	}

	tracked := newTrie(paths)
	d := *files.differ
	d.tracked, d.changed, d.first = tracked, make([][]int, len(tracked.index)), false

	for n, c := range h.Commits {
		for _, f := range files.Changed(n) {
			if i, ok := tracked.index[f.Path]; ok {
				d.changed[i] = append(d.changed[i], g.firstEdge[n])
			}
		}

		// The walk recorded the difference from the first parent. What the boundary of a
		// shallow clone changed is unknown; its log has what is there.
		if c.Boundary {
			if err := d.compareEdge(g.firstEdge[n], Hash{}, c); err != nil {
				return nil, err
			}
		}
		for i, p := range h.parents[n] {
			if i == 0 {
				continue
			}
			if err := d.compareEdge(g.firstEdge[n]+i, h.Commits[p].Tree, c); err != nil {
				return nil, err
			}
		}
	}

	return &Logs{simplifier: newSimplifier(g), index: tracked.index, edges: d.changed}, nil
}

// From returns the log of a path as of a commit, given by its index in
// [History.Commits], in the order of `git log COMMIT -- PATH`.
func (l *Logs) From(commit int, path string) []*Commit {
	i, ok := l.index[path]
	if !ok {
		return nil
	}
	return l.simplifier.log(commit, l.edges[i])
}

// compareEdge finds the tracked paths that differ between a commit and a tree.
func (d *differ) compareEdge(edge int, from Hash, c *Commit) error {
	d.edge = edge
	if err := d.compare(d.tracked.root, from, c.Tree); err != nil {
		return fmt.Errorf("compare commit %s with its parent: %w", c.ID, err)
	}
	return nil
}
