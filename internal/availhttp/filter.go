package availhttp

import (
	"strings"

	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/query"
	"github.com/chameleoncloud/refapi/internal/release"
)

// filter is what a node must be.
type filter struct {
	conditions []func(*release.Node) bool
	leasedBy   string // "" for either
}

// matches reports whether a node of the catalog is as a filter wants it.
func (v *view) matches(f *filter, node int) bool {
	for _, holds := range f.conditions {
		if !holds(&v.release.Nodes[node]) {
			return false
		}
	}
	return f.leasedBy == "" || f.leasedBy == hardware.LeasedBy(v.byFlavor(node))
}

// newFilter reads the parameters that choose nodes by their hardware. An empty
// text is no filter.
func newFilter(v query.Values) filter {
	var f filter
	add := func(condition func(*release.Node) bool) { f.conditions = append(f.conditions, condition) }

	table := hardware.Properties()
	for i := range table {
		p := &table[i]
		text := v.Text(p.Search)
		switch {
		case p.Name == "leased_by":
			f.leasedBy = text // Blazar knows more about this than the files
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
