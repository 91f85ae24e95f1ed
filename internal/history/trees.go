package history

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// trie has the tracked and the recorded paths, by segment.
type trie struct {
	index map[string]int // path → number
	root  *trieNode
	made  int // number of nodes that were added for recorded paths
}

type trieNode struct {
	path     int // number of the tracked path that ends here, or -1
	children map[string]*trieNode
	deeper   bool   // a tracked path is below
	recorded int    // number of levels below that are recorded
	name     string // of a recorded node: its complete path
}

// maxRecordedLevels is the depth to which files are recorded: one level more than
// resources have.
const maxRecordedLevels = 8

func newTrie(paths []string) *trie {
	t := &trie{index: make(map[string]int, len(paths)), root: &trieNode{path: -1}}
	for _, path := range paths {
		if _, ok := t.index[path]; ok {
			continue
		}
		n := t.nodeAt(path)
		n.path = len(t.index)
		t.index[path] = n.path
	}

	return t
}

// nodeAt returns the node of a path, which it adds if necessary.
func (t *trie) nodeAt(path string) *trieNode {
	n := t.root
	for segment := range strings.SplitSeq(path, "/") {
		child := n.children[segment]
		if child == nil {
			child = n.add(segment)
		}
		n.deeper = true
		n = child
	}

	return n
}

func (n *trieNode) add(segment string) *trieNode {
	if n.children == nil {
		n.children = map[string]*trieNode{}
	}
	child := &trieNode{path: -1}
	n.children[segment] = child
	return child
}

// record marks a directory whose files are recorded.
func (t *trie) record(dir string) {
	n := t.root
	if dir != "." {
		n = t.nodeAt(dir)
		n.name = dir
	}
	n.record(maxRecordedLevels)
}

func (n *trieNode) record(levels int) {
	n.recorded = levels
	for segment, child := range n.children {
		if levels > 0 {
			child.name = join(n.name, segment)
			child.record(levels - 1)
		}
	}
}

// child returns the node of an entry, nil for one that is neither tracked nor
// recorded.
func (t *trie) child(n *trieNode, segment string) *trieNode {
	child := n.children[segment]
	if child == nil && n.recorded > 0 {
		t.made++
		child = n.add(segment)
		child.recorded, child.name = n.recorded-1, join(n.name, segment)
	}
	return child
}

func join(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}

// compareAll finds, for each tracked path, the edges on which it differs, and the
// files that differ from each commit's first parent.
func (d *differ) compareAll(ctx context.Context, g *graph, tracked *trie) error {
	d.files = make([][]FileChange, len(g.commits))
	d.tracked = tracked
	for n, c := range g.commits {
		if err := ctx.Err(); err != nil {
			return err
		}

		before := []Hash{{}} // a root is compared with nothing
		if len(g.parents[n]) > 0 {
			before = before[:0]
			for _, p := range g.parents[n] {
				before = append(before, g.commits[p].Tree)
			}
		}

		for i, tree := range before {
			d.edge, d.first = g.firstEdge[n]+i, i == 0 && !c.Boundary
			if err := d.compare(tracked.root, tree, c.Tree); err != nil {
				return fmt.Errorf("compare commit %s with its parent: %w", c.ID, err)
			}
		}

		d.files[n] = slices.Clone(d.differing)
		d.differing = d.differing[:0]
	}

	return nil
}

// differ compares trees, only at tracked and recorded paths.
type differ struct {
	src     Source
	limits  Limits
	tracked *trie
	edge    int
	changed [][]int
	trees   map[Hash][]TreeEntry
	kept    int   // entries in trees
	memo    *Memo // of earlier walks; nil for none

	first     bool           // the edge is to the first parent
	differing []FileChange   // of the commit that is compared
	files     [][]FileChange // by commit

	compared int // entries that differed
	recorded int // changes in files
}

// keepEntries bounds the cache of decoded trees: about 100 bytes per entry.
const keepEntries = 60_000

// compare records the tracked paths below node that differ between two trees.
// The zero hash means no tree.
func (d *differ) compare(node *trieNode, a, b Hash) error {
	if a == b || !node.deeper && (node.recorded == 0 || !d.first) {
		return nil
	}

	found, err := d.differences(a, b)
	if err != nil {
		return err
	}

	for i := range found {
		if err := d.visit(node, &found[i]); err != nil {
			return err
		}
	}

	return nil
}

// visit records that an entry changed.
func (d *differ) visit(parent *trieNode, e *difference) error {
	node := d.tracked.child(parent, e.name)
	if node == nil {
		return nil
	}

	if node.name != "" && d.first {
		d.record(node, e)
	}

	if err := d.countDifference(); err != nil {
		return err
	}

	if node.path >= 0 {
		// A file that became a directory has two entries, but changed once.
		edges := d.changed[node.path]
		if len(edges) == 0 || edges[len(edges)-1] != d.edge {
			d.changed[node.path] = append(edges, d.edge)
		}
	}

	return d.compare(node, e.from.subtree(), e.to.subtree())
}

func (d *differ) readTree(h Hash) ([]TreeEntry, error) {
	if h == (Hash{}) {
		return nil, nil
	}
	if entries, ok := d.trees[h]; ok {
		return entries, nil
	}

	entries, err := d.src.Tree(h)
	if err != nil {
		return nil, fmt.Errorf("read tree %s: %w", h, err)
	}

	if d.kept += len(entries); d.kept > keepEntries {
		clear(d.trees)
		d.kept = len(entries)
	}

	d.trees[h] = entries
	return entries, nil
}
