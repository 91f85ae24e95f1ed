package page

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/route"
)

// groupPage is filled with nodes that belong together: all, a site's, a cluster's, or
// those of a type.
type groupPage struct {
	hardwarePage
	Sites    []siteRow
	Clusters []linkRow
	Types    []typeRow

	Flavors     []flavorRow // of a site, or of all
	FreeFlavors string      // the URL of how many of each can be reserved

	List string // the URL of the nodes in the list of all

	// Of a site:
	About       string
	Facts       []fact
	FlavorsJSON string      // the URL of all flavors in the API
	Find        *findAtSite // nil where no complete machine can be leased
}

// findAtSite is the question when nodes of a site are free.
type findAtSite struct {
	Action, Site string
	Types        []hardware.Choice
}

// listPage is the page of all nodes.
type listPage struct {
	hardwarePage
	Search       string // the URL of a search
	Capacity     string // the URL of the numbers of free nodes
	SlotsPage    string
	Calendar     string // the URL of the calendar of nodes
	SlotsFeed    string // the URL of the feed of slots
	Reservations string // the URL of the reservations of nodes

	// Elsewhere has the pages of all clusters, where the page without a script has only the
	// first nodes.
	Elsewhere []linkRow
}

// maxListed is how many nodes the page of all nodes has without a script. A browser takes
// minutes for the rows of ten thousand, and a script shows a hundred of its own.
const maxListed = 1000

// fact is something to read about a resource.
type fact struct {
	Name, Text string
	Href       string // what it links to, "" for nothing
	IsKey      bool   // the name is an identifier
}

// Page is the page of a resource.
func (h *Hardware) Page(r inventory.Resource) (Page, error) {
	switch r.Kind {
	case route.SiteKind:
		return h.site(r)
	case route.ClusterKind:
		return h.cluster(r)
	case route.NodeKind:
		return h.node(h.byPlace[r.Place])
	case route.FlavorKind:
		return h.flavor(r)
	}
	return h.front()
}

// List is the page of all nodes. It needs no reservations, and so gets all nodes at
// once.
func (h *Hardware) List() (Page, error) {
	about := fmt.Sprintf("The %d nodes of %s: find hardware by what it has.", len(h.nodes),
		change.Isolate(h.grid.UID))
	p := listPage{
		hardwarePage: h.page("All nodes", about),
		Search:       h.renderer.path(route.Search),
		Capacity:     h.renderer.path(route.Capacity),
		SlotsPage:    h.renderer.path(route.HardwareSlots),
		Calendar:     h.renderer.path(route.NodesCalendar),
		SlotsFeed:    h.renderer.path(route.SlotsAtom),
		Reservations: h.renderer.path(route.NodesAvailability),
	}

	h.show(&p.hardwarePage, h.nodes, url.Values{
		"reservations": {"false"}, "limit": {strconv.Itoa(route.MaxStatesLimit)},
	})
	if len(p.Rows) > maxListed {
		p.Rows = p.Rows[:maxListed]
		for site := range h.grid.In(inventory.Place{}, route.SiteKind) {
			p.Elsewhere = append(p.Elsewhere, h.countClusters(site.Place, h.nodes)...)
		}
	}
	p.common = p.in(areaNodes, "nodes.js")

	return h.renderer.render("hardware_nodes.html.tmpl", p)
}

// Timeline is the page that other sites show in a frame: when the nodes of its query are free.
func (h *Hardware) Timeline() (Page, error) {
	p := h.page("When nodes are free", "A timeline of the nodes that a query finds, for frames.")
	p.Script, p.Embedded = "embed.js", true
	return h.renderer.render("hardware_timeline.html.tmpl", struct {
		hardwarePage
		Availability string // the URL of the reservations of nodes
	}{p, h.renderer.path(route.NodesAvailability)})
}

// Compare is the page that shows nodes or types side by side: those that its query
// has.
func (h *Hardware) Compare() (Page, error) {
	p := h.page("Compare", "Two to four nodes or node types side by side.", h.trail(inventory.Place{})...)
	p.Script = "compare.js"
	return h.renderer.render("hardware_compare.html.tmpl", struct {
		hardwarePage
		Availability, Find string // URLs: of nodes in the API, and of the page for slots
		Reserve            *reservePanel
	}{
		p, h.renderer.path(route.NodesAvailability), h.renderer.path(route.HardwareSlots),
		h.renderer.reservePanel("Reserve these nodes"),
	})
}

func (h *Hardware) site(s inventory.Resource) (Page, error) {
	v := hardware.Parse(s.File.Text)
	name := cmp.Or(v.Get("name").String(), s.UID)
	nodes := nodesIn(s.Place, h.nodes)
	about := fmt.Sprintf("The %d nodes of the site %s.", len(nodes), change.Isolate(name))
	p := groupPage{
		hardwarePage: h.page(name, about, h.trail(inventory.Place{})...),
		Clusters:     h.countClusters(s.Place, nodes),
		Types:        h.renderer.typeRows(nodes),
		About:        v.Get("description").String(),
		Flavors:      h.flavors(s.Place),
		FreeFlavors:  h.renderer.path(route.FlavorsAvailability) + "?" + query("site_id", s.UID).Encode(),
		FlavorsJSON:  h.renderer.path(route.Flavors, s.UID),
	}

	p.describe(s.Place)
	p.Feeds = h.renderer.feeds(s.Place)

	for _, m := range []struct{ title, member string }{
		{"Location", "location"}, {"Kind", "site_class"}, {"Web", "web"},
		{"Help", "user_support_contact"}, {"Contact", "email_contact"},
	} {
		f := fact{Name: m.title, Text: v.Get(m.member).String()}
		switch {
		case m.member == "web" && isExternal(f.Text):
			f.Href = f.Text
			f.Text = cmp.Or(strings.TrimSuffix(strings.TrimPrefix(f.Text, "https://"), "/"), f.Href)
		case isMail(f.Text):
			f.Href = "mailto:" + f.Text
		}
		if f.Text != "" {
			p.Facts = append(p.Facts, f)
		}
	}

	filter := query("site_id", s.UID)
	h.show(&p.hardwarePage, nodes, filter)
	p.ByFlavor.IsHere = slices.Contains(h.leasing, s.Place)
	p.Script = "group.js"
	p.List = p.AllNodes() + "?" + filter.Encode()
	p.Past = h.renderer.path(route.Capacity) + "?" + query("site_id", s.UID, "by", "site", "step", "1d").Encode()
	p.ChangesOf = h.renderer.changesOf("site", s.UID)
	p.Operation = "getSite"
	if len(p.Flavors) > 0 {
		p.MoreJSON = &linkRow{Name: "Flavors of virtual machines", Page: p.FlavorsJSON}
	}
	if p.Live.Slots != "" {
		p.Find = &findAtSite{Action: h.renderer.path(route.HardwareSlots), Site: route.ListValue(s.UID)}
		for _, t := range p.Types {
			if t.ByFlavor < t.Count && len(t.Name) <= maxValue {
				p.Find.Types = append(p.Find.Types, hardware.Choice{Value: route.ListValue(t.Name), Label: t.Name})
			}
		}
	}

	return h.renderer.render("hardware_site.html.tmpl", p)
}

// changesOf is the URL of the changes of what has a value: of a type, or at a site. It is
// "" where it would be too long.
func (r *Renderer) changesOf(facet, value string) string {
	return short(r.path(route.HardwareChanges) + "?" + query(facet, value).Encode())
}

// feeds are those of the changes of a site or a node.
func (r *Renderer) feeds(of inventory.Place) *feeds {
	atom, json := route.SiteChangesAtom, route.SiteChangesFeed
	if of.Kind == route.NodeKind {
		atom, json = route.NodeChangesAtom, route.NodeChangesFeed
	}
	return &feeds{Atom: r.path(atom, of.Args()...), JSON: r.path(json, of.Args()...)}
}

// isExternal reports whether a text is the URL of another web site, which pages
// may link to.
func isExternal(href string) bool {
	return strings.HasPrefix(href, "https://") || strings.HasPrefix(href, "http://")
}

// plainMail matches an e-mail address that stands in a URL as it is.
var plainMail = regexp.MustCompile(`^[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,8}$`)

// isMail reports whether a text is one plain e-mail address, and nothing else.
func isMail(text string) bool { return plainMail.MatchString(text) }

func (h *Hardware) cluster(c inventory.Resource) (Page, error) {
	nodes := nodesIn(c.Place, h.nodes)
	name := fmt.Sprintf("luster %s at %s", change.Isolate(c.UID), change.Isolate(h.siteName[c.Site]))
	p := groupPage{
		hardwarePage: h.page("C"+name, fmt.Sprintf("The %d nodes of the c%s.", len(nodes), name), h.trailAbove(c.Place)...),
		Types:        h.renderer.typeRows(nodes),
	}

	p.describe(c.Place)
	filter := query("site_id", c.Site, "cluster_id", c.UID)
	h.show(&p.hardwarePage, nodes, filter)
	p.Script = "group.js"
	p.List = p.AllNodes() + "?" + filter.Encode()
	p.Operation = "getCluster"

	return h.renderer.render("hardware_group.html.tmpl", p)
}
