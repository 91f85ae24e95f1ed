package blazar

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/chameleoncloud/refapi/internal/availability"
)

// allocationList is what os-hosts/allocations says: times, and nothing of
// leases and projects.
type allocationList struct {
	maxRows, maxReservations int
	rows, reservations       int // also of what is skipped

	byHost   map[string][]availability.Interval
	order    []string // the ids, as they came first
	warnings warnings
}

// allocation is a row of it. Its names are Blazar's own: encoding/json can be
// told them, and is faster so.
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
	var row allocation // its list is used again for each
	return readDocument(r, "allocations", func(dec *json.Decoder) error {
		row.ID = nil
		clear(row.Reservations) // else what a reservation lacks would be another's
		row.Reservations = row.Reservations[:0]

		// A value of another type leaves a member as it was, and all else is read.
		var odd *json.UnmarshalTypeError
		if err := dec.Decode(&row); err != nil && !errors.As(err, &odd) {
			return err
		}

		l.rows++
		l.reservations += len(row.Reservations)
		switch {
		case l.rows > l.maxRows:
			return tooManyError(l.maxRows, "rows of allocations", "max_hosts")
		case l.reservations > l.maxReservations:
			return tooManyError(l.maxReservations, "reservations", "max_reservations")
		}

		l.add(&row)
		return nil
	})
}

// ids are those of all rows.
func (l *allocationList) ids() map[string]bool {
	ids := make(map[string]bool, len(l.order))
	for _, id := range l.order {
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

// add keeps a row. Of two for one host the later counts.
func (l *allocationList) add(row *allocation) {
	id := toText(row.ID)
	if id == "" {
		l.warnings.add("allocations without resource_id", "")
		return
	}
	if len(id) > maxName {
		l.warnings.add(fmt.Sprintf("allocations whose resource_id is longer than %d bytes", maxName), describe(id))
		return
	}

	if _, again := l.byHost[id]; again {
		l.warnings.add("duplicate allocations, using the last", "of id "+describe(id))
	} else {
		l.order = append(l.order, id)
	}

	kept := make([]availability.Interval, 0, len(row.Reservations))
	for _, r := range row.Reservations {
		from, ok := parseTime(toText(r.Start))
		if !ok {
			l.warnings.add("reservations skipped for an unreadable start_date", describe(r.Start))
			continue
		}

		to, ok := parseTime(toText(r.End))
		if !ok {
			l.warnings.add("reservations skipped for an unreadable end_date", describe(r.End))
			continue
		}

		kept = append(kept, availability.Interval{Start: from, End: to})
	}

	l.byHost[id] = kept
}
