package blazar

import (
	"encoding/json"
	"io"
	"slices"

	"github.com/chameleoncloud/refapi/internal/availability"
)

// allocationList is what os-hosts/allocations says: times, and nothing of
// leases and projects.
type allocationList struct {
	byHost map[string][]availability.Interval
	order  []string // the ids, as they came first
	odd    oddities
}

func (l *allocationList) read(r io.Reader) error {
	l.byHost = map[string][]availability.Interval{}
	var row []availability.Interval // used again for each
	return document(r, "allocations", func(dec *json.Decoder) error {
		row = row[:0]
		var id any
		isObject, err := object(dec, func(name string) (err error) {
			switch name {
			case "resource_id":
				id, err = scalar(dec)
			case "reservations":
				row, err = l.reservations(dec, row[:0])
			default:
				err = skip(dec)
			}
			return err
		})
		if err != nil {
			return err
		}
		l.add(isObject, text(id), row)
		return nil
	})
}

// add keeps a row. Of two for one host the later counts.
func (l *allocationList) add(isObject bool, id string, row []availability.Interval) {
	switch {
	case !isObject:
		l.odd.add("allocations that are no objects", "")
		return
	case id == "":
		l.odd.add("allocations without resource_id", "")
		return
	}
	if _, again := l.byHost[id]; again {
		l.odd.add("allocations given again, of which the last counts", "of id "+shown(id))
	} else {
		l.order = append(l.order, id)
	}
	l.byHost[id] = slices.Clip(slices.Clone(row))
}

// reservations reads a list of them; null and nothing are no reservations.
func (l *allocationList) reservations(dec *json.Decoder, row []availability.Interval) ([]availability.Interval, error) {
	_, err := array(dec, func() error {
		var start, end any
		_, err := object(dec, func(name string) (err error) {
			switch name {
			case "start_date":
				start, err = scalar(dec)
			case "end_date":
				end, err = scalar(dec)
			default:
				err = skip(dec)
			}
			return err
		})
		if err != nil {
			return err
		}
		from, ok := parseTime(text(start))
		if !ok {
			l.odd.add("reservations passed over for their start_date", shown(start))
			return nil
		}
		to, ok := parseTime(text(end))
		if !ok {
			l.odd.add("reservations passed over for their end_date", shown(end))
			return nil
		}
		row = append(row, availability.Interval{Start: from, End: to})
		return nil
	})
	return row, err
}
