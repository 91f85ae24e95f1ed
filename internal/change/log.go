package change

import (
	"cmp"
	"strings"
	"sync"

	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
)

// State is the state of a resource's file in a commit.
type State string

// The states. A file is unreadable if it is not valid JSON, is not an object, has
// duplicate members, is too large, or is a link.
const (
	Absent     State = "absent"
	Unreadable State = "unreadable"
	Present    State = "present"
)

// Row is what happened to one file with one commit: all that lists of changes need. It
// depends on the commit and its first parent alone.
type Row struct {
	GitPath string
	Effect
}

// Effect is what a commit did to a file. At least one of the states is not absent.
type Effect struct {
	Before, After State
	Name          string   // node_name of a node, after the commit if it is then present; "" where it has none
	NodeType      string   // of a node that was added or removed, "" where it has none
	Machine       string   // of such a node: what tells the machine from others, "" where nothing does
	Members       []string // that changed at the top of the file, in the order of the difference
	About         string   // of each of them an [About]: the one that matters most
}

// File is the file of a resource of some commit.
type File struct {
	inventory.Place
	GitPath string

	changes []changeIndex // newest first
}

// Resource is what happened to one resource with one commit. Many have the same file,
// or the same effect, and share it.
type Resource struct {
	*File
	*Effect

	Move *Move // joins a node that was removed or added with another, nil for none

	versions *history.FileChange
	number   int32 // of their difference in the spool, 0 if it is not known to be there
}

// Row returns what is stored of it for later logs.
func (r *Resource) Row() Row { return Row{GitPath: r.GitPath, Effect: *r.Effect} }

// Delta refers to what changed in the file, if it is present before and after.
func (r *Resource) Delta() Ref {
	if r.Before == Present && r.After == Present {
		return Ref{from: blobOf(r.versions.From), to: blobOf(r.versions.To), number: r.number}
	}
	return Ref{}
}

// Ref refers to the difference of two versions of a file. The zero Ref is none.
type Ref struct {
	from, to history.Hash // blobs; zero for what is not a file
	number   int32        // of the difference in the spool, 0 if it is not known to be there
}

// Exists reports whether there is a difference.
func (r Ref) Exists() bool { return r != Ref{} }

// Version is one version of a resource's file.
type Version struct {
	State State
	Delta Ref   // from the next older version that is present, none for the first
	Move  *Move // that begins or ends the file, nil for none

	blob history.Hash // of one that is present
}

// Log has the changes of a history. Rows are in memory, differences in the spool, or
// computed when they are asked for. It may be used by several goroutines.
type Log struct {
	history *history.History
	numbers map[*history.Commit]int // indexes in History.Commits
	commits [][]Resource            // as History.Commits
	files   map[string]*File        // by path; nil for what is no resource's
	former  []Former
	joined  map[string]bool                       // paths where a move begins or ends
	gone    *history.Logs                         // of these, and of nodes that were removed; under mu
	left    map[*Resource]*Move                   // of nodes that were removed, and came elsewhere with a later commit
	later   map[inventory.Place][]*history.Commit // see Later
	spool   *spool

	mu       sync.Mutex // of what follows
	effects  map[effectKey]*Effect
	trees    *history.Files
	texts    texts
	computed map[[2]history.Hash]int32 // numbers of differences that Read did not need
}

// changeIndex is the place of a change in the log.
type changeIndex struct{ commit, resource int32 }

// effectKey is what only equal effects have in common.
type effectKey struct {
	before, after                           State
	name, nodeType, machine, members, about string
}

// shared returns the effect that equals one.
func (l *Log) shared(e Effect) *Effect {
	key := effectKey{e.Before, e.After, e.Name, e.NodeType, e.Machine, listKey(e.Members), e.About}

	l.mu.Lock()
	defer l.mu.Unlock()

	known, ok := l.effects[key]
	if !ok {
		known = &e
		l.effects[key] = known
	}

	return known
}

// Commit returns what changed with a commit, given by its index in the history,
// relative to its first parent, or to nothing. For a merge, that is everything that
// the other parents brought in. Resources are sorted by site, cluster, kind
// and uid.
func (l *Log) Commit(n int) []Resource { return l.commits[n] }

// Delta returns a difference, nil for none. Equal ones of a log have the same Number.
func (l *Log) Delta(r Ref) (*Delta, error) {
	if !r.Exists() {
		return nil, nil
	}

	if r.number == 0 {
		var err error
		if r.number, err = l.compute(r); err != nil {
			return nil, err
		}
	}

	return l.spool.read(r.number)
}

// compute compares the versions of a difference, and returns its number.
func (l *Log) compute(r Ref) (int32, error) {
	l.mu.Lock()
	defer l.mu.Unlock()

	key := [2]history.Hash{r.from, r.to}
	if number, ok := l.computed[key]; ok {
		return number, nil
	}

	number, err := l.texts.compare(l.spool, r.from, r.to)
	if err == nil {
		l.computed[key] = number
	}

	return number, err
}

// Versions returns the versions of the file at a path in commits that are in the order of
// a log.
func (l *Log) Versions(path string, commits []*history.Commit) ([]Version, error) {
	l.mu.Lock()
	defer l.mu.Unlock()

	versions := make([]Version, len(commits))
	found := l.found(path)
	older := Version{State: Absent} // the newest one that is present
	for i := len(commits) - 1; i >= 0; i-- {
		n := l.numbers[commits[i]]
		if err := l.find(found, n, path); err != nil {
			return nil, err
		}

		v := found[n]
		if v.State == Present && i+1 < len(commits) && versions[i+1].State == Present {
			v.Move = nil // a merge that brings what moved on its side
		}
		if v.State == Present {
			switch {
			case older.State == Absent:
				v.Delta = Ref{}
			case v.Delta.from != older.blob || v.Delta.to != v.blob:
				v.Delta = Ref{from: older.blob, to: v.blob}
			}
			older = v
		}
		versions[i] = v
	}

	return versions, nil
}

// found returns the versions of a file in the commits that changed it, by their numbers,
// with the differences from their first parents.
func (l *Log) found(path string) map[int]Version {
	found := map[int]Version{}
	if f := l.files[path]; f != nil {
		for _, c := range f.changes {
			r := &l.commits[c.commit][c.resource]
			found[int(c.commit)] = Version{State: r.After, blob: blobOf(r.versions.To), Delta: r.Delta(), Move: l.moveOf(r)}
		}
	}
	return found
}

// find adds the version of a file in a commit to those that were found: it is that of
// the nearest first parent which changed the file.
func (l *Log) find(found map[int]Version, n int, path string) error {
	var passed []int
	v := Version{State: Absent}
	for n >= 0 {
		if known, ok := found[n]; ok {
			v = known
			break
		}
		passed = append(passed, n)

		if commit := l.history.Commits[n]; commit.Boundary {
			var err error
			if v, err = l.lookUp(commit, path); err != nil {
				return err
			}
		}
		n = l.history.FirstParent(n)
	}

	v.Delta, v.Move = Ref{}, nil
	for _, p := range passed {
		found[p] = v
	}

	return nil
}

// lookUp finds a version whose changes are not known, at the boundary of a shallow
// history.
func (l *Log) lookUp(c *history.Commit, path string) (v Version, err error) {
	e, err := l.trees.At(c, path)
	if err == nil {
		v.blob = blobOf(e)
		v.State, _, err = l.texts.entry(e)
	}
	return v, err
}

// Text returns the file of a version that is present, compact.
func (l *Log) Text(v Version) ([]byte, error) {
	if v.State != Present {
		return nil, nil
	}

	l.mu.Lock()
	defer l.mu.Unlock()

	_, text, err := l.texts.read(v.blob)
	return text, err
}

// compare orders resources as the API's URLs nest.
func compare(a, b inventory.Place) int {
	return cmp.Or(
		strings.Compare(a.Site, b.Site),
		strings.Compare(a.Cluster, b.Cluster), // "" of a site and its flavors
		cmp.Compare(a.Kind, b.Kind),
		strings.Compare(a.UID, b.UID))
}
