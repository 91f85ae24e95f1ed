package page

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Hardware makes the hardware browser's pages: what all of them share is read
// and rendered once.
type Hardware struct {
	r      *Renderer
	grid   *inventory.Grid
	nodes  []*node // by site, cluster and uid
	byType map[string][]*node
	types  []typeRow                // by name
	alike  map[hardware.Machine]int // how many nodes are of one type and have the same hardware
}

// node is a node with its hardware, and its row in tables.
type node struct {
	*hardware.Node

	renderer *Renderer
	row      part
}

// Label is what people call a node.
func (n *node) Label() string { return cmp.Or(n.Name, n.UID) }

// Page is the address of a node's page.
func (n *node) Page() string {
	return n.renderer.base + route.HardwareNode.Path(n.Site, n.Cluster, n.UID)
}

// TypePage is the address of the page of a node's type; "" for no type.
func (n *node) TypePage() string { return n.renderer.typePage(n.Type) }

// SitePage is the address of the page of a node's site.
func (n *node) SitePage() string { return n.renderer.base + route.HardwareSite.Path(n.Site) }

// Memory, Store and Net are the node's numbers with their units.
func (n *node) Memory() string { return hardware.Binary(n.RAM) }

// Store is the size of all storage devices.
func (n *node) Store() string { return hardware.Decimal(n.Storage) }

// Net is the rate of the fastest network adapter.
func (n *node) Net() string { return hardware.Rate(n.Network) }

// Accelerators are a node's GPUs and FPGAs in a few words.
func (n *node) Accelerators() string {
	switch {
	case n.GPUs == 0:
		return n.FPGA
	case n.GPU == "":
		return fmt.Sprintf("%d GPUs", n.GPUs)
	}
	return fmt.Sprintf("%d × %s", n.GPUs, n.GPU)
}

// Processor is a node's processors in a few words.
func (n *node) Processor() string {
	switch {
	case n.CPU == "" || n.Sockets <= 1:
		return n.CPU
	}
	return fmt.Sprintf("%d × %s", n.Sockets, n.CPU)
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

// byFlavor says which of a page's nodes are leased by flavor alone.
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
	h := &Hardware{r: r, grid: g, alike: map[hardware.Machine]int{}}
	for i := range nodes {
		here := &node{Node: &nodes[i], renderer: r}
		row, err := r.part("hardware-row", here)
		if err != nil {
			return nil, err
		}
		here.row = row
		h.nodes = append(h.nodes, here)
		h.alike[here.sort()]++
	}
	h.byType = byType(h.nodes)
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
			rows = append(rows, typeRow{linkRow{name, r.typePage(name), len(of)}, commonest(of), countByFlavor(of)})
		}
	}
	slices.SortFunc(rows, func(a, b typeRow) int { return cmp.Compare(a.Name, b.Name) })
	return rows
}

// commonest returns the first node of those that have the same hardware and are
// the most.
func commonest(nodes []*node) *node {
	counts := map[hardware.Machine]int{}
	var best *node
	for _, n := range nodes {
		counts[n.kind()]++
	}
	for _, n := range nodes {
		if best == nil || counts[n.kind()] > counts[best.kind()] {
			best = n
		}
	}
	return best
}

// kind is a node's hardware without what is of this node alone.
func (n *node) kind() hardware.Machine { return n.Machine.Kind() }

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
		common: common{Title: title, Description: description, Styles: []string{"site.css"}, renderer: h.r},
		Grid:   h.grid.UID,
		Trail:  trail,
	}
}

// free makes the page show when its nodes are free. A page whose nodes are all
// leased by flavor has nothing to show.
func (p *hardwarePage) free(l live) {
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

// Index is the address of the file that the browser's script reads.
func (c common) Index() string { return c.renderer.base + "/" + route.HardwareIndex }

// Node is the address of a node's page, with the names of what stands in it.
func (c common) Node() string { return c.renderer.base + string(route.HardwareNode) }

// News is the address of the page of what changed.
func (c common) News() string { return c.renderer.base + route.HardwareChanges.Path() }

// Compare is the address of the page that shows nodes side by side.
func (c common) Compare() string { return c.renderer.base + route.HardwareCompare.Path() }

func (h *Hardware) top() linkRow {
	return linkRow{Name: "Hardware", Page: h.r.base + route.HardwareList.Path()}
}

func (h *Hardware) site(uid string) linkRow {
	return linkRow{Name: uid, Page: h.r.base + route.HardwareSite.Path(uid)}
}

func (h *Hardware) cluster(site, uid string) linkRow {
	return linkRow{Name: uid, Page: h.r.base + route.HardwareCluster.Path(site, uid)}
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
