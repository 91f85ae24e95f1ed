package history_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/chameleoncloud/refapi/internal/history"
)

func TestSegments(t *testing.T) {
	t.Parallel()
	const at = 1_700_000_000
	root := made(0, 0, at)
	side := made(1, 0, at+1, root.ID)
	main := made(2, 0, at+2, root.ID)
	merge := made(3, 0, at+3, main.ID, side.ID)
	alone := made(4, 0, at-9)
	head := made(5, 0, at+4, merge.ID, alone.ID)

	for _, tt := range []struct {
		name    string
		commits []*history.Commit
		want    [][]*history.Commit
	}{
		{name: "a root", commits: []*history.Commit{root}, want: [][]*history.Commit{{root}}},
		{name: "two", commits: []*history.Commit{root, main}, want: [][]*history.Commit{{root, main}}},
		{
			name:    "a merge",
			commits: []*history.Commit{root, side, main, merge},
			want:    [][]*history.Commit{{root, main}, {side, merge}},
		},
		{
			name:    "another root",
			commits: []*history.Commit{root, side, main, merge, alone, head},
			want:    [][]*history.Commit{{root, main, side, merge, alone, head}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := read(t.Context(), t, tt.commits)
			segments := h.Segments()
			if len(segments) != len(tt.want) {
				t.Fatalf("%d segments, want %d", len(segments), len(tt.want))
			}

			for i, want := range tt.want {
				if got := segmentIDs(h, segments[i]); !slices.Equal(got, ids(want)) {
					t.Errorf("segment %d has the commits %v, want %v", i, got, ids(want))
				}
			}
		})
	}
}

// The chain ends at the boundary of a shallow clone, as at a root.
func TestSegmentsOfShallowHistory(t *testing.T) {
	t.Parallel()
	cut := made(1, 0, 1_700_000_000)
	cut.Boundary = true
	h := read(t.Context(), t, []*history.Commit{cut, made(2, 0, 1_700_000_001, cut.ID)})
	if got := h.Segments(); len(got) != 1 || got[0].Length != 2 || got[0].Name() != h.Head().ID.String()+"-2" {
		t.Errorf("the segments are %+v", got)
	}
}

// Whatever the history: its segments partition its commits, they are the same seen
// from every commit that has them, and a commit more counts on as a binary counter.
func TestSegmentsOfAnyHistory(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		commits := drawGraph(rt)
		byName := map[string][]history.Hash{}
		bySegment := map[history.Hash][]history.Segment{}
		all := map[history.Hash]*history.History{}

		for n, c := range commits {
			h := read(t.Context(), rt, commits[:n+1])
			segments := h.Segments()
			checkPartition(rt, h, segments)

			for _, s := range segments {
				ids := segmentIDs(h, s)
				if known, ok := byName[s.Name()]; ok && !slices.Equal(known, ids) {
					rt.Errorf("seen from %s, %s has the commits %v, else %v", c.ID, s.Name(), ids, known)
				}
				byName[s.Name()] = ids
			}

			all[c.ID], bySegment[c.ID] = h, segments
			if len(c.Parents) > 0 {
				before := c.Parents[0]
				checkConsolidation(rt, h, segments, all[before], bySegment[before])
			}
		}
	})
}

// drawGraph draws commits of which many are one after another, or merge two; their
// clocks may run backwards.
func drawGraph(t *rapid.T) []*history.Commit {
	commits := []*history.Commit{made(0, 0, 1_700_000_000)}
	for n := range rapid.IntRange(0, 40).Draw(t, "commits") {
		parents := []history.Hash{commits[n].ID}
		switch rapid.IntRange(0, 9).Draw(t, "kind") {
		case 0:
			parents = nil
		case 1, 2:
			parents[0] = rapid.SampledFrom(commits).Draw(t, "parent").ID
		case 3, 4:
			if other := rapid.SampledFrom(commits).Draw(t, "merged").ID; other != parents[0] {
				parents = append(parents, other)
			}
		}

		commits = append(commits,
			made(n+1, 0, 1_700_000_000+rapid.Int64Range(0, 9).Draw(t, "date"), parents...))
	}

	return commits
}

// checkPartition checks that each commit is in one segment, after its parents.
func checkPartition(t errorer, h *history.History, segments []history.Segment) {
	number := map[history.Hash]int{}
	length, longest := 0, len(h.Commits)+1
	for _, s := range segments {
		if s.Length >= longest || s.Length&(s.Length-1) != 0 {
			t.Errorf("a segment of %d is after one of %d", s.Length, longest)
		}
		longest = s.Length
		length += s.Length

		for _, id := range segmentIDs(h, s) {
			number[id] = len(number) + 1
		}
		if last := h.Commits[s.Commits[len(s.Commits)-1]]; last != s.Last {
			t.Errorf("the segment of %s ends with %s", s.Last.ID, last.ID)
		}
	}

	for _, c := range h.Commits {
		for _, p := range c.Parents {
			if number[p] >= number[c.ID] {
				t.Errorf("%s is not after its parent %s", c.ID, p)
			}
		}
	}

	chain := 1
	for c := h.Head(); len(c.Parents) > 0; chain++ {
		c = find(h, c.Parents[0])
	}
	if len(number) != len(h.Commits) || number[h.Head().ID] != len(number) || length != chain {
		t.Errorf("%d of %d commits are in segments of the length %d, the chain has %d", len(number),
			len(h.Commits), length, chain)
	}
}

// checkConsolidation compares the segments with those of the head's first parent: only
// the last one is new, and has what those have that it replaces.
func checkConsolidation(
	t errorer, h *history.History, segments []history.Segment, parent *history.History, before []history.Segment,
) {
	same := len(segments) - 1
	replaced, length := map[history.Hash]bool{}, 1
	for i, s := range before {
		switch {
		case i >= same:
			length += s.Length
			for _, id := range segmentIDs(parent, s) {
				replaced[id] = true
			}
		case segments[i].Name() != s.Name():
			t.Errorf("segment %d was %s, and is %s", i, s.Name(), segments[i].Name())
		}
	}

	last := segments[same]
	for _, id := range segmentIDs(h, last) {
		if !replaced[id] && find(parent, id) != nil {
			t.Errorf("%s is in another segment than before", id)
		}
		delete(replaced, id)
	}
	if last.Length != length || len(replaced) > 0 {
		t.Errorf("the last segment is of the length %d, want %d; it lacks %v", last.Length, length, replaced)
	}
}

func segmentIDs(h *history.History, s history.Segment) (ids []history.Hash) {
	for _, n := range s.Commits {
		ids = append(ids, h.Commits[n].ID)
	}
	return ids
}

func ids(commits []*history.Commit) (ids []history.Hash) {
	for _, c := range commits {
		ids = append(ids, c.ID)
	}
	return ids
}

func find(h *history.History, id history.Hash) *history.Commit {
	for _, c := range h.Commits {
		if c.ID == id {
			return c
		}
	}
	return nil
}
