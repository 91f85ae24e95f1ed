package page

import (
	"cmp"
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
	deltas   deltas
	rows     []commitRow               // as the history's commits
	index    map[history.Hash]int      // a commit's place in the history
	current  map[inventory.Place]*node // the nodes of the grid
}

// Changes prepares the pages of a history.
func (h *Hardware) Changes(hist *history.History, log *change.Log) *Changes {
	c := &Changes{
		hardware: h,
		renderer: h.renderer,
		history:  hist,
		log:      log,
		deltas:   deltas{renderer: h.renderer, rendered: map[*change.Delta]delta{}},
		index:    map[history.Hash]int{},
		current:  map[inventory.Place]*node{},
	}

	for i, commit := range hist.Commits {
		c.index[commit.ID] = i
		c.rows = append(c.rows, c.row(commit, log.Commit(i)))
	}

	for _, n := range h.nodes {
		c.current[nodePlace(n.Site, n.Cluster, n.UID)] = n
	}

	return c
}

func nodePlace(site, cluster, uid string) inventory.Place {
	return inventory.Place{Kind: route.NodeKind, Site: site, Cluster: cluster, UID: uid}
}

// changesPage is filled with commits.
type changesPage struct {
	hardwarePage
	Heading   string
	Total     int
	Commits   []commitRow
	Years     []linkRow
	JSON      string
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

// List is the page of the newest changes, with links to those of each year.
func (c *Changes) List() (Page, error) {
	grid := change.Isolate(c.hardware.grid.UID)
	p := changesPage{
		hardwarePage: c.hardware.page("Changes", "Changes of the hardware of "+grid+", newest first.",
			c.hardware.top()),
		Heading:   "Changes",
		Total:     len(c.history.Commits),
		Commits:   c.rows[:min(commitsPerPage, len(c.rows))],
		JSON:      c.renderer.path(route.Changes),
		JSONTitle: "All changes as JSON",
	}

	p.Feeds = &feeds{Atom: c.renderer.path(route.ChangesAtom), JSON: c.renderer.path(route.ChangesFeed)}
	for _, y := range c.Years() {
		p.Years = append(p.Years, linkRow{
			Name:  y,
			Page:  c.renderer.path(route.HardwareChange, y),
			Count: len(c.inYear(y)),
		})
	}

	return c.renderer.render("hardware_changes.html.tmpl", p)
}

// yearOf is the year in which a commit was made, in UTC.
func yearOf(c *history.Commit) string { return strconv.Itoa(c.Committer.When.UTC().Year()) }

// Years lists the years with commits, newest first.
func (c *Changes) Years() []string {
	var years []string
	for _, commit := range c.history.Commits {
		years = append(years, yearOf(commit))
	}
	slices.Sort(years)
	slices.Reverse(years)
	return slices.Compact(years)
}

// inYear returns the places in the history of a year's commits.
func (c *Changes) inYear(y string) (commits []int) {
	for i, commit := range c.history.Commits {
		if yearOf(commit) == y {
			commits = append(commits, i)
		}
	}
	return commits
}

// Year is the page of a year's changes.
func (c *Changes) Year(y string) (Page, error) {
	title, grid := "Changes in "+y, change.Isolate(c.hardware.grid.UID)
	p := changesPage{
		hardwarePage: c.hardware.page(title, "Changes of the hardware of "+grid+" in "+y+".", c.hardware.top(),
			c.top()),
		Heading: title,
	}

	for _, i := range c.inYear(y) {
		p.Commits = append(p.Commits, c.rows[i])
	}

	return c.renderer.render("hardware_changes.html.tmpl", p)
}

func (c *Changes) top() linkRow {
	return linkRow{Name: "Changes", Page: c.renderer.path(route.HardwareChanges)}
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
	JSON    string
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

	Note  string // in place of a difference
	Delta template.HTML
}

// Commit is the page of the commit at a place in the history.
func (c *Changes) Commit(n int) (Page, error) {
	commit := c.history.Commits[n]
	p := changePage{
		commitRow: c.rows[n],
		ID:        commit.ID.String(),
		Message:   commit.Body(),
		IsMerge:   len(commit.Parents) > 1,
		JSON:      c.renderer.path(route.VersionChanges, commit.ID.String()),
	}

	description := "What a commit changed: " + cmp.Or(clip(p.Summary), "nothing")
	p.hardwarePage = c.hardware.page(p.Subject, description, c.hardware.top(), c.top())
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
			g.Resources = append(g.Resources, c.resource(resources[i].Place))
		}
	}

	slices.SortStableFunc(groups, func(a, b changeGroup) int { return change.CompareActions(a.Action, b.Action) })
	return groups, omitted, nil
}

// kindOf describes what happened to a resource, in how many rows.
func (c *Changes) kindOf(r *change.Resource) (kind changeKind, rows int, err error) {
	kind = changeKind{Action: r.Action(), Kind: r.Kind.String(), Site: r.Site, Type: r.NodeType}
	if r.Delta != nil {
		d, err := c.deltas.render(r.Delta)
		kind.Delta = d.HTML
		return kind, d.rows, err
	}

	if kind.Action == change.Changed {
		kind.Note = "The file is unreadable since this commit."
		if r.Before == change.Unreadable {
			kind.Note = "The file was unreadable before this commit."
		}
	}

	return kind, 1, nil
}

// resource links to a resource's page, if it is still in the grid.
func (c *Changes) resource(p inventory.Place) linkRow {
	if n, ok := c.current[p]; ok {
		return linkRow{Name: n.Label(), Page: n.Page()}
	}

	row := linkRow{Name: cmp.Or(p.UID, p.Cluster, p.Site)}
	i := slices.IndexFunc(c.hardware.grid.Sites, func(s *inventory.Site) bool { return s.UID == p.Site })
	if i < 0 {
		return row
	}

	site := c.hardware.grid.Sites[i]
	hasUID := func(uid string) bool { return uid == p.UID }
	switch p.Kind {
	case route.SiteKind:
		row.Page = c.hardware.site(site.UID).Page
	case route.ClusterKind:
		if slices.ContainsFunc(site.Clusters, func(c *inventory.Cluster) bool { return hasUID(c.UID) }) {
			row.Page = c.hardware.cluster(site.UID, p.UID).Page
		}
	case route.FlavorKind:
		if slices.ContainsFunc(site.Flavors, func(f *inventory.Flavor) bool { return hasUID(f.UID) }) {
			row.Page = c.renderer.path(route.HardwareFlavorHistory, site.UID, p.UID)
		}
	}

	return row
}
