package history_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/history"
)

// memory is a Source whose objects are in maps.
type memory struct {
	commits map[history.Hash]*history.Commit
	trees   map[history.Hash][]history.TreeEntry
}

var errGone = errors.New("gone")

func (m *memory) Commit(id history.Hash) (*history.Commit, error) {
	if c, ok := m.commits[id]; ok {
		return c, nil
	}
	return nil, errGone
}

func (m *memory) Tree(id history.Hash) ([]history.TreeEntry, error) {
	if entries, ok := m.trees[id]; ok {
		return entries, nil
	}
	return nil, errGone
}

// number makes a hash of a kind of object and a number.
func number(kind byte, n int) history.Hash {
	h := history.Hash{kind}
	binary.BigEndian.PutUint64(h[12:], uint64(n))
	return h
}

// line is a history without merges of n commits, each of which changes the
// file dir/file. The commits are a second apart, or step seconds.
func line(n int, step time.Duration) (*memory, history.Hash) {
	m := &memory{map[history.Hash]*history.Commit{}, map[history.Hash][]history.TreeEntry{}}
	start := time.Unix(1_700_000_000, 0)
	for i := range n {
		c := &history.Commit{ID: number('c', i), Tree: number('t', i)}
		c.Committer.When = start.Add(time.Duration(i) * step)
		if i > 0 {
			c.Parents = []history.Hash{number('c', i-1)}
		}
		m.commits[c.ID] = c
		m.trees[c.Tree] = []history.TreeEntry{{Name: "dir", Mode: 0o40000, Hash: number('d', i)}}
		m.trees[number('d', i)] = []history.TreeEntry{{Name: "file", Mode: 0o100644, Hash: number('b', i)}}
	}

	return m, number('c', n-1)
}

func TestWalkNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		remove func(*memory)
		want   []string
	}{
		{"head", func(m *memory) { delete(m.commits, number('c', 4)) },
			[]string{"read commit " + number('c', 4).String()}},
		{"parent", func(m *memory) { delete(m.commits, number('c', 2)) },
			[]string{"read commit " + number('c', 2).String(), "a parent of " + number('c', 3).String()}},
		{"root's tree", func(m *memory) { delete(m.trees, number('t', 0)) },
			[]string{"read tree " + number('t', 0).String(), "commit " + number('c', 1).String()}},
		{"head's directory", func(m *memory) { delete(m.trees, number('d', 4)) },
			[]string{"read tree " + number('d', 4).String(), "commit " + number('c', 4).String()}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m, head := line(5, time.Minute)
			tt.remove(m)
			h, _, err := history.Walk(t.Context(), m, head, []string{"dir/file"}, ".", history.Limits{})
			if h != nil || !errors.Is(err, errGone) {
				t.Fatalf("Walk = %v, %v; want the source's error", h, err)
			}

			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q has no %q in it", err, want)
				}
			}
		})
	}
}

// TestWalkLooksWhereAsked has trees missing that no asked path needs.
func TestWalkLooksWhereAsked(t *testing.T) {
	t.Parallel()
	m, head := line(5, time.Minute)
	for i := range 5 {
		delete(m.trees, number('d', i))
	}

	h, _, err := history.Walk(t.Context(), m, head, []string{"dir"}, "nowhere", history.Limits{})
	if err != nil {
		t.Fatal(err)
	}

	if got := len(h.Log("dir")); got != 5 {
		t.Errorf("the log has %d commits, want 5", got)
	}
}

func TestWalkStopsWhenCancelled(t *testing.T) {
	t.Parallel()
	for _, after := range []int{0, 7, 15} { // the last one is among the trees
		t.Run(fmt.Sprint(after), func(t *testing.T) {
			t.Parallel()
			m, head := line(10, time.Minute)
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)

			src := &cancelling{Source: m, left: after, cancel: func() { cancel(errGone) }}
			h, _, err := history.Walk(ctx, src, head, []string{"dir/file"}, ".", history.Limits{})
			if h != nil || !errors.Is(err, context.Canceled) {
				t.Fatalf("Walk = %v, %v; want %v", h, err, context.Canceled)
			}
		})
	}
}

// cancelling cancels a context when so many objects have been read.
type cancelling struct {
	history.Source
	left   int
	cancel func()
}

func (c *cancelling) Commit(id history.Hash) (*history.Commit, error) {
	c.count()
	return c.Source.Commit(id)
}

func (c *cancelling) Tree(id history.Hash) ([]history.TreeEntry, error) {
	c.count()
	return c.Source.Tree(id)
}

func (c *cancelling) count() {
	if c.left--; c.left < 0 {
		c.cancel()
	}
}
