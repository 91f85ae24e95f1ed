package availability

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// bruteFree counts at every microsecond.
func bruteFree(hosts []*Host, edges []Time) (free, least []int) {
	count := func(t Time) (n int) {
		for _, h := range hosts {
			if state, _ := h.State(t); state == Available {
				n++
			}
		}
		return n
	}

	for i, edge := range edges {
		free = append(free, count(edge))
		if i == 0 {
			continue
		}

		lowest := free[i-1]
		for t := edges[i-1]; t < edge; t++ {
			lowest = min(lowest, count(t))
		}
		least = append(least, lowest)
	}

	return free, least
}

func TestCountFreeAgainstEveryMicrosecond(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var hosts []*Host
		report := &Report{}
		for i := range rapid.IntRange(0, 8).Draw(t, "nodes") {
			h := Host{Node: fmt.Sprint(i), Maintenance: rapid.IntRange(0, 9).Draw(t, "maintenance") == 0}
			for range rapid.IntRange(0, 5).Draw(t, "reservations") {
				start := Time(rapid.IntRange(-10, 60).Draw(t, "start"))
				h.Reservations = append(h.Reservations, Interval{start, start + Time(rapid.IntRange(-2, 20).Draw(t, "length"))})
			}
			report.Hosts = append(report.Hosts, h)
		}

		if rapid.Bool().Draw(t, "prepared") {
			report = &NewSnapshot("site", time.Time{}, report).Report
		}
		for i := range report.Hosts {
			hosts = append(hosts, &report.Hosts[i])
		}
		if rapid.Bool().Draw(t, "one is not known") {
			hosts = append(hosts, nil)
		}

		start := Time(rapid.IntRange(-20, 30).Draw(t, "start of the window"))
		window := Interval{start, start + Time(rapid.IntRange(1, 60).Draw(t, "its length"))}
		step := Time(rapid.IntRange(1, 20).Draw(t, "step"))
		edges := StepEdges(window, step)

		free, least := CountFree(hosts, edges)
		wantFree, wantLeast := bruteFree(hosts, edges)
		if d := cmp.Diff(wantFree, free) + cmp.Diff(wantLeast, least); d != "" {
			t.Fatalf("edges %v (-want +got):\n%s", edges, d)
		}
	})
}

func TestStepEdges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		window Interval
		step   Time
		want   []Time
	}{
		{Interval{0, 10}, 5, []Time{0, 5, 10}},
		{Interval{3, 11}, 5, []Time{3, 5, 10, 11}},
		{Interval{-7, -2}, 5, []Time{-7, -5, -2}},
		{Interval{4, 6}, 100, []Time{4, 6}},
		{Interval{99, 101}, 100, []Time{99, 100, 101}},
	} {
		got := StepEdges(c.window, c.step)
		if d := cmp.Diff(c.want, got); d != "" || StepCount(c.window, c.step) != len(got)-1 {
			t.Errorf("%v by %d: %d steps, %s", c.window, c.step, StepCount(c.window, c.step), d)
		}
	}
}

// BenchmarkCapacity counts 10,000 nodes with 200,000 reservations over 30 days, beside a
// sort of as many numbers as these have starts and ends.
func BenchmarkCapacity(b *testing.B) {
	all := randomNodes(10_000, 20, 30)
	hosts := make([]*Host, len(all))
	for i := range all {
		hosts[i] = all[i].Host
	}

	var times []Time
	for _, host := range hosts {
		for _, r := range host.Reservations {
			times = append(times, r.Start, r.End)
		}
	}
	b.Run("yardstick-sort", func(b *testing.B) {
		for b.Loop() {
			slices.Sort(slices.Clone(times))
		}
	})

	minute := Time(time.Minute / time.Microsecond)
	month := Interval{0, 30 * 24 * 60 * minute}
	for _, c := range []struct {
		name   string
		groups int
		step   Time
	}{{"minutes", 1, minute}, {"hours-of-31-types", 31, 60 * minute}, {"days", 1, 24 * 60 * minute}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			edges := StepEdges(month, c.step)
			for b.Loop() {
				for g := range c.groups {
					CountFree(hosts[g*len(hosts)/c.groups:(g+1)*len(hosts)/c.groups], edges)
				}
			}
		})
	}
}
