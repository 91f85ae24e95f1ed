package release

import (
	"bytes"
	"hash/maphash"
	"maps"
)

// knownNodes are the nodes of a release before.
type knownNodes struct {
	nodes []Node
	next  int            // the one behind that which was found last
	found int            // so many have been found
	seed  maphash.Seed   // of byHash
	index map[uint64]int // by the hashes of their texts; nil until one is not the next
}

// newKnownNodes returns the nodes of a release; none without one, and none if sites are
// called otherwise, which nodes are searched by.
func newKnownNodes(before *Release, siteNames map[string]string) *knownNodes {
	k := &knownNodes{seed: maphash.MakeSeed()}
	if before != nil && maps.Equal(before.siteNames, siteNames) {
		k.nodes = before.Nodes
	}
	return k
}

// find returns the node of a text as it was read before. Of the release before, it keeps
// only the facts in memory.
func (k *knownNodes) find(text []byte) (Node, bool) {
	if len(k.nodes) == 0 {
		return Node{}, false
	}
	if k.next == len(k.nodes) || !k.nodes[k.next].isText(text) {
		i, ok := k.byHash()[maphash.Bytes(k.seed, text)]
		if !ok || !k.nodes[i].isText(text) {
			return Node{}, false
		}
		k.next = i
	}

	n := k.nodes[k.next]
	head := len(n.Head)
	n.Head, n.Rest = text[:head:head], text[head:]
	k.next++
	k.found++
	return n, true
}

func (k *knownNodes) byHash() map[uint64]int {
	if k.index == nil {
		k.index = make(map[uint64]int, len(k.nodes))
		var h maphash.Hash
		h.SetSeed(k.seed)
		for i := range k.nodes {
			h.Reset()
			_, _ = h.Write(k.nodes[i].Head) // it takes all
			_, _ = h.Write(k.nodes[i].Rest)
			k.index[h.Sum64()] = i
		}
	}
	return k.index
}

// isText reports whether a node's JSON is a text.
func (n *Node) isText(text []byte) bool {
	head := len(n.Head)
	return len(text) == head+len(n.Rest) && bytes.Equal(text[:head], n.Head) && bytes.Equal(text[head:], n.Rest)
}

// isAll reports whether these are the nodes of the release before, no more and no fewer.
func (k *knownNodes) isAll(nodes []Node) bool {
	return k.found > 0 && k.found == len(k.nodes) && k.found == len(nodes)
}
