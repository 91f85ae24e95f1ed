package blazar

import (
	"fmt"
	"io"

	"github.com/chameleoncloud/refapi/internal/availability"
)

// allocationList is the response of os-hosts/allocations: times only, since leases
// and projects are confidential.
type allocationList struct {
	maxRows, maxReservations int
	rows, reservations       int // including skipped ones

	byHost   map[string][]availability.Interval // by id, which is never ""
	warnings warnings
}

// allocation is a row of the response. Its member names are all Blazar's own, so the
// faster decoding into a struct is safe here, other than for hosts.
type allocation struct {
	ID           any           `json:"resource_id"`
	Reservations []reservation `json:"reservations"`
}

type reservation struct {
	Start any `json:"start_date"`
	End   any `json:"end_date"`
}

func (l *allocationList) read(r io.Reader) error {
	l.byHost = map[string][]availability.Interval{}
	return readRows(r, "allocations", l.add)
}

// ids returns the host ids of all rows.
func (l *allocationList) ids() map[string]bool {
	ids := make(map[string]bool, len(l.byHost))
	for id := range l.byHost {
		ids[id] = true
	}
	return ids
}

// covers reports whether every host of a list has a row.
func (l *allocationList) covers(list *hostList) bool {
	for id := range list.ids {
		if _, ok := l.byHost[id]; !ok && id != "" {
			return false
		}
	}
	return true
}

// add stores a row. Of two rows of one host the last wins.
func (l *allocationList) add(row allocation) error {
	l.rows++
	l.reservations += len(row.Reservations)
	switch {
	case l.rows > l.maxRows:
		return tooMany(l.maxRows, "rows of allocations", "max_hosts")
	case l.reservations > l.maxReservations:
		return tooMany(l.maxReservations, "reservations", "max_reservations")
	}

	id := toText(row.ID)
	if id == "" {
		l.warnings.add("allocations without resource_id", "")
		return nil
	}
	if len(id) > maxName {
		l.warnings.add(fmt.Sprintf("allocations whose resource_id is longer than %d bytes", maxName), describe(id))
		return nil
	}

	if _, again := l.byHost[id]; again {
		l.warnings.add("duplicate allocations, using the last", "of id "+describe(id))
	}

	kept := make([]availability.Interval, 0, len(row.Reservations))
	for _, r := range row.Reservations {
		start, ok := parseTime(r.Start)
		if !ok {
			l.warnings.add("reservations skipped for an unreadable start_date", describe(r.Start))
			continue
		}

		end, ok := parseTime(r.End)
		if !ok {
			l.warnings.add("reservations skipped for an unreadable end_date", describe(r.End))
			continue
		}

		kept = append(kept, availability.Interval{Start: start, End: end})
	}

	l.byHost[id] = kept
	return nil
}
