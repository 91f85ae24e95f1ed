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
func (r *Repo) measure(top history.Hash) error {
	_, err := r.extent(top, "", 0, map[history.Hash]extent{})
	return err
}

// extent is what is below a directory.
type extent struct {
	entries int // files and directories
	levels  int // directories inside one another
}

// extent measures a directory that is depth levels below the top.
func (r *Repo) extent(tree history.Hash, name string, depth int, known map[history.Hash]extent) (extent, error) {
	e, ok := known[tree]
	if depth+e.levels > r.limits.Depth {
		return e, tooDeep(name, r.limits.Depth)
	}
	if ok {
		return e, nil
	}

	children, err := r.directory(tree)
	if err != nil {
		return e, err
	}

	e.entries = len(children)
	for _, child := range children {
		if filemode.FileMode(child.Mode) != filemode.Dir {
			continue
		}

		below, err := r.extent(child.Hash, path.Join(name, child.Name), depth+1, known)
		if err != nil {
			return e, err
		}

		e.levels = max(e.levels, below.levels+1)
		if e.entries += below.entries; e.entries > r.limits.Entries {
			return e, tooManyEntries(r.limits.Entries)
		}
	}

	known[tree] = e
	return e, nil
}
