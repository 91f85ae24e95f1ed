package page

import (
	"fmt"
	"html/template"

	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/route"
)

// historyPage is filled with the versions of a node or a flavor.
type historyPage struct {
	hardwarePage
	Heading  string
	Versions []versionRow
	Older    int // versions that are not shown
	JSON     string
}

// versionRow is a version of a file.
type versionRow struct {
	commitRow
	State string // what is to be said of it, instead of a difference
	Delta template.HTML
}

// Node is the page of a node's history.
func (c *Changes) Node(s *inventory.Site, of *inventory.Cluster, n *inventory.Node) ([]byte, error) {
	here := c.here[inventory.Place{Kind: inventory.KindNode, Site: s.UID, Cluster: of.UID, UID: n.UID}]
	p := historyPage{
		hardwarePage: c.h.page("History of "+here.Label(), fmt.Sprintf("What changed on the node %s at %s.", change.Isolate(here.Label()), change.Isolate(s.UID)),
			c.h.top(), c.h.site(s.UID), c.h.cluster(s.UID, of.UID), linkRow{Name: here.Label(), Page: here.Page()}),
		JSON: c.h.r.base + route.NodeHistory.Path(s.UID, of.UID, n.UID),
	}
	return c.versions(p, n.File.Path)
}

// Flavor is the page of a flavor's history.
func (c *Changes) Flavor(s *inventory.Site, f *inventory.Flavor) ([]byte, error) {
	p := historyPage{
		hardwarePage: c.h.page("History of "+f.UID, fmt.Sprintf("What changed in the flavor %s at %s.", change.Isolate(f.UID), change.Isolate(s.UID)), c.h.top(), c.h.site(s.UID)),
		JSON:         c.h.r.base + route.FlavorHistory.Path(s.UID, f.UID),
	}
	return c.versions(p, f.File.Path)
}

// versions renders the history of a file.
func (c *Changes) versions(p historyPage, file string) ([]byte, error) {
	p.Heading = p.Title
	versions, commits := c.log.Versions(file), c.hist.Log(file)
	shown := min(len(commits), mostVersions)
	p.Older = len(commits) - shown
	for i, commit := range commits[:shown] {
		row := versionRow{commitRow: c.rows[c.index[commit.ID]]}
		before := change.Absent
		if i+1 < len(versions) {
			before = versions[i+1].State
		}
		v := &versions[i]
		row.State = became(before, v, commit.Cut)
		if v.Delta != nil && (row.State == "" || len(v.Delta.Ops) > 0) {
			d, err := c.deltas.render(v.Delta)
			if err != nil {
				return nil, err
			}
			row.Delta = d.HTML
		}
		p.Versions = append(p.Versions, row)
	}
	return c.h.r.render("hardware_history.html.tmpl", p)
}

// became says what became of a file with a version, "" where its difference does.
func became(before change.State, v *change.Version, cut bool) string {
	switch {
	case v.State == change.Absent:
		return "It was removed."
	case v.State == change.Unreadable:
		return "It could not be read."
	case cut:
		return "It was there: this copy of the history begins here."
	case before == change.Absent && v.Delta == nil:
		return "It was added."
	case before == change.Absent:
		return "It was added again."
	case before == change.Unreadable:
		return "It could be read again."
	}
	return ""
}

// Site is the page of what changed at a site.
func (c *Changes) Site(s *inventory.Site) ([]byte, error) {
	p := changesPage{
		hardwarePage: c.h.page("What changed at "+s.UID, "What changed at the site "+change.Isolate(s.UID)+", newest first.", c.h.top(), c.h.site(s.UID)),
		JSON:         c.h.r.base + route.SiteHistory.Path(s.UID),
		JSONIs:       "The history of the site's own file as JSON",
	}
	p.Feeds = c.h.feeds(s)
	return c.group(p, c.hist.Log(c.h.grid.SiteDir(s)), func(r *change.Resource) bool { return r.Site == s.UID })
}

// Cluster is the page of what changed in a cluster.
func (c *Changes) Cluster(s *inventory.Site, of *inventory.Cluster) ([]byte, error) {
	p := changesPage{
		hardwarePage: c.h.page(fmt.Sprintf("What changed in %s at %s", change.Isolate(of.UID), s.UID), fmt.Sprintf("What changed in the cluster %s at %s, newest first.", change.Isolate(of.UID), change.Isolate(s.UID)),
			c.h.top(), c.h.site(s.UID), c.h.cluster(s.UID, of.UID)),
		JSON:   c.h.r.base + route.ClusterHistory.Path(s.UID, of.UID),
		JSONIs: "The history of the cluster's own file as JSON",
	}
	return c.group(p, c.hist.Log(c.h.grid.ClusterDir(s, of)), func(r *change.Resource) bool { return r.Site == s.UID && r.Cluster == of.UID })
}

// group lists commits with what they changed in a part of the testbed.
func (c *Changes) group(p changesPage, commits []*history.Commit, in func(*change.Resource) bool) ([]byte, error) {
	p.Heading = p.Title
	for _, commit := range commits {
		var resources []change.Resource
		for _, r := range c.log.Commit(c.index[commit.ID]) {
			if in(&r) {
				resources = append(resources, r)
			}
		}
		p.Commits = append(p.Commits, c.row(commit, resources))
	}
	return c.h.r.render("hardware_changes.html.tmpl", p)
}
