package availability

import (
	"fmt"
	"math/bits"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// mixture is a question for a slot with small numbers.
type mixture struct {
	candidates []Candidate
	q          SlotQuery
}

// drawMixture draws nodes of two sites and parts; with weights, the parts that are weighed
// share no node with others.
func drawMixture(t *rapid.T) mixture {
	m := mixture{q: SlotQuery{
		Length: time.Duration(rapid.IntRange(1, 8).Draw(t, "length")) * time.Microsecond,
		Grain:  time.Duration(rapid.SampledFrom([]int{0, 1, 3}).Draw(t, "grain")) * time.Microsecond,
		Before: Time(rapid.IntRange(5, 50).Draw(t, "before")), SameSite: rapid.Bool().Draw(t, "same site"), Limit: 100,
	}}
	for range rapid.IntRange(1, 3).Draw(t, "parts") {
		m.q.Parts = append(m.q.Parts, Part{Count: rapid.IntRange(1, 3).Draw(t, "count"),
			Weighed: rapid.IntRange(0, 3).Draw(t, "weighed") == 0})
	}

	weighed := uint8(0)
	for i, p := range m.q.Parts {
		if p.Weighed {
			weighed |= 1 << i
			m.q.Parts[i].Count *= 2
		}
	}

	for i := range rapid.IntRange(1, 8).Draw(t, "nodes") {
		parts := uint8(rapid.IntRange(1, 1<<len(m.q.Parts)-1).Draw(t, "which parts"))
		if alone := parts & weighed; alone != 0 {
			parts = alone & -alone
		}

		h := Host{Node: fmt.Sprint(i)}
		for range rapid.IntRange(0, 3).Draw(t, "reservations") {
			start := Time(rapid.IntRange(-5, 40).Draw(t, "start"))
			h.Reservations = append(h.Reservations, Interval{start, start + Time(rapid.IntRange(1, 15).Draw(t, "reserved"))})
		}
		m.candidates = append(m.candidates, Candidate{Site: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "site"),
			Node: h.Node, Host: &h, Parts: parts, Weight: rapid.SampledFrom([]int{1, 2, 4}).Draw(t, "weight")})
	}
	return m
}

func (m mixture) length() Time {
	return roundUp(span(m.q.Length), max(1, span(m.q.Grain)))
}

// isFree reports whether a node can start at a time.
func (m mixture) isFree(c *Candidate, t Time) bool {
	return c.Host.Free(Interval{t, t + m.length()})
}

// serves reports whether nodes can serve what parts still need, by trying all ways.
func (m mixture) serves(nodes []*Candidate, need []int) bool {
	if !slices.ContainsFunc(need, func(n int) bool { return n > 0 }) {
		return true
	}
	if len(nodes) == 0 {
		return false
	}

	c, rest := nodes[0], nodes[1:]
	for part, n := range need {
		if c.parts()>>part&1 == 0 || n <= 0 {
			continue
		}
		worth := 1
		if m.q.Parts[part].Weighed {
			worth = c.Weight
		}
		less := slices.Clone(need)
		less[part] -= worth
		if m.serves(rest, less) {
			return true
		}
	}
	return m.serves(rest, need)
}

// bruteStarts returns the starts of stretches in which all parts can be served, with their
// sites.
func (m mixture) bruteStarts() (found []string) {
	sites, before := []string{""}, map[string]bool{}
	if m.q.SameSite {
		sites = []string{"a", "b"}
	}

	step := max(1, span(m.q.Grain))
	for t := Time(0); t+m.length() <= m.q.Before; t += step {
		for _, site := range sites {
			var nodes []*Candidate
			for i := range m.candidates {
				if c := &m.candidates[i]; (site == "" || c.Site == site) && m.isFree(c, t) {
					nodes = append(nodes, c)
				}
			}

			var need []int
			for _, p := range m.q.Parts {
				need = append(need, p.Count)
			}
			served := m.serves(nodes, need)
			if served && !before[site] {
				found = append(found, fmt.Sprint(t, site))
			}
			before[site] = served
		}
	}
	return found
}

func TestMixturesAgainstAllWays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := drawMixture(t)
		slots, total := Slots(m.candidates, 0, m.q)
		var starts []string
		for _, s := range slots {
			site := ""
			if m.q.SameSite {
				site = s.Site
			}
			starts = append(starts, fmt.Sprint(s.Start, site))
			m.check(t, s)
		}
		if want := m.bruteStarts(); !slices.Equal(starts, want) || total != len(want) {
			t.Fatalf("slots at %v, %d in all, want %v", starts, total, want)
		}
	})
}

// check checks a slot's nodes.
func (m mixture) check(t *rapid.T, s Slot) {
	taken := map[string]bool{}
	until := Forever
	for part, p := range m.q.Parts {
		worth, could := 0, 0
		for i := range m.candidates {
			if c := &m.candidates[i]; c.parts()>>part&1 != 0 && m.isFree(c, s.Start) && (!m.q.SameSite || c.Site == s.Site) {
				could++
			}
		}

		for _, c := range s.Parts[part].Nodes {
			if taken[c.Node] || c.parts()>>part&1 == 0 || !m.isFree(c, s.Start) || m.q.SameSite && c.Site != s.Site {
				t.Fatalf("node %s cannot serve part %d of %+v", c.Node, part, s)
			}
			taken[c.Node] = true
			for _, r := range c.Host.Reservations {
				if r.Start >= s.End {
					until = min(until, roundDown(r.Start, max(1, span(m.q.Grain))))
				}
			}
			worth++
			if p.Weighed {
				worth += c.Weight - 1
			}
		}

		if worth < p.Count || !p.Weighed && worth > p.Count {
			t.Fatalf("part %d has %d of %d: %+v", part, worth, p.Count, s)
		}
		if could != s.Parts[part].Candidates {
			t.Fatalf("part %d has %d candidates, want %d", part, s.Parts[part].Candidates, could)
		}
		if p.Weighed && m.q.SameSite {
			m.checkFewest(t, s, part)
		}
	}
	if s.Extendable != until {
		t.Fatalf("extendable until %d, want %d: %+v", s.Extendable, until, s)
	}
}

// checkFewest checks that no smaller number of nodes, and of as many no lighter last one,
// weighs enough.
func (m mixture) checkFewest(t *rapid.T, s Slot, part int) {
	var free []*Candidate
	for i := range m.candidates {
		if c := &m.candidates[i]; c.Site == s.Site && c.parts()>>part&1 != 0 && m.isFree(c, s.Start) {
			free = append(free, c)
		}
	}

	fewest := len(free)
	for set := range 1 << len(free) {
		weight := 0
		for i, c := range free {
			weight += set >> i & 1 * c.Weight
		}
		if weight >= m.q.Parts[part].Count {
			fewest = min(fewest, bits.OnesCount(uint(set)))
		}
	}
	if n := len(s.Parts[part].Nodes); n != fewest {
		t.Fatalf("%d nodes where %d would do: %+v", n, fewest, s)
	}
}

// servedAt reports whether nodes that are free at a time, of one site if they must be, can
// serve all parts.
func (m mixture) servedAt(at Time, need []int) bool {
	sites := []string{""}
	if m.q.SameSite {
		sites = []string{"a", "b"}
	}
	return slices.ContainsFunc(sites, func(site string) bool {
		var nodes []*Candidate
		for i := range m.candidates {
			if c := &m.candidates[i]; (site == "" || c.Site == site) && m.isFree(c, at) {
				nodes = append(nodes, c)
			}
		}
		return m.serves(nodes, need)
	})
}

// starts calls f with all times at which a slot could start.
func (m mixture) starts(f func(at Time)) {
	for at := Time(0); at+m.length() <= m.q.Before; at += max(1, span(m.q.Grain)) {
		f(at)
	}
}

func (m mixture) needs() (need []int) {
	for _, p := range m.q.Parts {
		need = append(need, p.Count)
	}
	return need
}

func TestMostOfEachPartAgainstAllWays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := drawMixture(t)
		for part := range m.q.Parts {
			need, want := m.needs(), 0
			m.starts(func(at Time) {
				for need[part] = want + 1; m.servedAt(at, need); need[part]++ {
					want = need[part]
				}
			})
			if got := MostOf(m.candidates, 0, m.q, part); got != want {
				t.Fatalf("at most %d for part %d, want %d: %+v", got, part, want, m.q)
			}
		}
	})
}

func TestStartsAgainstEveryMicrosecond(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := drawMixture(t)
		var got, want []Time
		step := max(1, span(m.q.Grain))
		for _, s := range Starts(m.candidates, 0, m.q) {
			for at := s.Start; at <= s.End; at += step {
				got = append(got, at)
			}
		}
		m.starts(func(at Time) {
			if m.servedAt(at, m.needs()) {
				want = append(want, at)
			}
		})
		if !slices.Equal(got, want) {
			t.Fatalf("slots start at %v, want %v: %+v", got, want, m.q)
		}
	})
}

func TestRisesAgainstEveryMicrosecond(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := drawMixture(t)
		m.q.Parts = m.q.Parts[:1]
		var want []rise
		m.starts(func(at Time) {
			most := map[string]int32{}
			for i := range m.candidates {
				c := &m.candidates[i]
				if c.parts()&1 == 0 || !m.isFree(c, at) {
					continue
				}
				site := ""
				if m.q.SameSite {
					site = c.Site
				}
				if m.q.Parts[0].Weighed {
					most[site] += int32(c.Weight)
				} else {
					most[site]++
				}
			}
			for _, n := range most {
				switch last := len(want) - 1; {
				case last < 0 || n > want[last].count && at > want[last].at:
					want = append(want, rise{at, n})
				case n > want[last].count:
					want[last].count = n
				}
			}
		})

		var got []rise
		for _, r := range Rises(m.candidates, 0, m.q, 100) {
			got = append(got, rise{r.Slot.Start, int32(r.Count)})
			m.q.Parts[0].Count = r.Count
			m.check(t, r.Slot)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("the numbers rise at %v, want %v", got, want)
		}

		few := Rises(m.candidates, 0, m.q, 2)
		if n := len(want); len(few) != min(n, 2) || n > 0 && (few[0].Slot.Start != want[0].at || few[len(few)-1].Count != int(want[n-1].count)) {
			t.Fatalf("two of %v are %v", want, few)
		}
	})
}
