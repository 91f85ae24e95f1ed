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
// depends on the commit and its first parent alone. At least one of the states is not
// absent.
type Row struct {
	File          string // git path
	Before, After State
	Name          string   // node_name of a node, after the commit if it is then present; "" where it has none
	NodeType      string   // of a node that was added or removed, "" where it has none
	Members       []string // that changed at the top of the file, in the order of the difference
}

// Resource is what happened to one resource with one commit.
type Resource struct {
	inventory.Place
	Row

	versions Ref // of the file, also of those that are not present
}

// Delta refers to what changed in the file, if it is present before and after.
func (r *Resource) Delta() Ref {
	if r.Before == Present && r.After == Present {
		return r.versions
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
	Delta Ref // from the next older version that is present, none for the first

	blob history.Hash // of one that is present
}

// Log has the changes of a history. Rows are in memory, differences in the spool, or
// computed when they are asked for. It may be used by several goroutines.
type Log struct {
	history *history.History
	commits [][]Resource        // as History.Commits
	paths   map[string][]change // the rows of a file, newest first
	former  []Former
	spool   *spool

	mu       sync.Mutex // of what follows
	files    *history.Files
	texts    texts
	computed map[[2]history.Hash]int32 // numbers of differences that Read did not need
}

// change is the place of a row.
type change struct {
	commit, row int32
	changed     int32 // index in [history.Files.Changed]
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

// Versions returns the versions of a resource's file at the commits of the history's
// log of the resource, in the same order.
func (l *Log) Versions(r inventory.Resource) ([]Version, error) {
	commits := l.history.Log(r.LogPath())
	changes := map[*history.Commit]*Resource{}
	states := map[history.Hash]State{}
	for _, c := range l.paths[r.File.Path] {
		row := &l.commits[c.commit][c.row]
		changes[l.history.Commits[c.commit]] = row
		states[row.versions.from], states[row.versions.to] = row.Before, row.After
	}

	versions := make([]Version, len(commits))
	var older history.Hash // that is present
	for i := len(commits) - 1; i >= 0; i-- {
		v, row := &versions[i], changes[commits[i]]
		if row != nil {
			v.State, v.blob = row.After, row.versions.to
		} else if err := l.lookUp(v, commits[i], r.File.Path, states); err != nil {
			return nil, err
		}

		if v.State != Present {
			continue
		}

		if older != (history.Hash{}) {
			v.Delta = Ref{from: older, to: v.blob}
			if row != nil && row.versions.from == older {
				v.Delta = row.versions
			}
		}

		older = v.blob
	}

	return versions, nil
}

// lookUp finds the version of a file in a commit that did not change it from its first
// parent, or at the boundary of a shallow history. It reads a file only if no row has
// its state.
func (l *Log) lookUp(v *Version, c *history.Commit, path string, states map[history.Hash]State) error {
	l.mu.Lock()
	defer l.mu.Unlock()

	e, err := l.files.At(c, path)
	if err != nil {
		return err
	}

	v.blob = blobOf(e)
	known, ok := states[v.blob]
	switch {
	case e.Mode == 0:
		v.State = Absent
	case !e.Regular():
		v.State = Unreadable
	case ok:
		v.State = known
	default:
		v.State, _, err = l.texts.read(v.blob)
	}

	return err
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
