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

// Node is a node as a search shows it, and what can be asked of it.
type Node struct {
	UID, Site, Cluster string

	// The node's text is Head, then what says when it is free, then Rest. Both
	// are parts of the release's document of all nodes.
	Head, Rest []byte

	Name, Type string // node_name, node_type
	ByFlavor   bool   // the reference repository says that it is leased by flavor
	Facts      hardware.Facts
	Media      hardware.Media

	words string // what words are looked for in, in lower case
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

	// The texts are those of the document, and not copies of them.
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

// Mentions reports whether every one of some words, in lower case, is in the
// node's names and models.
func (n *Node) Mentions(words []string) bool {
	for _, w := range words {
		if !strings.Contains(n.words, w) {
			return false
		}
	}
	return true
}

// Labels returns a function that reports whether the value at a dotted path is a
// text: a string, or another plain value as it is written. Any element of an
// array will do. The node's text is read at the first question, and not again.
func (n *Node) Labels() func(path, want string) bool {
	file := sync.OnceValue(func() hardware.Value {
		return hardware.Parse(append(slices.Clone(n.Head), n.Rest...))
	})
	return func(path, want string) bool { return labelled(file(), path, want) }
}

// labelled asks a value. A member's own name may have dots: every cut is tried.
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
