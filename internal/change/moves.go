package change

import (
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Move joins a node that was removed with one that was added: a machine that is at
// another path now, or another machine that has its name. It depends on the commit that
// added it and on what that commit reaches.
type Move struct {
	From, To *Resource // what was removed, and what was added

	// Replaced is set where only the node_name is the same: it is another machine.
	Replaced bool

	// Left and Came are the commits that removed From and added To, where these are two;
	// nil where one did both.
	Left, Came *history.Commit
}

// Action returns Moved or Replaced.
func (m *Move) Action() string {
	if m.Replaced {
		return Replaced
	}
	return Moved
}

// Other returns the other end, seen from the file at a path, and what it is to that.
func (m *Move) Other(path string) (other *File, relation string) {
	names := [2]string{"moved_from", "moved_to"}
	if m.Replaced {
		names = [2]string{"replaces", "replaced_by"}
	}
	if path == m.To.GitPath {
		return m.From.File, names[0]
	}
	return m.To.File, names[1]
}

// IsJoined reports whether a move begins or ends at a path.
func (l *Log) IsJoined(path string) bool { return l.joined[path] }

// Ends names where the node was and where it is, as far as these differ: two sites, or two
// clusters of one; "" where only its uid is another.
func (m *Move) Ends() (from, to string) {
	switch {
	case m.From.Site != m.To.Site:
		return m.From.Site, m.To.Site
	case m.From.Cluster != m.To.Cluster:
		return m.From.Cluster, m.To.Cluster
	}
	return "", ""
}

// Delta refers to what else is different, where both files can be read.
func (m *Move) Delta() Ref {
	if m.From.Before == Present && m.To.After == Present {
		return Ref{from: blobOf(m.From.versions.From), to: blobOf(m.To.versions.To)}
	}
	return Ref{}
}

// Of returns a resource that was added or removed, as its file says: one of the texts is
// nil.
func Of(place inventory.Place, older, newer []byte) Resource {
	e := Effect{Before: Present, After: Absent}
	if older == nil {
		e = Effect{Before: Absent, After: Present}
	}
	e.describe(older, newer)
	return Resource{File: &File{Place: place, GitPath: place.Path()}, Effect: &e}
}

// Join finds the moves of a commit, or between two states of a grid: nodes are joined by
// their uids, those that are left by what their makers gave them, and then by their names
// at a site. What two of the removed or of the added nodes have does not say which became
// which.
func Join(resources []Resource) {
	type name struct{ site, name string }
	joinBy(resources, false, func(r *Resource) (uid string, ok bool) { return r.UID, true })
	joinMachines(resources)
	joinBy(resources, true, func(r *Resource) (name, bool) { return name{r.Site, r.Name}, r.Name != "" })
}

// unjoined are the nodes that were removed and added, and have no move yet.
func unjoined(resources []Resource) (removed, added []*Resource) {
	for i := range resources {
		r := &resources[i]
		if r.Kind != route.NodeKind || r.Move != nil {
			continue
		}
		switch r.Action() {
		case Removed:
			removed = append(removed, r)
		case Added:
			added = append(added, r)
		}
	}
	return removed, added
}

// owners are the nodes by their keys; a key that two have is nobody's: nil.
func owners[K comparable](nodes []*Resource, keys func(*Resource) []K) map[K]*Resource {
	found := map[K]*Resource{}
	for _, r := range nodes {
		for _, k := range keys(r) {
			if _, twice := found[k]; twice {
				found[k] = nil
			} else {
				found[k] = r
			}
		}
	}
	return found
}

// joinBy joins the nodes that have the same key, which is one removed and one added node.
func joinBy[K comparable](resources []Resource, replaced bool, key func(*Resource) (K, bool)) {
	keys := func(r *Resource) []K {
		if k, ok := key(r); ok {
			return []K{k}
		}
		return nil
	}

	removed, added := unjoined(resources)
	if len(removed) == 0 || len(added) == 0 {
		return
	}

	came := owners(added, keys)
	for k, from := range owners(removed, keys) {
		if to := came[k]; from != nil && to != nil {
			move := &Move{From: from, To: to, Replaced: replaced}
			from.Move, to.Move = move, move
		}
	}
}

// Step is a version of a node's file, at the path where the node then was.
type Step struct {
	inventory.Place
	Commit *history.Commit
	Version
	Before State // of the next older version at the path
}

// LogOf returns the log of a resource's file that the grid has, or of a node's that moved or
// was removed.
func (l *Log) LogOf(path string) []*history.Commit {
	if log := l.history.Log(path); log != nil {
		return log
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.gone.From(0, path)
}

// Steps returns the versions of a file, newest first, through the moves of the machine:
// one with which it came from another path is followed by those that it had there.
func (l *Log) Steps(place inventory.Place, path string) ([]Step, error) {
	w := walker{Log: l, seen: map[stepKey]bool{}}
	err := w.follow(place, path, l.LogOf(path))
	return w.steps, err
}

// stepKey identifies a step: a machine that moves to and fro meets its own path again.
type stepKey struct {
	commit *history.Commit
	path   string
}

type walker struct {
	*Log
	steps []Step
	seen  map[stepKey]bool
}

func (w *walker) follow(place inventory.Place, path string, commits []*history.Commit) error {
	versions, err := w.Versions(path, commits)
	if err != nil {
		return err
	}

	for i, c := range commits {
		key := stepKey{c, path}
		if w.seen[key] {
			continue
		}
		w.seen[key] = true

		s := Step{Place: place, Commit: c, Version: versions[i], Before: Absent}
		if i+1 < len(versions) {
			s.Before = versions[i+1].State
		}
		w.steps = append(w.steps, s)

		if m := s.Move; m != nil && !m.Replaced && m.To.GitPath == path {
			from := m.From.GitPath
			w.seen[stepKey{c, from}] = true // the same move
			if err := w.follow(m.From.Place, from, w.asOf(c, from)); err != nil {
				return err
			}
		}
	}

	return nil
}

// asOf returns the log of a file that moved, as of a commit.
func (l *Log) asOf(c *history.Commit, path string) []*history.Commit {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.gone.From(l.numbers[c], path)
}
