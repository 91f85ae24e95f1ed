package availability

import (
	"cmp"
	"math/bits"
	"slices"
	"sort"
)

// partSet is some parts of a mixture, and how many nodes they need together.
type partSet struct {
	parts uint8
	count int32
}

// partSets returns the sets of parts that decide whether all parts can be served: so many
// nodes as each set needs must be free among those that can serve one of its parts. By
// Hall's theorem that is enough. A set of parts of which some share no node with the
// others need not be looked at: the parts on both sides decide.
func partSets(parts []Part, candidates []Candidate) (sets []partSet) {
	var seen [1 << MaxParts]bool
	for i := range candidates {
		seen[candidates[i].parts()] = true
	}

	for set := 1; set < 1<<len(parts); set++ {
		if !isConnected(uint8(set), &seen) {
			continue
		}

		count := 0
		for _, part := range bitsOf(uint8(set)) {
			count += min(parts[part].Count, 1<<30/MaxParts)
		}
		sets = append(sets, partSet{uint8(set), int32(count)})
	}
	return sets
}

// isConnected reports whether a set of parts cannot be divided so that no node serves
// parts on both sides. seen are the sets of parts that nodes serve.
func isConnected(set uint8, seen *[1 << MaxParts]bool) bool {
	reached := set & -set
	for {
		before := reached
		for parts, ok := range seen {
			if ok && uint8(parts)&reached != 0 {
				reached |= uint8(parts) & set
			}
		}
		if reached == before {
			return reached == set
		}
	}
}

// bitsOf returns the indexes of the bits that are set.
func bitsOf(set uint8) (all []int) {
	for ; set != 0; set &= set - 1 {
		all = append(all, bits.TrailingZeros8(set))
	}
	return all
}

func (c *Candidate) parts() uint8 {
	if c.Parts == 0 {
		return 1
	}
	return c.Parts & (1<<MaxParts - 1)
}

func (c *Candidate) weight() int32 { return int32(min(max(c.Weight, 0), maxWeight)) }

// offer is the nodes of a pool that can start at a time.
type offer struct {
	pool   *pool
	nodes  []*Candidate
	useful int // how many, or how much, of the parts they can serve, each part by itself
}

// offersAt returns what pools offer at each of some times, in order.
func (f *finder) offersAt(pools []pool, times []Time) [][]offer {
	offers := make([][]offer, len(times))
	if len(times) == 0 {
		return offers
	}

	s := f.starts(pools, 1)
	for i := range pools {
		for at, nodes := range s.freeAt(&pools[i], times) {
			if len(nodes) > 0 {
				offers[at] = append(offers[at], offer{pool: &pools[i], nodes: nodes})
			}
		}
	}
	return offers
}

// slotAt chooses the nodes of a slot at a time at which enough of them can start.
func (f *finder) slotAt(offers []offer, start Time) Slot {
	s := Slot{Interval: Interval{start, start + f.length}, Parts: make([]Choice, len(f.parts)), Extendable: Forever}
	for i := range offers {
		offers[i].useful = f.count(offers[i].nodes, &s)
	}

	// The largest offers first, so that the slot spans few sites.
	slices.SortStableFunc(offers, func(a, b offer) int { return cmp.Compare(b.useful, a.useful) })
	for part := range f.parts {
		if f.parts[part].Weighed {
			s.Parts[part].Nodes = f.chooseHeavy(offers, part)
		}
	}
	f.chooseOthers(offers, &s)
	f.describe(offers, &s)
	return s
}

// describe records the site of a slot's nodes, and until when they can stay reserved.
func (f *finder) describe(offers []offer, s *Slot) {
	pools, used := map[string]*pool{}, map[string]bool{}
	for _, o := range offers {
		pools[o.pool.site] = o.pool
	}

	for _, choice := range s.Parts {
		for _, c := range choice.Nodes {
			p := pools[c.Site]
			if until := p.nextBusy(c, s.Start); until < Forever {
				s.Extendable = min(s.Extendable, roundDown(until, f.step))
			}
			if p.longest > 0 {
				s.Extendable = min(s.Extendable, roundDown(s.Start+p.longest, f.step))
			}
			s.Site, used[c.Site] = c.Site, true
		}
	}

	if len(used) > 1 {
		s.Site = ""
	}
}

// count adds the nodes of an offer to the candidates of each part, and returns how useful
// they are.
func (f *finder) count(nodes []*Candidate, s *Slot) (useful int) {
	for part, p := range f.parts {
		have := 0
		for _, c := range nodes {
			if c.parts()>>part&1 == 0 {
				continue
			}

			s.Parts[part].Candidates++
			if p.Weighed {
				have += int(c.weight())
			} else {
				have++
			}
		}
		useful += min(have, p.Count)
	}
	return useful
}

// chooseHeavy chooses nodes for a part that is weighed: at each site as few as possible,
// and as the last one the lightest that will do.
func (f *finder) chooseHeavy(offers []offer, part int) (chosen []*Candidate) {
	need := int32(min(f.parts[part].Count, 1<<30))
	for _, o := range offers {
		var nodes []*Candidate
		for _, c := range o.nodes {
			if c.parts()>>part&1 != 0 && c.weight() > 0 {
				nodes = append(nodes, c)
			}
		}

		slices.SortStableFunc(nodes, func(a, b *Candidate) int { return cmp.Compare(b.weight(), a.weight()) })
		for len(nodes) > 0 && need > 0 {
			i := 0
			if nodes[0].weight() >= need { // this is the last one
				tooLight := sort.Search(len(nodes), func(i int) bool { return nodes[i].weight() < need })
				lightest := nodes[tooLight-1].weight()
				i = sort.Search(len(nodes), func(i int) bool { return nodes[i].weight() <= lightest })
			}
			chosen = append(chosen, nodes[i])
			need -= nodes[i].weight()
			nodes = nodes[i+1:]
		}
	}
	return chosen
}

// chooseOthers chooses nodes for the parts that are not weighed: for one part after the
// other the first nodes without which the rest can be served.
func (f *finder) chooseOthers(offers []offer, s *Slot) {
	var free [1 << MaxParts]int // nodes that are not chosen, by the parts that they can serve
	for _, o := range offers {
		for _, c := range o.nodes {
			free[c.parts()]++
		}
	}

	need := make([]int, len(f.parts))
	for part, p := range f.parts {
		if !p.Weighed {
			need[part] = p.Count
		}
	}

	taken := map[*Candidate]bool{}
	for part := range f.parts {
		for _, o := range offers {
			for _, c := range o.nodes {
				if need[part] == 0 {
					break
				}
				if c.parts()>>part&1 == 0 || taken[c] {
					continue
				}

				free[c.parts()]--
				need[part]--
				if !f.suffices(&free, need) {
					free[c.parts()]++
					need[part]++
					continue
				}
				taken[c] = true
				s.Parts[part].Nodes = append(s.Parts[part].Nodes, c)
			}
		}
	}
}

// suffices reports whether free nodes can serve what parts still need.
func (f *finder) suffices(free *[1 << MaxParts]int, need []int) bool {
	if len(need) == 1 {
		return true // the parts need as many as there are, or fewer
	}
	for _, set := range f.sets {
		have, want := 0, 0
		for parts, n := range free {
			if uint8(parts)&set.parts != 0 {
				have += n
			}
		}
		for _, part := range bitsOf(set.parts) {
			want += need[part]
		}
		if have < want {
			return false
		}
	}
	return true
}
