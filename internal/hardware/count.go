package hardware

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// ValueCount is a value of a property, with the number of nodes that have it.
type ValueCount struct {
	Value string
	Nodes int
}

// CountUnstated counts the nodes whose files do not state a row's property. A flag counts
// them as false, too. It is false where 0 may mean none.
func (t Table) CountUnstated(row int, nodes []Node) (count int, ok bool) {
	p := &t[row]
	for n := range nodes {
		if !p.IsStated(nodes[n].Facts[row]) {
			count++
		}
	}
	return count, !p.Zero
}

// Count counts nodes by the values of a row. Numbers are sorted by size, without 0;
// others by name. A search for a value finds as many nodes as are counted here.
func (t Table) Count(row int, nodes []Node) []ValueCount {
	p := &t[row]
	spelling := t.Spelling(row, nodes)
	counts := map[string]int{}

	for n := range nodes {
		f := nodes[n].Facts[row]
		if p.Kind == KindFlag || f.Number != 0 {
			counts[p.String(f)]++
		}
		for _, text := range f.Texts {
			counts[spelling(text)]++
		}
	}

	order := func(a, b string) int {
		bySize := 0
		if p.Kind.IsNumber() {
			bySize = len(a) - len(b) // the number with more digits is larger
		}
		return cmp.Or(bySize, strings.Compare(a, b))
	}

	values := make([]ValueCount, 0, len(counts))
	for _, value := range slices.SortedFunc(maps.Keys(counts), order) {
		values = append(values, ValueCount{value, counts[value]})
	}
	return values
}

// Spelling returns a function from a row's texts to their common spelling. Of texts
// that a search treats as equal, it is the one of most nodes; of equally frequent
// ones, the first in order.
func (t Table) Spelling(row int, nodes []Node) func(text string) string {
	if t[row].Match == Exactly {
		return func(text string) string { return text }
	}

	counts := map[string]int{}
	for n := range nodes {
		for _, text := range nodes[n].Facts[row].Texts {
			counts[text]++
		}
	}

	spelling := map[string]string{}
	for _, text := range slices.Sorted(maps.Keys(counts)) {
		lower := strings.ToLower(text)
		if best, ok := spelling[lower]; !ok || counts[text] > counts[best] {
			spelling[lower] = text
		}
	}

	return func(text string) string { return spelling[strings.ToLower(text)] }
}
