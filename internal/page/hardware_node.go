package page

import (
	"fmt"
	"html/template"
	"net/url"

	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/route"
)

// nodePage is filled with a node.
type nodePage struct {
	hardwarePage
	Node     *node
	Summary  template.HTML
	Sections []template.HTML
	Reserve  *reservePanel // nil for a host of virtual machines
	Equal    string        // the URL of when the nodes of its type are free, "" for none
	TypeJSON string        // the path of its type's file, "" for none
	Cite     *citation     // nil if no commit has the node's file

	CompareNode string // the URL of the comparison with it, "" if it would be too long
}

// Redirect is the page at the URL where dashboards look for a node.
func (h *Hardware) Redirect(node inventory.Place) (Page, error) {
	n := h.byPlace[node]
	return h.renderer.Moved(n.Label(), route.HardwareNode, n.Site, n.Cluster, n.UID)
}

// node is the page of a node. It depends on the node's file alone: what other nodes of
// its type have is on the type's page.
func (h *Hardware) node(n *node) (Page, error) {
	sections, err := h.sections(n)
	if err != nil {
		return Page{}, err
	}

	facts := n.Summary()
	summary, err := h.once(fmt.Sprintf("%#v", facts), "hardware-facts", func() any { return facts })
	if err != nil {
		return Page{}, err
	}

	name := fmt.Sprintf("%s at %s", change.Isolate(n.Label()), change.Isolate(n.Site))
	above := h.trail(n.place())
	p := nodePage{
		hardwarePage: h.page(name, "The hardware of the node "+name+".", above[:len(above)-1]...),
		Node:         n,
		Summary:      summary,
		Sections:     sections,
	}

	p.describe(n.place())
	p.Operation = "getNode"
	p.Feeds = h.renderer.feeds(n.place())
	p.Script = "node.js"
	p.Cite = h.renderer.cite(n, &p.common)
	p.CompareNode = h.renderer.compareNode(n.Node)
	if n.Type != "" {
		p.TypeJSON = h.renderer.path(route.NodeType, TypeSlug(n.Type))
	}
	if !n.ByFlavor {
		p.Live = h.renderer.live(nodeQuery(n.Node), 1)
		if n.Type != "" {
			p.Equal = short(h.renderer.path(route.NodesAvailability) + "?" + query("node_type", n.Type).Encode())
		}
		p.Reserve = h.renderer.reservePanel("Reserve this node", siteChoice(n.Site))
		p.Reserve.Node, p.Reserve.Name = n.UID, n.Name
		if n.Type != "" {
			p.Reserve.Instead = &linkRow{Name: n.Type, Page: n.TypePage()}
		}
	}

	return h.renderer.render("hardware_node.html.tmpl", p)
}

// compareNode is the URL of the comparison with a node.
func (r *Renderer) compareNode(n *hardware.Node) string {
	return short(r.path(route.HardwareCompare) + "?" + query("nodes", n.UID).Encode())
}

// Summary is a node's hardware at a glance.
func (n *node) Summary() (facts []fact) {
	properties := hardware.Properties()
	for i := range properties {
		p := &properties[i]
		if text := n.Show(p.Name); p.Summary && text != "" {
			facts = append(facts, fact{Name: p.Title, Text: text})
		}
	}
	return facts
}

// nodeQuery is a search's filter for a node.
func nodeQuery(n *hardware.Node) url.Values {
	return query("site_id", n.Site, "cluster_id", n.Cluster, "node_id", n.UID)
}
