package blazar

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/chameleoncloud/refapi/internal/availability"
)

// allocationList is the response of os-hosts/allocations: times only, since leases
// and projects are confidential.
type allocationList struct {
	maxRows, maxReservations int
	rows, reservations       int // including skipped ones

	byHost   map[string][]availability.Interval
	order    []string // ids, by first occurrence
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
	var row allocation // reused for every row, to save allocations
	return readDocument(r, "allocations", func(dec *json.Decoder) error {
		row.ID = nil
		clear(row.Reservations) // or a missing member would keep the value of an earlier row
		row.Reservations = row.Reservations[:0]

		// After a value of a wrong type, Decode still reads all others.
		var wrongType *json.UnmarshalTypeError
		if err := dec.Decode(&row); err != nil && !errors.As(err, &wrongType) {
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

// ids returns the host ids of all rows.
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

// add stores a row. Of two rows of one host the last wins.
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
