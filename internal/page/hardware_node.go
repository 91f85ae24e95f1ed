package page

import (
	"fmt"
	"html/template"
	"iter"
	"net/url"
	"strings"

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
	Equal    int // of those, with the same hardware
	// Differences are the parts in which it differs from the most common
	// hardware of its type.
	Differences string
	JSON        string
	Versions    string
	History     string
}

// redirectPage is filled with where a node's page is.
type redirectPage struct {
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
			if !yield(Node{UID: n.UID, Site: n.Site, Cluster: n.Cluster, h: h, n: n, known: known}) {
				return
			}
		}
	}
}

// Page is the node's page.
func (n Node) Page() (Page, error) { return n.h.node(n.n, n.known) }

// Redirect is the page at the URL where dashboards look for the node.
func (n Node) Redirect() (Page, error) {
	p := redirectPage{common{Title: n.n.Label(), renderer: n.h.renderer}, n.n.Page()}
	return n.h.renderer.render("hardware_moved.html.tmpl", p)
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
	name := change.Isolate(n.Label())
	p := nodePage{
		hardwarePage: h.page(
			fmt.Sprintf("%s at %s", name, n.Site),
			fmt.Sprintf("The hardware of the node %s at %s.", name, change.Isolate(n.Site)),
			h.top(), h.site(n.Site), h.cluster(n.Site, n.Cluster)),
		Node:     n,
		Summary:  summary,
		Sections: sections,
		JSON:     h.renderer.path(route.Node, args...),
		Versions: h.renderer.path(route.NodeVersions, args...),
		History:  h.renderer.path(route.HardwareNodeHistory, args...),
	}

	p.ByFlavor = h.byFlavor([]*node{n})
	p.showAvailability(h.renderer.live(url.Values{"site_id": {n.Site}, "cluster_id": {n.Cluster},
		"node_id": {n.UID}}))

	if n.Type != "" {
		p.OfType = len(h.byType[n.Type])
		p.Equal = h.equal[n.typeAndHardware()]
		p.Differences = strings.Join(n.differences(h.common[n.Type]), ", ")
	}

	return h.renderer.render("hardware_node.html.tmpl", p)
}

// Summary is a node's hardware at a glance.
func (n *node) Summary() (facts []fact) {
	properties := hardware.Properties()
	for i := range properties {
		p := &properties[i]
		if text := p.Display(n.Facts[i]); p.Summary && text != "" {
			facts = append(facts, fact{Name: p.Title, Text: text})
		}
	}
	return facts
}
