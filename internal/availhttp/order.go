package availhttp

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/release"
)

// order is one of several things that matches are ordered by.
type order struct {
	compare func(v *view, x, y match) int
	descend bool
}

// newOrder reads the parameter sort, and says what is wrong with it.
func newOrder(text string) (orders []order, wrong string) {
	if text == "" {
		return nil, ""
	}
	for name := range strings.SplitSeq(text, ",") {
		bare, descend := strings.CutPrefix(name, "-")
		compare := comparison(bare)
		if compare == nil {
			return nil, fmt.Sprintf("there is no order by '%s'", bare)
		}
		orders = append(orders, order{compare, descend})
	}
	return orders, ""
}

// comparison is that of a name, nil where there is none.
func comparison(name string) func(v *view, x, y match) int {
	text := func(of func(*release.Node) string) func(v *view, x, y match) int {
		return func(v *view, x, y match) int {
			return strings.Compare(of(&v.release.Nodes[x.node]), of(&v.release.Nodes[y.node]))
		}
	}
	number := func(of func(*release.Node) int64) func(v *view, x, y match) int {
		return func(v *view, x, y match) int {
			return cmp.Compare(of(&v.release.Nodes[x.node]), of(&v.release.Nodes[y.node]))
		}
	}
	switch name {
	case "uid":
		return text(func(n *release.Node) string { return n.UID })
	case "site_id":
		return text(func(n *release.Node) string { return n.Site })
	case "cluster_id":
		return text(func(n *release.Node) string { return n.Cluster })
	case "node_name":
		return text(func(n *release.Node) string { return n.Name })
	case "node_type":
		return text(func(n *release.Node) string { return n.Type })
	case "ram":
		return number(func(n *release.Node) int64 { return n.RAM })
	case "cores":
		return number(func(n *release.Node) int64 { return n.Threads })
	case "gpus":
		return number(func(n *release.Node) int64 { return n.GPUs })
	case "storage":
		return number(func(n *release.Node) int64 { return n.Storage })
	case "availability":
		return func(_ *view, x, y match) int {
			return cmp.Compare(slices.Index(states, x.state), slices.Index(states, y.state))
		}
	case "availability_until":
		return func(_ *view, x, y match) int { return cmp.Compare(x.freeFrom, y.freeFrom) }
	case "free_from":
		return func(v *view, x, y match) int { return cmp.Compare(v.freeFrom(x), v.freeFrom(y)) }
	}
	return nil
}

// freeFrom is when a match can be leased: matches that are free now are equal,
// and come before all others.
func (v *view) freeFrom(m match) availability.Time {
	switch {
	case v.byFlavor(m.node):
		return availability.Forever
	case m.state == availability.Available:
		return -availability.Forever
	case m.state == availability.Reserved:
		return m.freeFrom
	}
	return availability.Forever
}

// sort orders matches; what is equal stays in the release's order.
func (v *view) sort(found []match, orders []order) {
	if len(orders) == 0 {
		return
	}
	slices.SortStableFunc(found, func(x, y match) int {
		for _, o := range orders {
			c := o.compare(v, x, y)
			if o.descend {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
}
