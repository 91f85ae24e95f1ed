package change

import (
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/route"
)

// file is what is to be compared of one path, and the results.
type file struct {
	changes  []fileChange
	log      string // of a resource whose versions are shown: the git path whose log it is, else ""
	withText bool   // of such a resource: the versions' texts are shown, too
	entries  []history.TreeEntry
	versions []Version // as the entries: at the commits of the log
}

// fileChange is what one commit did to a path.
type fileChange struct {
	commit   int
	from, to history.TreeEntry
	resource Resource
}

// addTo puts the results into a log.
func (f *file) addTo(l *Log) {
	for i := range f.changes {
		n := f.changes[i].commit
		l.commits[n] = append(l.commits[n], f.changes[i].resource)
	}
	if f.log != "" {
		l.versions[f.log] = f.versions
	}
}

// plan lists what is to be compared, by path: what each commit changed of the
// files that are or were resources, and the versions of the grid's resources.
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
			continue // it has no history
		}

		f := at(r.File.Path)
		f.log, f.withText = r.LogPath(), !r.Kind.Get().InDir
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
