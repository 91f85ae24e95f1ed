package inventory

import (
	"iter"
	"path"
	"slices"

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
// its nodes, then the site's flavors. Resources of one kind are sorted by uid, bytewise.
func (g *Grid) Resources() iter.Seq[Resource] {
	return func(yield func(Resource) bool) {
		if yield(Resource{g.place(), g.File}) {
			slices.Values(g.resources)(yield)
		}
	}
}

// In yields the resources of a kind in a site or a cluster; the zero Place is for the
// complete grid.
func (g *Grid) In(part Place, kind route.KindID) iter.Seq[Resource] {
	return func(yield func(Resource) bool) {
		for _, r := range g.resources {
			isIn := (part.Site == "" || r.Site == part.Site) && (part.Cluster == "" || r.Cluster == part.Cluster)
			if r.Kind == kind && isIn && !yield(r) {
				return
			}
		}
	}
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
	for _, d := range g.Descriptions {
		paths = append(paths, d.Path)
	}

	return paths
}
