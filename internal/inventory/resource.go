package inventory

import (
	"iter"
	"path"

	"github.com/chameleoncloud/refapi/internal/route"
)

// Resource is one resource of a grid.
type Resource struct {
	Place
	File File
}

// LogPath returns the git path whose log is the resource's history: its directory, or
// its file if it has none.
func (r Resource) LogPath() string {
	if r.Kind.Get().InDir {
		return path.Dir(r.File.Path)
	}
	return r.File.Path
}

// CollectionLogPath returns the same for a collection inside the resource.
func (r Resource) CollectionLogPath(kind *route.Kind) string {
	return path.Join(r.LogPath(), kind.Segment)
}

// Resources yields the grid and everything in it: each site, its clusters, each with
// its nodes, then the site's flavors.
func (g *Grid) Resources() iter.Seq[Resource] {
	return func(yield func(Resource) bool) {
		grid := g.place()
		if !yield(Resource{grid, g.File}) {
			return
		}
		for _, s := range g.Sites {
			if !s.resources(grid.child(route.SiteKind, s.UID), yield) {
				return
			}
		}
	}
}

// resources yields a site and everything in it; false to stop.
func (s *Site) resources(site Place, yield func(Resource) bool) bool {
	if !yield(Resource{site, s.File}) {
		return false
	}

	for _, c := range s.Clusters {
		cluster := site.child(route.ClusterKind, c.UID)
		if !yield(Resource{cluster, c.File}) {
			return false
		}
		for _, n := range c.Nodes {
			if !yield(Resource{cluster.child(route.NodeKind, n.UID), n.File}) {
				return false
			}
		}
	}

	for _, f := range s.Flavors {
		if !yield(Resource{site.child(route.FlavorKind, f.UID), f.File}) {
			return false
		}
	}

	return true
}

// Counts has the number of resources of each kind.
type Counts struct {
	Sites    int `json:"sites"`
	Clusters int `json:"clusters"`
	Nodes    int `json:"nodes"`
	Flavors  int `json:"flavors"`
}

// Counts counts the resources of the grid.
func (g *Grid) Counts() Counts {
	counts := map[route.KindID]int{}
	for r := range g.Resources() {
		counts[r.Kind]++
	}

	return Counts{
		Sites:    counts[route.SiteKind],
		Clusters: counts[route.ClusterKind],
		Nodes:    counts[route.NodeKind],
		Flavors:  counts[route.FlavorKind],
	}
}

// LogPaths lists every path whose history the API shows.
func (g *Grid) LogPaths() []string {
	var paths []string
	for r := range g.Resources() {
		if r.Kind != route.GridKind {
			paths = append(paths, r.LogPath())
		}
		for _, child := range r.Kind.Children() {
			if child.CollectionVersions != 0 {
				paths = append(paths, r.CollectionLogPath(child))
			}
		}
	}

	return paths
}
