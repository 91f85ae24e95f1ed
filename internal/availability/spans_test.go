package availability

import (
	"math/rand/v2"
	"testing"
)

// The spans of a window follow each other without gaps, and say of each time what the
// reservations do.
func TestSpans(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		h := &Host{}
		for range random.IntN(5) {
			start := Time(random.IntN(20))
			h.Reservations = append(h.Reservations, Interval{start, start + Time(random.IntN(6)-1)})
		}
		start := Time(random.IntN(20))
		window := Interval{start, start + 1 + Time(random.IntN(10))}

		at := window.Start
		for i, s := range h.Spans(window) {
			if s.Start != at || s.End <= s.Start {
				t.Fatalf("%v in %v: span %d is %v, after %d", h.Reservations, window, i, s, at)
			}
			for ; at < s.End; at++ {
				if h.Free(Interval{at, at + 1}) == s.Reserved {
					t.Fatalf("%v: at %d it is wrong that it is reserved: %v", h.Reservations, at, s.Reserved)
				}
			}
		}
		if at != window.End {
			t.Fatalf("%v in %v: the spans end at %d", h.Reservations, window, at)
		}
	}
}
