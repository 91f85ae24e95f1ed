package build

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/openapi"
	"github.com/chameleoncloud/refapi/internal/page"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// emitPage yields a page. What it is made with is in its fingerprint.
func (b *builder) emitPage(f tree.File, render func() (page.Page, error)) {
	if f.Fingerprint != "" {
		f.Fingerprint = b.fingerprint(b.pageDigest, f.Path, f.Fingerprint)
	}

	b.emit(f, func(f *tree.File) error {
		b.pages.Begin(f.Path)
		p, err := render()
		f.Body, f.Links = p.Body, p.Links
		return err
	})
}

// browserPage yields a page of the hardware browser.
func (b *builder) browserPage(f tree.File, render func(*page.Hardware) (page.Page, error)) {
	b.list(f.Path, time.Time{})
	b.hardwarePage(f, render)
}

// hardwarePage yields a page that is made with the browser's.
func (b *builder) hardwarePage(f tree.File, render func(*page.Hardware) (page.Page, error)) {
	b.emitPage(f, func() (page.Page, error) {
		h, err := b.browser()
		if err != nil {
			return page.Page{}, err
		}
		return render(h)
	})
}

// ofHead returns a file that depends on HEAD.
func (b *builder) ofHead(path string) tree.File { return tree.File{Path: path, Time: b.head} }

// madePage yields a page that changes with the generator and the options only.
func (b *builder) madePage(file string, p page.Page) {
	b.emitMade(tree.File{Path: file, Body: p.Body, Links: p.Links})
}

// guide writes the guide, which changes with the generator alone.
func (b *builder) guide(pages *page.Renderer) error {
	g, err := pages.Guide()
	if err != nil {
		return err
	}

	b.emitMade(tree.File{Path: g.Search.Path, Class: tree.Immutable, Body: g.Search.Body})
	b.madePage(route.Guide.File(), g.Contents)
	b.list(route.Guide.File(), time.Time{})
	for _, c := range g.Chapters {
		b.madePage(route.GuideChapter.File(c.Name), c.Page)
		b.list(route.GuideChapter.File(c.Name), time.Time{})
	}

	return nil
}

// description writes the OpenAPI document, and the pages made from it.
func (b *builder) description(pages *page.Renderer) error {
	examples := sync.OnceValues(func() (openapi.Examples, error) {
		answers, err := b.allExamples()
		b.recorded = nil // the answers have these links, not the document
		return answers, err
	})

	b.put(route.OpenAPI, func() ([]byte, error) {
		answers, err := examples()
		if err != nil {
			return nil, err
		}

		return openapi.Document(openapi.Options{
			Base:        cmp.Or(b.API, b.Published()),
			Suffix:      b.Suffix,
			DataLicense: b.DataLicense,
			Examples:    answers,
			Values:      b.parameterValues(),
			Filters:     b.filters(),
		}), nil
	})

	b.list(route.Reference.File(), time.Time{})
	b.emitPage(b.ofHead(route.Reference.File()), func() (page.Page, error) {
		answers, err := examples()
		if err != nil {
			return page.Page{}, err
		}
		return pages.Reference(answers)
	})

	moved, err := pages.Moved("API reference", route.Reference)
	if err != nil {
		return err
	}
	docs, err := pages.Docs()
	if err != nil {
		return err
	}

	b.madePage(route.LegacyReference.File(), moved)
	b.madePage(route.Docs.File(), docs)
	b.list(route.Docs.File(), time.Time{})
	return nil
}

// pageOptions are those of all pages.
func (b *builder) pageOptions() page.Options {
	o := page.Options{Base: b.Root(), Suffix: b.Suffix, URL: b.URL, NoIndex: b.NoIndex, Site: b.Site}
	o.Site.Title = cmp.Or(o.Site.Title, b.Grid.UID)
	if len(b.Only) > 0 {
		o.API, o.Has = b.API, b.has
	}
	return o
}

// nodeTypes lists the types of nodes by name.
func nodeTypes(nodes []hardware.Node) []string {
	names := map[string]bool{}
	for i := range nodes {
		names[nodes[i].Type] = true
	}
	delete(names, "")
	return slices.Sorted(maps.Keys(names))
}

// hardware writes the hardware browser.
func (b *builder) hardware() {
	b.emit(b.ofHead(route.HardwareIndex), func(f *tree.File) error {
		h, err := b.browser()
		if err == nil {
			f.Body = h.Index()
		}
		return err
	})

	b.browserPage(b.ofHead(route.HardwareNodes.File()), func(h *page.Hardware) (page.Page, error) {
		if err := b.changedByNewest(allTypes); err != nil {
			return page.Page{}, err
		}
		return h.List()
	})
	b.browserPage(b.ofHead(route.HardwareCompare.File()), (*page.Hardware).Compare)
	b.browserPage(b.ofHead(route.HardwareSlots.File()), (*page.Hardware).Slots)
	b.hardwarePage(b.ofHead(route.HardwareTimeline.File()), (*page.Hardware).Timeline)

	for _, t := range nodeTypes(b.nodes()) {
		slug := page.TypeSlug(t)
		b.browserPage(b.ofHead(route.HardwareType.File(slug)), func(h *page.Hardware) (page.Page, error) {
			if err := b.changedByNewest(t); err != nil {
				return page.Page{}, err
			}
			return h.Type(t)
		})
		b.typeFeeds(t, slug)
	}

	nodes := b.nodes() // in the order of the resources
	for r := range b.Grid.Resources() {
		if b.done {
			return
		}

		if r.Kind == route.NodeKind {
			b.nodePages(r, &nodes[0])
			nodes = nodes[1:]
			continue
		}

		b.browserPage(b.ofHead(r.Kind.Get().Page.File(r.Args()...)), func(h *page.Hardware) (page.Page, error) {
			b.pages.ChangedBy(b.History.Log(r.LogPath()))
			return h.Page(r)
		})
	}
}

// nodePages writes a node's page, and the one at the URL where dashboards look for it.
func (b *builder) nodePages(r inventory.Resource, n *hardware.Node) {
	log := b.History.Log(r.LogPath())
	f := b.ofLog(r.Kind.Get().Page.File(r.Args()...), log, func() []string { return b.pageLinks.Node(n, log) })
	b.list(f.Path, b.changedAt(r.LogPath()))
	b.hardwarePage(f, func(h *page.Hardware) (page.Page, error) {
		b.pages.ChangedBy(log)
		return h.Page(r)
	})

	f = b.ofLog(route.LegacyNodeName.File(r.UID), log, func() []string { return b.pageLinks.Redirect(r.Place) })
	b.hardwarePage(f, func(h *page.Hardware) (page.Page, error) { return h.Redirect(r.Place) })
}
