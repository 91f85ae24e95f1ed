package availability

import (
	"math/bits"
	"slices"
)

// starts are the times at which slots of a length can start on nodes.
type starts struct {
	pools              []pool
	last, length, step Time // all times are multiples of step
	// weigh is what a node counts, 0 if it is not wanted; at most maxWeight.
	weigh func(c *Candidate) int32
}

// maxWeight bounds what a node counts, so that sums do not overflow.
const maxWeight = 1<<14 - 1

// crossings returns the times at which the number of nodes that can start rises to
// count, and how many such times there are regardless of the limit.
func (s *starts) crossings(count int32, limit int) (found []Time, total int) {
	s.sweep(mayCross(count), func(at Time, was, now int32) {
		if was < count && now >= count {
			if total++; total <= limit {
				found = append(found, at)
			}
		}
	})
	return found, total
}

// mayCross finds buckets in which the number may rise to count, or fall below it.
func mayCross(count int32) func(*bucket) bool {
	return func(k *bucket) bool { return k.before+k.begins >= count && k.before-k.ends < count }
}

// stretches returns the longest intervals in which at least count nodes can start.
func (s *starts) stretches(count int32) (found []Interval) {
	s.sweep(mayCross(count), func(at Time, was, now int32) {
		switch {
		case was < count && now >= count:
			found = append(found, Interval{at, s.last + s.step})
		case was >= count && now < count:
			found[len(found)-1].End = at
		}
	})
	return found
}

// rise is a time at which more nodes can start than at any time before.
type rise struct {
	at    Time
	count int32
}

// rises returns the times at which more nodes can start together than before, in order.
func (s *starts) rises() (found []rise) {
	least := int32(0) // of the most
	mayBeMore := func(k *bucket) bool {
		more := k.before+k.begins > least
		least = max(least, k.before+k.begins-k.ends)
		return more
	}

	most := int32(0)
	s.sweep(mayBeMore, func(at Time, _, now int32) {
		if now > most {
			most, found = now, append(found, rise{at, now})
		}
	})
	return found
}

// sweep calls f in order with the times at which the number of nodes that can start
// changes, and the numbers before and after. Only times in buckets that are wanted are
// visited.
//
// The number changes where a node's stretches of possible starts begin and end: up
// to two million changes for ten thousand nodes, too many to sort. So they are
// first counted in buckets of equal length, which bounds the number within each
// bucket; only buckets that are wanted are sorted.
func (s *starts) sweep(wanted func(*bucket) bool, f func(at Time, was, now int32)) {
	// The earliest start of all, an upper bound of the changes, and the largest weight.
	origin, busy, heaviest := s.last+1, 0, int32(1)
	for i := range s.pools {
		origin = min(origin, s.pools[i].earliest)
		for j := range s.pools[i].candidates {
			c := &s.pools[i].candidates[j]
			if weight := s.weigh(c); c.Host != nil && weight > 0 {
				busy += 1 + len(c.Host.busy)
				heaviest = max(heaviest, weight)
			}
		}
	}

	if origin > s.last {
		return
	}

	b := newBuckets(origin, s.last, s.step, busy, heaviest)
	s.each(b.count)
	b.choose(wanted)
	s.each(b.collect)

	for i := range b.all {
		if b.all[i].chosen {
			b.replay(&b.all[i], f)
		}
	}
}

// each calls f with every stretch of times at which a node can start, and what the node
// counts.
func (s *starts) each(f func(from, to Time, weight int32)) {
	for i := range s.pools {
		p := &s.pools[i]
		for j := range p.candidates {
			c := &p.candidates[j]
			if weight := s.weigh(c); weight > 0 {
				s.eachOf(p, c, func(from, to Time) { f(from, to, weight) })
			}
		}
	}
}

// eachOf calls f with every stretch of times at which a node of a pool can start, as its
// first and last multiple of the step. They are disjoint and sorted.
func (s *starts) eachOf(p *pool, c *Candidate, f func(from, to Time)) {
	if !c.isReservable() {
		return
	}

	from := p.earliest
	for _, r := range c.Host.busyTimes() {
		if to := min(roundDown(clamp(r.Start)-p.buffer, s.step)-s.length, s.last); from <= to {
			f(from, to)
		}
		if from = max(from, roundUp(clamp(r.End)+p.buffer, s.step)); from > s.last {
			break
		}
	}

	if from <= s.last {
		f(from, s.last)
	}
}

// buckets divide the time from origin to last into equal parts.
type buckets struct {
	origin, last Time
	step         Time // all times are multiples of it
	shift        int  // a bucket is 1<<shift microseconds long
	weightBits   int  // of a change
	all          []bucket
	changes      []uint64 // of the chosen buckets, see [buckets.add]
}

type bucket struct {
	begins, ends int32 // how far the number rises and falls
	before       int32 // number just before the bucket
	size         int32 // changes
	end          int32 // of its part of changes, as far as it is filled
	chosen       bool  // it is wanted
}

// newBuckets makes about as many buckets as there are changes, so that few fall into
// each.
func newBuckets(origin, last, step Time, changes int, heaviest int32) *buckets {
	log := min(max(bits.Len(uint(changes)), 4), 16)
	shift := max(0, bits.Len64(uint64(last-origin))-log)
	return &buckets{origin: origin, last: last, step: step, shift: shift,
		weightBits: bits.Len32(uint32(heaviest - 1)), all: make([]bucket, uint64(last-origin)>>shift+1)}
}

func (b *buckets) at(t Time) *bucket { return &b.all[uint64(t-b.origin)>>b.shift] }

// count is the first pass of [starts.each]: it counts the changes of each bucket.
func (b *buckets) count(from, to Time, weight int32) {
	k := b.at(from)
	k.begins += weight
	k.size++
	if to < b.last {
		k = b.at(to + b.step)
		k.ends += weight
		k.size++
	}
}

// choose finds the buckets that are wanted, and reserves their parts of changes.
func (b *buckets) choose(wanted func(*bucket) bool) {
	var number, size int32
	for i := range b.all {
		k := &b.all[i]
		k.before, k.end = number, size
		number += k.begins - k.ends
		if k.chosen = k.size > 0 && wanted(k); k.chosen {
			size += k.size
		}
	}

	b.changes = make([]uint64, size)
}

// collect is the second pass: it records the changes of the chosen buckets.
func (b *buckets) collect(from, to Time, weight int32) {
	b.add(from, 1, weight)
	if to < b.last {
		b.add(to+b.step, 0, weight)
	}
}

// add records a change: from the highest bits on the time since origin, whether the
// number rises, and by how much, less one.
func (b *buckets) add(t Time, up uint64, weight int32) {
	if k := b.at(t); k.chosen {
		since := uint64(t - b.origin)
		if b.weightBits > 0 {
			since /= uint64(b.step) // or the weight may not fit
		}
		b.changes[k.end] = (since<<1|up)<<b.weightBits | uint64(weight-1)
		k.end++
	}
}

// replay calls f with the times in a bucket at which the number changes, from before on.
func (b *buckets) replay(k *bucket, f func(at Time, was, now int32)) {
	changes := b.changes[k.end-k.size : k.end]
	slices.Sort(changes)

	unit, shift, now := Time(1), b.weightBits, k.before
	if shift > 0 {
		unit = b.step
	}

	for i := 0; i < len(changes); {
		// Changes at the same time count together: an end that coincides with a
		// beginning is not a dip.
		at, was := changes[i]>>shift>>1, now
		for ; i < len(changes) && changes[i]>>shift>>1 == at; i++ {
			weight := int32(changes[i]&(1<<shift-1)) + 1
			if changes[i]>>shift&1 == 0 {
				weight = -weight
			}
			now += weight
		}
		f(b.origin+Time(at)*unit, was, now)
	}
}
