package release

import (
	"fmt"
	"slices"

	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/rawjson"
)

// Node is a node as search results show it, with the facts to search by.
type Node struct {
	UID, Site, Cluster string

	// Head and Rest are the node's JSON before and after the place where its
	// availability is inserted.
	Head, Rest []byte

	Name, Type string // node_name, node_type
	ByFlavor   bool   // leased by flavor, according to the reference repository
	Facts      hardware.Facts
	Media      map[string]int64 // see [hardware.Node]
}

// parseNode reads a node of the list of all. siteNames has what people call the sites.
func parseNode(text []byte, siteNames map[string]string) (Node, error) {
	file, err := rawjson.Parse(text, rawjson.Limits{})
	if err != nil {
		return Node{}, err
	}

	var n Node
	for name, into := range map[string]*string{"uid": &n.UID, "site_id": &n.Site, "cluster_id": &n.Cluster} {
		var ok bool
		if *into, ok = file.String(name); !ok {
			return Node{}, fmt.Errorf("member %s of a node: %w", name, errFormat)
		}
	}

	// A search inserts its members after the declared ones, of which cluster_id is the
	// last.
	head := 0
	for m := range file.Members() {
		head += len("{") + len(m.Key) + len(":") + len(m.Value) // or a comma in place of the brace
		if m.Name == "cluster_id" {
			break
		}
	}

	// The capacity keeps an append to Head from overwriting Rest.
	n.Head, n.Rest = file.Text[:head:head], file.Text[head:]

	at := hardware.Place{Site: n.Site, SiteName: siteNames[n.Site], Cluster: n.Cluster, UID: n.UID}
	read := hardware.ReadNode(at, file)
	n.Name, n.Type, n.ByFlavor = read.Name, read.Type, read.ByFlavor
	n.Facts, n.Media = read.Facts, read.Media

	return n, nil
}

// newWords returns the words that the parameter q searches.
func newWords(nodes []Node) *hardware.Words {
	return hardware.NewWords(func(yield func([]string) bool) {
		var texts []string
		for n := range nodes {
			texts = texts[:0]
			for i, p := range hardware.Properties() {
				if p.Words {
					texts = append(texts, nodes[n].Facts[i].Texts...)
				}
			}
			if !yield(texts) {
				return
			}
		}
	})
}

// Parse returns the values of the node's JSON.
func (n *Node) Parse() hardware.Value {
	return hardware.Parse(append(slices.Clone(n.Head), n.Rest...))
}
