package page

import (
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/rawjson"
)

// Index is the file that the browser's script filters: each column of the list
// as an array, with texts that repeat as numbers of a list of names.
func (h *Hardware) Index() []byte {
	var b rawjson.Builder
	b.BeginObject()
	b.Key("total")
	b.Int(len(h.nodes))
	for _, c := range []struct {
		name string
		text func(*node) string
	}{
		{"uid", func(n *node) string { return n.UID }},
		{"name", (*node).Label},
	} {
		b.Key(c.name)
		b.BeginArray()
		for _, n := range h.nodes {
			b.String(c.text(n))
		}
		b.EndArray()
	}
	for _, c := range []struct {
		name string
		text func(*node) string
	}{
		{"site", func(n *node) string { return n.Site }},
		{"cluster", func(n *node) string { return n.Cluster }},
		{"type", func(n *node) string { return n.Type }},
		{"arch", func(n *node) string { return n.Arch }},
		{"gpu", func(n *node) string { return n.GPU }},
		{"fpga", func(n *node) string { return n.FPGA }},
		{"cpu", func(n *node) string { return n.CPU }},
		{"chassis", func(n *node) string { return n.Chassis }},
	} {
		h.names(&b, c.name, c.text)
	}
	if countByFlavor(h.nodes) > 0 { // else there is nothing to choose
		h.names(&b, "lease", func(n *node) string { return hardware.LeasedBy(n.ByFlavor) })
	}
	h.sets(&b, "media", func(n *node) []string { return n.Media.Kinds() })
	b.Key("pages")
	b.BeginArray()
	for _, name := range h.distinct(func(n *node) string { return n.Type }) {
		b.String(h.r.typePage(name))
	}
	b.EndArray()
	for _, c := range []struct {
		name   string
		number func(*node) int64
	}{
		{"threads", func(n *node) int64 { return n.Threads }},
		{"ram", func(n *node) int64 { return n.RAM }},
		{"gpus", func(n *node) int64 { return n.GPUs }},
		{"storage", func(n *node) int64 { return n.Storage }},
		{"network", func(n *node) int64 { return n.Network }},
		{"infiniband", func(n *node) int64 {
			if n.InfiniBand {
				return 1
			}
			return 0
		}},
	} {
		b.Key(c.name)
		b.BeginArray()
		for _, n := range h.nodes {
			b.Int(int(c.number(n)))
		}
		b.EndArray()
	}
	b.EndObject()
	return b.Bytes()
}

// distinct lists what nodes have, sorted.
func (h *Hardware) distinct(text func(*node) string) []string {
	seen := map[string]bool{}
	for _, n := range h.nodes {
		seen[text(n)] = true
	}
	names := make([]string, 0, len(seen))
	for name := range seen {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// names writes a column whose texts repeat.
func (h *Hardware) names(b *rawjson.Builder, column string, text func(*node) string) {
	b.Key(column)
	b.BeginObject()
	at := listed(b, h.distinct(text))
	b.Key("of")
	b.BeginArray()
	for _, n := range h.nodes {
		b.Int(at[text(n)])
	}
	b.EndArray()
	b.EndObject()
}

// sets writes a column that has several texts of each node. The sets of texts
// repeat, too.
func (h *Hardware) sets(b *rawjson.Builder, column string, texts func(*node) []string) {
	var names []string
	known := map[string]int{} // a set, as one text → its number
	var sets []string
	of := make([]int, len(h.nodes))
	for i, n := range h.nodes {
		set := slices.Sorted(slices.Values(texts(n)))
		names = append(names, set...)
		key := strings.Join(set, "\x00")
		if _, ok := known[key]; !ok {
			known[key] = len(sets)
			sets = append(sets, key)
		}
		of[i] = known[key]
	}
	slices.Sort(names)
	b.Key(column)
	b.BeginObject()
	at := listed(b, slices.Compact(names))
	b.Key("sets")
	b.BeginArray()
	for _, set := range sets {
		b.BeginArray()
		for name := range strings.SplitSeq(set, "\x00") {
			if set != "" {
				b.Int(at[name])
			}
		}
		b.EndArray()
	}
	b.EndArray()
	b.Key("of")
	b.BeginArray()
	for _, set := range of {
		b.Int(set)
	}
	b.EndArray()
	b.EndObject()
}

// listed writes the names of a column, and returns their numbers.
func listed(b *rawjson.Builder, names []string) map[string]int {
	at := make(map[string]int, len(names))
	b.Key("names")
	b.BeginArray()
	for i, name := range names {
		at[name] = i
		b.String(name)
	}
	b.EndArray()
	return at
}
