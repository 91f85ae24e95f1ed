package release

import (
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

	hardware.Machine
	Media hardware.Media

	text string // what words are looked for in, in lower case
}

func parseNode(text []byte) (Node, error) {
	file, err := rawjson.Parse(text, rawjson.Limits{})
	if err != nil {
		return Node{}, err
	}
	if len(file.Members) < api.EntryHead {
		return Node{}, errFormat
	}
	var n Node
	// The texts are those of the document, and not the parser's copies of them.
	head, _ := file.Head(api.EntryHead)
	n.Head, n.Rest = text[:len(head):len(head)], text[len(head):]
	for _, m := range []struct {
		name string
		to   *string
	}{{"uid", &n.UID}, {"site_id", &n.Site}, {"cluster_id", &n.Cluster}} {
		var ok bool
		if *m.to, ok = file.String(m.name); !ok {
			return Node{}, fmt.Errorf("%s of a node: %w", m.name, errFormat)
		}
	}
	var values hardware.Value
	n.Machine, values = hardware.Read(file)
	n.Media = hardware.ReadMedia(values)
	// Searches compare these with what the file says, to the letter.
	n.Type, _ = file.String("node_type")
	n.Arch = values.Get("architecture", "platform_type").Text
	n.text = strings.ToLower(strings.Join([]string{n.UID, n.Name, n.Type, n.GPU, n.GPUVendor, n.Chassis, n.CPU, n.FPGA}, "\n"))
	return n, nil
}

// Mentions reports whether every one of some words, in lower case, stands in
// the node's names and models.
func (n *Node) Mentions(words []string) bool {
	for _, w := range words {
		if !strings.Contains(n.text, w) {
			return false
		}
	}
	return true
}

// Label reports whether the value at a dotted path is a text: a string, or
// another plain value as it is written. Of an array any element may be.
func (n *Node) Label(path, want string) bool { return n.Labels()(path, want) }

// Labels returns Label for many questions in turn: the node's text is read at
// the first, and not again.
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
