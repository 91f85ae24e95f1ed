package availhttp

import (
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/release"
)

// condition reports whether a node of a view, by its index, is wanted.
type condition func(v *view, node int) bool

// ofNode is a condition that depends on the release only.
func ofNode(holds func(n *release.Node) bool) condition {
	return func(v *view, node int) bool { return holds(&v.release.Nodes[node]) }
}

// combine returns the condition that all of some hold, or any of them for a union.
// Without any, every node is wanted.
func combine(op api.FilterSetType, all []condition) condition {
	union := op == api.Union && len(all) > 0
	return func(v *view, node int) bool {
		for _, holds := range all {
			if holds(v, node) == union {
				return union
			}
		}
		return !union
	}
}

// newFilter reads the parameters that select nodes by their hardware: all must hold. An
// empty value does not filter.
func newFilter(v queryValues) condition {
	var all []condition
	add := func(holds func(*release.Node) bool) { all = append(all, ofNode(holds)) }

	table := hardware.Properties()
	for i := range table {
		p := &table[i]
		text := v.Text(p.Search)
		switch {
		case p.Name == "leased_by" && text != "": // depends on Blazar, too
			all = append(all, func(v *view, node int) bool { return hardware.LeasedBy(v.byFlavor(node)) == text })
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
				return n.Media[strings.ToLower(media)] >= least
			})
			continue
		}

		add(func(n *release.Node) bool { return n.Facts[i].Number >= least })
	}

	if words := strings.Fields(strings.ToLower(v.Text("q"))); len(words) > 0 {
		add(func(n *release.Node) bool {
			return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(n.Words, w) })
		})
	}

	return combine(api.Intersection, all)
}
