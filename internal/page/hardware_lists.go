package page

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/route"
)

// listPage is filled with all nodes.
type listPage struct {
	hardwarePage
	Total int
	Sites []linkRow
	Types []typeRow
}

// List is the page of all nodes.
func (h *Hardware) List() (Page, error) {
	about := fmt.Sprintf("The %d nodes of %s: find hardware by what it has.", len(h.nodes),
		change.Isolate(h.grid.UID))
	p := listPage{
		hardwarePage: h.page("Hardware", about),
		Total:        len(h.nodes),
		Types:        h.types,
	}

	for _, s := range h.grid.Sites {
		row := h.site(s.UID)
		row.Count = len(h.nodesOf(s.UID, ""))
		p.Sites = append(p.Sites, row)
	}

	p.add(h.nodes)
	p.ByFlavor = h.byFlavor(h.nodes)
	p.Script = "hardware.js"
	p.showAvailability(h.renderer.liveList())

	return h.renderer.render("hardware.html.tmpl", p)
}

// Compare is the page that shows nodes or types side by side: those that its query
// has.
func (h *Hardware) Compare() (Page, error) {
	p := h.page("Compare", "Two to four nodes or node types side by side.", h.top())
	p.Script = "compare.js"
	return h.renderer.render("hardware_compare.html.tmpl", p)
}

// fact is something to read about a resource.
type fact struct {
	Name, Text string
	Href       string // what it links to, "" for nothing
}

// sitePage is filled with a site.
type sitePage struct {
	hardwarePage
	About     string
	Facts     []fact
	Clusters  []linkRow
	Types     []typeRow
	JSON      string
	Versions  string
	History   string
	Flavors   string
	Histories []linkRow // of flavors
	Count     int
}

// Site is the page of a site.
func (h *Hardware) Site(s *inventory.Site) (Page, error) {
	v := hardware.Parse(s.File.Text)
	name := s.UID
	if given := v.Get("name").String(); given != "" {
		name = given
	}

	nodes := h.nodesOf(s.UID, "")
	p := sitePage{
		hardwarePage: h.page(name, fmt.Sprintf("The %d nodes of the site %s.", len(nodes), change.Isolate(name)),
			h.top()),
		About:    v.Get("description").String(),
		Types:    h.renderer.typeRows(byType(nodes)),
		JSON:     h.renderer.path(route.Site, s.UID),
		Versions: h.renderer.path(route.SiteVersions, s.UID),
		History:  h.renderer.path(route.HardwareSiteHistory, s.UID),
		Count:    len(nodes),
	}

	p.ByFlavor = h.byFlavor(nodes)
	p.Script = "group.js"
	p.Feeds = h.feeds(s)

	for _, m := range []struct{ title, member string }{
		{"Location", "location"}, {"Kind", "site_class"}, {"Web", "web"},
		{"Help", "user_support_contact"}, {"Contact", "email_contact"},
	} {
		f := fact{Name: m.title, Text: v.Get(m.member).String()}
		if m.member == "web" && isExternal(f.Text) {
			f.Href = f.Text
		}
		if f.Text != "" {
			p.Facts = append(p.Facts, f)
		}
	}

	if len(s.Flavors) > 0 {
		p.Flavors = h.renderer.path(route.Flavors, s.UID)
	}

	for _, f := range s.Flavors {
		history := h.renderer.path(route.HardwareFlavorHistory, s.UID, f.UID)
		p.Histories = append(p.Histories, linkRow{Name: f.UID, Page: history})
	}

	for _, c := range s.Clusters {
		row := h.cluster(s.UID, c.UID)
		row.Count = len(c.Nodes)
		p.Clusters = append(p.Clusters, row)
	}

	if len(nodes) > 0 {
		p.showAvailability(h.renderer.withSlots(url.Values{"site_id": {s.UID}}))
	}

	return h.renderer.render("hardware_site.html.tmpl", p)
}

// feeds are those of a site's changes.
func (h *Hardware) feeds(s *inventory.Site) *feeds {
	return &feeds{h.renderer.path(route.SiteChangesAtom, s.UID), h.renderer.path(route.SiteChangesFeed, s.UID)}
}

// isExternal reports whether a text is the URL of another web site, which pages
// may link to.
func isExternal(href string) bool {
	return strings.HasPrefix(href, "https://") || strings.HasPrefix(href, "http://")
}

// groupPage is filled with nodes that belong together: a cluster's, or those
// of a type.
type groupPage struct {
	hardwarePage
	Heading string
	Count   int
	Example *node // of a type: the hardware that most have
	Equal   int   // how many have that
	// Differences are the parts in which the other nodes differ from it.
	Differences string
	Sites       []linkRow
	Types       []typeRow
	JSON        string
	Versions    string
	History     string
}

// Cluster is the page of a cluster.
func (h *Hardware) Cluster(s *inventory.Site, c *inventory.Cluster) (Page, error) {
	nodes := h.nodesOf(s.UID, c.UID)
	name := change.Isolate(c.UID)
	about := fmt.Sprintf("The %d nodes of the cluster %s at %s.", len(nodes), name, change.Isolate(s.UID))
	p := groupPage{
		hardwarePage: h.page(fmt.Sprintf("Cluster %s at %s", name, s.UID), about, h.top(), h.site(s.UID)),
		Heading:      "Cluster " + c.UID,
		Count:        len(nodes),
		Types:        h.renderer.typeRows(byType(nodes)),
		JSON:         h.renderer.path(route.Cluster, s.UID, c.UID),
		Versions:     h.renderer.path(route.ClusterVersions, s.UID, c.UID),
		History:      h.renderer.path(route.HardwareClusterHistory, s.UID, c.UID),
	}

	p.add(nodes)
	p.ByFlavor = h.byFlavor(nodes)
	p.Script = "group.js"

	if len(nodes) > 0 {
		p.showAvailability(h.renderer.live(url.Values{"site_id": {s.UID}, "cluster_id": {c.UID}}))
	}

	return h.renderer.render("hardware_group.html.tmpl", p)
}

// Types lists the node types that have a page.
func (h *Hardware) Types() []string {
	var names []string
	for _, t := range h.types {
		names = append(names, t.Name)
	}
	return names
}

// Type is the page of a node type.
func (h *Hardware) Type(name string) (Page, error) {
	nodes := h.byType[name]
	example := h.common[name]
	about := fmt.Sprintf("The %d nodes of the type %s.", len(nodes), change.Isolate(name))
	p := groupPage{
		hardwarePage: h.page("Node type "+name, about, h.top()),
		Heading:      name,
		Count:        len(nodes),
		Example:      example,
		Equal:        h.equal[example.typeAndHardware()],
		Differences:  strings.Join(example.differences(nodes...), ", "),
	}

	counts := map[string]int{}
	for _, n := range nodes {
		counts[n.Site]++
	}

	for _, s := range h.grid.Sites {
		if counts[s.UID] > 0 {
			row := h.site(s.UID)
			row.Count = counts[s.UID]
			p.Sites = append(p.Sites, row)
		}
	}

	p.add(nodes)
	p.ByFlavor = h.byFlavor(nodes)
	p.showAvailability(h.renderer.withSlots(url.Values{"node_type": {name}}))

	return h.renderer.render("hardware_group.html.tmpl", p)
}
