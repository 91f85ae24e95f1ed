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
	Sentence  string // on what happened in a year
	Months    []monthRow
	Years     []linkRow
	Sites     []linkRow // with the pages of their changes
	JSONTitle string

	// Where commits can be selected, by a script:
	CanFilter bool
	Root, Set string // URLs: what pages of resources are below, and what COMMIT changed
	SiteNames string // by their uids, as JSON
}

// monthRow has the commits of a month in a list.
type monthRow struct {
	Name    string
	Commits []commitRow
	Minor   []commitRow // merges, and what changed no data
}

// months groups commits that are in the order of a log, as they follow each other. Those of
// neighbouring days that did the same are one entry.
func (c *Changes) months(commits []commitRow) (rows []monthRow) {
	for _, commit := range commits {
		name := commit.Date.Format("January 2006")
		if n := len(rows); n == 0 || rows[n-1].Name != name {
			rows = append(rows, monthRow{Name: name})
		}

		m := &rows[len(rows)-1]
		if commit.isMinor() {
			m.Minor = append(m.Minor, commit)
			continue
		}
		if i := slices.IndexFunc(m.Commits, func(newer commitRow) bool { return newer.goesOn(commit) }); i >= 0 {
			c.join(&m.Commits[i], commit)
			continue
		}
		m.Commits = append(m.Commits, commit)
	}
	return rows
}

// isMinor reports whether a commit is folded away: a merge, and what changed no data.
func (c commitRow) isMinor() bool {
	return c.IsMerge || len(c.Headlines) == 0 || c.Headlines[0].IsMinor
}

// goesOn reports whether an entry and an older commit are one: they did the same within a
// week, or something alike within a day, and nothing else.
func (c commitRow) goesOn(older commitRow) bool {
	single := func(c commitRow) bool {
		return len(c.Headlines) > 0 && !slices.ContainsFunc(c.Headlines[1:], func(h headline) bool { return !h.IsMinor })
	}
	if !single(c) || !single(older) || c.IsBoundary || older.IsBoundary {
		return false
	}

	last := c
	if n := len(c.Older); n > 0 {
		last = c.Older[n-1]
	}
	const day = 24 * time.Hour
	apart := last.Date.UTC().Truncate(day).Sub(older.Date.UTC().Truncate(day)).Abs()
	return apart <= 7*day && last.Headlines[0].same == older.Headlines[0].same ||
		apart <= day && last.Headlines[0].alike == older.Headlines[0].alike
}

// join adds an older commit to an entry, which tells of both together.
func (c *Changes) join(entry *commitRow, older commitRow) {
	entry.Older = append(entry.Older, older)
	entry.resources = slices.Concat(entry.resources, older.resources)
	entry.Headlines = headlines(entry.resources)
	entry.facets = nil
}

// commitRow is a commit in a list.
type commitRow struct {
	Page, Subject, Author string
	Short                 string     // the first digits of its hash
	Headlines             []headline // none if no data changed
	IsMerge, IsBoundary   bool
	Date                  time.Time
	Older                 []commitRow // that did the same, and are told together with it

	resources []change.Resource
	facets    map[string][]string // see Facets
}

// Head is the most important of the headlines, if there is one.
func (c commitRow) Head() headline {
	if c.IsBoundary {
		return headline{Text: "The history begins here: this copy of it is shallow"}
	}
	if len(c.Headlines) == 0 {
		return headline{Kind: "Data only", Text: "No change to API data"}
	}
	return c.Headlines[0]
}

// Rest are the others, up to a few.
func (c commitRow) Rest() []headline {
	const most = 6
	return c.Headlines[min(1, len(c.Headlines)):min(most, len(c.Headlines))]
}

// Day is a commit's day, as the committer's clock had it.
func (c commitRow) Day() string { return c.Date.Format("2 Jan 2006") }

// DayOfMonth is the same without the year; of several commits the first and the last.
func (c commitRow) DayOfMonth() string {
	day := c.Date.Format("2 Jan")
	if n := len(c.Older); n > 0 {
		if first := c.Older[n-1].Date; first.Format("2 Jan") != day {
			return first.Format("2") + "–" + day
		}
	}
	return day
}

// All is the commit with those that did the same.
func (c commitRow) All() []commitRow { return append([]commitRow{c}, c.Older...) }

// Stamp is a commit's time (RFC 3339).
func (c commitRow) Stamp() string { return c.Date.UTC().Format(time.RFC3339) }

func (c *Changes) row(commit *history.Commit, resources []change.Resource) commitRow {
	id := commit.ID.String()
	return commitRow{
		Page:       c.renderer.path(route.HardwareChange, id),
		Subject:    cmp.Or(clip(commit.Subject()), id[:12]),
		Author:     commit.Author.Name,
		Short:      id[:7],
		Headlines:  headlines(resources),
		IsMerge:    len(commit.Parents) > 1,
		IsBoundary: commit.Boundary,
		Date:       commit.Committer.When,
		resources:  resources,
	}
}

// list is the page of the newest changes, with links to those of each year.
func (c *Changes) list() (Page, error) {
	grid := change.Isolate(c.hardware.grid.UID)
	p := changesPage{
		hardwarePage: c.hardware.page("Changes", "Changes of the hardware of "+grid+", newest first.",
			c.hardware.trail(inventory.Place{})...),
		Total:     len(c.history.Commits),
		Months:    c.months(c.rows[:min(commitsPerPage, len(c.rows))]),
		Sentence:  c.sentence(yearOf(c.history.Head())),
		JSONTitle: "All changes as JSON",
	}
	c.filter(&p)

	p.Area = areaChanges
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
	p := changesPage{
		hardwarePage: c.page("Changes in "+y, description),
		Months:       c.months(c.inYear(y)),
		Sentence:     c.sentence(y),
	}
	c.filter(&p)
	return c.renderer.render("hardware_changes.html.tmpl", p)
}

// changePage is filled with a commit.
type changePage struct {
	hardwarePage
	commitRow
	ID      string
	Message string
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

// KindAsSentence is the kind of a resource, at the beginning of a sentence.
func (g changeGroup) KindAsSentence() string { return asSentence(g.Kind) }

// changeKind is what happened to a resource: those for which it is equal are one
// group.
type changeKind struct {
	Action, Kind, Site, Type string

	Tag      string  // of a file that changed: what that is about
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
	}

	description := "What a commit changed: " + clip(p.Head().Text)
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
			g.Resources = append(g.Resources, c.named(&resources[i]))
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
		if m.Left != nil {
			kind.Note = "The commit added it with the addresses of adapters that it had until it was removed, on " +
				m.Left.Committer.When.Format("2 Jan 2006") + "."
		}
		if m.From.Site != m.To.Site {
			kind.Site = ""
		}
	}

	d, err := c.log.Delta(ref)
	if err != nil {
		return kind, 0, fmt.Errorf("what changed in %s: %w", r.GitPath, err)
	}
	if d != nil && r.Move != nil && len(d.Ops) == 0 {
		return kind, 1, nil // it moved as it was
	}
	if d != nil {
		if kind.Action == change.Changed {
			kind.Tag, _, _ = kindOfChange(r)
		}
		kind.Delta, err = c.delta(d, r.Kind)
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

// named links to a resource, which is called by both of its names if it moved and has
// another one.
func (c *Changes) named(r *change.Resource) linkRow {
	row := c.resource(r)
	m := r.Move
	if m == nil || m.Replaced || m.From.UID == m.To.UID {
		return row
	}
	before := cmp.Or(m.From.Name, m.From.UID)
	if before == row.Name {
		before, row.Name = m.From.UID, m.To.UID
	}
	row.Name = before + " → " + row.Name
	return row
}

// resource links to the page of a resource, by the name that it had in the commit. The
// page is there whether the resource still is or not, see [Changes.Former].
func (c *Changes) resource(r *change.Resource) linkRow {
	return linkRow{Name: cmp.Or(r.Name, r.UID), Page: c.renderer.pageOf(r.Place)}
}
