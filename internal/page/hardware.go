package page

import (
	"cmp"
	"slices"

	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Hardware makes the hardware browser's pages: what all of them share is read
// and rendered once.
type Hardware struct {
	renderer *Renderer
	grid     *inventory.Grid
	read     []hardware.Node
	nodes    []*node // of read: by site, cluster and uid
	byType   map[string][]*node
	types    []typeRow               // by name
	equal    map[typeAndHardware]int // how many nodes are of one type and have the same hardware
	common   map[string]*node        // of each type the first node with its most common hardware
}

// typeAndHardware is what nodes can be equal in.
type typeAndHardware struct {
	Type     string
	Hardware hardware.Hardware
}

// node is a node with its hardware, and its row in tables.
type node struct {
	*hardware.Node

	renderer *Renderer
	row      part

	hardware hardware.Hardware
	parts    []hardware.Part
}

// Label is the name of a node in pages.
func (n *node) Label() string { return cmp.Or(n.Name, n.UID) }

// Page is the URL of a node's page.
func (n *node) Page() string {
	return n.renderer.path(route.HardwareNode, n.Site, n.Cluster, n.UID)
}

// TypePage is the URL of the page of a node's type; "" for no type.
func (n *node) TypePage() string { return n.renderer.typePage(n.Type) }

// SitePage is the URL of the page of a node's site.
func (n *node) SitePage() string { return n.renderer.path(route.HardwareSite, n.Site) }

// Show is the value of a property, as people read it.
func (n *node) Show(name string) string {
	properties := hardware.Properties()
	i := properties.Index(name)
	return properties[i].Display(n.Facts[i])
}

// column is a column of tables of nodes.
type column struct {
	Title, Sort string
	Number      bool
}

// Columns are those of tables of nodes, next to their names and states.
func (c common) Columns() (columns []column) {
	for _, p := range hardware.Properties() {
		if p.List {
			columns = append(columns,
				column{Title: p.Title, Sort: cmp.Or(p.ListSort, p.Column), Number: p.Kind.IsNumber()})
		}
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
	for i := range properties {
		p := &properties[i]
		if !p.List {
			continue
		}

		c := cell{Text: p.Display(n.Facts[i]), Number: p.Kind.IsNumber()}
		switch p.Name {
		case "site_id":
			c.Page = n.SitePage()
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

// typeRow is a node type with what its nodes have.
type typeRow struct {
	linkRow
	Example  *node // has the hardware that most of them have
	ByFlavor int   // how many are leased by flavor
}

// byFlavor counts which of a page's nodes are leased by flavor alone.
type byFlavor struct {
	Count, Of int
	Sites     []linkRow // whose flavors lease them: their own, else all that have flavors
}

// All reports whether no node of the page can be leased as a complete machine.
func (b byFlavor) All() bool { return b.Count > 0 && b.Count == b.Of }

// byFlavor finds them among nodes. Hosts can be in the inventory of a site that
// has no flavors itself, because another one serves virtual machines for both.
func (h *Hardware) byFlavor(nodes []*node) byFlavor {
	b := byFlavor{Count: countByFlavor(nodes), Of: len(nodes)}
	var others []linkRow
	for _, s := range h.grid.Sites {
		if len(s.Flavors) == 0 {
			continue
		}

		at := h.site(s.UID)
		at.Page += "#flavors"
		if slices.ContainsFunc(nodes, func(n *node) bool { return n.ByFlavor && n.Site == s.UID }) {
			b.Sites = append(b.Sites, at)
		} else {
			others = append(others, at)
		}
	}

	if len(b.Sites) == 0 {
		b.Sites = others
	}

	return b
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
	h := &Hardware{renderer: r, grid: g, read: nodes, equal: map[typeAndHardware]int{}, common: map[string]*node{}}
	for i := range nodes {
		n := &node{Node: &nodes[i], renderer: r}
		n.hardware, n.parts = nodes[i].Hardware()
		row, err := r.part("hardware-row", n)
		if err != nil {
			return nil, err
		}

		n.row = row
		h.nodes = append(h.nodes, n)
		h.equal[n.typeAndHardware()]++
	}

	h.byType = byType(h.nodes)
	for name, nodes := range h.byType {
		h.common[name] = mostCommon(nodes)
	}

	h.types = r.typeRows(h.byType)
	return h, nil
}

func byType(nodes []*node) map[string][]*node {
	types := map[string][]*node{}
	for _, n := range nodes {
		types[n.Type] = append(types[n.Type], n)
	}
	return types
}

// typeRows counts nodes by their types.
func (r *Renderer) typeRows(byType map[string][]*node) []typeRow {
	var rows []typeRow
	for name, of := range byType {
		if name != "" {
			rows = append(rows, typeRow{linkRow{name, r.typePage(name), len(of)}, mostCommon(of), countByFlavor(of)})
		}
	}
	slices.SortFunc(rows, func(a, b typeRow) int { return cmp.Compare(a.Name, b.Name) })
	return rows
}

// mostCommon returns the first node of the largest group with the same hardware.
func mostCommon(nodes []*node) *node {
	counts := map[hardware.Hardware]int{}
	for _, n := range nodes {
		counts[n.hardware]++
	}

	var best *node
	for _, n := range nodes {
		if best == nil || counts[n.hardware] > counts[best.hardware] {
			best = n
		}
	}

	return best
}

func (n *node) typeAndHardware() typeAndHardware { return typeAndHardware{n.Type, n.hardware} }

// differences are the titles of the parts in which the hardware of a node is
// another than that of some others.
func (n *node) differences(others ...*node) (titles []string) {
	for _, other := range others {
		if other.hardware == n.hardware {
			continue
		}
		for _, p := range slices.Concat(n.parts, other.parts) {
			t := change.Isolate(title(p.Member))
			isCommon := slices.Contains(n.parts, p) && slices.Contains(other.parts, p)
			if !isCommon && !slices.Contains(titles, t) {
				titles = append(titles, t)
			}
		}
	}

	slices.Sort(titles)
	return titles
}

// hardwarePage is what every page of the browser is filled with.
type hardwarePage struct {
	common
	Grid     string
	Trail    []linkRow // the pages above
	Rows     []part
	ByFlavor byFlavor
	Live     live
	Script   string // the name of the asset that starts the page's modules, "" for none
}

// page starts a page.
func (h *Hardware) page(title, description string, trail ...linkRow) hardwarePage {
	return hardwarePage{
		common: common{Title: title, Description: description, Styles: []string{"site.css"}, renderer: h.renderer},
		Grid:   h.grid.UID,
		Trail:  trail,
	}
}

// showAvailability makes the page show when its nodes are free. A page whose
// nodes are all leased by flavor has nothing to show.
func (p *hardwarePage) showAvailability(l live) {
	if p.ByFlavor.All() {
		return
	}

	p.Live = l
	p.Script = cmp.Or(p.Script, "group.js")
}

// add puts nodes into the page's table.
func (p *hardwarePage) add(nodes []*node) {
	for _, n := range nodes {
		p.Rows = append(p.Rows, n.row)
	}
}

// Index is the URL of the file that the browser's script reads.
func (c common) Index() string { return c.renderer.base + "/" + route.HardwareIndex }

// Node is the pattern of the URLs of nodes' pages.
func (c common) Node() string { return c.renderer.base + string(route.HardwareNode) }

// ChangesPages is the URL of the list of changes.
func (c common) ChangesPages() string { return c.renderer.path(route.HardwareChanges) }

// Compare is the URL of the page that shows nodes side by side.
func (c common) Compare() string { return c.renderer.path(route.HardwareCompare) }

func (h *Hardware) top() linkRow {
	return linkRow{Name: "Hardware", Page: h.renderer.path(route.HardwareList)}
}

func (h *Hardware) site(uid string) linkRow {
	return linkRow{Name: uid, Page: h.renderer.path(route.HardwareSite, uid)}
}

func (h *Hardware) cluster(site, uid string) linkRow {
	return linkRow{Name: uid, Page: h.renderer.path(route.HardwareCluster, site, uid)}
}

// nodesOf returns the nodes of a site, or with a cluster of that alone.
func (h *Hardware) nodesOf(site, cluster string) []*node {
	var found []*node
	for _, n := range h.nodes {
		if n.Site == site && (cluster == "" || n.Cluster == cluster) {
			found = append(found, n)
		}
	}
	return found
}
