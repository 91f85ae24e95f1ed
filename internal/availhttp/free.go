package availhttp

import (
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/availability"
)

// Hours returns the parameter hours, cut to seconds.
func (v queryValues) Hours() time.Duration {
	return time.Duration(v.Number("hours") * float64(time.Hour)).Truncate(time.Second)
}

// hoursFaults returns the fault of hours that are too short.
func (v queryValues) hoursFaults() []api.Fault {
	if v.Has("hours") && v.Hours() <= 0 {
		return []api.Fault{v.Fault("hours", "the duration must be at least one second")}
	}
	return nil
}

// freeFilter selects nodes that are free for some hours.
type freeFilter struct {
	isWanted condition         // nil for all nodes
	until    availability.Time // when it may select others without a sync
}

// newFreeFilter reads the parameters hours and start.
func newFreeFilter(v queryValues, now time.Time) (freeFilter, []api.Fault) {
	f := freeFilter{until: availability.Forever}
	if faults := v.hoursFaults(); faults != nil || !v.Has("hours") {
		return f, faults
	}

	start := v.Time("start", now)
	if !v.Has("start") {
		f.until = availability.At(now.Add(slotsTTL))
	}

	window := availability.Interval{Start: availability.At(start), End: availability.At(start.Add(v.Hours()))}
	f.isWanted = func(v *view, node int) bool {
		return !v.byFlavor(node) && inWindow(v.hosts[node], window) == availability.Available
	}
	return f, nil
}
