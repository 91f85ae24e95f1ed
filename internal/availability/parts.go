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

// offer is what can start on a pool's nodes at a time.
type offer struct {
	pool   *pool
	free   []uint64           // has a bit for each of the pool's nodes: set if it can start, and is not chosen
	nodes  [1 << MaxParts]int // how many, by the parts that they can serve
	weight [MaxParts]int      // of those that can serve a part alone
	useful int                // how many, or how much, of the parts they can serve, each part by itself
}

// of returns how many nodes can serve a part.
func (o *offer) of(part int) (n int) {
	for parts, some := range o.nodes {
		if parts>>part&1 != 0 {
			n += some
		}
	}
	return n
}

// add adds the numbers of another offer.
func (o *offer) add(other *offer) {
	for parts, n := range other.nodes {
		o.nodes[parts] += n
	}
	for part, n := range other.weight {
		o.weight[part] += n
	}
}

// offersAt returns what pools offer at each of some times, in order. Each node's stretches
// are gone through once, whatever the number of times.
func (f *finder) offersAt(pools []pool, times []Time) [][]offer {
	offers := make([][]offer, len(times))
	if len(times) == 0 {
		return offers
	}

	s := f.starts(pools, 1)
	for i := range pools {
		p := &pools[i]
		changes := make([]offer, len(times)+1) // from one time to the next
		size := (len(p.candidates) + 63) / 64
		free := make([]uint64, size*len(times))
		for j := range p.candidates {
			c, next := &p.candidates[j], 0
			parts, part := c.parts(), bits.TrailingZeros8(c.parts())
			s.eachOf(p, c, func(from, to Time) {
				skip, _ := slices.BinarySearch(times[next:], from)
				first := next + skip
				for next = first; next < len(times) && times[next] <= to; next++ {
					free[next*size+j/64] |= 1 << (j % 64)
				}
				if first < next {
					changes[first].nodes[parts]++
					changes[next].nodes[parts]--
					changes[first].weight[part] += int(c.weight())
					changes[next].weight[part] -= int(c.weight())
				}
			})
		}

		now := offer{pool: p}
		for at := range times {
			now.free = free[at*size : (at+1)*size]
			now.add(&changes[at])
			if now.nodes != [1 << MaxParts]int{} {
				offers[at] = append(offers[at], now)
			}
		}
	}
	return offers
}

// has reports whether a node can start, and is not chosen.
func (o *offer) has(node int) bool { return o.free[node/64]>>(node%64)&1 != 0 }

// each yields the nodes that can start and are not chosen.
func (o *offer) each(yield func(node int) bool) {
	for i := range o.free {
		for word := o.free[i]; word != 0; word &= word - 1 {
			if !yield(i*64 + bits.TrailingZeros64(word)) {
				return
			}
		}
	}
}

// slotAt chooses the nodes of a slot at a time at which enough of them can start.
func (f *finder) slotAt(offers []offer, start Time) Slot {
	s := Slot{Interval: Interval{start, start + f.length}, Parts: make([]Choice, len(f.parts)), Extendable: Forever}
	for i := range offers {
		f.count(&offers[i], &s)
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

	p := &pool{}
	for _, choice := range s.Parts {
		for _, c := range choice.Nodes {
			if c.Site != p.site || p.candidates == nil {
				p = pools[c.Site]
				s.Site, used[c.Site] = c.Site, true
				if p.longest > 0 {
					s.Extendable = min(s.Extendable, roundDown(s.Start+p.longest, f.step))
				}
			}
			if until := p.nextBusy(c, s.Start); until < Forever {
				s.Extendable = min(s.Extendable, roundDown(until, f.step))
			}
		}
	}

	if len(used) > 1 {
		s.Site = ""
	}
}

// count adds the nodes of an offer to the candidates of each part, and notes how useful
// they are.
func (f *finder) count(o *offer, s *Slot) {
	for part, p := range f.parts {
		have := o.of(part)
		s.Parts[part].Candidates += have
		if p.Weighed {
			have = o.weight[part]
		}
		o.useful += min(have, p.Count)
	}
}

// heaviest returns the nodes of a pool that serve a part which is weighed: the heaviest
// first.
func (p *pool) heaviest(part int) []int {
	if p.byWeight[part] == nil {
		nodes := []int{}
		for i := range p.candidates {
			if c := &p.candidates[i]; c.parts()>>part&1 != 0 && c.weight() > 0 {
				nodes = append(nodes, i)
			}
		}
		slices.SortStableFunc(nodes, func(a, b int) int {
			return cmp.Compare(p.candidates[b].weight(), p.candidates[a].weight())
		})
		p.byWeight[part] = nodes
	}
	return p.byWeight[part]
}

// chooseHeavy chooses nodes for a part that is weighed: at each site as few as possible,
// and as the last one the lightest that will do.
func (f *finder) chooseHeavy(offers []offer, part int) (chosen []*Candidate) {
	need := int32(min(f.parts[part].Count, 1<<30))
	for i := range offers {
		var free []*Candidate
		for _, node := range offers[i].pool.heaviest(part) {
			if offers[i].has(node) {
				free = append(free, &offers[i].pool.candidates[node])
			}
		}

		for len(free) > 0 && need > 0 {
			i := 0
			if free[0].weight() >= need { // this is the last one
				tooLight := sort.Search(len(free), func(i int) bool { return free[i].weight() < need })
				lightest := free[tooLight-1].weight()
				i = sort.Search(len(free), func(i int) bool { return free[i].weight() <= lightest })
			}
			chosen = append(chosen, free[i])
			need -= free[i].weight()
			free = free[i+1:]
		}
	}
	return chosen
}

// chooseOthers chooses nodes for the parts that are not weighed: for one part after the
// other the first nodes without which the rest can be served.
func (f *finder) chooseOthers(offers []offer, s *Slot) {
	var free [1 << MaxParts]int // nodes that are not chosen, by the parts that they can serve
	for i := range offers {
		for parts, n := range offers[i].nodes {
			free[parts] += n
		}
	}

	need := make([]int, len(f.parts))
	for part, p := range f.parts {
		if !p.Weighed {
			need[part] = p.Count
		}
	}

	for part := range f.parts {
		// Where the rest cannot be served without a node, no other one that can serve the
		// same parts can be spared for this one, whatever is taken for it meanwhile.
		var needed [1 << MaxParts]bool
		for i := range offers {
			o := &offers[i]
			if need[part] == 0 || o.of(part) == 0 {
				continue
			}

			for node := range o.each {
				c := &o.pool.candidates[node]
				parts := c.parts()
				if parts>>part&1 == 0 || needed[parts] {
					continue
				}

				free[parts]--
				need[part]--
				if !f.suffices(&free, need) {
					free[parts]++
					need[part]++
					needed[parts] = true
					continue
				}

				o.free[node/64] &^= 1 << (node % 64)
				s.Parts[part].Nodes = append(s.Parts[part].Nodes, c)
				if need[part] == 0 {
					break
				}
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
