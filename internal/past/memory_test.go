package past_test

import (
	"context"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/past"
)

// file is a file of a drawn commit.
type file struct {
	mode uint32
	text string
}

const (
	regular   = 0o100644
	link      = 0o120000
	submodule = 0o160000
)

// memory is a repository in memory.
type memory struct {
	commits []*history.Commit // a parent is before its children
	files   map[history.Hash]map[string]file
	trees   map[history.Hash][]history.TreeEntry
	blobs   map[history.Hash]string
}

func newMemory() *memory {
	return &memory{
		files: map[history.Hash]map[string]file{},
		trees: map[history.Hash][]history.TreeEntry{},
		blobs: map[history.Hash]string{},
	}
}

// add adds a commit, and returns its id.
func (m *memory) add(files map[string]file, parents ...history.Hash) history.Hash {
	c := &history.Commit{Tree: m.tree(files, ""), Parents: parents}
	binary.BigEndian.PutUint64(c.ID[:], uint64(len(m.commits)+1))
	c.Committer.When = time.Unix(1_700_000_000+int64(len(m.commits)%5), 0).UTC()
	m.commits = append(m.commits, c)
	m.files[c.ID] = files
	return c.ID
}

// tree adds the tree of the files below a directory.
func (m *memory) tree(files map[string]file, prefix string) history.Hash {
	var entries []history.TreeEntry
	h := sha1.New()
	for _, p := range slices.Sorted(maps.Keys(files)) {
		below, ok := strings.CutPrefix(p, prefix)
		name, _, isDir := strings.Cut(below, "/")
		if !ok || isDir && len(entries) > 0 && entries[len(entries)-1].Name == name {
			continue
		}

		e := history.TreeEntry{Name: name, Mode: files[p].mode, Hash: blobID(files[p].text)}
		if isDir {
			e.Mode, e.Hash = 0o40000, m.tree(files, prefix+name+"/")
		} else {
			m.blobs[e.Hash] = files[p].text
		}
		entries = append(entries, e)
		fmt.Fprintf(h, "%s %o %s\n", e.Name, e.Mode, e.Hash)
	}

	// Git sorts a directory as if its name ended in a slash.
	slices.SortFunc(entries, func(a, b history.TreeEntry) int { return strings.Compare(sortName(a), sortName(b)) })
	id := history.Hash(h.Sum(nil))
	m.trees[id] = entries
	return id
}

func sortName(e history.TreeEntry) string {
	if e.Mode == 0o40000 {
		return e.Name + "/"
	}
	return e.Name
}

func blobID(text string) history.Hash {
	return history.Hash(sha1.Sum(fmt.Appendf(nil, "blob %d\x00%s", len(text), text)))
}

func (m *memory) Commit(id history.Hash) (*history.Commit, error) {
	for _, c := range m.commits {
		if c.ID == id {
			return c, nil
		}
	}
	return nil, errors.New("gone")
}

func (m *memory) Tree(id history.Hash) ([]history.TreeEntry, error) { return m.trees[id], nil }

func (m *memory) Blob(id history.Hash, limit int64) ([]byte, bool, error) {
	text, ok := m.blobs[id]
	if !ok {
		return nil, false, errors.New("gone")
	}
	return []byte(text), int64(len(text)) <= limit, nil
}

func (m *memory) Link(id history.Hash, limit int64) ([]byte, bool, error) { return m.Blob(id, limit) }

// pack packs the history of a commit: its segments' packs and indexes by their names,
// in order.
func pack(t fataler, src interface {
	history.Source
	past.Source
}, head history.Hash, dir string) (names []string, packs, indexes [][]byte) {
	h, files, err := history.Walk(t.Context(), src, head, nil, dir, history.Limits{})
	if err != nil {
		t.Fatal(err)
	}

	in := past.Input{History: h, Files: files, Source: src, Dir: dir}
	segments := h.Segments()
	for n, s := range segments {
		pack, index, err := in.Pack(segments, n)
		if err != nil {
			t.Fatal(err)
		}
		names, packs, indexes = append(names, s.Name()), append(packs, pack), append(indexes, index)
	}

	return names, packs, indexes
}

// fataler is a test, or a check of rapid's.
type fataler interface {
	Context() context.Context
	Fatal(args ...any)
	Errorf(format string, args ...any)
}

// drawMemory draws a repository of JSON files, some of them of many versions.
func drawMemory(t *rapid.T) *memory {
	m := newMemory()
	paths := []string{"d/d.json", "d/a/x.json", "d/a/y.json", "d/a/x/deep.json", "d/a/x-b.json", "d/b/z.json",
		"d/b/README", "other.json"}
	body := strings.Repeat(`{"adapters": [{"device": "eth0", "rate": 10000000000}], `, 20)
	var ids []history.Hash
	for n := range rapid.IntRange(1, 24).Draw(t, "commits") {
		var parents []history.Hash
		files := map[string]file{}
		switch kind := rapid.IntRange(0, 9).Draw(t, "kind"); {
		case n == 0 || kind == 0: // a root
		case kind < 7:
			parents = []history.Hash{ids[n-1]}
		default:
			parents = rapid.SliceOfNDistinct(rapid.SampledFrom(ids), 1, 3, rapid.ID).Draw(t, "parents")
		}
		for i, p := range parents {
			for name, f := range m.files[p] {
				if i == 0 || rapid.Bool().Draw(t, "take") {
					files[name] = f
				}
			}
		}

		for range rapid.IntRange(0, 4).Draw(t, "edits") {
			p := rapid.SampledFrom(paths).Draw(t, "path")
			switch rapid.IntRange(0, 9).Draw(t, "edit") {
			case 0:
				delete(files, p)
			case 1:
				files[p] = file{link, rapid.SampledFrom([]string{"x.json", "../d.json"}).Draw(t, "target")}
			case 2:
				files[p] = file{submodule, "a repository"}
			case 3:
				files[p] = file{regular, ""}
			default:
				at := rapid.IntRange(0, len(body)-1).Draw(t, "at")
				files[p] = file{regular, body[:at] + fmt.Sprint(n) + body[at:]}
			}
		}

		id := m.add(files, parents...)
		if rapid.IntRange(0, 9).Draw(t, "boundary") == 0 {
			m.commits[n].Boundary, m.commits[n].Parents = true, nil
		}
		ids = append(ids, id)
	}

	return m
}
