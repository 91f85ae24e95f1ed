package hardware

import (
	"cmp"
	"iter"
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
	spelling := t.Spelling(row, FactsOf(nodes))
	counts := map[string]int{}

	for n := range nodes {
		for _, value := range p.Values(nodes[n].Facts[row]) {
			counts[spelling(value)]++
		}
	}

	values := make([]ValueCount, 0, len(counts))
	for _, value := range slices.SortedFunc(maps.Keys(counts), p.CompareValues) {
		values = append(values, ValueCount{value, counts[value]})
	}
	return values
}

// Values returns the values under which a fact is counted; none for one that is not
// known.
func (p *Property) Values(f Fact) []string {
	if p.Kind == KindFlag || f.Number != 0 {
		return []string{p.String(f)}
	}
	return f.Texts
}

// CompareValues compares values as they are sorted where they are counted.
func (p *Property) CompareValues(a, b string) int {
	bySize := 0
	if p.Kind.IsNumber() {
		bySize = len(a) - len(b) // the number with more digits is larger
	}
	return cmp.Or(bySize, strings.Compare(a, b))
}

// FactsOf yields the facts of nodes.
func FactsOf(nodes []Node) iter.Seq[Facts] {
	return func(yield func(Facts) bool) {
		for n := range nodes {
			if !yield(nodes[n].Facts) {
				return
			}
		}
	}
}

// Spelling returns a function from a row's texts to their common spelling. Of texts
// that a search treats as equal, it is the one of most nodes; of equally frequent
// ones, the first in order.
func (t Table) Spelling(row int, all iter.Seq[Facts]) func(text string) string {
	if t[row].Match == Exactly {
		return func(text string) string { return text }
	}

	counts := map[string]int{}
	for facts := range all {
		for _, text := range facts[row].Texts {
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
