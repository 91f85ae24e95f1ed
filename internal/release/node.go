package release

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/rawjson"
)

// Node is a node as search results show it, with the facts to search by.
type Node struct {
	UID, Site, Cluster string

	// Head and Rest are the node's JSON before and after the place where its
	// availability is inserted. They are slices of the release's document of all nodes.
	Head, Rest []byte

	Name, Type string // node_name, node_type
	ByFlavor   bool   // leased by flavor, according to the reference repository
	Facts      hardware.Facts
	Media      hardware.Media

	// Words are the texts that the parameter q searches, in lower case.
	Words string
}

func parseNode(text []byte) (Node, error) {
	file, err := rawjson.Parse(text, rawjson.Limits{})
	if err != nil {
		return Node{}, err
	}

	var entry api.AllNode
	if err := api.Decode(text, &entry); err != nil {
		return Node{}, err
	}

	n := Node{Site: entry.SiteID, Cluster: entry.ClusterID}
	var ok bool
	if n.UID, ok = rawjson.Unquote(entry.UID); !ok {
		return Node{}, fmt.Errorf("uid of a node: %w", errFormat)
	}

	head := entry.Head()
	if !bytes.HasPrefix(text, head) {
		return Node{}, fmt.Errorf("node %s: %w", n.UID, errFormat)
	}

	// Slices of the document, not copies, to save memory. The capacity keeps an append to
	// Head from overwriting Rest.
	n.Head, n.Rest = text[:len(head):len(head)], text[len(head):]

	read := hardware.ReadNode(n.Site, n.Cluster, n.UID, file)
	n.Name, n.Type, n.ByFlavor = read.Name, read.Type, read.ByFlavor
	n.Facts, n.Media = read.Facts, read.Media

	var words []string
	for i, p := range hardware.Properties() {
		if p.Words {
			words = append(words, n.Facts[i].Texts...)
		}
	}

	n.Words = strings.ToLower(strings.Join(words, "\n"))
	return n, nil
}

// Parse returns the values of the node's JSON.
func (n *Node) Parse() hardware.Value {
	return hardware.Parse(append(slices.Clone(n.Head), n.Rest...))
}
