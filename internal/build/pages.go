package build

import (
	"time"

	"github.com/chameleoncloud/refapi/internal/openapi"
	"github.com/chameleoncloud/refapi/internal/page"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// page writes a page at HEAD.
func (b *builder) page(file string, p page.Page, err error) {
	b.pageAt(b.head, file, p, err)
}

// pageAt writes a page as of a time.
func (b *builder) pageAt(t time.Time, file string, p page.Page, err error) {
	if err != nil {
		b.fail(err)
		return
	}
	b.emit(tree.File{Path: file, Body: p.Body, Time: t, Links: p.Links})
}

// guide writes the guide, which changes with the generator alone.
func (b *builder) guide(pages *page.Renderer) {
	g, err := pages.Guide()
	if err != nil {
		b.fail(err)
		return
	}

	b.emit(tree.File{Path: g.Search.Path, Body: g.Search.Body, Time: b.assets})
	b.pageAt(b.assets, route.Guide.File(), g.Contents, nil)

	for _, c := range g.Chapters {
		b.pageAt(b.assets, route.GuideChapter.File(c.Name), c.Page, nil)
	}
}

// description writes the OpenAPI document, and the pages made from it.
func (b *builder) description(pages *page.Renderer) {
	examples := b.examples()
	document := openapi.Document(openapi.Options{Base: b.Published(), Examples: examples})
	b.put(route.OpenAPI, document)

	reference, err := pages.Reference(examples)
	b.page(route.Redoc.File(), reference, err)
	docs, err := pages.Docs()
	b.pageAt(b.assets, route.Docs.File(), docs, err)
}

// hardware writes the hardware browser.
func (b *builder) hardware(h *page.Hardware) {
	list, err := h.List()
	b.page(route.HardwareList.File(), list, err)
	b.emit(tree.File{Path: route.HardwareIndex, Body: h.Index(), Time: b.head})
	compare, err := h.Compare()
	b.page(route.HardwareCompare.File(), compare, err)

	for _, s := range b.Grid.Sites {
		site, err := h.Site(s)
		b.page(route.HardwareSite.File(s.UID), site, err)
		for _, c := range s.Clusters {
			cluster, err := h.Cluster(s, c)
			b.page(route.HardwareCluster.File(s.UID, c.UID), cluster, err)
		}
	}

	for _, t := range h.Types() {
		nodeType, err := h.Type(t)
		b.page(route.HardwareType.File(page.TypeSlug(t)), nodeType, err)
	}

	for n := range h.Nodes() {
		if b.done {
			return
		}
		node, err := n.Page()
		b.page(route.HardwareNode.File(n.Site, n.Cluster, n.UID), node, err)
		redirect, err := n.Redirect()
		b.page(route.LegacyNodeName.File(n.UID), redirect, err)
	}
}

// changesPages writes the pages of what changed, and of resources' histories.
func (b *builder) changesPages(h *page.Hardware) {
	c := h.Changes(b.History, b.log)
	list, err := c.List()
	b.page(route.HardwareChanges.File(), list, err)

	for _, y := range c.Years() {
		year, err := c.Year(y)
		b.page(route.HardwareChange.File(y), year, err)
	}

	for n, commit := range b.History.Commits {
		p, err := c.Commit(n)
		b.page(route.HardwareChange.File(commit.ID.String()), p, err)
	}

	for _, s := range b.Grid.Sites {
		site, err := c.Site(s)
		b.page(route.HardwareSiteHistory.File(s.UID), site, err)

		for _, cl := range s.Clusters {
			cluster, err := c.Cluster(s, cl)
			b.page(route.HardwareClusterHistory.File(s.UID, cl.UID), cluster, err)

			for _, n := range cl.Nodes {
				if b.done {
					return
				}
				node, err := c.Node(s, cl, n)
				b.pageAt(b.lastCommitTime(n.File.Path), route.HardwareNodeHistory.File(s.UID, cl.UID, n.UID), node,
					err)
			}
		}

		for _, f := range s.Flavors {
			flavor, err := c.Flavor(s, f)
			b.pageAt(b.lastCommitTime(f.File.Path), route.HardwareFlavorHistory.File(s.UID, f.UID), flavor, err)
		}
	}
}

// lastCommitTime is the time of what depends on one file alone: that of the last
// commit that touched it. The next build reuses such a page.
func (b *builder) lastCommitTime(file string) time.Time {
	commits := b.History.Log(file)
	if len(commits) == 0 || !b.Edited.IsZero() {
		return b.head
	}
	return b.times.Modified(commits[0])
}
