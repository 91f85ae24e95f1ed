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

// Changes makes the pages of what changed, and of resources' histories.
type Changes struct {
	h      *Hardware
	hist   *history.History
	log    *change.Log
	deltas deltas
	rows   []commitRow               // as the history's commits
	index  map[history.Hash]int      // a commit's place in the history
	here   map[inventory.Place]*node // nodes that are there now
}

// Changes prepares the pages of a history.
func (h *Hardware) Changes(hist *history.History, log *change.Log) *Changes {
	c := &Changes{
		h: h, hist: hist, log: log,
		deltas: deltas{h.r, map[*change.Delta]delta{}},
		index:  map[history.Hash]int{},
		here:   map[inventory.Place]*node{},
	}
	for i, commit := range hist.Commits {
		c.index[commit.ID] = i
		c.rows = append(c.rows, c.row(commit, log.Commit(i)))
	}
	for _, n := range h.nodes {
		c.here[inventory.Place{Kind: inventory.KindNode, Site: n.Site, Cluster: n.Cluster, UID: n.UID}] = n
	}
	return c
}

// changesPage is filled with commits.
type changesPage struct {
	hardwarePage
	Heading string
	Total   int
	Commits []commitRow
	Years   []linkRow
	JSON    string
	JSONIs  string
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

// newest is how many commits the first page of changes has.
const newest = 100

func (c *Changes) row(commit *history.Commit, resources []change.Resource) commitRow {
	summary := change.Summary(resources)
	if commit.Cut {
		summary = "not known: this copy of the history begins here"
	}
	return commitRow{
		Page:    c.h.r.base + route.HardwareChange.Path(commit.ID.String()),
		Subject: cmp.Or(clipped(commit.Subject()), commit.ID.String()[:12]),
		Author:  commit.Author.Name,
		Summary: summary,
		Date:    commit.Committer.When,
	}
}

// List is the page of the newest changes, with links to those of each year.
func (c *Changes) List() ([]byte, error) {
	p := changesPage{
		hardwarePage: c.h.page("What changed", "What changed in the hardware of "+change.Isolate(c.h.grid.UID)+", newest first.", c.h.top()),
		Heading:      "What changed",
		Total:        len(c.hist.Commits),
		JSON:         c.h.r.base + route.Changes.Path(),
		JSONIs:       "All changes as JSON",
	}
	p.Feeds = &feeds{c.h.r.base + route.ChangesAtom.Path(), c.h.r.base + route.ChangesFeed.Path()}
	p.Commits = c.rows[:min(newest, len(c.rows))]
	for _, y := range c.Years() {
		p.Years = append(p.Years, linkRow{Name: y, Page: c.h.r.base + route.HardwareChange.Path(y), Count: len(c.of(y))})
	}
	return c.h.r.render("hardware_changes.html.tmpl", p)
}

// year is the one in which a commit was made, in UTC.
func year(c *history.Commit) string { return strconv.Itoa(c.Committer.When.UTC().Year()) }

// Years lists the years with commits, newest first.
func (c *Changes) Years() []string {
	var years []string
	for _, commit := range c.hist.Commits {
		years = append(years, year(commit))
	}
	slices.Sort(years)
	slices.Reverse(years)
	return slices.Compact(years)
}

// of returns the places in the history of a year's commits.
func (c *Changes) of(y string) (commits []int) {
	for i, commit := range c.hist.Commits {
		if year(commit) == y {
			commits = append(commits, i)
		}
	}
	return commits
}

// Year is the page of a year's changes.
func (c *Changes) Year(y string) ([]byte, error) {
	all := c.of(y)
	p := changesPage{
		hardwarePage: c.h.page("What changed in "+y, "What changed in the hardware of "+change.Isolate(c.h.grid.UID)+" in "+y+".", c.h.top(), c.top()),
		Heading:      "What changed in " + y,
	}
	for _, i := range all {
		p.Commits = append(p.Commits, c.rows[i])
	}
	return c.h.r.render("hardware_changes.html.tmpl", p)
}

func (c *Changes) top() linkRow {
	return linkRow{Name: "Changes", Page: c.h.r.base + route.HardwareChanges.Path()}
}

// changePage is filled with a commit.
type changePage struct {
	hardwarePage
	commitRow
	ID      string
	Message string
	Merge   bool
	Parents []linkRow
	Groups  []changeGroup
	Left    int // resources that changed and are not shown
	JSON    string
}

// changeGroup is resources to which the same happened.
type changeGroup struct {
	happening
	Count     int
	Resources []linkRow // the first of them
}

// More is how many resources are not named.
func (g changeGroup) More() int { return g.Count - len(g.Resources) }

// happening is what happened to a resource.
type happening struct {
	Verb, Kind, Site, Type string

	Odd   string // why there is no difference to show
	Delta template.HTML
}

// What a page shows at the most: rows of its tables, names of resources in a
// group, and versions. All of it is in the API.
const (
	mostRows     = 1200
	mostNames    = 1000
	mostVersions = 300
)

// Commit is the page of the commit at a place in the history.
func (c *Changes) Commit(n int) ([]byte, error) {
	commit, resources := c.hist.Commits[n], c.log.Commit(n)
	p := changePage{
		commitRow: c.rows[n],
		ID:        commit.ID.String(),
		Message:   commit.Body(),
		Merge:     len(commit.Parents) > 1,
		JSON:      c.h.r.base + route.VersionChanges.Path(commit.ID.String()),
	}
	p.hardwarePage = c.h.page(p.Subject, "What a commit changed: "+cmp.Or(clipped(p.Summary), "nothing"), c.h.top(), c.top())
	for _, id := range commit.Parents {
		if i, ok := c.index[id]; ok {
			p.Parents = append(p.Parents, linkRow{Name: c.rows[i].Subject, Page: c.rows[i].Page})
		}
	}
	rows := 0
	at := map[happening]int{}
	for i := range resources {
		did, n, err := c.happening(&resources[i])
		if err != nil {
			return nil, err
		}
		j, ok := at[did]
		if !ok {
			if rows > 0 && rows+n > mostRows {
				p.Left++
				continue
			}
			rows += n
			j = len(p.Groups)
			at[did] = j
			p.Groups = append(p.Groups, changeGroup{happening: did})
		}
		g := &p.Groups[j]
		if g.Count++; len(g.Resources) < mostNames {
			g.Resources = append(g.Resources, c.link(resources[i].Place))
		}
	}
	slices.SortStableFunc(p.Groups, func(a, b changeGroup) int { return change.CompareActions(a.Verb, b.Verb) })
	return c.h.r.render("hardware_change.html.tmpl", p)
}

// happening says what happened to a resource, in how many rows.
func (c *Changes) happening(r *change.Resource) (did happening, rows int, err error) {
	did = happening{Verb: r.Action(), Kind: string(r.Kind), Site: r.Site, Type: r.NodeType}
	switch {
	case r.Delta != nil:
		d, err := c.deltas.render(r.Delta)
		did.Delta = d.HTML
		return did, d.Rows, err
	case did.Verb != change.Changed:
	case r.Before == change.Unreadable:
		did.Odd = "It could not be read before."
	default:
		did.Odd = "It cannot be read since."
	}
	return did, 1, nil
}

// link leads to a resource's page, if it is still there.
func (c *Changes) link(p inventory.Place) linkRow {
	if n, ok := c.here[p]; ok {
		return linkRow{Name: n.Label(), Page: n.Page()}
	}
	row := linkRow{Name: cmp.Or(p.UID, p.Cluster, p.Site)}
	for _, s := range c.h.grid.Sites {
		switch {
		case s.UID != p.Site:
		case p.Kind == inventory.KindSite:
			row.Page = c.h.site(s.UID).Page
		case p.Kind == inventory.KindCluster && slices.ContainsFunc(s.Clusters, func(c *inventory.Cluster) bool { return c.UID == p.UID }):
			row.Page = c.h.cluster(s.UID, p.UID).Page
		case p.Kind == inventory.KindFlavor && slices.ContainsFunc(s.Flavors, func(f *inventory.Flavor) bool { return f.UID == p.UID }):
			row.Page = c.h.r.base + route.HardwareFlavorHistory.Path(s.UID, p.UID)
		}
	}
	return row
}
