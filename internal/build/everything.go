package build

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// nodesOf reads the nodes of all sites, by site, cluster and node.
func nodesOf(g *inventory.Grid) (nodes []hardware.Node) {
	for _, s := range g.Sites {
		for _, c := range s.Clusters {
			for _, n := range c.Nodes {
				nodes = append(nodes, hardware.ReadNode(s.UID, c.UID, n.UID, n.File.Object))
			}
		}
	}
	return nodes
}

// everything writes the documents that have all there is.
func (b *builder) everything() {
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
	for _, s := range g.Sites {
		for _, f := range s.Flavors {
			entries = append(entries, api.FlavorEntry(s.UID, f.File.Object))
		}
	}
	return entries
}

// column is one column of the table of nodes. Its name never changes; new
// columns come last.
type column struct {
	name string
	of   func(*hardware.Node) string
}

func columns() []column {
	number := func(of func(*hardware.Node) int64) func(*hardware.Node) string {
		return func(n *hardware.Node) string { return strconv.FormatInt(of(n), 10) }
	}
	truth := func(of func(*hardware.Node) bool) func(*hardware.Node) string {
		return func(n *hardware.Node) string { return strconv.FormatBool(of(n)) }
	}
	return []column{
		{"uid", func(n *hardware.Node) string { return n.UID }},
		{"node_name", func(n *hardware.Node) string { return n.Name }},
		{"node_type", func(n *hardware.Node) string { return n.Type }},
		{"site_id", func(n *hardware.Node) string { return n.Site }},
		{"cluster_id", func(n *hardware.Node) string { return n.Cluster }},
		{"arch", func(n *hardware.Node) string { return n.Arch }},
		{"processor_vendor", func(n *hardware.Node) string { return n.CPUVendor }},
		{"processor_model", func(n *hardware.Node) string { return n.CPU }},
		{"processors", number(func(n *hardware.Node) int64 { return n.Sockets })},
		{"cores", number(func(n *hardware.Node) int64 { return n.Threads })},
		{"clock_speed_hz", number(func(n *hardware.Node) int64 { return n.Clock })},
		{"ram_bytes", number(func(n *hardware.Node) int64 { return n.RAM })},
		{"gpu", truth(func(n *hardware.Node) bool { return n.HasGPU })},
		{"gpu_count", number(func(n *hardware.Node) int64 { return n.GPUs })},
		{"gpu_vendor", func(n *hardware.Node) string { return n.GPUVendor }},
		{"gpu_model", func(n *hardware.Node) string { return n.GPU }},
		{"fpga_vendor", func(n *hardware.Node) string { return n.FPGAVendor }},
		{"fpga_model", func(n *hardware.Node) string { return n.FPGAModel }},
		{"infiniband", truth(func(n *hardware.Node) bool { return n.InfiniBand })},
		{"storage_devices", number(func(n *hardware.Node) int64 { return int64(n.Disks) })},
		{"storage_bytes", number(func(n *hardware.Node) int64 { return n.Storage })},
		{"storage_media", func(n *hardware.Node) string { return strings.Join(n.Media.Kinds(), " ") }},
		{"network_adapters", number(func(n *hardware.Node) int64 { return int64(n.Adapters) })},
		{"network_rate_bps", number(func(n *hardware.Node) int64 { return n.Network })},
		{"chassis_vendor", func(n *hardware.Node) string { return n.ChassisVendor }},
		{"chassis_model", func(n *hardware.Node) string { return n.ChassisModel }},
		{"rack", func(n *hardware.Node) string { return n.Rack }},
		{"admin_note", func(n *hardware.Node) string { return n.Note }},
		{"leased_by", func(n *hardware.Node) string { return hardware.LeasedBy(n.ByFlavor) }},
	}
}

// table writes the nodes as comma-separated values (RFC 4180).
func table(nodes []hardware.Node) []byte {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	all := columns()
	row := make([]string, len(all))
	for i, c := range all {
		row[i] = c.name
	}
	_ = w.Write(row) // a buffer takes all
	for i := range nodes {
		for j, c := range all {
			row[j] = harmless(c.of(&nodes[i]))
		}
		_ = w.Write(row)
	}
	w.Flush()
	return out.Bytes()
}

// harmless keeps a cell from being a formula: programs for tables run what
// begins so.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

// facet is something that nodes can be told apart by. Its name is that of the
// search's parameter, where there is one.
type facet struct {
	name    string
	numbers bool
	of      func(*hardware.Node) []string
}

func facetList() []facet {
	one := func(of func(*hardware.Node) string) func(*hardware.Node) []string {
		return func(n *hardware.Node) []string {
			if v := of(n); v != "" {
				return []string{v}
			}
			return nil
		}
	}
	number := func(of func(*hardware.Node) int64) func(*hardware.Node) []string {
		return func(n *hardware.Node) []string {
			if v := of(n); v != 0 {
				return []string{strconv.FormatInt(v, 10)}
			}
			return nil
		}
	}
	return []facet{
		{"site_id", false, one(func(n *hardware.Node) string { return n.Site })},
		{"node_type", false, one(func(n *hardware.Node) string { return n.Type })},
		{"arch", false, one(func(n *hardware.Node) string { return n.Arch })},
		{"gpu", false, one(func(n *hardware.Node) string { return strconv.FormatBool(n.HasGPU) })},
		{"gpu_model", false, one(func(n *hardware.Node) string { return n.GPU })},
		{"gpus", true, number(func(n *hardware.Node) int64 { return n.GPUs })},
		{"infiniband", false, one(func(n *hardware.Node) string { return strconv.FormatBool(n.InfiniBand) })},
		{"cores", true, number(func(n *hardware.Node) int64 { return n.Threads })},
		{"ram", true, number(func(n *hardware.Node) int64 { return n.RAM })},
		{"storage_media", false, func(n *hardware.Node) []string { return n.Media.Kinds() }},
		{"rack", false, one(func(n *hardware.Node) string { return n.Rack })},
		{"leased_by", false, one(func(n *hardware.Node) string { return hardware.LeasedBy(n.ByFlavor) })},
	}
}

// facets counts the nodes by each facet's values: numbers by size, others by
// name.
func (b *builder) facets(nodes []hardware.Node) []byte {
	var out rawjson.Builder
	out.BeginObject()
	out.Key("total")
	out.Int(len(nodes))
	out.Key("items")
	out.BeginArray()
	for _, f := range facetList() {
		counts := map[string]int{}
		for i := range nodes {
			for _, v := range f.of(&nodes[i]) {
				counts[v]++
			}
		}
		out.BeginObject()
		out.Key("name")
		out.String(f.name)
		out.Key("values")
		out.BeginArray()
		for _, v := range f.sorted(counts) {
			out.BeginObject()
			out.Key("value")
			if f.numbers {
				out.Raw([]byte(v))
			} else {
				out.String(v)
			}
			out.Key("count")
			out.Int(counts[v])
			out.EndObject()
		}
		out.EndArray()
		out.EndObject()
	}
	out.EndArray()
	b.api.Tail(&out, route.Facets)
	out.EndObject()
	return out.Bytes()
}

func (f *facet) sorted(counts map[string]int) []string {
	values := make([]string, 0, len(counts))
	for v := range counts {
		values = append(values, v)
	}
	slices.SortFunc(values, func(x, y string) int {
		if f.numbers {
			m, _ := strconv.ParseInt(x, 10, 64) // FormatInt wrote them
			n, _ := strconv.ParseInt(y, 10, 64)
			return cmp.Compare(m, n)
		}
		return strings.Compare(x, y)
	})
	return values
}
