package availhttp

import (
	"strings"

	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/query"
	"github.com/chameleoncloud/refapi/internal/release"
)

// filter is what a node must be.
type filter struct {
	machine  []func(*release.Node) bool
	leasedBy string // "" for either
}

// fits reports whether a node of the release is as a filter wants it.
func (v *view) fits(f *filter, node int) bool {
	for _, fits := range f.machine {
		if !fits(&v.release.Nodes[node]) {
			return false
		}
	}
	return f.leasedBy == "" || f.leasedBy == hardware.LeasedBy(v.byFlavor(node))
}

// newFilter reads the parameters that choose nodes by their hardware. An empty
// text is no filter.
func newFilter(v query.Values) filter {
	f := filter{leasedBy: v.Text("leased_by")}
	add := func(fits func(*release.Node) bool) { f.machine = append(f.machine, fits) }
	text := func(name string, of func(*release.Node) string) {
		if want := v.Text(name); want != "" {
			add(func(n *release.Node) bool { return of(n) == want })
		}
	}
	truth := func(name string, of func(*release.Node) bool) {
		if want, ok := v.Bool(name); ok {
			add(func(n *release.Node) bool { return of(n) == want })
		}
	}
	least := func(name string, of func(*release.Node) int64) {
		if want, ok := v.Int(name); ok {
			add(func(n *release.Node) bool { return of(n) >= want })
		}
	}
	text("site_id", func(n *release.Node) string { return n.Site })
	text("node_type", func(n *release.Node) string { return n.Type })
	text("arch", func(n *release.Node) string { return n.Arch })
	text("rack", func(n *release.Node) string { return n.Rack })
	truth("gpu", func(n *release.Node) bool { return n.HasGPU })
	truth("infiniband", func(n *release.Node) bool { return n.InfiniBand })
	least("min_ram", func(n *release.Node) int64 { return n.RAM })
	least("min_gpus", func(n *release.Node) int64 { return n.GPUs })
	least("min_cores", func(n *release.Node) int64 { return n.Threads })
	if words := strings.Fields(strings.ToLower(v.Text("q"))); len(words) > 0 {
		add(func(n *release.Node) bool { return n.Mentions(words) })
	}
	if model := strings.ToLower(v.Text("gpu_model")); model != "" {
		add(func(n *release.Node) bool { return strings.Contains(strings.ToLower(n.GPU), model) })
	}
	kind := v.Text("storage_media")
	if bytes, ok := v.Int("min_storage"); ok || kind != "" {
		add(func(n *release.Node) bool {
			has, found := n.Storage, true
			if kind != "" {
				has, found = n.Media.Bytes(kind)
			}
			return found && has >= bytes
		})
	}
	return f
}
