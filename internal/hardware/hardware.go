// Package hardware owns what a node's file says about its machine: a table of
// properties, and one reading of each for searches, tables, facets and pages.
// Files may say anything: what is not of the expected kind counts as missing.
package hardware

import (
	"strings"

	"github.com/chameleoncloud/refapi/internal/rawjson"
)

// Node is a node with where it is and what its file says.
type Node struct {
	Site, Cluster, UID string

	File   rawjson.Object
	Values Value // of File, whose members it has in the same order

	Name     string // node_name
	Type     string // node_type
	ByFlavor bool   // it is a host of virtual machines, see [ByFlavor]
	Facts    Facts  // of [Properties]
	Media    Media
}

// ReadNode reads a node's file. It keeps the file.
func ReadNode(site, cluster, uid string, file rawjson.Object) Node {
	values := Value{Kind: Object, Members: make([]Member, 0, len(file.Members))}
	for _, m := range file.Members {
		values.Members = append(values.Members, Member{m.Name, Parse(m.Value)})
	}

	n := Node{
		Site:     site,
		Cluster:  cluster,
		UID:      uid,
		File:     file,
		Values:   values,
		Name:     values.Get("node_name").String(),
		Type:     values.Get("node_type").String(),
		ByFlavor: ByFlavor(values.Get("lease_mode").String(), values.Get("node_mode").String()),
		Media:    readMedia(values),
	}

	n.Facts = properties.Read(&n)
	return n
}

// Text returns the texts of one of [Properties].
func (f Facts) Text(name string) string { return f[properties.Index(name)].Text() }

// ByFlavor reports whether a machine with this lease_mode and node_mode is a
// host of virtual machines, which are leased by flavor: nobody can lease it as a
// complete machine.
func ByFlavor(leaseMode, nodeMode string) bool {
	return strings.EqualFold(leaseMode, "flavor") || strings.EqualFold(nodeMode, "vm_only")
}

// What a node is leased by, in the API's words.
const (
	LeasedByNode   = "node"
	LeasedByFlavor = "flavor"
)

// LeasedBy returns the one or the other.
func LeasedBy(byFlavor bool) string {
	if byFlavor {
		return LeasedByFlavor
	}
	return LeasedByNode
}
