package page

import (
	"cmp"
	"html/template"
	"maps"
	"net/url"
	"slices"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/page/guide"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Hardware makes the hardware browser's pages: what all of them share is read
// and rendered once.
type Hardware struct {
	renderer *Renderer
	grid     *inventory.Grid
	read     []hardware.Node
	nodes    []*node // of read: by site, cluster and uid
	byPlace  map[inventory.Place]*node
	leasing  []inventory.Place            // sites that have flavors
	siteName map[string]string            // for people, by uid
	about    map[string]guide.Description // of types, by name
	types    []typeRow                    // by name

	rendered      map[any]template.HTML // what many pages have in common, see once
	renderedBytes int
}

// node is a node with its hardware, and its row in tables.
type node struct {
	*hardware.Node

	renderer *Renderer
	row      part
	rank     int // among all nodes by name

	hardware hardware.Hardware
	parts    []hardware.Part
}

// Label is the name of a node in pages.
func (n *node) Label() string { return cmp.Or(n.Name, n.UID) }

func (n *node) place() inventory.Place {
	return inventory.Place{Kind: route.NodeKind, Site: n.Site, Cluster: n.Cluster, UID: n.UID}
}

// Page is the URL of a node's page.
func (n *node) Page() string { return n.renderer.pageOf(n.place()) }

// SiteLabel is the name of a node's site in pages that depend on HEAD.
func (n *node) SiteLabel() string { return cmp.Or(n.SiteName, n.Site) }

// SitePage is the URL of the page of a node's site.
func (n *node) SitePage() string { return n.renderer.path(route.HardwareSite, n.Site) }

// TypePage is the URL of the page of a node's type; "" for no type.
func (n *node) TypePage() string { return n.renderer.typePage(n.Type) }

// Show is the value of a property, as people read it.
func (n *node) Show(name string) string {
	properties := hardware.Properties()
	i := properties.Index(name)
	return properties[i].Display(n.Facts[i])
}

// NodeColumns are the properties in tables of nodes, in their order.
func (c common) NodeColumns() (columns []hardware.Property) {
	properties := hardware.Properties()
	for _, row := range properties.Listed() {
		columns = append(columns, properties[row])
	}
	return columns
}

// cell is what a node has in a column.
type cell struct {
	Text, Page, Badge string
	Number            bool
}

// Cells are a node's, in the order of the columns.
func (n *node) Cells() (cells []cell) {
	properties := hardware.Properties()
	for _, i := range properties.Listed() {
		p := &properties[i]
		c := cell{Text: p.Display(n.Facts[i]), Number: p.Kind.IsNumber()}
		switch p.Name {
		case "site_id":
			c.Text, c.Page = n.SiteLabel(), n.SitePage()
		case "node_type":
			c.Page = n.TypePage()
			c.Badge = n.Show("leased_by")
		}

		cells = append(cells, c)
	}

	return cells
}

// linkRow is a page with the number of its nodes.
type linkRow struct {
	Name, Page string
	Count      int
}

// typeRow is a node type, or a cluster in the place of one, with what its nodes have.
type typeRow struct {
	linkRow
	Example  *node // the first with the hardware that most of them have
	ByFlavor int   // how many are leased by flavor

	nodes []*node
}

// byFlavor counts which of a page's nodes are leased by flavor alone.
type byFlavor struct {
	Count, Of int
	Sites     []linkRow // whose flavors lease them: their own, else all that have flavors
	IsHere    bool      // the page has the flavors
}

// All reports whether no node of the page can be leased as a complete machine.
func (b byFlavor) All() bool { return b.Count > 0 && b.Count == b.Of }

// byFlavor finds them among nodes.
func (h *Hardware) byFlavor(nodes []*node) byFlavor {
	b := byFlavor{Count: countByFlavor(nodes), Of: len(nodes)}
	for _, s := range h.leasedBy(nodes) {
		b.Sites = append(b.Sites, linkRow{Name: h.siteName[s.UID], Page: h.renderer.pageOf(s) + "#flavors"})
	}
	return b
}

// leasedBy are the sites whose flavors lease hosts of virtual machines among nodes. Hosts can
// be in the inventory of a site that has no flavors itself, because another one serves virtual
// machines for both.
func (h *Hardware) leasedBy(nodes []*node) []inventory.Place {
	var own []inventory.Place
	for _, s := range h.leasing {
		if slices.ContainsFunc(nodes, func(n *node) bool { return n.ByFlavor && n.Site == s.UID }) {
			own = append(own, s)
		}
	}
	if own == nil {
		return h.leasing
	}
	return own
}

func countByFlavor(nodes []*node) (count int) {
	for _, n := range nodes {
		if n.ByFlavor {
			count++
		}
	}
	return count
}

// Hardware prepares the hardware browser's pages of a grid with these nodes.
func (r *Renderer) Hardware(g *inventory.Grid, nodes []hardware.Node) (*Hardware, error) {
	h := &Hardware{
		renderer: r, grid: g, read: nodes,
		byPlace:  map[inventory.Place]*node{},
		siteName: map[string]string{},
		about:    map[string]guide.Description{},
		rendered: map[any]template.HTML{},
	}

	for i := range nodes {
		n := &node{Node: &nodes[i], renderer: r}
		n.hardware, n.parts = nodes[i].Hardware()
		row, err := r.part("hardware-row", n)
		if err != nil {
			return nil, err
		}

		n.row = row
		h.nodes = append(h.nodes, n)
		h.byPlace[n.place()] = n
	}

	rankByName(h.nodes)

	for s := range g.In(inventory.Place{}, route.SiteKind) {
		name, _ := s.File.String("name")
		h.siteName[s.UID] = cmp.Or(name, s.UID)
		if len(h.flavors(s.Place)) > 0 {
			h.leasing = append(h.leasing, s.Place)
		}
	}

	for _, d := range g.Descriptions {
		about, err := guide.Describe(d.Text, d.Type)
		if err != nil {
			return nil, err
		}
		h.about[d.Type] = about
	}

	h.types = r.typeRows(h.nodes)
	return h, nil
}

// rankByName numbers nodes in the order in which people look for a name: c2 is before c10.
// It is the order of the list's script, that of the Unicode collation algorithm (UTS #10).
func rankByName(nodes []*node) {
	collator := collate.New(language.English, collate.Numeric)
	byName := slices.SortedStableFunc(slices.Values(nodes), func(a, b *node) int {
		return collator.CompareString(a.Label(), b.Label())
	})
	for i, n := range byName {
		n.rank = i
	}
}

// typeRows groups nodes by their types.
func (r *Renderer) typeRows(nodes []*node) (rows []typeRow) {
	types := map[string][]*node{}
	for _, n := range nodes {
		if n.Type != "" {
			types[n.Type] = append(types[n.Type], n)
		}
	}

	for _, name := range slices.Sorted(maps.Keys(types)) {
		rows = append(rows, rowOf(name, r.typePage(name), types[name]))
	}

	return rows
}

// rowOf is the row of a group of nodes, which must not be empty.
func rowOf(name, page string, nodes []*node) typeRow {
	return typeRow{
		linkRow:  linkRow{Name: name, Page: page, Count: len(nodes)},
		Example:  mostCommon(nodes),
		ByFlavor: countByFlavor(nodes),
		nodes:    nodes,
	}
}

// typeNamed returns the type with a name, which some node must have.
func (h *Hardware) typeNamed(name string) typeRow {
	return h.types[slices.IndexFunc(h.types, func(t typeRow) bool { return t.Name == name })]
}

// hardwarePage is what every page of the browser is filled with.
type hardwarePage struct {
	common
	Trail []linkRow // the pages above

	// Of a page about a resource: URLs in the API, and of its changes.
	Versions, History string

	// Of a page about nodes:
	Count    int
	Rows     []part
	ByFlavor byFlavor
	Live     live
	Past     string // the URL of the free nodes of past days, "" for none

	ChangesOf string   // the URL of what changed about the nodes, "" for none
	Operation string   // the operation of the API that gets what the page is about, "" for none
	MoreJSON  *linkRow // of what the page shows as well
}

// page starts a page.
func (h *Hardware) page(title, description string, trail ...linkRow) hardwarePage {
	p := hardwarePage{
		common: h.renderer.common(title, description, "site.css"),
		Trail:  trail,
	}
	p.Area = areaCatalogue

	return p
}

// describe adds a resource's URLs.
func (p *hardwarePage) describe(of inventory.Place) {
	kind, args := of.Kind.Get(), of.Args()
	p.JSON = p.renderer.path(kind.Item, args...)
	p.Versions = p.renderer.path(kind.ItemVersions, args...)
	p.History = p.renderer.path(kind.HistoryPage, args...)
}

// show adds nodes, and when those that a search's filter chooses are free. There is
// nothing to show where all are leased by flavor.
func (h *Hardware) show(p *hardwarePage, nodes []*node, filter url.Values) {
	p.Count = len(nodes)
	p.ByFlavor = h.byFlavor(nodes)
	for _, n := range slices.SortedFunc(slices.Values(nodes), func(a, b *node) int { return cmp.Compare(a.rank, b.rank) }) {
		p.Rows = append(p.Rows, n.row)
	}

	if !p.ByFlavor.All() {
		p.showAvailability(filter)
	}
}

// query returns a search's filter for values, by the names of parameters.
func query(pairs ...string) url.Values {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], route.ListValue(pairs[i+1]))
	}
	return values
}

// showAvailability adds when the nodes that a search's filter chooses are free.
func (p *hardwarePage) showAvailability(filter url.Values) {
	p.Live = p.renderer.live(filter, max(1, p.Count))
	p.Script = "group.js"
}

// pageOf is the URL of a resource's page.
func (r *Renderer) pageOf(p inventory.Place) string {
	return r.path(p.Kind.Get().Page, p.Args()...)
}

// link is a link to a resource's page.
func (h *Hardware) link(p inventory.Place) linkRow {
	row := linkRow{Name: p.UID, Page: h.renderer.pageOf(p)}
	if n, ok := h.byPlace[p]; ok {
		row.Name = n.Label()
	}
	return row
}

// trail links to the pages of a resource and of what it is in.
func (h *Hardware) trail(p inventory.Place) []linkRow {
	rows := []linkRow{{Name: "Catalogue", Page: h.renderer.path(route.HardwareList)}}

	if p.Site != "" {
		rows = append(rows, h.link(inventory.Place{Kind: route.SiteKind, Site: p.Site, UID: p.Site}))
	}
	if p.Cluster != "" {
		rows = append(rows, h.link(inventory.Place{
			Kind: route.ClusterKind, Site: p.Site, Cluster: p.Cluster, UID: p.Cluster,
		}))
	}
	if p.Kind == route.NodeKind || p.Kind == route.FlavorKind {
		rows = append(rows, h.link(p))
	}

	return rows
}

// trailAbove links to the pages that a resource of a site is in, and calls the site by its name
// for people: only for pages that depend on HEAD.
func (h *Hardware) trailAbove(p inventory.Place) []linkRow {
	rows := h.trail(p)
	rows[1].Name = h.siteName[p.Site]
	return rows[:len(rows)-1]
}

// nodesIn returns those nodes that are at a site or in a cluster; the zero Place is for
// all.
func nodesIn(part inventory.Place, nodes []*node) (found []*node) {
	for _, n := range nodes {
		if (part.Site == "" || n.Site == part.Site) && (part.Cluster == "" || n.Cluster == part.Cluster) {
			found = append(found, n)
		}
	}
	return found
}

// siteRow is a site with the number of its nodes, by its name for people.
type siteRow struct {
	linkRow
	UID string
}

// countSites counts nodes by their sites.
func (h *Hardware) countSites(nodes []*node) (rows []siteRow) {
	for s := range h.grid.In(inventory.Place{}, route.SiteKind) {
		row := siteRow{h.link(s.Place), s.UID}
		row.Name, row.Count = h.siteName[s.UID], len(nodesIn(s.Place, nodes))
		rows = append(rows, row)
	}
	return rows
}

// countClusters counts nodes by the clusters of a site.
func (h *Hardware) countClusters(site inventory.Place, nodes []*node) (rows []linkRow) {
	for c := range h.grid.In(site, route.ClusterKind) {
		row := h.link(c.Place)
		row.Count = len(nodesIn(c.Place, nodes))
		rows = append(rows, row)
	}
	return rows
}

// maxRendered bounds the bytes that once remembers. When there are more, all are
// forgotten.
const maxRendered = 4 << 20

// once renders a part without links, once for each key; nil is for a part that no
// other page has.
func (h *Hardware) once(key any, name string, data func() any) (template.HTML, error) {
	if html, ok := h.rendered[key]; ok {
		return html, nil
	}

	p, err := h.renderer.part(name, data())
	if err == nil && key != nil {
		if h.renderedBytes += len(p.HTML); h.renderedBytes > maxRendered {
			clear(h.rendered)
			h.renderedBytes = len(p.HTML)
		}
		h.rendered[key] = p.HTML
	}

	return p.HTML, err
}
