package change

import (
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
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
				f.changes = append(f.changes, fileChange{commit: n, from: c.From, to: c.To, resource: Resource{Place: place}})
			}
		}
	}

	for _, r := range versioned(grid) {
		f := at(r.file)
		f.log, f.withText = r.log, r.withText
		for _, c := range hist.Log(r.log) {
			e, err := files.At(c, r.file)
			if err != nil {
				return nil, err
			}
			f.entries = append(f.entries, e)
		}
	}
	return paths, nil
}

// versionedResource is a resource whose history the API shows.
type versionedResource struct {
	log      string // the git path whose log it is
	file     string
	withText bool
}

func versioned(g *inventory.Grid) (all []versionedResource) {
	for _, s := range g.Sites {
		all = append(all, versionedResource{g.SiteDir(s), s.File.Path, false})
		for _, c := range s.Clusters {
			all = append(all, versionedResource{g.ClusterDir(s, c), c.File.Path, false})
			for _, n := range c.Nodes {
				all = append(all, versionedResource{n.File.Path, n.File.Path, true})
			}
		}
		for _, f := range s.Flavors {
			all = append(all, versionedResource{f.File.Path, f.File.Path, true})
		}
	}
	return all
}
