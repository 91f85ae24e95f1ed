package page

import (
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/hardware"
)

// hardwareGroup is nodes of a type with identical hardware, or those that differ in the
// same from the most common hardware and are each unlike all others.
type hardwareGroup struct {
	Differences string // the parts in which they differ from the most common hardware, "" for that
	Alone       bool   // no two of them have identical hardware
	Nodes       []linkRow

	members []*node
}

// groups are the nodes of a type by their hardware: the most common first, of the rest
// the largest.
func (t *typeRow) groups() (groups []hardwareGroup) {
	counts := countHardware(t.nodes)
	type key struct {
		hardware    hardware.Hardware // zero for those that no other node equals
		differences string
	}

	index := map[key]int{}
	for _, n := range t.nodes {
		k := key{n.hardware, strings.Join(t.Example.differences(n), ", ")}
		isAlone := counts[n.hardware] == 1 && n.hardware != t.Example.hardware
		if isAlone {
			k.hardware = hardware.Hardware{}
		}

		at, ok := index[k]
		if !ok {
			at = len(groups)
			index[k] = at
			groups = append(groups, hardwareGroup{Differences: k.differences, Alone: isAlone})
		}
		groups[at].members = append(groups[at].members, n)
		groups[at].Nodes = append(groups[at].Nodes, linkRow{Name: n.Label(), Page: n.Page()})
	}

	slices.SortStableFunc(groups, func(a, b hardwareGroup) int {
		switch {
		case a.Differences == "":
			return -1
		case b.Differences == "":
			return 1
		}
		return len(b.Nodes) - len(a.Nodes)
	})

	return groups
}

// countHardware counts nodes by their hardware.
func countHardware(nodes []*node) map[hardware.Hardware]int {
	counts := map[hardware.Hardware]int{}
	for _, n := range nodes {
		counts[n.hardware]++
	}
	return counts
}

// mostCommon returns the first node of the largest group with the same hardware.
func mostCommon(nodes []*node) *node {
	counts := countHardware(nodes)
	return slices.MaxFunc(nodes, func(a, b *node) int { return counts[a.hardware] - counts[b.hardware] })
}

// Variant is nodes of a type with identical hardware.
type Variant struct {
	Nodes   []*hardware.Node
	Differs []string // members of files in which it differs from the most common hardware
}

// Variants are those of a type: the most common first, then the largest.
func (h *Hardware) Variants(nodeType string) (variants []Variant) {
	t := h.typeNamed(nodeType)
	index := map[hardware.Hardware]int{t.Example.hardware: 0}
	variants = []Variant{{}}
	for _, n := range t.nodes {
		i, ok := index[n.hardware]
		if !ok {
			i, index[n.hardware] = len(variants), len(variants)
			variants = append(variants, Variant{Differs: t.Example.differing(n)})
		}
		variants[i].Nodes = append(variants[i].Nodes, n.Node)
	}

	slices.SortStableFunc(variants[1:], func(a, b Variant) int { return len(b.Nodes) - len(a.Nodes) })
	return variants
}

// LeasedBy are the uids of the sites whose flavors lease nodes of a type, none if it has no
// hosts of virtual machines.
func (h *Hardware) LeasedBy(nodeType string) (sites []string) {
	t := h.typeNamed(nodeType)
	if t.ByFlavor == 0 {
		return nil
	}
	for _, s := range h.leasedBy(t.nodes) {
		sites = append(sites, s.UID)
	}
	return sites
}

// differing are the members of the parts in which the hardware of another node differs.
func (n *node) differing(other *node) (members []string) {
	for _, p := range slices.Concat(n.parts, other.parts) {
		isCommon := slices.Contains(n.parts, p) && slices.Contains(other.parts, p)
		if !isCommon && !slices.Contains(members, p.Member) {
			members = append(members, p.Member)
		}
	}
	slices.Sort(members)
	return members
}

// differences are the titles of the parts in which the hardware of another node differs
// from a node's.
func (n *node) differences(other *node) (titles []string) {
	for _, member := range n.differing(other) {
		if t := change.Isolate(title(member)); !slices.Contains(titles, t) {
			titles = append(titles, t)
		}
	}
	slices.Sort(titles)
	return titles
}
