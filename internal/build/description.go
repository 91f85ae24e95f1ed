package build

import (
	"slices"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/openapi"
	"github.com/chameleoncloud/refapi/internal/page"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// description writes what describes the API: its OpenAPI document, and the
// pages made from it.
func (b *builder) description(pages *page.Renderer) {
	document := openapi.Document(openapi.Options{Base: b.in.Options.Published(), Examples: b.examples()})
	b.put(route.OpenAPI, document)
	reference, err := pages.Reference(document)
	b.page(route.Redoc.File(), reference, err)
	docs, err := pages.Docs()
	if err != nil {
		b.fail(err)
		return
	}
	b.emit(tree.File{Path: route.Docs.File(), Body: docs.Body, Time: b.assets, Links: docs.Links})
}

// fewItems is how many items an example of a collection shows: what a client
// gets that asks for as many.
const fewItems = 2

// examples chooses answers of this site for its description: of each kind the
// first resource that has all there is to show.
func (b *builder) examples() openapi.Examples {
	g := b.in.Grid
	out := openapi.Examples{}
	out[route.Root] = openapi.Example{Body: api.Encode(b.links.Grid(g.File.Object, b.in.History.Head().Committer.When))}
	b.historyExamples(out)
	b.changeExamples(out)
	b.versionExamples(out, route.Sites, g.SitesDir())
	collectionExample(b, out, route.Sites, b.siteItems())
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
	out[id] = openapi.Example{Args: args, Body: firstItems(b.links, id, items, fewItems, args...)}
}

// itemExample shows a resource, its versions and its history.
func (b *builder) itemExample(out openapi.Examples, id route.ID, item any, gitPath string, args ...string) {
	out[id] = openapi.Example{Args: args, Body: api.Encode(item)}
	b.versionExamples(out, id, gitPath, args...)
	b.historyExample(out, id, gitPath, args...)
}

// everythingExamples shows the documents of all sites, and the schemas.
func (b *builder) everythingExamples(out openapi.Examples) {
	nodes := nodeEntries(b.nodes[:min(fewItems, len(b.nodes))])
	all := api.NewCollection(b.links, route.AllNodes, nodes, len(b.nodes), 0)
	out[route.AllNodes] = openapi.Example{Body: api.Encode(all)}
	collectionExample(b, out, route.AllFlavors, flavorEntries(b.in.Grid))
	out[route.Facets] = openapi.Example{Body: api.Encode(b.facets(b.nodes[:len(nodes)]))}

	files := b.schemaFiles
	grid := slices.IndexFunc(files, func(f schemaFile) bool { return f.name == "grid" })
	out[route.Schema] = openapi.Example{Args: []string{"grid"}, Body: files[grid].body}
	ends := []api.SchemaEntry{b.schemaEntry(files[0]), b.schemaEntry(files[len(files)-1])}
	collectionExample(b, out, route.Schemas, ends)
}

// nodeExamples shows a site, a cluster and its first node.
func (b *builder) nodeExamples(out openapi.Examples, s *inventory.Site, c *inventory.Cluster) {
	g := b.in.Grid
	cluster := b.links.Cluster(c.File.Object, s.UID, c.UID)
	b.itemExample(out, route.Site, b.links.Site(s.File.Object, s.UID), g.SiteDir(s), s.UID)
	b.itemExample(out, route.Cluster, cluster, g.ClusterDir(s, c), s.UID, c.UID)
	collectionExample(b, out, route.Clusters, []api.Cluster{cluster}, s.UID)
	b.versionExamples(out, route.Clusters, g.ClustersDir(s), s.UID)

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
	b.versionExamples(out, route.Flavors, b.in.Grid.FlavorsDir(s), s.UID)
	b.itemExample(out, route.Flavor, flavors[0], s.Flavors[0].File.Path, s.UID, s.Flavors[0].UID)
}

// historyExamples shows the last few commits.
func (b *builder) historyExamples(out openapi.Examples) {
	commits := b.in.History.Commits
	var entries []api.VersionEntry
	for _, c := range commits[:min(fewItems, len(commits))] {
		entries = append(entries, b.versionEntry(c, route.VersionDetail, route.Root))
	}
	out[route.Versions] = openapi.Example{Body: api.Encode(b.links.History(entries))}

	head := version(commits[0])
	out[route.VersionDetail] = openapi.Example{Args: []string{head.UID}, Body: api.Encode(head)}
}

// versionExamples shows a resource's newest versions.
func (b *builder) versionExamples(out openapi.Examples, id route.ID, gitPath string, args ...string) {
	r := id.Get()
	commits := b.in.History.Log(gitPath)
	if len(commits) == 0 {
		return
	}
	var entries []api.VersionEntry
	for _, c := range commits {
		entries = append(entries, b.versionEntry(c, r.VersionRoute, id, args...))
	}
	collectionExample(b, out, r.VersionsRoute, entries, args...)

	v := version(commits[0])
	withUID := append(slices.Clip(args), v.UID)
	body := api.Encode(b.links.LinkedVersion(v, r.VersionRoute, withUID...))
	out[r.VersionRoute] = openapi.Example{Args: withUID, Body: body}
}
