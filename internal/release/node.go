package release

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"

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

	words string // the text that Mentions searches, in lower case
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

	n.words = strings.ToLower(strings.Join(words, "\n"))
	return n, nil
}

// Mentions reports whether the node's names and models contain all words, which must be
// in lower case.
func (n *Node) Mentions(words []string) bool {
	for _, w := range words {
		if !strings.Contains(n.words, w) {
			return false
		}
	}
	return true
}

// Labels returns a function that reports whether the value at a dotted path equals a
// text: a string, or another scalar as it is written. One element of an array suffices.
// The node is parsed at the first call only.
func (n *Node) Labels() func(path, want string) bool {
	file := sync.OnceValue(func() hardware.Value {
		return hardware.Parse(append(slices.Clone(n.Head), n.Rest...))
	})
	return func(path, want string) bool { return labelled(file(), path, want) }
}

// labelled is Labels for one value. Names of members may contain dots, so every split of
// the path is tried.
func labelled(v hardware.Value, path, want string) bool {
	switch {
	case v.Kind == hardware.Array:
		return slices.ContainsFunc(v.Elements, func(e hardware.Value) bool { return labelled(e, path, want) })
	case path == "":
		return v.Kind != hardware.Object && v.Text == want
	}

	for _, m := range v.Members {
		rest, ok := strings.CutPrefix(path, m.Name)
		if ok && (rest == "" || rest[0] == '.') && labelled(m.Value, strings.TrimPrefix(rest, "."), want) {
			return true
		}
	}

	return false
}
