// Package hardware reads the hardware of a machine from its node's file: a table of
// properties, each read in one way for searches, tables, facets and pages. Values
// of an unexpected type count as missing.
package hardware

import (
	"strings"

	"github.com/chameleoncloud/refapi/internal/rawjson"
)

// Place is where a node is: the uids of its site, of its cluster and of itself, and what
// people call the site.
type Place struct{ Site, Cluster, UID, SiteName string }

// Node is a node with its location and the content of its file.
type Node struct {
	Place

	File rawjson.Object

	Name     string // node_name
	Type     string // node_type
	ByFlavor bool   // is a host of virtual machines, see [ByFlavor]
	Facts    Facts  // of [Properties]

	// Media has the bytes of the node's storage by media_type, in lower case.
	Media map[string]int64

	values Value // while the node is read
	gpus   []gpu // the same
}

// ReadNode reads a node's file, which it retains.
func ReadNode(at Place, file rawjson.Object) Node {
	n := Node{Place: at, File: file}
	n.values = n.Values()
	n.Name = n.values.Get("node_name").String()
	n.Type = n.values.Get("node_type").String()
	n.ByFlavor = ByFlavor(n.values.Get("lease_mode").String(), n.values.Get("node_mode").String())
	n.Media = readMedia(n.values)
	n.Facts = properties.Read(&n)

	n.values, n.gpus = Value{}, nil // they are several times as large as the file
	return n
}

// Values parses the file: its members in the same order.
func (n *Node) Values() Value {
	if n.values.Kind != None {
		return n.values
	}

	values := Value{Kind: Object}
	for m := range n.File.Members() {
		values.Members = append(values.Members, Member{m.Name, Parse(m.Value)})
	}
	return values
}

// Text returns the texts of one of [Properties].
func (f Facts) Text(name string) string { return f[properties.Index(name)].Text() }

// ByFlavor reports whether a machine with this lease_mode and node_mode is a
// host of virtual machines, which are leased by flavor: nobody can lease it as a
// complete machine.
func ByFlavor(leaseMode, nodeMode string) bool {
	return strings.EqualFold(leaseMode, "flavor") || strings.EqualFold(nodeMode, "vm_only")
}

// Values of leased_by in the API.
const (
	LeasedByNode   = "node"
	LeasedByFlavor = "flavor"
)

// LeasedBy returns LeasedByFlavor or LeasedByNode.
func LeasedBy(byFlavor bool) string {
	if byFlavor {
		return LeasedByFlavor
	}
	return LeasedByNode
}
