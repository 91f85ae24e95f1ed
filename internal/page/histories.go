package page

import (
	"fmt"
	"html/template"

	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/route"
)

// historyPage is filled with the versions of a node or a flavor.
type historyPage struct {
	hardwarePage
	Versions []versionRow
	Older    int // versions that are not shown
}

// versionRow is a version of a file.
type versionRow struct {
	commitRow
	State string // in place of a difference
	Delta template.HTML
}

// History is the page of what changed a resource: a node or a flavor, with the
// versions of its file; or a site, a cluster or the grid, with all in it.
func (c *Changes) History(r inventory.Resource) (Page, error) {
	if r.Kind == route.GridKind {
		return c.list()
	}

	what := fmt.Sprintf("%s %s", r.Kind, change.Isolate(c.hardware.link(r.Place).Name))
	if r.Kind != route.SiteKind {
		what += " at " + change.Isolate(r.Site)
	}

	title := "Changes of the " + what
	p := c.hardware.page(title, title+", newest first.", c.hardware.trail(r.Place)...)
	p.JSON = c.renderer.path(r.Kind.Get().ItemHistory, r.Args()...)
	if r.Kind == route.SiteKind {
		p.Feeds = c.hardware.feeds(r.Place)
	}

	if r.Kind.Get().InDir {
		return c.commits(p, r)
	}
	return c.versions(historyPage{hardwarePage: p}, r)
}

// versions renders the history of a file.
func (c *Changes) versions(p historyPage, r inventory.Resource) (Page, error) {
	commits := c.history.Log(r.LogPath())
	versions, err := c.log.Versions(r)
	if err != nil {
		return Page{}, fmt.Errorf("the versions of %s: %w", r.File.Path, err)
	}

	shown := min(len(commits), maxVersions)
	p.Older = len(commits) - shown

	for i, commit := range commits[:shown] {
		before := change.Absent
		if i+1 < len(versions) {
			before = versions[i+1].State
		}

		v := &versions[i]
		row := versionRow{
			commitRow: c.rows[c.index[commit.ID]],
			State:     stateText(before, v, commit.Boundary),
		}
		d, err := c.log.Delta(v.Delta)
		if err != nil {
			return Page{}, fmt.Errorf("what commit %s changed in %s: %w", commit.ID, r.File.Path, err)
		}
		if d != nil && (row.State == "" || len(d.Ops) > 0) {
			if row.Delta, err = c.delta(d); err != nil {
				return Page{}, err
			}
		}

		p.Versions = append(p.Versions, row)
	}

	return c.renderer.render("hardware_history.html.tmpl", p)
}

// stateText describes a version of a file, "" where its difference does.
func stateText(before change.State, v *change.Version, isBoundary bool) string {
	switch {
	case v.State == change.Absent:
		return "Removed."
	case v.State == change.Unreadable:
		return "Unreadable."
	case isBoundary:
		return "Present: this copy of the history is shallow and begins here."
	case before == change.Absent && !v.Delta.Exists():
		return "Added."
	case before == change.Absent:
		return "Added again."
	case before == change.Unreadable:
		return "Readable again."
	}
	return ""
}

// commits lists the commits that touched a part of the grid, with what they changed
// there.
func (c *Changes) commits(page hardwarePage, part inventory.Resource) (Page, error) {
	p := changesPage{
		hardwarePage: page,
		JSONTitle:    fmt.Sprintf("The history of the %s's own file as JSON", part.Kind),
	}

	for _, commit := range c.history.Log(part.LogPath()) {
		var resources []change.Resource
		for _, r := range c.log.Commit(c.index[commit.ID]) {
			if r.Site == part.Site && (part.Cluster == "" || r.Cluster == part.Cluster) {
				resources = append(resources, r)
			}
		}
		p.Commits = append(p.Commits, c.row(commit, resources))
	}

	return c.renderer.render("hardware_changes.html.tmpl", p)
}
