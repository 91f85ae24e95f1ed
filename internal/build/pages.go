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
	if err := b.offerLive(); err != nil {
		b.fail(err)
		return
	}

	b.put(route.OpenAPI, openapi.Document(openapi.Options{
		Base:        b.Published(),
		DataLicense: b.DataLicense,
		Examples:    b.examples.answers,
		Values:      b.parameterValues(),
		Filters:     b.filters(),
	}))

	reference, err := pages.Reference(b.examples.answers)
	b.page(route.Reference.File(), reference, err)
	moved, err := pages.Moved("API reference", route.Reference)
	b.pageAt(b.assets, route.LegacyReference.File(), moved, err)
	docs, err := pages.Docs()
	b.pageAt(b.assets, route.Docs.File(), docs, err)
}

// hardware writes the hardware browser.
func (b *builder) hardware(h *page.Hardware) {
	b.emit(tree.File{Path: route.HardwareIndex, Body: h.Index(), Time: b.head})
	compare, err := h.Compare()
	b.page(route.HardwareCompare.File(), compare, err)

	for _, t := range h.Types() {
		nodeType, err := h.Type(t)
		b.page(route.HardwareType.File(page.TypeSlug(t)), nodeType, err)
	}

	for r := range b.Grid.Resources() {
		if b.done {
			return
		}

		if r.Kind.Get().Page != "" {
			p, err := h.Page(r)
			b.page(r.Kind.Get().Page.File(r.Args()...), p, err)
		}
		if r.Kind == route.NodeKind {
			redirect, err := h.Redirect(r.Place)
			b.page(route.LegacyNodeName.File(r.UID), redirect, err)
		}
	}
}

// changesPages writes the pages of what changed, and of resources' histories.
func (b *builder) changesPages(h *page.Hardware) {
	c := h.Changes(b.History, b.log)
	for _, y := range c.Years() {
		year, err := c.Year(y)
		b.page(route.HardwareChange.File(y), year, err)
	}

	for n, commit := range b.History.Commits {
		p, err := c.Commit(n)
		b.page(route.HardwareChange.File(commit.ID.String()), p, err)
	}

	for r := range b.Grid.Resources() {
		if b.done {
			return
		}

		// The grid's history has the newest commits of all; others depend on one log.
		t := b.head
		if r.Kind != route.GridKind {
			t = b.lastCommitTime(r.LogPath())
		}

		p, err := c.History(r)
		b.pageAt(t, r.Kind.Get().HistoryPage.File(r.Args()...), p, err)
	}

	b.formerPages(c)
}

// formerPages writes the pages at the URLs of resources that are not in the grid any
// more.
func (b *builder) formerPages(c *page.Changes) {
	for _, f := range b.log.Former() {
		t := b.head
		if f.Removal != nil {
			t = b.times.Modified(f.Removal)
		}

		p, err := c.Former(f)
		b.pageAt(t, f.Kind.Get().AnyPage().File(f.Args()...), p, err)
	}
}

// lastCommitTime is the time of what depends on the log of one path alone: that of the
// last commit that touched it. The next build reuses such a file.
func (b *builder) lastCommitTime(gitPath string) time.Time {
	commits := b.History.Log(gitPath)
	if len(commits) == 0 || !b.Edited.IsZero() {
		return b.head
	}
	return b.times.Modified(commits[0])
}
