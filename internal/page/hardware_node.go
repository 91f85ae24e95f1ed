package page

import (
	"fmt"
	"html/template"
	"iter"
	"net/url"
	"slices"

	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/route"
)

// nodePage is filled with a node.
type nodePage struct {
	hardwarePage
	Node     *node
	Summary  template.HTML
	Sections []template.HTML
	OfType   int // nodes of its type
	Alike    int // of those, with the same hardware
	JSON     string
	Versions string
	History  string
}

// movedPage is filled with where a node's page is.
type movedPage struct {
	common
	Page string
}

// Node is a node with what its pages hold.
type Node struct {
	UID, Site, Cluster string

	h     *Hardware
	n     *node
	known rendered
}

// Nodes yields the nodes, by site, cluster and uid.
func (h *Hardware) Nodes() iter.Seq[Node] {
	return func(yield func(Node) bool) {
		known := newRendered()
		for _, n := range h.nodes {
			if !yield(Node{n.UID, n.Site, n.Cluster, h, n, known}) {
				return
			}
		}
	}
}

// Page is the node's page.
func (n Node) Page() (Page, error) { return n.h.node(n.n, n.known) }

// Moved is the page at the address where dashboards look for the node.
func (n Node) Moved() (Page, error) {
	p := movedPage{common{Title: n.n.Label(), renderer: n.h.r}, n.n.Page()}
	return n.h.r.render("hardware_moved.html.tmpl", p)
}

func (h *Hardware) node(n *node, known rendered) (Page, error) {
	sections, err := h.sections(n, known)
	if err != nil {
		return Page{}, err
	}
	summary, err := h.summary(n, known)
	if err != nil {
		return Page{}, err
	}
	args := []string{n.Site, n.Cluster, n.UID}
	p := nodePage{
		hardwarePage: h.page(fmt.Sprintf("%s at %s", change.Isolate(n.Label()), n.Site), fmt.Sprintf("The hardware of the node %s at %s.", change.Isolate(n.Label()), change.Isolate(n.Site)),
			h.top(), h.site(n.Site), h.cluster(n.Site, n.Cluster)),
		Node:     n,
		Summary:  summary,
		Sections: sections,
		JSON:     h.r.base + route.Node.Path(args...),
		Versions: h.r.base + route.NodeVersions.Path(args...),
		History:  h.r.base + route.HardwareNodeHistory.Path(args...),
	}
	p.ByFlavor = h.byFlavor([]*node{n})
	p.free(h.r.live(url.Values{"site_id": {n.Site}, "cluster_id": {n.Cluster}, "node_id": {n.UID}}))
	if n.Type != "" {
		p.OfType = len(h.byType[n.Type])
		p.Alike = h.alike[n.sort()]
	}
	return h.r.render("hardware_node.html.tmpl", p)
}

// sort is a node's type and hardware.
func (n *node) sort() hardware.Machine {
	m := n.kind()
	m.Type = n.Type
	return m
}

// Facts are a node's hardware at a glance.
func (n *node) Facts() []fact {
	all := []fact{
		{Name: "Processor", Text: n.Processor()},
		{Name: "Architecture", Text: n.Arch},
		{Name: "Threads", Text: number(n.Threads)},
		{Name: "Clock", Text: hardware.Frequency(n.Clock)},
		{Name: "Memory", Text: n.Memory()},
		{Name: "GPUs and FPGAs", Text: n.Accelerators()},
		{Name: "Storage", Text: n.Store()},
		{Name: "Network", Text: n.Net()},
		{Name: "InfiniBand", Text: map[bool]string{true: "yes"}[n.InfiniBand]},
		{Name: "Chassis", Text: n.Chassis},
	}
	return slices.DeleteFunc(all, func(f fact) bool { return f.Text == "" })
}

func number(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}
