package build

import (
	"slices"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/openapi"
	"github.com/chameleoncloud/refapi/internal/route"
)

// What examples show at most.
const (
	maxExampleItems   = 2        // of a collection: what a client gets that requests as many
	maxExampleChanges = 3        // resources that a commit changed
	maxExamplePatch   = 4 << 10  // bytes of the patch of each of them
	maxExampleVersion = 32 << 10 // bytes of a version in a history
)

// examples chooses answers of this site for its description: of each kind the
// first resource that has all there is to show.
func (b *builder) examples() openapi.Examples {
	g := b.Grid
	out := openapi.Examples{}
	out[route.Root] = openapi.Example{Body: api.Encode(b.links.Grid(g.File.Object, b.History.Head().Committer.When))}
	b.historyExamples(out)
	b.changeExamples(out)
	b.versionExamples(out, route.Sites, g.SitesDir())
	var sites []api.Site

	for _, s := range g.Sites {
		sites = append(sites, b.links.Site(s.File.Object, s.UID))
	}

	collectionExample(b, out, route.Sites, sites)
	b.everythingExamples(out)

	for _, s := range g.Sites {
		if _, done := out[route.Node]; !done {
			i := slices.IndexFunc(s.Clusters, func(c *inventory.Cluster) bool { return len(c.Nodes) > 0 })
			if i >= 0 {
				b.nodeExamples(out, s, s.Clusters[i])
			}
		}
		if _, done := out[route.Flavor]; !done && len(s.Flavors) > 0 {
			b.flavorExamples(out, s)
		}
	}

	return out
}

// collectionExample shows the first items of a collection.
func collectionExample[T any](b *builder, out openapi.Examples, id route.ID, items []T, args ...string) {
	out[id] = openapi.Example{Args: args, Body: firstItems(b.links, id, items, maxExampleItems, args...)}
}

// itemExample shows a resource, its versions and its history.
func (b *builder) itemExample(out openapi.Examples, id route.ID, item any, gitPath string, args ...string) {
	out[id] = openapi.Example{Args: args, Body: api.Encode(item)}
	b.versionExamples(out, id, gitPath, args...)
	b.historyExample(out, id, gitPath, args...)
}

// everythingExamples shows the documents of all sites, and the schemas.
func (b *builder) everythingExamples(out openapi.Examples) {
	nodes := nodeEntries(b.nodes[:min(maxExampleItems, len(b.nodes))])
	all := api.NewCollection(b.links, route.AllNodes, nodes, len(b.nodes), 0)
	out[route.AllNodes] = openapi.Example{Body: api.Encode(all)}
	collectionExample(b, out, route.AllFlavors, flavorEntries(b.Grid))
	out[route.Facets] = openapi.Example{Body: api.Encode(b.facets(b.nodes[:len(nodes)]))}

	files := b.schemaFiles
	grid := slices.IndexFunc(files, func(f schemaFile) bool { return f.name == "grid" })
	out[route.Schema] = openapi.Example{Args: []string{"grid"}, Body: files[grid].body}
	ends := []api.SchemaEntry{b.schemaEntry(files[0]), b.schemaEntry(files[len(files)-1])}
	collectionExample(b, out, route.Schemas, ends)
}

// nodeExamples shows a site, a cluster and its first node.
func (b *builder) nodeExamples(out openapi.Examples, s *inventory.Site, c *inventory.Cluster) {
	cluster := b.links.Cluster(c.File.Object, s.UID, c.UID)
	b.itemExample(out, route.Site, b.links.Site(s.File.Object, s.UID), s.Dir(), s.UID)
	b.itemExample(out, route.Cluster, cluster, c.Dir(), s.UID, c.UID)
	collectionExample(b, out, route.Clusters, []api.Cluster{cluster}, s.UID)
	b.versionExamples(out, route.Clusters, s.ClustersDir(), s.UID)

	var nodes []api.Node
	for _, n := range c.Nodes {
		nodes = append(nodes, b.links.Node(n.File.Object, s.UID, c.UID, n.UID))
	}

	collectionExample(b, out, route.Nodes, nodes, s.UID, c.UID)
	b.itemExample(out, route.Node, nodes[0], c.Nodes[0].File.Path, s.UID, c.UID, c.Nodes[0].UID)
}

// flavorExamples shows the flavors of a site, and the first of them.
func (b *builder) flavorExamples(out openapi.Examples, s *inventory.Site) {
	var flavors []api.Flavor
	for _, f := range s.Flavors {
		flavors = append(flavors, b.links.Flavor(f.File.Object, s.UID, f.UID))
	}
	collectionExample(b, out, route.Flavors, flavors, s.UID)
	b.versionExamples(out, route.Flavors, s.FlavorsDir(), s.UID)
	b.itemExample(out, route.Flavor, flavors[0], s.Flavors[0].File.Path, s.UID, s.Flavors[0].UID)
}

// historyExamples shows the last few commits.
func (b *builder) historyExamples(out openapi.Examples) {
	commits := b.History.Commits
	entries := b.versionEntries(commits[:min(maxExampleItems, len(commits))], route.VersionDetail, route.Root)
	out[route.Versions] = openapi.Example{Body: api.Encode(b.links.History(entries))}

	head := version(commits[0])
	out[route.VersionDetail] = openapi.Example{Args: []string{head.UID}, Body: api.Encode(head)}
}

// versionExamples shows a resource's newest versions.
func (b *builder) versionExamples(out openapi.Examples, id route.ID, gitPath string, args ...string) {
	r := id.Get()
	commits := b.History.Log(gitPath)
	if len(commits) == 0 {
		return
	}

	entries := b.versionEntries(commits, r.VersionRoute, id, args...)
	collectionExample(b, out, r.VersionsRoute, entries, args...)

	v := version(commits[0])
	withUID := append(slices.Clip(args), v.UID)
	body := api.Encode(b.links.LinkedVersion(v, r.VersionRoute, withUID...))
	out[r.VersionRoute] = openapi.Example{Args: withUID, Body: body}
}

// changeExamples shows the newest changes.
func (b *builder) changeExamples(out openapi.Examples) {
	commits := b.History.Commits
	entries := b.changeEntries(min(maxExampleItems, len(commits)))
	changes := api.NewCollection(b.links, route.Changes, entries, len(commits), 0)
	out[route.Changes] = openapi.Example{Body: api.Encode(changes)}

	// The newest commit that changed a few resources a little, else the newest.
	best := 0
	for n := range commits {
		resources := b.log.Commit(n)
		isSmall := len(resources) > 0 && len(resources) <= maxExampleChanges
		if isSmall && resources[0].Delta != nil && !slices.ContainsFunc(resources, hasLongPatch) {
			best = n
			break
		}
	}

	resources := slices.DeleteFunc(slices.Clone(b.log.Commit(best)), hasLongPatch)
	resources = resources[:min(maxExampleChanges, len(resources))]
	out[route.VersionChanges] = openapi.Example{
		Args: []string{commits[best].ID.String()},
		Body: api.Encode(b.changeSet(best, resources)),
	}

	f := b.feed("", maxExampleItems)
	f.JSON = b.Published() + route.ChangesFeed.Path()
	out[route.ChangesFeed] = openapi.Example{Body: api.Encode(f.JSONFeed())}

	if sites := b.Grid.Sites; len(sites) > 0 {
		f = b.feed(sites[0].UID, maxExampleItems)
		f.JSON = b.Published() + route.SiteChangesFeed.Path(sites[0].UID)
		out[route.SiteChangesFeed] = openapi.Example{Args: []string{sites[0].UID}, Body: api.Encode(f.JSONFeed())}
	}
}

func hasLongPatch(r change.Resource) bool {
	return r.Delta != nil && len(api.Encode(Difference(r.Delta).Patch)) > maxExamplePatch
}

// historyExample shows a resource's newest versions, but for long ones.
func (b *builder) historyExample(out openapi.Examples, of route.ID, gitPath string, args ...string) {
	items := itemVersions(b.fileVersions(of, gitPath, args), b.log.Versions(gitPath))
	total := len(items)
	items = slices.DeleteFunc(items[:min(maxExampleItems, total)], func(v api.ItemVersion) bool {
		return len(api.Encode(v)) >= maxExampleVersion
	})

	id := of.Get().HistoryRoute
	body := api.Encode(api.NewCollection(b.links, id, items, total, 0, args...))
	if of.Get().Kind.Get().InDir {
		files := make([]api.FileVersion, len(items))
		for i := range items {
			files[i] = items[i].FileVersion
		}
		body = api.Encode(api.NewCollection(b.links, id, files, total, 0, args...))
	}

	out[id] = openapi.Example{Args: args, Body: body}
}
