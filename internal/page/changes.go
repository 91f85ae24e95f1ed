package page

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"time"

	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/route"
)

// What a page shows at most: rows of its tables, names of resources in a group,
// versions of a file, and commits on the first page of changes. All of it is in
// the API.
const (
	maxRows        = 1200
	maxNames       = 1000
	maxVersions    = 300
	commitsPerPage = 100
)

// Changes makes the pages of what changed, and of resources' histories.
type Changes struct {
	hardware *Hardware
	renderer *Renderer
	history  *history.History
	log      *change.Log
	rows     []commitRow          // as the history's commits
	index    map[history.Hash]int // a commit's place in the history
}

// Changes prepares the pages of a history.
func (h *Hardware) Changes(hist *history.History, log *change.Log) *Changes {
	c := &Changes{
		hardware: h,
		renderer: h.renderer,
		history:  hist,
		log:      log,
		index:    map[history.Hash]int{},
	}

	clear(h.rendered) // parts of nodes' pages
	for i, commit := range hist.Commits {
		c.index[commit.ID] = i
		c.rows = append(c.rows, c.row(commit, log.Commit(i)))
	}

	return c
}

// changesPage is filled with commits.
type changesPage struct {
	hardwarePage
	Total     int
	Commits   []commitRow
	Years     []linkRow
	JSONTitle string
}

// commitRow is a commit in a list.
type commitRow struct {
	Page, Subject, Author, Summary string
	Date                           time.Time
}

// Day is a commit's day, as the committer's clock had it.
func (c commitRow) Day() string { return c.Date.Format("2 Jan 2006") }

// Stamp is a commit's time (RFC 3339).
func (c commitRow) Stamp() string { return c.Date.UTC().Format(time.RFC3339) }

func (c *Changes) row(commit *history.Commit, resources []change.Resource) commitRow {
	summary := change.Summary(resources)
	if commit.Boundary {
		summary = "unknown: this copy of the history is shallow and begins here"
	}

	return commitRow{
		Page:    c.renderer.path(route.HardwareChange, commit.ID.String()),
		Subject: cmp.Or(clip(commit.Subject()), commit.ID.String()[:12]),
		Author:  commit.Author.Name,
		Summary: summary,
		Date:    commit.Committer.When,
	}
}

// list is the page of the newest changes, with links to those of each year.
func (c *Changes) list() (Page, error) {
	grid := change.Isolate(c.hardware.grid.UID)
	p := changesPage{
		hardwarePage: c.hardware.page("Changes", "Changes of the hardware of "+grid+", newest first.",
			c.hardware.trail(inventory.Place{})...),
		Total:     len(c.history.Commits),
		Commits:   c.rows[:min(commitsPerPage, len(c.rows))],
		JSONTitle: "All changes as JSON",
	}

	p.JSON = c.renderer.path(route.Changes)
	p.Feeds = &feeds{Atom: c.renderer.path(route.ChangesAtom), JSON: c.renderer.path(route.ChangesFeed)}
	for _, y := range Years(c.history) {
		p.Years = append(p.Years, linkRow{
			Name:  y,
			Page:  c.renderer.path(route.HardwareChange, y),
			Count: len(c.inYear(y)),
		})
	}

	return c.renderer.render("hardware_changes.html.tmpl", p)
}

// page starts a page below the list of changes.
func (c *Changes) page(title, description string) hardwarePage {
	list := linkRow{Name: "Changes", Page: c.renderer.path(route.HardwareChanges)}
	p := c.hardware.page(title, description, append(c.hardware.trail(inventory.Place{}), list)...)
	p.Area = areaChanges

	return p
}

// yearOf is the year in which a commit was made, in UTC.
func yearOf(c *history.Commit) string { return strconv.Itoa(c.Committer.When.UTC().Year()) }

// Years lists the years with commits, newest first.
func Years(of *history.History) []string {
	var years []string
	for _, commit := range of.Commits {
		years = append(years, yearOf(commit))
	}
	slices.Sort(years)
	slices.Reverse(years)
	return slices.Compact(years)
}

// inYear returns the rows of a year's commits.
func (c *Changes) inYear(y string) (rows []commitRow) {
	for i, commit := range c.history.Commits {
		if yearOf(commit) == y {
			rows = append(rows, c.rows[i])
		}
	}
	return rows
}

// Year is the page of a year's changes.
func (c *Changes) Year(y string) (Page, error) {
	description := "Changes of the hardware of " + change.Isolate(c.hardware.grid.UID) + " in " + y + "."
	p := changesPage{hardwarePage: c.page("Changes in "+y, description), Commits: c.inYear(y)}
	return c.renderer.render("hardware_changes.html.tmpl", p)
}

// changePage is filled with a commit.
type changePage struct {
	hardwarePage
	commitRow
	ID      string
	Message string
	IsMerge bool
	Parents []linkRow
	Groups  []changeGroup
	Omitted int // resources that changed and are not shown
}

// changeGroup is resources to which the same happened.
type changeGroup struct {
	changeKind
	Count     int
	Resources []linkRow // the first of them
}

// More is how many resources are not named.
func (g changeGroup) More() int { return g.Count - len(g.Resources) }

// changeKind is what happened to a resource: those for which it is equal are one
// group.
type changeKind struct {
	Action, Kind, Site, Type string

	From, To string  // of nodes that moved: sites, or clusters of the site
	Before   nodeRef // of a node that was replaced: the machine before it

	Note  string // in place of a difference
	Delta template.HTML
}

// nodeRef is a machine, by its uid.
type nodeRef struct{ UID, Page string }

// Commit is the page of the commit at a place in the history.
func (c *Changes) Commit(n int) (Page, error) {
	commit := c.history.Commits[n]
	p := changePage{
		commitRow: c.rows[n],
		ID:        commit.ID.String(),
		Message:   commit.Body(),
		IsMerge:   len(commit.Parents) > 1,
	}

	description := "What a commit changed: " + cmp.Or(clip(p.Summary), "nothing")
	p.hardwarePage = c.page(p.Subject, description)
	p.JSON = c.renderer.path(route.VersionChanges, commit.ID.String())
	for _, id := range commit.Parents {
		if i, ok := c.index[id]; ok {
			p.Parents = append(p.Parents, linkRow{Name: c.rows[i].Subject, Page: c.rows[i].Page})
		}
	}

	var err error
	if p.Groups, p.Omitted, err = c.groups(c.log.Commit(n)); err != nil {
		return Page{}, err
	}

	return c.renderer.render("hardware_change.html.tmpl", p)
}

// groups puts together the resources to which the same happened, up to as many
// rows as a page shows. What is omitted has groups of its own.
func (c *Changes) groups(resources []change.Resource) (groups []changeGroup, omitted int, err error) {
	rows := 0
	index := map[changeKind]int{}
	for i := range resources {
		if m := resources[i].Move; m != nil && m.From == &resources[i] {
			continue // as told of the other end
		}

		kind, n, err := c.kindOf(&resources[i])
		if err != nil {
			return nil, 0, err
		}

		at, ok := index[kind]
		if !ok {
			if rows > 0 && rows+n > maxRows {
				omitted++
				continue
			}
			rows += n
			at = len(groups)
			index[kind] = at
			groups = append(groups, changeGroup{changeKind: kind})
		}

		g := &groups[at]
		if g.Count++; len(g.Resources) < maxNames {
			g.Resources = append(g.Resources, c.resource(&resources[i]))
		}
	}

	slices.SortStableFunc(groups, func(a, b changeGroup) int { return change.CompareActions(a.Action, b.Action) })
	return groups, omitted, nil
}

// kindOf describes what happened to a resource, in how many rows.
func (c *Changes) kindOf(r *change.Resource) (kind changeKind, rows int, err error) {
	kind = changeKind{Action: r.Action(), Kind: r.Kind.String(), Site: r.Site, Type: r.NodeType}
	ref := r.Delta()
	if m := r.Move; m != nil {
		kind.Action, ref = m.Action(), m.Delta()
		if m.Replaced {
			kind.Before = nodeRef{UID: m.From.UID, Page: c.renderer.pageOf(m.From.Place)}
		} else {
			kind.From, kind.To = m.Ends()
		}
		if m.From.Site != m.To.Site {
			kind.Site = ""
		}
	}

	d, err := c.log.Delta(ref)
	if err != nil {
		return kind, 0, fmt.Errorf("what changed in %s: %w", r.GitPath, err)
	}
	if d != nil {
		kind.Delta, err = c.delta(d)
		return kind, countRows(d), err
	}

	if kind.Action == change.Changed {
		kind.Note = "The file is unreadable since this commit."
		if r.Before == change.Unreadable {
			kind.Note = "The file was unreadable before this commit."
		}
	}

	return kind, 1, nil
}

// resource links to the page of a resource, by the name that it had in the commit. The
// page is there whether the resource still is or not, see [Changes.Former].
func (c *Changes) resource(r *change.Resource) linkRow {
	return linkRow{Name: cmp.Or(r.Name, r.UID), Page: c.renderer.pageOf(r.Place)}
}
