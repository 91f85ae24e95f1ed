package history_test

import (
	"context"
	"encoding/binary"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/chameleoncloud/refapi/internal/history"
)

const day = 24 * 3600

// made is a commit whose hash takes off seconds from its date.
func made(n int, off uint32, date int64, parents ...history.Hash) *history.Commit {
	c := &history.Commit{ID: hashOf(n, off), Parents: parents}
	c.Committer.When = time.Unix(date, 0)
	return c
}

func hashOf(n int, off uint32) (id history.Hash) {
	binary.BigEndian.PutUint32(id[:], off)
	binary.BigEndian.PutUint32(id[4:], uint32(n+1))
	return id
}

// read walks the history of the last of some commits.
func read(ctx context.Context, t errorer, commits []*history.Commit) *history.History {
	m := &memory{commits: map[history.Hash]*history.Commit{}}
	for _, c := range commits {
		m.commits[c.ID] = c
	}

	h, err := history.Commits(ctx, m, commits[len(commits)-1].ID, history.Limits{})
	if err != nil {
		t.Errorf("read the commits: %v", err)
	}

	return h
}

func TestTimes(t *testing.T) {
	t.Parallel()
	const now = 1_700_000_000 // all of it happened before, or is of the future
	id := hashOf
	for _, tt := range []struct {
		name    string
		commits []*history.Commit // the last is the head
		want    []int64
		ahead   int
	}{
		{
			name: "the hash takes up to an hour",
			commits: []*history.Commit{made(0, 0, now-9000), made(1, 3599, now-8000, id(0, 0)),
				made(2, 3600, now-50, id(1, 3599))},
			want: []int64{now - 9000, now - 8000 - 3599, now - 50},
		},
		{
			name:    "the hash has no sign",
			commits: []*history.Commit{made(0, 0xffffffff, now)},
			want:    []int64{now - 0xffffffff%3600},
		},
		{
			name:    "not that of a parent",
			commits: []*history.Commit{made(0, 5, now-90), made(1, 6, now-89, id(0, 5))},
			want:    []int64{now - 95, now - 96},
		},
		{
			name: "of no parent",
			commits: []*history.Commit{made(0, 5, now-95), made(1, 7, now-94, id(0, 5)),
				made(2, 9, now-91, id(0, 5), id(1, 7))},
			want: []int64{now - 100, now - 101, now - 102},
		},
		{
			name: "that of a grandparent",
			commits: []*history.Commit{made(0, 5, now-90), made(1, 0, now-90, id(0, 5)),
				made(2, 5, now-90, id(1, 0))},
			want: []int64{now - 95, now - 90, now - 95},
		},
		{
			name:    "backwards within a day",
			commits: []*history.Commit{made(0, 0, now), made(1, 0, now-day, id(0, 0))},
			want:    []int64{now, now - day},
		},
		{
			name: "ahead of a child",
			commits: []*history.Commit{made(0, 1, now-9*day), made(1, 2, now, id(0, 1)),
				made(2, 3, now-day-1, id(1, 2))},
			want:  []int64{now - 9*day - 1, now - 9*day + 1 - 2 - 1, now - day - 1 - 3},
			ahead: 1,
		},
		{
			name: "ahead of a child of two",
			commits: []*history.Commit{made(0, 1, now-9*day), made(1, 2, now-8*day, id(0, 1)),
				made(2, 3, now, id(0, 1), id(1, 2)), made(3, 4, now, id(2, 3)), made(4, 5, now-2*day,
					id(2, 3)), made(5, 6, now, id(3, 4), id(4, 5))},
			want: []int64{now - 9*day - 1, now - 8*day - 2, now - 8*day + 1 - 3 - 1, now - 4, now - 2*day - 5,
				now - 6},
			ahead: 1,
		},
		{
			name:    "ahead of the clock",
			commits: []*history.Commit{made(0, 1, now-9), made(1, 7, now+61, id(0, 1))},
			want:    []int64{now - 10, now - 8 - 7},
			ahead:   1,
		},
		{
			name: "several ahead",
			commits: []*history.Commit{made(0, 1, now-9), made(1, 7, now+90*day, id(0, 1)),
				made(2, 9, now+99*day, id(1, 7)), made(3, 2, now, id(2, 9))},
			want:  []int64{now - 10, now - 8 - 7, now - 7 - 9, now - 2},
			ahead: 2,
		},
		{
			name:    "clocks differ a little",
			commits: []*history.Commit{made(0, 30, now+60)},
			want:    []int64{now + 30 - 3600},
		},
		{
			name:    "that, after its parent",
			commits: []*history.Commit{made(0, 3590, now), made(1, 20, now+30, id(0, 3590))},
			want:    []int64{now - 3590, now + 10 - 3600 - 1},
		},
		{
			name:    "a root of the future",
			commits: []*history.Commit{made(0, 8, now*9)},
			want:    []int64{day - 8},
			ahead:   1,
		},
		{
			name: "the last second that can be written",
			commits: []*history.Commit{made(0, 1, now-9), made(1, 0, 253402300799, id(0, 1)),
				made(2, 0, now, id(1, 0))},
			want:  []int64{now - 10, now - 8, now},
			ahead: 1,
		},
		{
			name:    "the epoch",
			commits: []*history.Commit{made(0, 3599, 0), made(1, 5, 1, id(0, 3599))},
			want:    []int64{day - 3599, day - 5},
		},
		{
			name:    "before it",
			commits: []*history.Commit{made(0, 0, -99*day), made(1, 0, -98*day, id(0, 0))},
			want:    []int64{day, day - 1},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			times := read(t.Context(), t, tt.commits).Times(time.Unix(now, 999).In(time.FixedZone("", 3600)), 0)
			for i, c := range tt.commits {
				if got := times.Modified(c); got.Unix() != tt.want[i] || got.Nanosecond() != 0 ||
					got.Location() != time.UTC {
					t.Errorf("commit %d has the time now%+d, want now%+d", i, got.Unix()-now, tt.want[i]-now)
				}
			}

			if got := times.Ahead(); len(got) != tt.ahead {
				t.Errorf("%d commits are ahead, want %d", len(got), tt.ahead)
			}
		})
	}
}

// The dates that people see are git's, but for those that do not count.
func TestDates(t *testing.T) {
	t.Parallel()
	const now = 1_700_000_000
	zone := time.FixedZone("", 14*3600)
	root, ahead, head := made(0, 0, now-9*day), made(1, 0, now+9*day, hashOf(0, 0)), made(2, 0, now-day, hashOf(1, 0))
	root.Committer.When = root.Committer.When.In(zone)
	h := read(t.Context(), t, []*history.Commit{root, ahead, head})

	for _, clock := range []time.Time{time.Unix(now, 0), time.Unix(now+99*day, 0), {}} {
		times := h.Times(clock, 0)
		if got := times.Date(root); got != root.Committer.When {
			t.Errorf("the root is of %v, want %v", got, root.Committer.When)
		}
		if got := times.Date(ahead); got.Unix() != now-9*day+1 {
			t.Errorf("the commit of the future is of %v", got)
		}

		if got := times.Ahead(); len(got) != 1 || got[0].Commit != ahead ||
			(got[0].Child == head) == (clock.Unix() == now) {
			t.Errorf("at %v ahead are %+v", clock, got)
		}
	}
}

// A shift moves all times, and none into the future.
func TestShift(t *testing.T) {
	t.Parallel()
	const now = 1_700_000_000
	root, head := made(0, 0, now-day), made(1, 3, now, hashOf(0, 0))
	h := read(t.Context(), t, []*history.Commit{root, head})

	for shift, want := range map[time.Duration][2]int64{
		-time.Minute:    {now - day - 60, now - 63},
		2 * time.Second: {now - day + 2, now - 1},
		4 * time.Second: {now - day + 4, now + 1 - 3600},
	} {
		times := h.Times(time.Unix(now, 0), shift)
		if got := [2]int64{times.Modified(root).Unix(), times.Modified(head).Unix()}; got != want {
			t.Errorf("moved by %v the times are %v, want %v", shift, got, want)
		}
	}
}

// checkTimes holds the times of a history against the rule.
func checkTimes(t errorer, h *history.History) {
	now := time.Unix(max(h.Head().Committer.When.Unix()+3600, 9*day), 0)
	times := h.Times(now, 0)
	byID := map[history.Hash]*history.Commit{}

	for _, c := range h.Commits {
		byID[c.ID] = c
	}

	for _, c := range h.Commits {
		want := times.Date(c).Unix()
		if want < day {
			want = day
		}

		want -= int64(binary.BigEndian.Uint32(c.ID[:4])) % 3600
		for want > now.Unix() {
			want -= 3600
		}

		for taken := true; taken; {
			taken = false
			for _, p := range c.Parents {
				if times.Modified(byID[p]).Unix() == want {
					taken = true
				}
			}

			if taken {
				want--
			}
		}

		if got := times.Modified(c).Unix(); got != want {
			t.Errorf("the time of %s of %v is %v, want %v", c.ID, c.Committer.When, times.Modified(c),
				time.Unix(want, 0).UTC())
		}
	}
}

// Whatever the clocks said: no time is in the future, before 1970, or that of a
// parent; and the time of a commit is the same from whichever commit it is seen,
// while no child shows that its date is wrong.
func TestTimesOfAnyClocks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		const now = 1_700_000_000
		var commits []*history.Commit
		for n := range rapid.IntRange(1, 12).Draw(rt, "commits") {
			date := rapid.OneOf(rapid.Int64Range(now-6, now+6), rapid.Int64Range(-9, now),
				rapid.Int64Range(now, 253402300799)).Draw(rt, "date")
			var parents []history.Hash
			for _, p := range rapid.SliceOfNDistinct(rapid.IntRange(0, max(n-1, 0)), min(n, 1), min(n, 3),
				rapid.ID).Draw(rt, "parents") {
				parents = append(parents, commits[p].ID)
			}
			commits = append(commits, made(n, uint32(rapid.IntRange(0, 5).Draw(rt, "off")), date, parents...))
		}

		h := read(t.Context(), rt, commits)
		times := h.Times(time.Unix(now, 0), time.Second)
		at := map[history.Hash]int64{}

		for _, c := range h.Commits {
			at[c.ID] = times.Modified(c).Unix()
			if at[c.ID] > now || at[c.ID] < 1 {
				rt.Errorf("the time of %v is %v", c.Committer.When, times.Modified(c))
			}
		}

		for _, c := range h.Commits {
			for _, p := range c.Parents {
				if at[p] == at[c.ID] {
					rt.Errorf("%s and its parent %s have the time %d", c.ID, p, at[p])
				}
			}
		}

		if len(times.Ahead()) > 0 {
			return
		}

		for n := range commits {
			earlier := read(t.Context(), rt, commits[:n+1])
			times := earlier.Times(time.Unix(now, 0), time.Second)
			if len(times.Ahead()) > 0 {
				continue
			}

			for _, c := range earlier.Commits {
				if got := times.Modified(c).Unix(); at[c.ID] != 0 && got != at[c.ID] {
					rt.Errorf("seen from %s, the time of %s is %d, else %d", commits[n].ID, c.ID, got, at[c.ID])
				}
			}
		}
	})
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
			h, _, err := history.Walk(t.Context(), m, head, []string{"dir/file", "never"}, ".", history.Limits{})
			if err != nil {
				t.Fatal(err)
			}

			if len(h.Commits) != n || len(h.Log("dir/file")) != n || len(h.Log("never")) != 0 {
				t.Errorf("%d commits, logs of %d and %d; want %d, %d, 0", len(h.Commits), len(h.Log("dir/file")),
					len(h.Log("never")), n, n)
			}

			checkTimes(t, h)
		})
	}
}
