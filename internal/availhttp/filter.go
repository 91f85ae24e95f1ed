package availhttp

import (
	"strings"

	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/release"
)

// filter is the conditions on a node. All must hold.
type filter struct {
	conditions []func(*release.Node) bool
	leasedBy   string // "" for any
}

// matches reports whether a node of the release matches a filter.
func (v *view) matches(f *filter, node int) bool {
	for _, holds := range f.conditions {
		if !holds(&v.release.Nodes[node]) {
			return false
		}
	}
	return f.leasedBy == "" || f.leasedBy == hardware.LeasedBy(v.byFlavor(node))
}

// newFilter reads the parameters that select nodes by their hardware. An empty value
// does not filter.
func newFilter(v queryValues) filter {
	var f filter
	add := func(condition func(*release.Node) bool) { f.conditions = append(f.conditions, condition) }

	table := hardware.Properties()
	for i := range table {
		p := &table[i]
		text := v.Text(p.Search)
		switch {
		case p.Name == "leased_by":
			f.leasedBy = text // depends on Blazar, too, not only on the release
		case p.Kind == hardware.KindFlag && v.Has(p.Search):
			want := v.Bool(p.Search)
			add(func(n *release.Node) bool { return (n.Facts[i].Number != 0) == want })
		case text != "":
			want := strings.TrimSpace(text)
			add(func(n *release.Node) bool { return p.Matches(n.Facts[i], want) })
		}

		if !v.Has(p.Min) {
			continue
		}

		// With a medium, a minimum of storage applies to disks of that medium only.
		least := int64(v.Int(p.Min))
		if media := strings.TrimSpace(v.Text("storage_media")); p.Name == "storage" && media != "" {
			add(func(n *release.Node) bool {
				bytes, _ := n.Media.Bytes(media)
				return bytes >= least
			})
			continue
		}

		add(func(n *release.Node) bool { return n.Facts[i].Number >= least })
	}

	if words := strings.Fields(strings.ToLower(v.Text("q"))); len(words) > 0 {
		add(func(n *release.Node) bool { return n.Mentions(words) })
	}

	return f
}
