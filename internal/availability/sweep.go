package availability

import (
	"math/bits"
	"slices"
)

// upwardCrossings returns the times at which the number of nodes that can start rises
// to count, and how many such times there are regardless of the limit.
func upwardCrossings(pools []pool, last, length, step Time, count int32, limit int) (starts []Time, total int) {
	mayRise := func(k *bucket) bool { return k.before+k.begins >= count && k.before-k.ends < count }
	sweep(pools, last, length, step, mayRise, func(at Time, was, now int32) {
		if was < count && now >= count {
			if total++; total <= limit {
				starts = append(starts, at)
			}
		}
	})
	return starts, total
}

// sweep calls f in order with the times at which the number of nodes that can start
// changes, and the numbers before and after. Only times in buckets that are wanted are
// visited.
//
// The number changes where a node's stretches of possible starts begin and end: up
// to two million changes for ten thousand nodes, too many to sort. So they are
// first counted in buckets of equal length, which bounds the number within each
// bucket; only buckets that are wanted are sorted.
func sweep(pools []pool, last, length, step Time, wanted func(*bucket) bool, f func(at Time, was, now int32)) {
	// The earliest start of all, and an upper bound of the changes.
	origin, busy := last+1, 0
	for i := range pools {
		origin = min(origin, pools[i].earliest)
		for j := range pools[i].candidates {
			if h := pools[i].candidates[j].Host; h != nil {
				busy += 1 + len(h.busy)
			}
		}
	}

	if origin > last {
		return
	}

	b := newBuckets(origin, last, step, busy)
	eachStartWindow(pools, last, length, step, b.count)
	b.choose(wanted)
	eachStartWindow(pools, last, length, step, b.collect)

	for i := range b.all {
		k := &b.all[i]
		if !k.chosen {
			continue
		}

		// A change is encoded as its time, shifted left by one, and its direction. In a
		// bucket the number of nodes is replayed change by change, from before on.
		changes := b.changes[k.end-(k.begins+k.ends) : k.end]
		slices.Sort(changes)
		now := k.before

		for len(changes) > 0 {
			// Changes at the same time count together: an end that coincides with a
			// beginning is not a dip.
			at, was := changes[0]>>1, now
			for len(changes) > 0 && changes[0]>>1 == at {
				now += int32(changes[0]&1)*2 - 1
				changes = changes[1:]
			}
			f(origin+Time(at), was, now)
		}
	}
}

// eachStartWindow calls f with every stretch of times at which a node can start, as
// its first and last multiple of the step. Those of one node are disjoint and sorted.
func eachStartWindow(pools []pool, last, length, step Time, f func(from, to Time)) {
	for i := range pools {
		p := &pools[i]
		for j := range p.candidates {
			if !p.candidates[j].isReservable() {
				continue
			}

			from := p.earliest
			for _, r := range p.candidates[j].Host.busyTimes() {
				if to := min(roundDown(clamp(r.Start)-p.buffer, step)-length, last); from <= to {
					f(from, to)
				}
				if from = max(from, roundUp(clamp(r.End)+p.buffer, step)); from > last {
					break
				}
			}

			if from <= last {
				f(from, last)
			}
		}
	}
}

// buckets divide the time from origin to last into equal parts.
type buckets struct {
	origin, last Time
	step         Time // all times are multiples of it
	shift        int  // a bucket is 1<<shift microseconds long
	all          []bucket
	changes      []uint64 // of the chosen buckets: time since origin, and in the lowest bit +1 (1) or -1 (0)
}

type bucket struct {
	begins, ends int32 // changes up and down
	before       int32 // nodes that can start just before the bucket
	end          int32 // of its part of changes, as far as it is filled
	chosen       bool  // it is wanted
}

// newBuckets makes about as many buckets as there are changes, so that few fall into
// each.
func newBuckets(origin, last, step Time, changes int) *buckets {
	log := min(max(bits.Len(uint(changes)), 4), 16)
	shift := max(0, bits.Len64(uint64(last-origin))-log)
	return &buckets{origin: origin, last: last, step: step, shift: shift,
		all: make([]bucket, uint64(last-origin)>>shift+1)}
}

func (b *buckets) at(t Time) *bucket { return &b.all[uint64(t-b.origin)>>b.shift] }

// count is the first pass of eachStartWindow: it counts the changes of each bucket.
func (b *buckets) count(from, to Time) {
	b.at(from).begins++
	if to < b.last {
		b.at(to+b.step).ends++
	}
}

// choose finds the buckets that are wanted, and reserves their parts of changes.
func (b *buckets) choose(wanted func(*bucket) bool) {
	var number, size int32
	for i := range b.all {
		k := &b.all[i]
		k.before, k.end = number, size
		number += k.begins - k.ends
		if k.chosen = k.begins+k.ends > 0 && wanted(k); k.chosen {
			size += k.begins + k.ends
		}
	}

	b.changes = make([]uint64, size)
}

// collect is the second pass: it records the changes of the chosen buckets.
func (b *buckets) collect(from, to Time) {
	b.add(from, 1)
	if to < b.last {
		b.add(to+b.step, 0)
	}
}

func (b *buckets) add(t Time, up uint64) {
	if k := b.at(t); k.chosen {
		b.changes[k.end] = uint64(t-b.origin)<<1 | up
		k.end++
	}
}
