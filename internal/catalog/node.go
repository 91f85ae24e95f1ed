package catalog

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/resource"
)

// Node is a node as a search shows it, and what can be asked of it.
type Node struct {
	UID, Site, Cluster string

	// The node's text is Head, then what says when it is free, then Rest. Both
	// are parts of the release's document of all nodes.
	Head, Rest []byte

	Name       string // node_name
	Type       string // node_type
	Arch       string // architecture.platform_type
	GPU        bool   // gpu.gpu
	GPUModel   string // gpu.gpu_model, in lower case
	GPUs       int64  // gpu.gpu_count; 1 where there is a GPU and no count
	Infiniband bool   // by truthiness
	RAM        int64  // main_memory.ram_size, bytes
	Cores      int64  // architecture.smt_size
	Rack       string // placement.rack
	Storage    []Media

	text string // what words are looked for in, in lower case
}

// Media is the storage of one kind.
type Media struct {
	Kind  string // media_type, in lower case
	Bytes int64
}

func newNode(text []byte) (Node, error) {
	file, err := rawjson.Parse(text, rawjson.Limits{})
	if err != nil {
		return Node{}, err
	}
	if len(file.Members) < resource.EntryHead {
		return Node{}, errShape
	}
	var n Node
	// The texts are those of the document, and not the parser's copies of them.
	head, _ := file.Head(resource.EntryHead)
	n.Head, n.Rest = text[:len(head):len(head)], text[len(head):]
	for _, m := range []struct {
		name string
		to   *string
	}{{"uid", &n.UID}, {"site_id", &n.Site}, {"cluster_id", &n.Cluster}} {
		var ok bool
		if *m.to, ok = file.String(m.name); !ok {
			return Node{}, fmt.Errorf("%s of a node: %w", m.name, errShape)
		}
	}
	n.Name, _ = file.String("node_name")
	n.Type, _ = file.String("node_type")
	n.Infiniband = truthy(file.Get("infiniband"))
	architecture, gpu := member(file, "architecture"), member(file, "gpu")
	n.Arch, _ = architecture.String("platform_type")
	n.Cores = integer(architecture.Get("smt_size"))
	n.GPU = string(gpu.Get("gpu")) == "true"
	model, _ := gpu.String("gpu_model")
	n.GPUModel = strings.ToLower(model)
	if n.GPUs = integer(gpu.Get("gpu_count")); n.GPU && n.GPUs == 0 {
		n.GPUs = 1
	}
	n.RAM = integer(member(file, "main_memory").Get("ram_size"))
	n.Rack = plain(member(file, "placement").Get("rack"))
	n.Storage = storage(file.Get("storage_devices"))
	words := []string{n.UID, n.Name, n.Type, n.GPUModel}
	for _, at := range [][2]string{{"chassis", "name"}, {"chassis", "manufacturer"}, {"processor", "model"}, {"fpga", "board_model"}, {"gpu", "gpu_vendor"}} {
		word, _ := member(file, at[0]).String(at[1])
		words = append(words, word)
	}
	n.text = strings.ToLower(strings.Join(words, "\n"))
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

// Stores returns the bytes of storage of a kind, in lower case; of all kinds
// for "".
func (n *Node) Stores(kind string) (bytes int64, found bool) {
	for _, m := range n.Storage {
		if kind == "" || m.Kind == kind {
			bytes += m.Bytes
			found = true
		}
	}
	return bytes, found
}

// Label reports whether the value at a dotted path is a text: a string, or
// another plain value as it is written. Of an array any element may be.
func (n *Node) Label(path, want string) bool { return n.Labels()(path, want) }

// Labels returns Label for many questions in turn: the node's text is read at
// the first, and not again.
func (n *Node) Labels() func(path, want string) bool {
	var file *rawjson.Object
	return func(path, want string) bool {
		if file == nil {
			o, err := rawjson.Parse(append(slices.Clone(n.Head), n.Rest...), rawjson.Limits{})
			if err != nil {
				return false
			}
			file = &o
		}
		return labelled(file, path, want)
	}
}

func label(value []byte, path, want string) bool {
	if elements, ok := rawjson.Elements(value); ok {
		return slices.ContainsFunc(elements, func(e []byte) bool { return label(e, path, want) })
	}
	if path == "" {
		return len(value) > 0 && value[0] != '{' && plain(value) == want
	}
	file, err := rawjson.Parse(value, rawjson.Limits{})
	return err == nil && labelled(&file, path, want)
}

// labelled asks an object. A member's own name may have dots: every cut is
// tried.
func labelled(file *rawjson.Object, path, want string) bool {
	for _, m := range file.Members {
		rest, ok := strings.CutPrefix(path, m.Name)
		if ok && (rest == "" || rest[0] == '.') && label(m.Value, strings.TrimPrefix(rest, "."), want) {
			return true
		}
	}
	return false
}

// member returns an object that is a member, empty where it is none.
func member(of rawjson.Object, name string) rawjson.Object {
	value := of.Get(name)
	if value == nil {
		return rawjson.Object{}
	}
	o, err := rawjson.Parse(value, rawjson.Limits{})
	if err != nil {
		return rawjson.Object{}
	}
	return o
}

// plain is a string's text, or another value as it is written.
func plain(value []byte) string {
	if s, ok := rawjson.Unquote(value); ok {
		return s
	}
	return string(value)
}

// integer is a number without its fraction; 0 for any other value, and for a
// number that is too large.
func integer(value []byte) int64 {
	if n, err := strconv.ParseInt(string(value), 10, 64); err == nil {
		return n
	}
	if len(value) == 0 || value[0] == '"' {
		return 0
	}
	f, err := strconv.ParseFloat(string(value), 64)
	if err != nil || f >= 1<<63 || f < -1<<63 {
		return 0
	}
	return int64(f)
}

// truthy reports whether JSON's value counts as true.
func truthy(value []byte) bool {
	switch string(value) {
	case "", "null", "false", `""`, "[]", "{}":
		return false
	}
	if f, err := strconv.ParseFloat(string(value), 64); err == nil {
		return f != 0
	}
	return true
}

// storage sums the devices by kind.
func storage(devices []byte) []Media {
	elements, _ := rawjson.Elements(devices)
	var sums []Media
	for _, e := range elements {
		d, err := rawjson.Parse(e, rawjson.Limits{})
		if err != nil {
			continue
		}
		kind, _ := d.String("media_type")
		kind = strings.ToLower(kind)
		i := slices.IndexFunc(sums, func(m Media) bool { return m.Kind == kind })
		if i < 0 {
			i = len(sums)
			sums = append(sums, Media{Kind: kind})
		}
		sums[i].Bytes += max(integer(d.Get("size")), 0)
	}
	return sums
}
