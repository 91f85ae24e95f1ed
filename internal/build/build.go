// Package build turns an inventory and its history into the files of the
// published tree. It is pure: the same input gives the same files, byte for
// byte and second for second, on every machine.
package build

import (
	"cmp"
	"fmt"
	"iter"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/page"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// Revision counts the changes of the generator's output, from its first release
// on. Raise it with every change of what is written: modification times move by
// it, and so do ETags.
const Revision = 1

// Input is what a site is made from.
type Input struct {
	Grid    *inventory.Grid
	History *history.History
	// Changes returns what changed in that history. It is called when that is
	// needed, so that it may be found meanwhile.
	Changes func() (*change.Log, error)

	// Edited is the modification time of the files of a work tree that differ from
	// the history's head. It is zero where the files are those of the commit.
	Edited time.Time
	// Now is what no time of a file may be later than; zero for no bound.
	Now time.Time

	Options
}

// Options are the operator's choices. All of them show in the output.
type Options struct {
	// Base precedes every link of the API: "" for root-relative links, a path
	// prefix such as "/ref", or, for absolute links, a URL such as
	// "https://api.example.org/ref".
	Base string `json:"base"`
	// URL is that of the published site, such as "https://api.example.org/ref",
	// for what is read elsewhere: feeds, the OpenAPI document's server, the API
	// catalog and the canonical link of security.txt. "" is unknown.
	URL string `json:"url,omitempty"`
	// Security is where to report security problems.
	Security Security `json:"security,omitzero"`
}

// Root precedes the links of pages and all that they load. It never names a host:
// a page works on every host that serves the tree.
func (o Options) Root() string { return route.BasePath(o.Base) }

// Published is the URL of the published site, or what is known of it: the path
// that its links start with.
func (o Options) Published() string { return cmp.Or(o.URL, o.Base) }

// Targets returns the files of the tree that a file links to, for a site that is
// published at a base.
func Targets(base string, f tree.File) []string {
	var targets []string
	for _, href := range f.Links {
		if t := route.Target(base, href); t != "" {
			targets = append(targets, t)
		}
	}
	return targets
}

// Files yields the whole tree but for its manifest. An error ends it: a page
// could not be rendered. Each file is made when it is asked for, so that the
// tree is never in memory at once.
func Files(in Input) iter.Seq2[tree.File, error] {
	return func(yield func(tree.File, error) bool) {
		b := &builder{
			Input:       in,
			nodes:       nodesOf(in.Grid),
			schemaFiles: schemaFiles(),
			yield:       yield,
		}
		b.links = api.Links{Version: in.History.Head().ID.String(), Base: in.Base, Record: b.record}
		b.setTimes()
		b.tree()
	}
}

// tree writes everything. Assets come first: they are the largest files, and
// take longest to compress. What depends on changes comes last.
func (b *builder) tree() {
	assets, err := page.Assets()
	if err != nil {
		b.fail(err)
		return
	}
	for _, a := range assets {
		b.emit(tree.File{Path: a.Path, Body: a.Body, Gzip: a.Gzip, Time: b.assets})
	}

	pages, err := page.New(b.Root(), assets)
	if err != nil {
		b.fail(err)
		return
	}
	browser, err := pages.Hardware(b.Grid, b.nodes)
	if err != nil {
		b.fail(err)
		return
	}

	b.wellKnown()
	b.problems()
	b.guide(pages)
	b.hardware(browser)
	b.testbed()
	b.versions()

	if b.log, err = b.Changes(); err != nil {
		b.fail(err)
		return
	}
	b.description(pages)
	b.changes()
	for _, s := range b.Grid.Sites {
		b.site(s)
	}
	b.changesPages(browser)
}

// builder writes the tree until its reader has had enough, or something fails.
type builder struct {
	Input
	nodes       []hardware.Node
	schemaFiles []schemaFile
	log         *change.Log

	times  *history.Times
	head   time.Time // of what names HEAD, or shows files that are not committed
	assets time.Time // of what changes with the generator and the options only

	links    api.Links
	recorded []string // links of the document that is emitted next

	yield func(tree.File, error) bool
	done  bool
}

// record notes a link that was made: what is not emitted before is the document
// that has it.
func (b *builder) record(href string) { b.recorded = append(b.recorded, href) }

func (b *builder) emit(f tree.File) {
	f.Links = append(f.Links, b.recorded...)
	b.recorded = nil
	if !b.done {
		b.done = !b.yield(f, nil)
	}
}

// fail ends the tree.
func (b *builder) fail(err error) {
	if !b.done {
		b.yield(tree.File{}, fmt.Errorf("render the site: %w", err))
		b.done = true
	}
}

// put writes the answer to a route at HEAD.
func (b *builder) put(id route.ID, body []byte, args ...string) {
	b.emit(tree.File{Path: id.File(args...), Body: body, Time: b.head})
}

// putCollection writes a collection.
func putCollection[T any](b *builder, id route.ID, items []T, args ...string) {
	b.put(id, firstItems(b.links, id, items, len(items), args...), args...)
}

// firstItems is the body of a collection with its first items.
func firstItems[T any](links api.Links, id route.ID, items []T, n int, args ...string) []byte {
	return api.Encode(api.NewCollection(links, id, items[:min(n, len(items))], len(items), 0, args...))
}

// problems writes the bodies of errors, for servers that have nothing but files.
func (b *builder) problems() {
	for _, p := range api.Problems() {
		b.emit(tree.File{Path: p.File(), Body: p.Body(), Time: b.assets})
	}
}

// testbed writes what is above all sites.
func (b *builder) testbed() {
	g := b.Grid
	b.put(route.Root, api.Encode(b.links.Grid(g.File.Object, b.History.Head().Committer.When)))
	putCollection(b, route.Sites, b.siteItems())
	b.exports()
	b.schemas()
	b.versionsOf(route.Sites, g.SitesDir())
}

func (b *builder) siteItems() (items []api.Site) {
	for _, s := range b.Grid.Sites {
		items = append(items, b.links.Site(s.File.Object, s.UID))
	}
	return items
}

// site writes a site and all below it.
func (b *builder) site(s *inventory.Site) {
	g := b.Grid
	b.put(route.Site, api.Encode(b.links.Site(s.File.Object, s.UID)), s.UID)
	b.versionsOf(route.Site, g.SiteDir(s), s.UID)
	b.historyOf(route.Site, g.SiteDir(s), s.UID)
	b.feeds(s.UID, route.SiteChangesAtom, route.SiteChangesFeed)

	var clusters []api.Cluster
	for _, c := range s.Clusters {
		clusters = append(clusters, b.cluster(s, c))
	}
	putCollection(b, route.Clusters, clusters, s.UID)
	b.versionsOf(route.Clusters, g.ClustersDir(s), s.UID)

	var flavors []api.Flavor
	for _, f := range s.Flavors {
		flavors = append(flavors, putItem(b, route.Flavor, b.links.Flavor, f.File, s.UID, f.UID))
	}
	putCollection(b, route.Flavors, flavors, s.UID)
	b.versionsOf(route.Flavors, g.FlavorsDir(s), s.UID)
}

// cluster writes a cluster and its nodes and returns the cluster's item.
func (b *builder) cluster(s *inventory.Site, c *inventory.Cluster) api.Cluster {
	item := b.links.Cluster(c.File.Object, s.UID, c.UID)
	b.put(route.Cluster, api.Encode(item), s.UID, c.UID)
	b.versionsOf(route.Cluster, b.Grid.ClusterDir(s, c), s.UID, c.UID)
	b.historyOf(route.Cluster, b.Grid.ClusterDir(s, c), s.UID, c.UID)

	var nodes []api.Node
	for _, n := range c.Nodes {
		nodes = append(nodes, putItem(b, route.Node, b.links.Node, n.File, s.UID, c.UID, n.UID))
	}
	putCollection(b, route.Nodes, nodes, s.UID, c.UID)
	return item
}

// putItem writes a resource that is one file, and returns its body, which a
// method of [api.Links] makes.
func putItem[T any](
	b *builder, id route.ID, body func(rawjson.Object, ...string) T, f inventory.File, args ...string,
) T {
	item := body(f.Object, args...)
	b.put(id, api.Encode(item), args...)
	b.versionsOf(id, f.Path, args...)
	b.historyOf(id, f.Path, args...)
	return item
}
