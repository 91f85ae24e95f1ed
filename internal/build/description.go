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
	some := func(id route.ID, items [][]byte, args ...string) {
		out[id] = openapi.Example{Args: args, Body: b.api.Collection(id, items[:min(fewItems, len(items))], len(items), 0, args...)}
	}
	one := func(id route.ID, f inventory.File, dir string, args ...string) {
		out[id] = openapi.Example{Args: args, Body: b.api.Item(id, f.Object, args...)}
		b.versionExamples(out, id, dir, args...)
		b.historyExample(out, id, dir, args...)
	}
	out[route.Root] = openapi.Example{Body: b.api.Root(g.File.Object, b.in.History.Head().Committer.When)}
	b.historyExamples(out)
	b.changeExamples(out)
	b.versionExamples(out, route.Sites, g.SitesDir())
	var sites [][]byte
	for _, s := range g.Sites {
		sites = append(sites, b.api.Item(route.Site, s.File.Object, s.UID))
	}
	some(route.Sites, sites)
	nodes := b.nodes[:min(fewItems, len(b.nodes))]
	out[route.AllNodes] = openapi.Example{Body: b.api.Collection(route.AllNodes, entriesOf(nodes), len(b.nodes), 0)}
	some(route.AllFlavors, allFlavors(g))
	out[route.Facets] = openapi.Example{Body: b.facets(nodes)}
	if files := b.schemaFiles; len(files) > 0 {
		out[route.Schema] = openapi.Example{Args: []string{"grid"}, Body: files[slices.IndexFunc(files, func(f schemaFile) bool { return f.name == "grid" })].body}
		some(route.Schemas, [][]byte{b.schemaItem(files[0]), b.schemaItem(files[len(files)-1])})
	}
	for _, s := range g.Sites {
		if _, done := out[route.Node]; !done {
			if i := slices.IndexFunc(s.Clusters, func(c *inventory.Cluster) bool { return len(c.Nodes) > 0 }); i >= 0 {
				c := s.Clusters[i]
				one(route.Site, s.File, g.SiteDir(s), s.UID)
				some(route.Clusters, [][]byte{b.api.Item(route.Cluster, c.File.Object, s.UID, c.UID)}, s.UID)
				b.versionExamples(out, route.Clusters, g.ClustersDir(s), s.UID)
				one(route.Cluster, c.File, g.ClusterDir(s, c), s.UID, c.UID)
				var nodes [][]byte
				for _, n := range c.Nodes {
					nodes = append(nodes, b.api.Item(route.Node, n.File.Object, s.UID, c.UID, n.UID))
				}
				some(route.Nodes, nodes, s.UID, c.UID)
				n := c.Nodes[0]
				one(route.Node, n.File, n.File.Path, s.UID, c.UID, n.UID)
			}
		}
		if _, done := out[route.Flavor]; !done && len(s.Flavors) > 0 {
			var flavors [][]byte
			for _, f := range s.Flavors {
				flavors = append(flavors, b.api.Item(route.Flavor, f.File.Object, s.UID, f.UID))
			}
			some(route.Flavors, flavors, s.UID)
			b.versionExamples(out, route.Flavors, g.FlavorsDir(s), s.UID)
			f := s.Flavors[0]
			one(route.Flavor, f.File, f.File.Path, s.UID, f.UID)
		}
	}
	return out
}

// historyExamples shows the last few commits.
func (b *builder) historyExamples(out openapi.Examples) {
	var entries [][]byte
	commits := b.in.History.Commits
	for _, c := range commits[:min(fewItems, len(commits))] {
		entries = append(entries, b.api.Entry(version(c), route.VersionDetail, route.Root))
	}
	out[route.Versions] = openapi.Example{Body: b.api.History(entries)}
	head := version(commits[0])
	out[route.VersionDetail] = openapi.Example{Args: []string{head.UID}, Body: api.BareDetail(head)}
}

// versionExamples shows a resource's newest versions.
func (b *builder) versionExamples(out openapi.Examples, id route.ID, dir string, args ...string) {
	r := id.Get()
	commits := b.in.History.Log(dir)
	if len(commits) == 0 {
		return
	}
	var entries [][]byte
	for _, c := range commits[:min(fewItems, len(commits))] {
		entries = append(entries, b.api.Entry(version(c), r.VersionRoute, id, args...))
	}
	out[r.VersionsRoute] = openapi.Example{Args: args, Body: b.api.Collection(r.VersionsRoute, entries, len(commits), 0, args...)}
	v := version(commits[0])
	withUID := append(slices.Clip(args), v.UID)
	out[r.VersionRoute] = openapi.Example{Args: withUID, Body: b.api.Detail(v, r.VersionRoute, withUID...)}
}
