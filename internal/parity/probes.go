package parity

import "github.com/chameleoncloud/refapi/internal/route"

// nowhere is the name of a resource that does not exist.
const nowhere = "parity-probe"

// seeds returns the paths where a walk begins: the root, and what no link leads to.
func seeds(live bool) []string {
	paths := []string{
		route.Root.Path(),
		route.Sites.Path() + ".json",
		route.Sites.Path() + "/",
		"/" + nowhere,
		route.Site.Path(nowhere),
		route.Clusters.Path(nowhere),
		route.SiteVersions.Path(nowhere),
	}
	if !live {
		return paths
	}

	const window = "?start=2099-01-01T00:00:00Z&end=2099-01-02T00:00:00Z"
	search := route.Search.Path()
	return append(paths,
		route.Sites.Path()+"?limit=1",
		route.Sites.Path()+"?limit=0&offset=-1",
		search,
		search+"?gpu=true",
		search+"?infiniband=maybe&min_ram=1.5",
		search+"?start=2099-01-01T00:00:00Z",
		search+window,
		route.SiteAvailability.Path(nowhere),
	)
}

// probes returns the paths that follow from a resource but are not linked: when it is
// available, and what is missing below it.
func probes(q question, live bool) (paths []string) {
	switch q.id {
	case route.Site:
		site := q.args[0]
		paths = []string{route.Cluster.Path(site, nowhere), route.Flavor.Path(site, nowhere)}
	case route.Cluster:
		paths = []string{route.Node.Path(q.args[0], q.args[1], nowhere)}
	}
	if !live {
		return paths
	}

	switch q.id {
	case route.Site:
		paths = append(paths, route.SiteAvailability.Path(q.args...))
	case route.Node:
		paths = append(paths, route.NodeAvailability.Path(q.args...))
	case route.Flavor:
		paths = append(paths, route.FlavorAvailability.Path(q.args...))
	case route.Nodes, route.Flavors, route.ClusterVersions:
		if !q.isSlice() {
			paths = append(paths, q.id.Path(q.args...)+"?limit=2&offset=1")
		}
	}
	return paths
}
