package history

import (
	"fmt"
	"strings"
)

// FileChange is one file, link or submodule that differs between a commit and
// its first parent. A root has all its files; a commit at the boundary of a shallow
// clone has none, since nothing is known. A missing side has the zero Mode.
type FileChange struct {
	Path     string // slash-separated, below the root of the repository
	From, To Entry
}

// Files looks up files in the trees of a history. It caches trees, and reads others
// from the source of the walk. It is not safe for concurrent use.
type Files struct {
	differ *differ
}

// Changed returns the changes of a commit, given by its index in
// [History.Commits], in git's order of trees.
func (f *Files) Changed(commit int) []FileChange { return f.differ.files[commit] }

// At returns the file, link or submodule at a path of a commit; a zero Mode if there
// is none.
func (f *Files) At(c *Commit, path string) (Entry, error) {
	tree := c.Tree
	for {
		segment, rest, deeper := strings.Cut(path, "/")
		entries, err := f.differ.readTree(tree)
		if err != nil {
			return Entry{}, fmt.Errorf("look for %s in commit %s: %w", path, c.ID, err)
		}

		e, ok := findEntry(entries, segment, deeper)
		if !ok || !deeper {
			return e.entry(), nil
		}

		tree, path = e.Hash, rest
	}
}

// All returns what a commit has below a directory ("." for the root), as changes
// from nothing: for a commit at the boundary of a shallow clone, of which Changed has
// none. It looks as deep as Walk does, and within its limits.
func (f *Files) All(c *Commit, dir string) ([]FileChange, error) {
	tree := c.Tree
	if dir == "." {
		dir = ""
	} else {
		for segment := range strings.SplitSeq(dir, "/") {
			entries, err := f.differ.readTree(tree)
			if err != nil {
				return nil, fmt.Errorf("list the files of commit %s: %w", c.ID, err)
			}
			e, _ := findEntry(entries, segment, true)
			tree = e.Hash
		}
	}

	all, err := f.differ.list(nil, dir, tree, maxRecordedLevels)
	if err != nil {
		return nil, fmt.Errorf("list the files of commit %s: %w", c.ID, err)
	}

	return all, nil
}

// list appends the files of a tree; the zero hash means no tree.
func (d *differ) list(all []FileChange, dir string, tree Hash, levels int) ([]FileChange, error) {
	if levels == 0 {
		return all, nil
	}

	entries, err := d.readTree(tree)
	if err != nil {
		return nil, err
	}

	for _, e := range entries {
		if err := d.countDifference(); err != nil {
			return nil, err
		}

		p := join(dir, e.Name)
		if e.Mode != treeMode {
			all = append(all, FileChange{Path: p, To: e.entry()})
		} else if all, err = d.list(all, p, e.Hash, levels-1); err != nil {
			return nil, err
		}
	}

	return all, nil
}

// findEntry finds an entry of a tree by its name: a directory, or anything else. The
// search is linear, because the entries of damaged trees are not sorted.
func findEntry(entries []TreeEntry, name string, directory bool) (TreeEntry, bool) {
	for i := range entries {
		if entries[i].Name == name && (entries[i].Mode == treeMode) == directory {
			return entries[i], true
		}
	}
	return TreeEntry{}, false
}

// record records an entry that differs from the first parent's.
func (d *differ) record(node *trieNode, e *difference) {
	c := FileChange{Path: node.name}
	if e.from.Mode != treeMode {
		c.From = e.from
	}

	if e.to.Mode != treeMode {
		c.To = e.to
	}

	if c.From.Mode == 0 && c.To.Mode == 0 {
		return // directories
	}

	// A file that became a directory is two entries; each is its own change.
	d.differing = append(d.differing, c)
	d.recorded++
}

// entry is the row without its name, which would keep the text of the complete tree.
func (e *TreeEntry) entry() Entry { return Entry{Mode: e.Mode, Hash: e.Hash} }

// subtree is the hash of a directory, zero for anything else.
func (e Entry) subtree() Hash {
	if e.Mode != treeMode {
		return Hash{}
	}
	return e.Hash
}

// Regular reports whether an entry is a file, and not a link, submodule or
// directory.
func (e Entry) Regular() bool { return e.Mode&0o170000 == 0o100000 }
