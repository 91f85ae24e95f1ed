package availhttp

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/hardware"
)

// comparison compares two matches of a view by a sort key.
type comparison func(v *view, x, y match) int

// parseOrder reads the parameter sort, and returns the fault, "" for none.
func parseOrder(text string) (order []comparison, wrong string) {
	if text == "" {
		return nil, ""
	}
	for name := range strings.SplitSeq(text, ",") {
		key, descend := strings.CutPrefix(name, "-")
		compare := newComparison(key)
		if compare == nil {
			return nil, fmt.Sprintf("there is no order by '%s'", key)
		}

		if descend {
			order = append(order, func(v *view, x, y match) int { return compare(v, y, x) })
		} else {
			order = append(order, compare)
		}
	}

	return order, ""
}

// newComparison returns the comparison for a sort key, nil for an unknown one.
func newComparison(key string) comparison {
	switch key {
	case "availability":
		return func(_ *view, x, y match) int {
			return cmp.Compare(slices.Index(states, x.state), slices.Index(states, y.state))
		}
	case "availability_until":
		return func(_ *view, x, y match) int { return cmp.Compare(x.freeFrom, y.freeFrom) }
	case "free_until":
		return func(v *view, x, y match) int { return cmp.Compare(v.freeUntil(x), v.freeUntil(y)) }
	case "free_from":
		return func(v *view, x, y match) int { return cmp.Compare(v.freeFrom(x), v.freeFrom(y)) }
	}

	properties := hardware.Properties()
	row := slices.IndexFunc(properties, func(p hardware.Property) bool { return p.Sort == key })
	if row < 0 || key == "" {
		return nil
	}

	isText := properties[row].Kind == hardware.KindText
	return func(v *view, x, y match) int {
		a, b := &v.release.Nodes[x.node].Facts[row], &v.release.Nodes[y.node].Facts[row]
		if isText {
			return slices.Compare(a.Texts, b.Texts)
		}
		return cmp.Compare(a.Number, b.Number)
	}
}

// freeFrom returns the sort key for free_from. Matches that are free now are equal, and
// come first; those that cannot be leased come last.
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

// freeUntil returns the sort key for free_until. Matches that are not free now are equal,
// and come first.
func (v *view) freeUntil(m match) availability.Time {
	if m.state != availability.Available || v.byFlavor(m.node) {
		return -availability.Forever
	}
	return m.until
}

// first returns the first n matches in an order; equal ones stay in the release's order.
func (v *view) first(n int, found []match, order []comparison) []match {
	if len(order) == 0 {
		return found[:min(n, len(found))]
	}

	compare := func(x, y match) int {
		for _, compare := range order {
			if c := compare(v, x, y); c != 0 {
				return c
			}
		}
		return cmp.Compare(x.node, y.node)
	}

	// Few of many are wanted as a rule: what comes after n others is left out early.
	best := make([]match, 0, min(2*n, len(found)))
	var last *match
	for _, m := range found {
		if last != nil && compare(m, *last) > 0 {
			continue
		}
		if best = append(best, m); len(best) == 2*n {
			slices.SortFunc(best, compare)
			best = best[:n]
			last = &best[n-1]
		}
	}
	slices.SortFunc(best, compare)
	return best[:min(n, len(best))]
}
