package build

import (
	"time"

	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/page"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// changesPage yields a page of what changed.
func (b *builder) changesPage(f tree.File, render func(*page.Changes) (page.Page, error)) {
	b.emitPage(f, func() (page.Page, error) {
		c, err := b.told()
		if err != nil {
			return page.Page{}, err
		}
		return render(c)
	})
}

// changesPages writes the pages of what changed, and of resources' histories. What these
// link to depends on the lists of what changed.
func (b *builder) changesPages() error {
	log, err := b.Changes()
	if err != nil {
		return err
	}

	for _, y := range page.Years(b.History) {
		b.changesPage(b.ofHead(route.HardwareChange.File(y)),
			func(c *page.Changes) (page.Page, error) { return c.Year(y) })
	}

	for n, commit := range b.History.Commits {
		links := b.pageLinks.Commit(commit, log.Commit(n))
		b.changesPage(b.ofCommit(commit, route.HardwareChange.File(b.commits[commit].id), links...),
			func(c *page.Changes) (page.Page, error) { return c.Commit(n) })
	}

	for r := range b.Grid.Resources() {
		// The grid's history is a list of the newest commits of all.
		f := b.ofHead(r.Kind.Get().HistoryPage.File(r.Args()...))
		if r.Kind == route.GridKind {
			b.list(f.Path, time.Time{})
		} else {
			f = b.ofLog(f.Path, r.LogPath(), func() []string {
				return b.pageLinks.History(r.Place, b.History.Log(r.LogPath()))
			})
		}
		b.changesPage(f, func(c *page.Changes) (page.Page, error) { return c.History(r) })
	}

	b.formerPages(log)
	return nil
}

// formerPages writes the pages at the URLs of resources that are not in the grid any
// more.
func (b *builder) formerPages(log *change.Log) {
	for _, former := range log.Former() {
		f := b.ofHead(former.Kind.Get().Page.File(former.Args()...))
		if former.Removal != nil {
			f = b.ofCommit(former.Removal, f.Path, b.pageLinks.Former(&former)...)
			f.Class = tree.OfPath
		}
		b.changesPage(f, func(c *page.Changes) (page.Page, error) { return c.Former(former) })
	}
}
