package build

import (
	"reflect"
	"slices"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/page"
	"github.com/chameleoncloud/refapi/internal/route"
)

// nodeTypes writes the types of nodes, and their list.
func (b *builder) nodeTypes() {
	names := nodeTypes(b.nodes())
	byType := map[string][]*hardware.Node{}
	nodes := b.nodes()
	for i := range nodes {
		byType[nodes[i].Type] = append(byType[nodes[i].Type], &nodes[i])
	}

	for _, name := range names {
		slug := page.TypeSlug(name)
		body := func() ([]byte, error) {
			h, err := b.browser()
			if err != nil {
				return nil, err
			}
			return api.Encode(b.nodeType(h, b.nodeTypeEntry(name, byType[name]))), nil
		}
		b.examples.offerAny(route.NodeType, body, slug)
		b.put(route.NodeType, body, slug)
	}

	putCollection(b, route.NodeTypes, len(names), func(n int) (entries []api.NodeTypeEntry, err error) {
		for _, name := range names[:n] {
			entries = append(entries, b.nodeTypeEntry(name, byType[name]))
		}
		return entries, nil
	})
}

// nodeTypeEntry is what the list has of a type.
func (b *builder) nodeTypeEntry(name string, nodes []*hardware.Node) api.NodeTypeEntry {
	e := api.NodeTypeEntry{
		NodeTypeCounts: api.NodeTypeCounts{NodeType: name, Nodes: len(nodes)},
		Links:          b.links.SelfAndParent(route.NodeType, page.TypeSlug(name)),
	}
	for _, d := range b.Grid.Descriptions {
		if d.Type == name {
			e.Description = &d.Text
		}
	}

	for _, n := range nodes { // by site
		if last := len(e.Sites) - 1; last < 0 || e.Sites[last].SiteID != n.Site {
			e.Sites = append(e.Sites, api.NodeTypeSite{SiteID: n.Site})
		}
		e.Sites[len(e.Sites)-1].Nodes++
		if n.ByFlavor {
			e.ByFlavor++
		}
	}
	return e
}

// nodeType is the body of a type.
func (b *builder) nodeType(h *page.Hardware, e api.NodeTypeEntry) api.NodeType {
	t := api.NodeType{NodeTypeCounts: e.NodeTypeCounts, Version: b.links.Version, Links: e.Links}
	for _, site := range h.LeasedBy(e.NodeType) {
		t.Links = append(t.Links, b.links.Flavors(site))
	}

	for _, v := range h.Variants(e.NodeType) {
		variant := api.NodeTypeVariant{DiffersIn: v.Differs, Hardware: map[string]any{}}
		has := propertiesOf(v.Nodes[0])
		if t.Hardware == nil {
			t.Hardware = has
		}
		for name, value := range has {
			if !reflect.DeepEqual(value, t.Hardware[name]) {
				variant.Hardware[name] = value
			}
		}
		for _, n := range v.Nodes {
			variant.Nodes = append(variant.Nodes, nodeOfType(n))
		}
		t.Variants = append(t.Variants, variant)
	}

	return t
}

func nodeOfType(n *hardware.Node) api.NodeTypeNode {
	of := api.NodeTypeNode{NodeID: n.UID, SiteID: n.Site, ClusterID: n.Cluster}
	if n.Name != "" {
		of.NodeName = &n.Name
	}
	return of
}

// notOfTypes are columns of nodes.csv that do not say what a machine is made of.
var notOfTypes = []string{
	"uid", "node_name", "node_type", "site_id", "cluster_id", "rack", "admin_note", "leased_by",
}

// propertiesOf are the properties of a node's hardware, by the columns of nodes.csv.
func propertiesOf(n *hardware.Node) map[string]any {
	values := map[string]any{}
	properties := hardware.Properties()
	for i := range properties {
		p := &properties[i]
		if p.CSV != "" && !slices.Contains(notOfTypes, p.CSV) {
			values[p.CSV] = p.JSON(n.Facts[i])
		}
	}
	return values
}
