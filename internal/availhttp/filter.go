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

// newFilter reads the parameters that select nodes by their hardware: all must hold, and
// of a list one value. An empty value does not filter.
func newFilter(v queryValues) condition {
	var all []condition
	add := func(holds func(*release.Node) bool) { all = append(all, ofNode(holds)) }

	for name, of := range map[string]func(*release.Node) string{
		"cluster_id": func(n *release.Node) string { return n.Cluster },
		"node_id":    func(n *release.Node) string { return n.UID },
	} {
		if values := v.Texts(name); len(values) > 0 {
			add(func(n *release.Node) bool { return slices.Contains(values, of(n)) })
		}
	}

	table := hardware.Properties()
	for i := range table {
		p := &table[i]
		values := v.Texts(p.Search)
		switch {
		case p.Name == "leased_by" && len(values) > 0: // depends on Blazar, too
			all = append(all, func(v *view, node int) bool {
				return slices.Contains(values, hardware.LeasedBy(v.byFlavor(node)))
			})
		case len(values) > 0:
			add(func(n *release.Node) bool {
				return slices.ContainsFunc(values, func(want string) bool { return p.Matches(n.Facts[i], want) })
			})
		}

		if !v.Has(p.Min) && !v.Has(p.Range) {
			continue
		}

		// With media, amounts of storage are those on devices of one of them.
		amount := func(n *release.Node, wanted func(int64) bool) bool { return wanted(n.Facts[i].Number) }
		if media := v.Texts("storage_media"); p.Name == "storage" && len(media) > 0 {
			amount = func(n *release.Node, wanted func(int64) bool) bool {
				return slices.ContainsFunc(media, func(m string) bool { return wanted(n.Media[strings.ToLower(m)]) })
			}
		}

		wanted := func(holds func(have int64) bool) {
			add(func(n *release.Node) bool { return amount(n, holds) })
		}
		if v.Has(p.Min) {
			least := int64(v.Int(p.Min))
			wanted(func(have int64) bool { return have >= least })
		}
		if spans := v[p.Range].spans; len(spans) > 0 {
			add(func(n *release.Node) bool {
				return amount(n, func(have int64) bool {
					return slices.ContainsFunc(spans, func(s hardware.Span) bool {
						return s.Contains(have) && (s != hardware.Span{} || n.Facts[i].Texts == nil) // if it applies
					})
				})
			})
		}
	}

	if words := hardware.SplitWords(v.Text("q")); len(words) > 0 {
		var of *hardware.Words
		var found hardware.NodeSet
		all = append(all, func(v *view, node int) bool {
			if of != v.release.Words {
				of, found = v.release.Words, v.release.Words.Find(words)
			}
			return found.Has(node)
		})
	}

	return combine(api.Intersection, all)
}
