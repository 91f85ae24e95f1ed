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
	State string // in place of a difference
	Delta template.HTML
}

// Node is the page of a node's history.
func (c *Changes) Node(s *inventory.Site, of *inventory.Cluster, n *inventory.Node) (Page, error) {
	current := c.current[nodePlace(s.UID, of.UID, n.UID)]
	label := change.Isolate(current.Label())
	description := fmt.Sprintf("Changes of the node %s at %s.", label, change.Isolate(s.UID))
	p := historyPage{
		hardwarePage: c.hardware.page("History of "+current.Label(), description,
			c.hardware.top(), c.hardware.site(s.UID), c.hardware.cluster(s.UID, of.UID),
			linkRow{Name: current.Label(), Page: current.Page()}),
		JSON: c.renderer.path(route.NodeHistory, s.UID, of.UID, n.UID),
	}

	return c.versions(p, n.File.Path)
}

// Flavor is the page of a flavor's history.
func (c *Changes) Flavor(s *inventory.Site, f *inventory.Flavor) (Page, error) {
	description := fmt.Sprintf("Changes of the flavor %s at %s.", change.Isolate(f.UID), change.Isolate(s.UID))
	p := historyPage{
		hardwarePage: c.hardware.page("History of "+f.UID, description, c.hardware.top(), c.hardware.site(s.UID)),
		JSON:         c.renderer.path(route.FlavorHistory, s.UID, f.UID),
	}
	return c.versions(p, f.File.Path)
}

// versions renders the history of a file.
func (c *Changes) versions(p historyPage, file string) (Page, error) {
	p.Heading = p.Title
	versions, commits := c.log.Versions(file), c.history.Log(file)
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
		if v.Delta != nil && (row.State == "" || len(v.Delta.Ops) > 0) {
			d, err := c.deltas.render(v.Delta)
			if err != nil {
				return Page{}, err
			}
			row.Delta = d.HTML
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
	case before == change.Absent && v.Delta == nil:
		return "Added."
	case before == change.Absent:
		return "Added again."
	case before == change.Unreadable:
		return "Readable again."
	}
	return ""
}

// Site is the page of what changed at a site.
func (c *Changes) Site(s *inventory.Site) (Page, error) {
	description := "Changes at the site " + change.Isolate(s.UID) + ", newest first."
	p := changesPage{
		hardwarePage: c.hardware.page("Changes at "+s.UID, description, c.hardware.top(), c.hardware.site(s.UID)),
		JSON:         c.renderer.path(route.SiteHistory, s.UID),
		JSONTitle:    "The history of the site's own file as JSON",
	}

	p.Feeds = c.hardware.feeds(s)
	commits := c.history.Log(s.Dir())
	return c.group(p, commits, func(r *change.Resource) bool { return r.Site == s.UID })
}

// Cluster is the page of what changed in a cluster.
func (c *Changes) Cluster(s *inventory.Site, of *inventory.Cluster) (Page, error) {
	uid := change.Isolate(of.UID)
	title := fmt.Sprintf("Changes in %s at %s", uid, s.UID)
	description := fmt.Sprintf("Changes in the cluster %s at %s, newest first.", uid, change.Isolate(s.UID))
	p := changesPage{
		hardwarePage: c.hardware.page(title, description,
			c.hardware.top(), c.hardware.site(s.UID), c.hardware.cluster(s.UID, of.UID)),
		JSON:      c.renderer.path(route.ClusterHistory, s.UID, of.UID),
		JSONTitle: "The history of the cluster's own file as JSON",
	}

	commits := c.history.Log(of.Dir())
	return c.group(p, commits, func(r *change.Resource) bool { return r.Site == s.UID && r.Cluster == of.UID })
}

// group lists commits with what they changed in a part of the testbed.
func (c *Changes) group(p changesPage, commits []*history.Commit, isIn func(*change.Resource) bool) (Page, error) {
	p.Heading = p.Title
	for _, commit := range commits {
		var resources []change.Resource
		for _, r := range c.log.Commit(c.index[commit.ID]) {
			if isIn(&r) {
				resources = append(resources, r)
			}
		}
		p.Commits = append(p.Commits, c.row(commit, resources))
	}

	return c.renderer.render("hardware_changes.html.tmpl", p)
}
