package history_test

import (
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/history"
)

func TestTime(t *testing.T) {
	t.Parallel()
	at := func(sec int64) time.Time { return time.Unix(sec, 0) }
	commit := func(n int, when time.Time, parents ...int) *history.Commit {
		c := &history.Commit{ID: number('c', n)}
		c.Committer.When = when
		for _, p := range parents {
			c.Parents = append(c.Parents, number('c', p))
		}
		return c
	}
	for _, tt := range []struct {
		name    string
		commits []*history.Commit // the last is the head
		want    []int64
	}{
		{"in order", []*history.Commit{commit(0, at(10)), commit(1, at(20), 0), commit(2, at(21), 1)}, []int64{10, 20, 21}},
		{"one second", []*history.Commit{commit(0, at(10)), commit(1, at(10), 0), commit(2, at(10), 1)}, []int64{10, 11, 12}},
		{"backwards", []*history.Commit{commit(0, at(50)), commit(1, at(10), 0), commit(2, at(20), 1)}, []int64{50, 51, 52}},
		{"pushed once", []*history.Commit{commit(0, at(10)), commit(1, at(10), 0), commit(2, at(12), 1)}, []int64{10, 11, 12}},
		{"the later parent counts", []*history.Commit{commit(0, at(10)), commit(1, at(30), 0), commit(2, at(11), 0), commit(3, at(25), 1, 2)}, []int64{10, 30, 11, 31}},
		{"fractions are cut", []*history.Commit{commit(0, time.Unix(10, 999)), commit(1, time.Unix(11, 5), 0)}, []int64{10, 11}},
		{"zones do not count", []*history.Commit{commit(0, at(10).In(time.FixedZone("", 3600))), commit(1, at(11).UTC(), 0)}, []int64{10, 11}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := &memory{commits: map[history.Hash]*history.Commit{}}
			for _, c := range tt.commits {
				m.commits[c.ID] = c
			}
			if _, err := history.Walk(t.Context(), m, tt.commits[len(tt.commits)-1].ID, nil); err != nil {
				t.Fatal(err)
			}
			for i, c := range tt.commits {
				if got := c.Time(); got.Unix() != tt.want[i] || got.Nanosecond() != 0 || got.Location() != time.UTC {
					t.Errorf("commit %d has the time %v, want %v", i, got, at(tt.want[i]).UTC())
				}
			}
		})
	}
}

// TestDeepHistory walks a long line whose clocks ran forwards, stood still or
// ran backwards: backwards, the first parent of the log has all others before it.
func TestDeepHistory(t *testing.T) {
	t.Parallel()
	const n = 10_000
	for name, step := range map[string]time.Duration{"forwards": time.Second, "still": 0, "backwards": -time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, head := line(n, step)
			h, err := history.Walk(t.Context(), m, head, []string{"dir/file", "never"})
			if err != nil {
				t.Fatal(err)
			}
			if len(h.Commits) != n || len(h.Log("dir/file")) != n || len(h.Log("never")) != 0 {
				t.Errorf("%d commits, logs of %d and %d; want %d, %d, 0", len(h.Commits), len(h.Log("dir/file")), len(h.Log("never")), n, n)
			}
			checkTimes(t, h)
		})
	}
}
