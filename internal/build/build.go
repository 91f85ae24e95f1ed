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
	"github.com/chameleoncloud/refapi/internal/openapi"
	"github.com/chameleoncloud/refapi/internal/page"
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
	// Live returns examples of the live routes' responses at a time, about a release
	// of which the examples of static routes are the files. nil if there are none.
	Live func(of tree.Release, at time.Time, static openapi.Examples) (openapi.Examples, error)

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
	// DataLicense is the SPDX identifier of the data's licence, "" for none.
	DataLicense string `json:"data_license,omitempty"`
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

// Files yields all files of the tree but for its manifest. An error ends it: a page
// could not be rendered. Each file is made when it is asked for, so that the
// tree is never in memory at once.
func Files(in Input) iter.Seq2[tree.File, error] {
	return func(yield func(tree.File, error) bool) {
		b := &builder{
			Input:    in,
			nodes:    nodesOf(in.Grid),
			examples: newExamples(in.Grid),
			yield:    yield,
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
	b.exports()
	b.schemas()
	b.versions()

	if b.log, err = b.Changes(); err != nil {
		b.fail(err)
		return
	}

	b.changes()
	b.resources()
	b.changesPages(browser)
	b.description(pages)
}

// builder writes the tree until its reader has had enough, or something fails.
type builder struct {
	Input
	nodes    []hardware.Node
	examples examples
	log      *change.Log

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
	offerItems(b, id, items, args...)
	b.put(id, api.Encode(api.NewCollection(b.links, id, items, len(items), 0, args...)), args...)
}

// problems writes the bodies of errors, for servers that have nothing but files.
func (b *builder) problems() {
	for _, p := range api.Problems() {
		b.emit(tree.File{Path: p.File(), Body: p.Body(), Time: b.assets})
	}
}

// resources writes every resource with its versions and history, and then the
// collections of what each contains.
func (b *builder) resources() {
	items := map[string][]any{} // by the collection's path
	for r := range b.Grid.Resources() {
		kind, args, item := r.Kind.Get(), r.Args(), b.item(r)
		body := api.Encode(item)
		b.examples.offer(kind.Item, body, args...)
		b.put(kind.Item, body, args...)

		if r.Kind == route.GridKind {
			continue
		}

		b.versionsOf(kind.Item, r.LogPath(), args...)
		if err := b.historyOf(r); err != nil {
			b.fail(err)
			return
		}

		collection := kind.Collection.Path(args[:len(args)-1]...)
		items[collection] = append(items[collection], item)

		if b.done {
			return
		}
	}

	for r := range b.Grid.Resources() {
		for _, child := range r.Kind.Children() {
			args := r.Args()
			putCollection(b, child.Collection, items[child.Collection.Path(args...)], args...)
			if child.CollectionVersions != 0 {
				b.versionsOf(child.Collection, r.CollectionLogPath(child), args...)
			}
		}
		if r.Kind == route.SiteKind {
			b.feeds(r.Site, route.SiteChangesAtom, route.SiteChangesFeed)
		}
	}
}

// item is the body of a resource.
func (b *builder) item(r inventory.Resource) any {
	file, args := r.File.Object, r.Args()
	switch r.Kind {
	case route.SiteKind:
		return b.links.Site(file, args...)
	case route.ClusterKind:
		return b.links.Cluster(file, args...)
	case route.NodeKind:
		return b.links.Node(file, args...)
	case route.FlavorKind:
		return b.links.Flavor(file, args...)
	}

	return b.links.Grid(file, b.History.Head().Committer.When)
}
