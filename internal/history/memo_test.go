package history_test

import (
	"context"
	"reflect"
	"slices"
	"testing"

	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/history"
)

// checkMemo follows a history commit by commit: with what was remembered a walk finds the
// same as without.
func checkMemo(t errorer, dir string, h *history.History) {
	src, err := gitrepo.Open(context.Background(), dir, gitrepo.Options{})
	if err != nil {
		t.Errorf("%v", err)
		return
	}
	defer src.Close()

	var memo history.Memo
	for n, c := range slices.Backward(h.Commits) {
		paths := askedPaths[n%len(askedPaths):] // new ones come, as nodes do
		got, gotFiles, err := memo.Walk(context.Background(), src, c.ID, paths, ".", history.Limits{})
		if err != nil {
			t.Errorf("walk from %s with a memo: %v", c.ID, err)
			return
		}
		want, wantFiles, err := history.Walk(context.Background(), src, c.ID, paths, ".", history.Limits{})
		if err != nil {
			t.Errorf("walk from %s: %v", c.ID, err)
			return
		}

		for _, p := range paths {
			if got, want := hashes(got.Log(p)), hashes(want.Log(p)); got != want {
				t.Errorf("with a memo, the log of %s from %s is\n%s\nwant\n%s", p, c.ID, got, want)
			}
		}
		for i, changed := range want.Commits {
			if got, want := gotFiles.Changed(i), wantFiles.Changed(i); !reflect.DeepEqual(got, want) {
				t.Errorf("with a memo, %s changed %v, want %v", changed.ID, got, want)
			}
		}
	}
}

// counted counts the trees that are read.
type counted struct {
	history.Source
	trees int
}

func (c *counted) Tree(id history.Hash) ([]history.TreeEntry, error) {
	c.trees++
	return c.Source.Tree(id)
}

// With a memo, a commit more costs its own trees and those of its parent.
func TestMemoReadsWhatIsNew(t *testing.T) {
	t.Parallel()
	m, head := line(100, 1)
	src := &counted{Source: m}
	var memo history.Memo
	for _, tt := range []struct {
		head history.Hash
		want int
	}{{number('c', 98), 2 * 99}, {head, 4}, {head, 0}} {
		src.trees = 0
		h, _, err := memo.Walk(t.Context(), src, tt.head, []string{"dir/file"}, ".", history.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if src.trees != tt.want || len(h.Log("dir/file")) != len(h.Commits) {
			t.Errorf("a walk reads %d trees and finds %d of %d commits, want %d trees and all",
				src.trees, len(h.Log("dir/file")), len(h.Commits), tt.want)
		}
	}
}

// Beyond its limit a memo keeps nothing more.
func TestMemoIsBounded(t *testing.T) {
	t.Parallel()
	m, head := line(100, 1)
	src := &counted{Source: m}
	memo := history.Memo{Limit: 100} // of 200
	for _, want := range []int{200, 100} {
		src.trees = 0
		if _, _, err := memo.Walk(t.Context(), src, head, nil, ".", history.Limits{}); err != nil {
			t.Fatal(err)
		}
		if src.trees != want {
			t.Errorf("a walk reads %d trees, want %d", src.trees, want)
		}
	}
}
