package change

import (
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/route"
)

// file has the comparisons to make for one path.
type file struct {
	changes []fileChange
	log     string // the path of the git log whose versions are compared, "" for none
	entries []history.TreeEntry
}

// fileChange is a change of a path in one commit.
type fileChange struct {
	commit   int
	from, to history.TreeEntry
	resource Resource
}

// plan lists the comparisons to make, by path, so that each version of a file is
// read once: the changes that commits made to files of present and past resources,
// and the versions of the grid's resources.
func plan(hist *history.History, files *history.Files, grid *inventory.Grid) (map[string]*file, error) {
	paths := map[string]*file{}
	at := func(path string) *file {
		f := paths[path]
		if f == nil {
			f = &file{}
			paths[path] = f
		}
		return f
	}

	for n := range hist.Commits {
		for _, c := range files.Changed(n) {
			if place, ok := grid.Place(c.Path); ok {
				f := at(c.Path)
				f.changes = append(f.changes,
					fileChange{commit: n, from: c.From, to: c.To, resource: Resource{Place: place}})
			}
		}
	}

	for r := range grid.Resources() {
		if r.Kind == route.GridKind {
			continue // the API has no history of it
		}

		f := at(r.File.Path)
		f.log = r.LogPath()
		for _, c := range hist.Log(f.log) {
			e, err := files.At(c, r.File.Path)
			if err != nil {
				return nil, err
			}
			f.entries = append(f.entries, e)
		}
	}

	return paths, nil
}
