package demo

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/chameleoncloud/refapi/internal/availability"
)

// Flavor simulates what can be reserved of a flavor. The segments fill the
// window, and neighbours differ.
func (s *site) Flavor(ctx context.Context, name string, window availability.Interval) ([]availability.Segment,
	error) {
	switch err := ctx.Err(); {
	case err != nil:
		return nil, err
	case !slices.Contains(s.flavors(s.id), name):
		return nil, availability.ErrNoFlavor
	case window.Start >= window.End:
		return nil, nil
	}

	type change struct {
		at availability.Time
		by int
	}

	now := thisHour(s.now())
	total := 4 + random(s.id, name).IntN(29)
	var changes []change
	for i := range total {
		for _, l := range leases(now, now, s.id, name, strconv.Itoa(i)) {
			if l.Overlaps(window) {
				changes = append(changes, change{max(l.Start, window.Start), -1}, change{l.End, 1})
			}
		}
	}

	slices.SortFunc(changes, func(a, b change) int { return cmp.Compare(a.at, b.at) })

	var segments []availability.Segment
	at, free := window.Start, total
	add := func(until availability.Time) {
		if at >= until { // the next change is at the same time
			return
		}

		// A change that is undone at the same time does not split a segment.
		if last := len(segments) - 1; last >= 0 && segments[last].Available == free {
			segments[last].End = until
		} else {
			segments = append(segments, availability.Segment{
				Interval: availability.Interval{Start: at, End: until}, Available: free, Total: total})
		}

		at = until
	}

	for _, c := range changes {
		add(min(c.at, window.End))
		free += c.by
	}

	add(window.End)
	return segments, nil
}
