package build

import (
	"slices"
	"time"

	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
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

// changesPages writes resources' histories, and the pages of what changed. What these
// link to depends on the lists of what changed.
func (b *builder) changesPages() error {
	log, err := b.Changes()
	if err != nil {
		return err
	}

	if err := b.histories(log); err != nil {
		return err
	}

	for _, y := range page.Years(b.History) {
		b.changesPage(b.ofHead(route.HardwareChange.File(y)),
			func(c *page.Changes) (page.Page, error) { return c.Year(y) })
	}

	for n, commit := range b.History.Commits {
		links := b.pageLinks.Commit(commit, log.Commit(n))
		f := b.ofCommit(commit, route.HardwareChange.File(b.commits[commit].id), links...)
		if n == 0 {
			// In the release itself, where who looks at what was published finds it; the next
			// commit's build has it among the immutable files.
			f.Class, f.Fingerprint = tree.OfHead, ""
		}
		b.changesPage(f, func(c *page.Changes) (page.Page, error) { return c.Commit(n) })
	}

	for r := range b.Grid.Resources() {
		if err := b.historyPage(log, r); err != nil {
			return err
		}
	}

	return b.formerPages(log)
}

// historyPage writes the page of a resource's history.
func (b *builder) historyPage(log *change.Log, r inventory.Resource) error {
	commits, links := b.History.Log(r.LogPath()), []string(nil)
	var later []*history.Commit
	switch {
	case r.Kind == route.GridKind:
		commits = nil // a list of the newest commits of all, of HEAD
		b.list(r.Kind.Get().HistoryPage.File(), time.Time{})
	case r.Kind.Get().InDir:
		links = b.pageLinks.History(r.Place, commits)
	default:
		steps, err := b.steps(log, r.Place, r.File.Path, commits)
		if err != nil {
			return err
		}
		links, later = b.pageLinks.Steps(r.Place, steps), laterOf(log, steps)
	}

	f := b.ofLog(r.Kind.Get().HistoryPage.File(r.Args()...), commits, func() []string { return links })
	b.changesPage(b.alsoOf(f, later), func(c *page.Changes) (page.Page, error) { return c.History(r) })
	return nil
}

// steps are the versions of a file as far as its history links to something: what each of
// them changed is not asked before it is rendered, unless the node moved.
func (b *builder) steps(
	log *change.Log, place inventory.Place, path string, commits []*history.Commit,
) (steps []change.Step, err error) {
	if log.IsJoined(path) {
		return log.Steps(place, path)
	}
	for _, c := range commits {
		steps = append(steps, change.Step{Place: place, Commit: c})
	}
	return steps, nil
}

// laterOf are the commits that say where machines went which left the places of some
// versions.
func laterOf(log *change.Log, steps []change.Step) []*history.Commit {
	var places []inventory.Place
	for i := range steps {
		if p := steps[i].Place; !slices.Contains(places, p) {
			places = append(places, p)
		}
	}
	return log.Later(places...)
}

// formerPages writes the pages at the URLs of resources that are not in the grid any
// more, and the histories of those that moved or were replaced.
func (b *builder) formerPages(log *change.Log) error {
	for _, former := range log.Former() {
		kind, args := former.Kind.Get(), former.Args()
		f := b.ofHead(kind.Page.File(args...))
		if former.Removal != nil {
			f = b.ofCommit(former.Removal, f.Path, b.pageLinks.Former(&former)...)
			f.Class = tree.OfPath
			f = b.alsoOf(f, log.Later(former.Place))
		}
		b.changesPage(f, func(c *page.Changes) (page.Page, error) { return c.Former(former) })

		if former.Joined {
			steps, err := log.Steps(former.Place, former.GitPath)
			if err != nil {
				return err
			}
			f := b.ofLog(kind.HistoryPage.File(args...), log.LogOf(former.GitPath),
				func() []string { return b.pageLinks.Steps(former.Place, steps) })
			b.changesPage(b.alsoOf(f, laterOf(log, steps)), func(c *page.Changes) (page.Page, error) { return c.FormerHistory(former) })
		}
	}

	return nil
}
