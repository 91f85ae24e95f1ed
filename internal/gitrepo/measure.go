package gitrepo

import (
	"path"

	"github.com/go-git/go-git/v5/plumbing/filemode"

	"github.com/chameleoncloud/refapi/internal/history"
)

// measure refuses a commit with too many files and directories, or with
// directories nested too deep. It looks at each directory once, however often the
// commit has it: ten directories, each ten times in the next, are more paths than
// can be visited.
func (t *treeFS) measure(limits Limits) error {
	m := &measurer{fsys: t, limits: limits, known: map[history.Hash]extent{}}
	_, err := m.extent(t.root, "", 0)
	return err
}

type measurer struct {
	fsys   *treeFS
	limits Limits
	known  map[history.Hash]extent
}

// extent is what is below a directory.
type extent struct {
	entries int // files and directories
	levels  int // directories inside one another
}

// extent measures a directory that is depth levels below the top.
func (m *measurer) extent(dir node, name string, depth int) (extent, error) {
	e, ok := m.known[dir.hash]
	if depth+e.levels > m.limits.Depth {
		return e, tooDeep(name, m.limits.Depth)
	}
	if ok {
		return e, nil
	}

	children, err := m.fsys.children(dir)
	if err != nil {
		return e, err
	}

	e.entries = len(children)
	for _, child := range children {
		if child.mode != filemode.Dir {
			continue
		}

		below, err := m.extent(child, path.Join(name, child.name), depth+1)
		if err != nil {
			return e, err
		}

		e.levels = max(e.levels, below.levels+1)
		if e.entries += below.entries; e.entries > m.limits.Entries {
			return e, tooManyEntries(m.limits.Entries)
		}
	}

	m.known[dir.hash] = e
	return e, nil
}
