package build

import (
	"bytes"
	"encoding/csv"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// nodesOf reads the nodes of all sites, by site, cluster and node.
func nodesOf(g *inventory.Grid) (nodes []hardware.Node) {
	names := map[string]string{} // of sites
	for s := range g.In(inventory.Place{}, route.SiteKind) {
		names[s.UID], _ = s.File.Object.String("name")
	}
	for n := range g.In(inventory.Place{}, route.NodeKind) {
		at := hardware.Place{Site: n.Site, SiteName: names[n.Site], Cluster: n.Cluster, UID: n.UID}
		nodes = append(nodes, hardware.ReadNode(at, n.File.Object))
	}
	return nodes
}

// exports writes the documents that have all nodes, or all flavors.
func (b *builder) exports() {
	counts := b.Grid.Counts()
	putCollection(b, route.AllNodes, counts.Nodes, func(n int) ([]api.Later, error) {
		return nodeEntries(b.nodes()[:n]), nil
	})

	// write writes the document of all nodes that of makes, with an example of few.
	write := func(id route.ID, of func([]hardware.Node) []byte) {
		first := func(n int) content {
			return func() ([]byte, error) { return of(b.nodes()[:n]), nil }
		}
		b.examples.offer(id, first(min(maxExampleItems, counts.Nodes)))
		b.put(id, first(counts.Nodes))
	}

	write(route.AllNodesLines, func(nodes []hardware.Node) []byte { return lines(nodeEntries(nodes)) })
	write(route.AllNodesTable, table)
	write(route.Facets, func(nodes []hardware.Node) []byte { return api.Encode(b.facets(nodes)) })

	putCollection(b, route.AllFlavors, counts.Flavors, func(n int) ([]api.FlavorEntry, error) {
		return flavorEntries(b.Grid)[:n], nil
	})
}

// nodeEntries returns the nodes as they are in lists: all of them encoded at once would
// take more memory than all else.
func nodeEntries(nodes []hardware.Node) []api.Later {
	entries := make([]api.Later, len(nodes))
	for i := range nodes {
		n := &nodes[i]
		entries[i] = api.Later{
			Size: len(n.File.Text) + len(`,"site_id":"","cluster_id":""`+n.Site+n.Cluster),
			Make: func() any { return api.NewNodeEntry(n.Site, n.Cluster, n.File) },
		}
	}
	return entries
}

// lines writes each node on a line of its own.
func lines(entries []api.Later) []byte {
	text := make([]byte, 0, sizeOf(entries)+len(entries))
	for _, e := range entries {
		text = append(append(text, api.Encode(e)...), '\n')
	}
	return text
}

// flavorEntries returns the flavors of all sites, by site and uid.
func flavorEntries(g *inventory.Grid) (entries []api.FlavorEntry) {
	for f := range g.In(inventory.Place{}, route.FlavorKind) {
		entries = append(entries, api.NewFlavorEntry(f.Site, f.File.Object))
	}
	return entries
}

// table writes the nodes as comma-separated values (RFC 4180), a column for each
// property that has one.
func table(nodes []hardware.Node) []byte {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.UseCRLF = true

	properties := hardware.Properties()
	var row []string
	for _, p := range properties {
		if p.CSV != "" {
			row = append(row, p.CSV)
		}
	}

	_ = w.Write(row) // a buffer takes all

	for n := range nodes {
		row = row[:0]
		for i := range properties {
			if p := &properties[i]; p.CSV != "" {
				row = append(row, p.Cell(nodes[n].Facts[i]))
			}
		}
		_ = w.Write(row)
	}

	w.Flush()
	return out.Bytes()
}

// facets counts the nodes by the values of each property that is a facet.
func (b *builder) facets(nodes []hardware.Node) api.NodeFacets {
	out := api.NodeFacets{Total: len(nodes), Version: b.links.Version, Links: b.links.SelfAndParent(route.Facets)}
	properties := hardware.Properties()
	for i := range properties {
		if p := &properties[i]; p.Facet != "" {
			out.Items = append(out.Items, facet(p, properties, i, nodes))
		}
	}
	return out
}

func facet(p *hardware.Property, table hardware.Table, row int, nodes []hardware.Node) api.Facet {
	out := api.Facet{Name: p.Facet}
	if unstated, ok := table.CountUnstated(row, nodes); ok {
		out.NotStated = &unstated
	}

	for _, v := range table.Count(row, nodes) {
		value := api.FacetValue{Value: v.Value, Count: v.Nodes}
		if p.Kind.IsNumber() {
			value.Value = rawjson.Value(v.Value)
		}
		out.Values = append(out.Values, value)
	}

	return out
}
