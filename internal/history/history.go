// Package history computes the log of each path of a repository, as `git log --
// PATH` prints it: with default history simplification, without following renames.
// It does no I/O: commits and trees come from a Source.
package history

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Hash is a git object id (SHA-1).
type Hash [20]byte

// String returns the 40 lower-case hexadecimal digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// Signature is the author or committer of a commit, and the time.
type Signature struct {
	Name  string
	Email string // never published: .mailmap names people by it
	When  time.Time
}

// Commit is one commit as git stores it.
type Commit struct {
	ID        Hash
	Tree      Hash
	Parents   []Hash
	Author    Signature
	Committer Signature
	Message   string // complete, UTF-8
	Boundary  bool   // has parents that a shallow clone lacks
}

// Subject returns git's %s: the lines of the message's first paragraph, joined by
// one space.
func (c *Commit) Subject() string {
	var lines []string
	for line := range strings.Lines(strings.TrimLeft(c.Message, " \t\r\n")) {
		line = strings.TrimRight(line, " \t\r\n")
		if line == "" {
			break
		}
		lines = append(lines, line)
	}

	return strings.TrimSpace(strings.Join(lines, " "))
}

// Body returns the complete message, trimmed. Carriage returns inside stay.
func (c *Commit) Body() string { return strings.TrimSpace(c.Message) }

// TreeEntry is one row of a tree.
type TreeEntry struct {
	Name string
	Mode uint32 // as in the tree: 0o100644, 0o40000, …
	Hash Hash
}

// Entry is what a tree has under a name.
type Entry struct {
	Mode uint32
	Hash Hash
}

const treeMode = 0o40000

// Source reads git objects.
type Source interface {
	// Commit reads a commit. At the boundary of a shallow clone it has no parents.
	Commit(Hash) (*Commit, error)
	// Tree reads the entries of a tree in git's order.
	Tree(Hash) ([]TreeEntry, error)
}

// History is what a walk from one commit found.
type History struct {
	// Commits is the complete history in `git log` order: the head is first.
	Commits []*Commit

	parents [][]int        // numbers of each commit's parents
	paths   map[string]int // path → index in logs
	logs    [][]*Commit
}

// Head returns the commit that the walk started from.
func (h *History) Head() *Commit { return h.Commits[0] }

// FirstParent returns the index of a commit's first parent in Commits, -1 for none.
func (h *History) FirstParent(n int) int {
	if len(h.parents[n]) == 0 {
		return -1
	}
	return h.parents[n][0]
}

// Log returns the commits that touched a path, in the order of
// `git log -- PATH`; nil for a path that was not passed to Walk.
func (h *History) Log(path string) []*Commit {
	i, ok := h.paths[path]
	if !ok {
		return nil
	}
	return h.logs[i]
}

// Commits reads the commits of a history alone, within limits: no path has a log.
func Commits(ctx context.Context, src Source, head Hash, limits Limits) (*History, error) {
	g, err := readGraph(ctx, src, head, limits)
	if err != nil {
		return nil, err
	}
	return &History{Commits: g.commits, parents: g.parents}, nil
}

// Walk reads the history of head once, within limits: beyond them it fails with
// a [*LimitError]. It returns the history with the log of every path in paths
// (slash-separated, relative to the root of the repository), and the files that
// changed below a directory ("." for the root), commit by commit.
//
// It compares the trees of each commit and parent once for all paths, which is the
// expensive part, and then simplifies the history for each path.
func Walk(ctx context.Context, src Source, head Hash, paths []string, dir string, limits Limits) (
	*History, *Files, error,
) {
	return (*Memo)(nil).Walk(ctx, src, head, paths, dir, limits)
}

// Walk is like the function [Walk], and remembers what it has compared.
func (m *Memo) Walk(ctx context.Context, src Source, head Hash, paths []string, dir string, limits Limits) (
	*History, *Files, error,
) {
	tracked := newTrie(paths)
	tracked.record(dir)
	g, err := readGraph(ctx, src, head, limits)
	if err != nil {
		return nil, nil, err
	}

	d := &differ{src: src, limits: limits, trees: map[Hash][]TreeEntry{}, memo: m,
		changed: make([][]int, len(tracked.index))}
	if err := d.compareAll(ctx, g, tracked); err != nil {
		return nil, nil, err
	}

	h := &History{
		Commits: g.commits,
		parents: g.parents,
		paths:   tracked.index,
		logs:    make([][]*Commit, len(tracked.index)),
	}

	w := newSimplifier(g)
	for i := range h.logs {
		h.logs[i] = w.log(0, d.changed[i])
	}

	// Few trees are looked at again, and of paths only what was recorded.
	kept := &differ{src: src, limits: limits, tracked: &trie{made: tracked.made}, trees: map[Hash][]TreeEntry{},
		files: d.files, compared: d.compared, recorded: d.recorded}

	return h, &Files{differ: kept}, nil
}

// graph numbers commits in log order and their parent edges in that order.
type graph struct {
	commits   []*Commit
	parents   [][]int // numbers of each commit's parents
	firstEdge []int   // number of each commit's first edge; a root has one edge too, to nothing
	edges     int
}

// readGraph reads all commits that head reaches, in `git log` order: newest
// committer time first, of equals the one found first.
func readGraph(ctx context.Context, src Source, head Hash, limits Limits) (*graph, error) {
	g := &graph{}
	number := map[Hash]int{}
	found := map[Hash]*Commit{}
	first, err := src.Commit(head)
	if err != nil {
		return nil, fmt.Errorf("read commit %s: %w", head, err)
	}

	found[head] = first
	queue := []*Commit{first}
	for len(queue) > 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}

		c := queue[0]
		queue = queue[1:]
		number[c.ID] = len(g.commits)
		g.commits = append(g.commits, c)

		for _, id := range c.Parents {
			if found[id] != nil {
				continue
			}

			p, err := src.Commit(id)
			if err != nil {
				return nil, fmt.Errorf("read commit %s, a parent of %s: %w", id, c.ID, err)
			}

			found[id] = p
			if limits.Commits > 0 && len(found) > limits.Commits {
				return nil, &LimitError{What: "commits", Limit: limits.Commits}
			}

			queue = insertByDate(queue, p,
				func(a, b *Commit) int { return a.Committer.When.Compare(b.Committer.When) })
		}
	}

	g.parents = make([][]int, len(g.commits))
	g.firstEdge = make([]int, len(g.commits))
	for i, c := range g.commits {
		g.firstEdge[i] = g.edges
		g.edges += max(1, len(c.Parents))
		for _, id := range c.Parents {
			g.parents[i] = append(g.parents[i], number[id])
		}
	}

	return g, nil
}

// insertByDate keeps a queue sorted, latest first; equal dates stay in order of
// insertion, as in git's own queue.
func insertByDate[T any](queue []T, item T, compare func(a, b T) int) []T {
	i, _ := slices.BinarySearchFunc(queue, item, func(q, item T) int {
		return cmp.Or(compare(item, q), -1) // equals sort before the item
	})
	return slices.Insert(queue, i, item)
}

// Ancestors reports for each commit, by its index in Commits, whether another has it among
// its ancestors.
func (h *History) Ancestors(of int) []bool {
	reached := make([]bool, len(h.Commits))
	rest := []int{of}
	for len(rest) > 0 {
		n := rest[len(rest)-1]
		rest = rest[:len(rest)-1]
		for _, p := range h.parents[n] {
			if !reached[p] {
				reached[p] = true
				rest = append(rest, p)
			}
		}
	}
	return reached
}
