package availability

// Span is a time in which a host is free, or reserved, throughout.
type Span struct {
	Interval
	Reserved bool
}

// Spans cuts a window into the times in which a host is free or reserved, in order. It
// ignores maintenance.
func (h *Host) Spans(window Interval) (spans []Span) {
	add := func(start, end Time, reserved bool) {
		start, end = max(start, window.Start), min(end, window.End)
		if start < end {
			spans = append(spans, Span{Interval{start, end}, reserved})
		}
	}

	free := window.Start
	for _, busy := range h.busyTimes() {
		if busy.Start >= window.End {
			break
		}
		if busy.End <= window.Start {
			continue
		}
		add(free, busy.Start, false)
		add(busy.Start, busy.End, true)
		free = busy.End
	}
	add(free, window.End, false)

	return spans
}
