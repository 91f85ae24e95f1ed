package availability

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// plainSlot is a slot for one part.
type plainSlot struct {
	Interval
	Site  string
	Nodes []string
}

func plain(slots []Slot) (all []plainSlot) {
	for _, s := range slots {
		p := plainSlot{Interval: s.Interval, Site: s.Site}
		for _, c := range s.Parts[0].Nodes {
			p.Nodes = append(p.Nodes, c.Node)
		}
		all = append(all, p)
	}
	return all
}

// bruteSlots tries every microsecond that is a multiple of the grain.
func bruteSlots(candidates []Candidate, now Time, q SlotQuery) (slots []plainSlot, total int) {
	step := max(1, Time(q.Grain.Microseconds()))
	length := Time(q.Length.Microseconds())
	for length%step != 0 {
		length++
	}

	rules := func(site string) Rules {
		if q.Rules == nil {
			return Rules{}
		}
		return q.Rules(site)
	}

	can := func(c Candidate, t Time) bool {
		r := rules(c.Site)
		if c.Host == nil || c.Host.Maintenance || r.MaxDuration > 0 &&
			length > Time(r.MaxDuration.Microseconds()) || t < now+Time(r.MinLead.Microseconds()) {
			return false
		}

		gap := Time(r.Buffer.Microseconds())
		for _, v := range c.Host.Reservations {
			if v.Start < v.End && (Interval{v.Start - gap, v.End + gap}).Overlaps(Interval{t, t + length}) {
				return false
			}
		}

		return true
	}

	sites := map[string]bool{}
	for _, c := range candidates {
		sites[c.Site] = true
	}

	groups := []string{"*"}
	if q.SameSite {
		groups = slices.Sorted(func(yield func(string) bool) {
			for s := range sites {
				if !yield(s) {
					return
				}
			}
		})
	}

	above := map[string]bool{}
	for t := q.After; t+length <= q.Before; t++ {
		if t%step != 0 {
			continue
		}
		for _, g := range groups {
			free := map[string][]string{}
			n := 0
			for _, c := range candidates {
				if (g == "*" || g == c.Site) && can(c, t) {
					free[c.Site] = append(free[c.Site], c.Node)
					n++
				}
			}

			was := above[g]
			above[g] = n >= q.Parts[0].Count

			if was || n < q.Parts[0].Count {
				continue
			}
			if total++; total > q.Limit {
				continue
			}

			s := plainSlot{Interval: Interval{t, t + length}}
			for len(s.Nodes) < q.Parts[0].Count {
				best := ""
				for site, nodes := range free {
					a, b := min(len(nodes), q.Parts[0].Count), min(len(free[best]), q.Parts[0].Count)
					if best == "" || a > b || a == b && site < best {
						best = site
					}
				}

				slices.Sort(free[best])
				if s.Nodes == nil {
					s.Site = best
				} else {
					s.Site = ""
				}

				s.Nodes = append(s.Nodes, free[best][:min(len(free[best]), q.Parts[0].Count-len(s.Nodes))]...)
				delete(free, best)
			}

			slots = append(slots, s)
		}
	}

	return slots, total
}

func TestSlotsAgainstEveryMicrosecond(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		reservations := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Interval {
			start := Time(rapid.IntRange(-10, 60).Draw(t, "start"))
			return Interval{start, start + Time(rapid.IntRange(-2, 20).Draw(t, "length"))}
		}), 0, 5)

		sites := []string{"a", "b", "c"}
		inventories := map[string]*Report{}
		var candidates []Candidate

		for i := range rapid.IntRange(0, 8).Draw(t, "nodes") {
			node := fmt.Sprint(i)
			site := rapid.SampledFrom(sites).Draw(t, "site")

			if rapid.IntRange(0, 9).Draw(t, "known") == 0 {
				candidates = append(candidates, Candidate{Site: site, Node: node})
				continue
			}

			if inventories[site] == nil {
				inventories[site] = &Report{}
			}

			inventories[site].Hosts = append(inventories[site].Hosts, Host{
				Node: node, Maintenance: rapid.IntRange(0, 9).Draw(t,
					"maintenance") == 0, Reservations: reservations.Draw(t, "reservations")})
		}

		for site, report := range inventories {
			hosts := report.Hosts
			if rapid.Bool().Draw(t, "prepared") {
				hosts = NewSnapshot(site, time.Time{}, report).Hosts
			}
			for i := range hosts {
				candidates = append(candidates, Candidate{Site: site, Node: hosts[i].Node, Host: &hosts[i]})
			}
		}

		rules := map[string]Rules{}
		for _, s := range sites {
			rules[s] = Rules{
				MinLead:     time.Duration(rapid.IntRange(0, 5).Draw(t, "lead")) * time.Microsecond,
				Buffer:      time.Duration(rapid.IntRange(0, 4).Draw(t, "gap")) * time.Microsecond,
				MaxDuration: time.Duration(rapid.SampledFrom([]int{0, 0, 6}).Draw(t, "longest")) * time.Microsecond,
			}
		}

		q := SlotQuery{
			Parts:    []Part{{Count: rapid.IntRange(1, 4).Draw(t, "count")}},
			Length:   time.Duration(rapid.IntRange(1, 10).Draw(t, "length")) * time.Microsecond,
			After:    Time(rapid.IntRange(-5, 30).Draw(t, "after")),
			Before:   Time(rapid.IntRange(0, 90).Draw(t, "before")),
			Grain:    time.Duration(rapid.SampledFrom([]int{0, 0, 1, 2, 5, 7}).Draw(t, "grain")) * time.Microsecond,
			SameSite: rapid.Bool().Draw(t, "same site"),
			Limit:    rapid.IntRange(0, 5).Draw(t, "limit"),
			Rules:    func(site string) Rules { return rules[site] },
		}

		now := Time(rapid.IntRange(-5, 20).Draw(t, "now"))
		got, total := Slots(candidates, now, q)
		want, wantTotal := bruteSlots(candidates, now, q)
		if d := cmp.Diff(want, plain(got)); d != "" || total != wantTotal {
			t.Fatalf("%d slots, want %d\n%s", total, wantTotal, d)
		}
	})
}

func TestSlots(t *testing.T) {
	t.Parallel()
	hour := Time(time.Hour / time.Microsecond)
	busy := func(hours ...Time) *Host {
		h := &Host{}
		for i := 0; i < len(hours); i += 2 {
			h.Reservations = append(h.Reservations, Interval{hours[i] * hour, hours[i+1] * hour})
		}
		return h
	}

	all := []Candidate{
		{Site: "uc", Node: "n1", Host: busy(0, 10, 20, 30)},
		{Site: "uc", Node: "n2", Host: busy(0, 12)},
		{Site: "tacc", Node: "n3", Host: busy(5, 100)},
		{Site: "tacc", Node: "n4", Host: &Host{Maintenance: true}},
		{Site: "tacc", Node: "n5", Host: nil},
	}

	slot := func(start, end Time, site string, nodes ...string) plainSlot {
		return plainSlot{Interval: Interval{start * hour, end * hour}, Site: site, Nodes: nodes}
	}
	for name, c := range map[string]struct {
		q     SlotQuery
		want  []plainSlot
		total int
	}{
		"one node, any": {SlotQuery{Parts: []Part{{Count: 1}}, Length: 5 * time.Hour},
			[]plainSlot{slot(0, 5, "tacc", "n3"), slot(10, 15, "uc", "n1")}, 2},
		"touching the next": {SlotQuery{Parts: []Part{{Count: 2}}, Length: 8 * time.Hour},
			[]plainSlot{slot(12, 20, "uc", "n1", "n2"), slot(30, 38, "uc", "n1", "n2")}, 2},
		"too long for between": {SlotQuery{Parts: []Part{{Count: 2}}, Length: 9 * time.Hour},
			[]plainSlot{slot(30, 39, "uc", "n1", "n2")}, 1},
		"two sites": {SlotQuery{Parts: []Part{{Count: 3}}, Length: time.Hour}, []plainSlot{slot(100, 101, "", "n1", "n2", "n3")}, 1},
		"same site": {SlotQuery{Parts: []Part{{Count: 1}}, Length: time.Hour, SameSite: true},
			[]plainSlot{slot(0, 1, "tacc", "n3"), slot(10, 11, "uc", "n1"), slot(100, 101, "tacc", "n3")}, 3},
		"limit": {SlotQuery{Parts: []Part{{Count: 1}}, Length: time.Hour, SameSite: true, Limit: 1},
			[]plainSlot{slot(0, 1, "tacc", "n3")}, 3},
		"before": {SlotQuery{Parts: []Part{{Count: 2}}, Length: 8 * time.Hour, Before: 38*hour - 1},
			[]plainSlot{slot(12, 20, "uc", "n1", "n2")}, 1},
		"after": {SlotQuery{Parts: []Part{{Count: 2}}, Length: time.Hour, After: 15 * hour},
			[]plainSlot{slot(15, 16, "uc", "n1", "n2"), slot(30, 31, "uc", "n1", "n2")}, 2},
		"lead": {SlotQuery{Parts: []Part{{Count: 1}}, Length: time.Hour,
			Rules: func(string) Rules { return Rules{MinLead: 3 * time.Hour} }}, []plainSlot{slot(3, 4, "tacc",
			"n3"), slot(10, 11, "uc", "n1")}, 2},
		"gap": {SlotQuery{Parts: []Part{{Count: 2}}, Length: 7 * time.Hour,
			Rules: func(string) Rules { return Rules{Buffer: 30 * time.Minute} }}, []plainSlot{{Interval: Interval{25 * hour / 2, 39 * hour / 2}, Site: "uc", Nodes: []string{"n1", "n2"}}, {Interval: Interval{61 * hour / 2, 75 * hour / 2}, Site: "uc", Nodes: []string{"n1", "n2"}}}, 2},
		"longest": {SlotQuery{Parts: []Part{{Count: 1}}, Length: 5 * time.Hour,
			Rules: func(site string) Rules { return Rules{MaxDuration: time.Duration(len(site)) * time.Hour} }}, nil, 0},
		"too many":    {SlotQuery{Parts: []Part{{Count: 4}}, Length: time.Hour}, nil, 0},
		"none":        {SlotQuery{Length: time.Hour}, nil, 0},
		"no length":   {SlotQuery{Parts: []Part{{Count: 1}}}, nil, 0},
		"window gone": {SlotQuery{Parts: []Part{{Count: 1}}, Length: time.Hour, After: 10 * hour, Before: 9 * hour}, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.q.Limit == 0 {
				c.q.Limit = 10
			}
			if c.q.Before == 0 {
				c.q.Before = 300 * hour
			}

			got, total := Slots(all, 0, c.q)
			if !reflect.DeepEqual(plain(got), c.want) || total != c.total {
				t.Errorf("%v, %d in all\nwant %v, %d", got, total, c.want, c.total)
			}
		})
	}
}

// Times at the ends of what a Time can hold overflow nowhere.
func TestSlotsOfExtremeTimes(t *testing.T) {
	t.Parallel()
	all := []Candidate{{Site: "a", Node: "n",
		Host: &Host{Reservations: []Interval{{-1 << 63, -1<<63 + 5}, {Forever - 5, Forever}, {-1 << 63, 0}}}}}
	got, total := Slots(all, 0, SlotQuery{Parts: []Part{{Count: 1}}, Length: 1<<63 - 1, After: -1 << 63, Before: Forever, Limit: 10,
		Rules: func(string) Rules { return Rules{Buffer: 1<<63 - 1} }})
	if total != 1 || len(got) != 1 || got[0].Start != span(1<<63-1) {
		t.Errorf("%v, %d", got, total)
	}
}

// randomNodes are nodes of a site whose reservations are spread over some days.
func randomNodes(nodes, reservations, days int) []Candidate {
	r := rand.New(rand.NewPCG(1, 2))
	minute := Time(time.Minute / time.Microsecond)
	report := &Report{}

	for i := range nodes {
		h := Host{Node: fmt.Sprintf("%08d", i)}
		step := days * 24 * 60 / reservations
		for j := range reservations {
			start := Time(j*step+r.IntN(step)) * minute
			h.Reservations = append(h.Reservations, Interval{start, start + Time(1+r.IntN(step))*minute})
		}

		r.Shuffle(reservations, func(a, b int) {
			h.Reservations[a], h.Reservations[b] = h.Reservations[b], h.Reservations[a]
		})

		report.Hosts = append(report.Hosts, h)
	}

	s := NewSnapshot("site", time.Time{}, report)
	var all []Candidate
	for i := range s.Hosts {
		all = append(all, Candidate{Site: s.Site, Node: s.Hosts[i].Node, Host: &s.Hosts[i]})
	}

	return all
}

func BenchmarkSlots(b *testing.B) {
	day := Time(24 * time.Hour / time.Microsecond)
	for _, size := range []struct{ nodes, reservations int }{{500, 20}, {10_000, 100}} {
		all := randomNodes(size.nodes, size.reservations, 90)
		for _, count := range []int{1, size.nodes * 9 / 20, size.nodes / 2, size.nodes} {
			b.Run(fmt.Sprintf("nodes=%d/reservations=%d/count=%d", size.nodes, size.reservations, count),
				func(b *testing.B) {
					b.ReportAllocs()
					total := 0
					for b.Loop() {
						_, total = Slots(all, 0,
							SlotQuery{Parts: []Part{{Count: count}}, Length: time.Hour, After: 0, Before: 90 * day, Limit: 10})
					}
					b.ReportMetric(float64(total), "slots")
				})
		}
	}
}
