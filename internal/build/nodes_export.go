package build

import (
	"bytes"
	"encoding/csv"
	"strings"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// nodesOf reads the nodes of all sites, by site, cluster and node.
func nodesOf(g *inventory.Grid) (nodes []hardware.Node) {
	for r := range g.Resources() {
		if r.Kind == route.NodeKind {
			nodes = append(nodes, hardware.ReadNode(r.Site, r.Cluster, r.UID, r.File.Object))
		}
	}
	return nodes
}

// exports writes the documents that have all nodes, or all flavors.
func (b *builder) exports() {
	entries := entriesOf(b.nodes)
	b.collection(route.AllNodes, entries)
	b.put(route.AllNodesLines, append(bytes.Join(entries, []byte("\n")), '\n'))
	b.put(route.AllNodesTable, table(b.nodes))
	b.put(route.Facets, b.facets(b.nodes))
	b.collection(route.AllFlavors, allFlavors(b.in.Grid))
}

func entriesOf(nodes []hardware.Node) (entries [][]byte) {
	for i := range nodes {
		entries = append(entries, api.NodeEntry(nodes[i].Site, nodes[i].Cluster, nodes[i].File))
	}
	return entries
}

// allFlavors returns the flavors of all sites, by site and uid.
func allFlavors(g *inventory.Grid) (entries [][]byte) {
	for r := range g.Resources() {
		if r.Kind == route.FlavorKind {
			entries = append(entries, api.FlavorEntry(r.Site, r.File.Object))
		}
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
				row = append(row, escapeFormula(p.String(nodes[n].Facts[i])))
			}
		}
		_ = w.Write(row)
	}
	w.Flush()
	return out.Bytes()
}

// escapeFormula keeps a spreadsheet from evaluating a cell.
func escapeFormula(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

// facets counts the nodes by the values of each property that is a facet.
func (b *builder) facets(nodes []hardware.Node) []byte {
	var out rawjson.Builder
	out.BeginObject()
	out.Key("total")
	out.Int(len(nodes))
	out.Key("items")
	out.BeginArray()
	properties := hardware.Properties()
	for i := range properties {
		if p := &properties[i]; p.Facet != "" {
			facet(&out, p, properties.Count(i, nodes))
		}
	}
	out.EndArray()
	b.api.Tail(&out, route.Facets)
	out.EndObject()
	return out.Bytes()
}

func facet(out *rawjson.Builder, p *hardware.Property, values []hardware.ValueCount) {
	out.BeginObject()
	out.Key("name")
	out.String(p.Facet)
	out.Key("values")
	out.BeginArray()
	for _, v := range values {
		out.BeginObject()
		out.Key("value")
		if p.Kind.IsNumber() {
			out.Raw([]byte(v.Value))
		} else {
			out.String(v.Value)
		}
		out.Key("count")
		out.Int(v.Nodes)
		out.EndObject()
	}
	out.EndArray()
	out.EndObject()
}
