package page

import (
	"cmp"
	"fmt"
	"html/template"
	"strings"

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
	Headline headline
	At       *linkRow // where the node then was, nil for where it is
	Move     *moveRow
	Delta    template.HTML
}

// History is the page of what changed a resource: a node or a flavor, with the
// versions of its file; or a site, a cluster or the grid, with all in it.
func (c *Changes) History(r inventory.Resource) (Page, error) {
	switch {
	case r.Kind == route.GridKind:
		return c.list()
	case r.Kind.Get().InDir:
		return c.commits(c.historyPage(r.Place, ""), r)
	}
	return c.versions(historyPage{hardwarePage: c.historyPage(r.Place, "")}, r.Place, r.File.Path)
}

// FormerHistory is the page of what changed a node that moved or was replaced, and is not
// in the grid any more.
func (c *Changes) FormerHistory(f change.Former) (Page, error) {
	return c.versions(historyPage{hardwarePage: c.historyPage(f.Place, f.Name)}, f.Place, f.GitPath)
}

// historyPage starts the page of a resource's history. The name is that of one that the grid
// does not have.
func (c *Changes) historyPage(of inventory.Place, name string) hardwarePage {
	what := fmt.Sprintf("%s %s", of.Kind, change.Isolate(cmp.Or(name, c.hardware.link(of).Name)))
	if of.Kind != route.SiteKind {
		what += " at " + change.Isolate(of.Site)
	}

	title := "Changes of the " + what
	p := c.hardware.page(title, title+", newest first.", c.hardware.trail(of)...)
	p.JSON = c.renderer.path(of.Kind.Get().ItemHistory, of.Args()...)
	if of.Kind == route.SiteKind || of.Kind == route.NodeKind {
		p.Feeds = c.renderer.feeds(of)
	}
	return p
}

// versions renders the history of a file, through the moves of a node.
func (c *Changes) versions(p historyPage, place inventory.Place, path string) (Page, error) {
	steps, err := c.log.Steps(place, path)
	if err != nil {
		return Page{}, fmt.Errorf("the versions of %s: %w", path, err)
	}

	shown := min(len(steps), maxVersions)
	p.Older = len(steps) - shown

	for i := range steps[:shown] {
		row, err := c.version(&steps[i])
		if err != nil {
			return Page{}, err
		}
		if steps[i].Place != place {
			row.At = &linkRow{Name: steps[i].Path(), Page: c.renderer.pageOf(steps[i].Place)}
		}
		p.Versions = append(p.Versions, row)
	}

	return c.renderer.render("hardware_history.html.tmpl", p)
}

// version describes a version of a file.
func (c *Changes) version(s *change.Step) (row versionRow, err error) {
	row.commitRow = c.rows[c.index[s.Commit.ID]]
	if s.Move != nil {
		row.Move = c.move(s.Move)
		row.Move.Gone = s.State == change.Absent
	}

	d, err := c.log.Delta(refOf(s))
	if err != nil {
		return row, fmt.Errorf("what commit %s changed in %s: %w", s.Commit.ID, s.Path(), err)
	}

	row.Headline = stepHeadline(s, d)
	if d != nil && (len(d.Ops) > 0 || row.Headline.Text == "") {
		row.Delta, err = c.delta(d, s.Kind)
	}

	return row, err
}

// StepText says what became of a node with a version of its file, with some of the values
// before and after, as plain text.
func (c *Changes) StepText(s *change.Step) (string, error) {
	const most = 5
	d, err := c.log.Delta(refOf(s))
	if err != nil {
		return "", fmt.Errorf("what commit %s changed in %s: %w", s.Commit.ID, s.Path(), err)
	}

	parts := []string{stepHeadline(s, d).Text}
	if m := s.Move; m != nil && m.Left != nil && s.State == change.Absent {
		to := c.move(m)
		parts = append(parts, "since "+to.Came.Day()+" it is "+change.Isolate(clip(to.ToNode.Name)))
		if to.To != "" {
			parts[1] += " in " + change.Isolate(clip(to.To))
		}
	}
	if d == nil {
		return strings.Join(parts, "; "), nil
	}
	for _, op := range d.Reading() {
		if op.About(s.Kind) == change.AboutSpelling {
			continue
		}
		if len(parts) > most {
			parts = append(parts, "and more")
			break
		}
		path := op.Path()
		old, value := displayChange(path, &op)
		parts = append(parts, fmt.Sprintf("%s: %s → %s", fieldTitle(path), cmp.Or(old, "not stated"), cmp.Or(value, "not stated")))
	}

	return strings.Join(parts, "; "), nil
}

// refOf refers to the difference that a version shows: from where a node moved, none where
// it went or another machine came.
func refOf(s *change.Step) change.Ref {
	switch {
	case s.Move == nil:
		return s.Delta
	case s.Move.Replaced, s.State == change.Absent:
		return change.Ref{}
	}
	return s.Move.Delta()
}

// moveRow is a node that moved, or was replaced.
type moveRow struct {
	Replaced, Gone   bool   // Gone: seen from where it was
	From, To         string // "" where only the uid is another
	FromNode, ToNode linkRow
	Left, Came       *commitRow // that removed and added it, nil where one did both
}

// move describes a move. The pages that it links to stay.
func (c *Changes) move(m *change.Move) *moveRow {
	row := &moveRow{Replaced: m.Replaced, FromNode: c.resource(m.From), ToNode: c.resource(m.To)}
	row.From, row.To = m.Ends()
	if !m.Replaced && row.From == "" && row.FromNode.Name == row.ToNode.Name {
		row.FromNode.Name, row.ToNode.Name = m.From.UID, m.To.UID
	}
	if m.Left != nil {
		row.Left, row.Came = &c.rows[c.index[m.Left.ID]], &c.rows[c.index[m.Came.ID]]
	}
	return row
}

// stateText describes a version of a file, "" where its difference does.
func stateText(v *change.Step) string {
	before := v.Before
	switch {
	case v.State == change.Absent:
		return "Removed."
	case v.State == change.Unreadable:
		return "Unreadable."
	case v.Commit.Boundary:
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

	var rows []commitRow
	for _, commit := range c.history.Log(part.LogPath()) {
		var resources []change.Resource
		for _, r := range c.log.Commit(c.index[commit.ID]) {
			if r.Site == part.Site && (part.Cluster == "" || r.Cluster == part.Cluster) {
				resources = append(resources, r)
			}
		}
		rows = append(rows, c.row(commit, resources))
	}
	p.Months = c.months(rows)

	return c.renderer.render("hardware_changes.html.tmpl", p)
}
