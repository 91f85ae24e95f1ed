package history_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/test/gittest"
)

// endless is a source in which each commit has a parent, and each directory ten
// times another; every second commit has nothing.
type endless struct {
	levels int // directories inside one another
	parent bool
}

func (e endless) Commit(id history.Hash) (*history.Commit, error) {
	c := &history.Commit{ID: id, Tree: history.Hash{19: byte(e.levels + 1)}}
	next := id
	for i := 19; i >= 0; i-- {
		if next[i]++; next[i] != 0 {
			break
		}
	}

	if id[19]%2 == 0 {
		c.Tree = history.Hash{0: 1}
	}
	if e.parent {
		c.Parents = []history.Hash{next}
	}

	return c, nil
}

func (e endless) Tree(id history.Hash) ([]history.TreeEntry, error) {
	if id == (history.Hash{0: 1}) {
		return nil, nil
	}

	var entries []history.TreeEntry
	for i := range 10 {
		entry := history.TreeEntry{Name: fmt.Sprint(i), Mode: 0o40000, Hash: history.Hash{19: id[19] - 1}}
		if id[19] <= 1 {
			entry.Mode = 0o100644
		}
		entries = append(entries, entry)
	}

	return entries, nil
}

func TestLimits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		src  endless
		want history.LimitError
	}{
		{"commits without end", endless{parent: true}, history.LimitError{What: "commits", Limit: 500}},
		{"directories ten times in the next", endless{levels: 7}, history.LimitError{What: "changes", Limit: 2000}},
		{"many files", endless{levels: 3}, history.LimitError{What: "changes", Limit: 2000}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			limits := history.Limits{Commits: 500, Changes: 2000}
			_, _, err := history.Walk(t.Context(), tt.src, history.Hash{19: 1}, nil, ".", limits)
			var got *history.LimitError
			if !errors.As(err, &got) || *got != tt.want {
				t.Errorf("it ends with %v, want %v", err, &tt.want)
			}
		})
	}
}

// TestWithinLimits has as much as is allowed: three changes of two paths, the
// directory being one.
func TestWithinLimits(t *testing.T) {
	t.Parallel()
	work := gittest.Init(t)
	for i := range 3 {
		work.Write("a/b", fmt.Sprint(i))
		work.Commit(fmt.Sprint(i))
	}

	repo, err := gitrepo.Open(t.Context(), work.Dir, gitrepo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer repo.Close()

	head, err := repo.Resolve("")
	if err != nil {
		t.Fatal(err)
	}

	if _, _, err := history.Walk(t.Context(), repo, head, nil, ".",
		history.Limits{Commits: 3, Changes: 8}); err != nil {
		t.Error(err)
	}

	for _, l := range []history.Limits{{Commits: 2}, {Changes: 2}, {Changes: 7}} {
		var got *history.LimitError
		if _, _, err := history.Walk(t.Context(), repo, head, nil, ".", l); !errors.As(err, &got) {
			t.Errorf("%+v: %v, want an error", l, err)
		}
	}
}
