package change

import (
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
)

// wanted lists what is to be read, by path.
func wanted(hist *history.History, files *history.Files, grid *inventory.Grid) (map[string]*file, error) {
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
	for _, h := range histories(grid) {
		f := at(h.file)
		f.log, f.keep = h.log, h.keep
		for _, c := range hist.Log(h.log) {
			e, err := files.At(c, h.file)
			if err != nil {
				return nil, err
			}
			f.entries = append(f.entries, e)
		}
	}
	return paths, nil
}

// logged is a resource whose versions are shown.
type logged struct {
	log  string // the git path whose log it is
	file string
	keep bool // texts are shown, too
}

// histories lists the resources whose history the API shows.
func histories(g *inventory.Grid) (all []logged) {
	for _, s := range g.Sites {
		all = append(all, logged{g.SiteDir(s), s.File.Path, false})
		for _, c := range s.Clusters {
			all = append(all, logged{g.ClusterDir(s, c), c.File.Path, false})
			for _, n := range c.Nodes {
				all = append(all, logged{n.File.Path, n.File.Path, true})
			}
		}
		for _, f := range s.Flavors {
			all = append(all, logged{f.File.Path, f.File.Path, true})
		}
	}
	return all
}
