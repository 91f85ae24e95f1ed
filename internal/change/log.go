package change

import (
	"cmp"
	"strings"

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

// Resource is what happened to one resource with one commit. At least one of
// the states is not absent.
type Resource struct {
	inventory.Place
	Before, After State
	Name          string // node_name of a node, after the commit if it is then present; "" where it has none
	NodeType      string // of a node that was added or removed, "" where it has none
	Delta         *Delta // if present before and after; equal deltas are the same pointer
}

// Version is one version of a resource's file.
type Version struct {
	State State
	Text  []byte // the file, compact, of the newest version that is present; nil for others
	Delta *Delta // from the next older version that is present, nil for the first; equal ones are the same pointer
}

// Log has the changes of a history.
type Log struct {
	commits  [][]Resource         // as History.Commits
	versions map[string][]Version // by the git path that the history knows
	former   []Former
}

// Commit returns what changed with a commit, given by its index in the history,
// relative to its first parent, or to nothing. For a merge, that is everything that
// the other parents brought in. Resources are sorted by site, cluster, kind
// and uid.
func (l *Log) Commit(n int) []Resource { return l.commits[n] }

// Versions returns the versions of a resource's file at the commits of the
// history's log of path, in the same order.
func (l *Log) Versions(path string) []Version { return l.versions[path] }

// compare orders resources as the API's URLs nest.
func compare(a, b Resource) int {
	return cmp.Or(
		strings.Compare(a.Site, b.Site),
		strings.Compare(a.Cluster, b.Cluster), // "" of a site and its flavors
		cmp.Compare(a.Kind, b.Kind),
		strings.Compare(a.UID, b.UID))
}
