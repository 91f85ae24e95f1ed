package blazar

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/chameleoncloud/refapi/internal/availability"
)

// minuteLayout is the format in which Blazar expects the ends of a window.
const minuteLayout = "2006-01-02 15:04"

// Flavor requests how many instances of a flavor can be reserved in a window, which
// is truncated to minutes. Ids of flavors are requested from Nova once; for names
// that it does not know, again at most every few minutes.
func (c *Client) Flavor(ctx context.Context, name string, window availability.Interval) ([]availability.Segment,
	error) {
	s, err := c.connect(ctx)
	if err != nil {
		return nil, err
	}

	id, err := c.flavorID(ctx, s, name)
	if err != nil {
		return nil, err
	}

	var answer flavorAnswer
	err = c.get(ctx, s, request{
		doing: "get a flavor's availability", service: s.reservation, path: "flavor-instances/availability",
		query: url.Values{
			"flavor_id":  {id},
			"start_date": {window.Start.Std().Format(minuteLayout)},
			"end_date":   {window.End.Std().Format(minuteLayout)},
		},
		small:   true,
		read:    answer.read,
		missing: availability.ErrUnsupported,
	})
	if err != nil {
		return nil, err
	}

	return answer.segments, nil
}

// flavorAnswer is the first flavor in the response of flavor-instances/availability.
type flavorAnswer struct {
	segments []availability.Segment
	entries  int
}

func (a *flavorAnswer) read(r io.Reader) error {
	a.segments = []availability.Segment{}
	return readDocument(r, "flavor_instances", func(dec *json.Decoder) error {
		a.entries++
		if a.entries > 1 {
			return skip(dec)
		}

		_, err := readObject(dec, func(name string) error {
			if name != "availability" {
				return skip(dec)
			}
			a.segments = a.segments[:0]
			_, err := readArray(dec, func() error { return a.segment(dec) })
			return err
		})

		return err
	})
}

// segment reads one segment. An invalid one fails the response: if it were skipped,
// the gap would look like a time without instances.
func (a *flavorAnswer) segment(dec *json.Decoder) error {
	got := map[string]any{}
	isObject, err := readObject(dec, func(name string) (err error) {
		switch name {
		case "start", "end", "available", "total":
			got[name], err = readScalar(dec)
		default:
			err = skip(dec)
		}
		return err
	})
	if err != nil {
		return err
	}

	var seg availability.Segment
	var ok [4]bool
	seg.Start, ok[0] = parseTime(toText(got["start"]))
	seg.End, ok[1] = parseTime(toText(got["end"]))
	seg.Available, ok[2] = parseInt(got["available"])
	seg.Total, ok[3] = parseInt(got["total"])

	for i, name := range []string{"start", "end", "available", "total"} {
		if !isObject || !ok[i] {
			return fmt.Errorf("a segment of the flavor's availability has an invalid %s: %s", name,
				describe(got[name]))
		}
	}

	if len(a.segments) == maxSegments {
		return tooManyError(maxSegments, "segments of a flavor's availability", "")
	}

	a.segments = append(a.segments, seg)
	return nil
}

// unknownNameTTL is how long a name that Nova does not know is not requested again.
const unknownNameTTL = 5 * time.Minute

// maxFlavorPages keeps a faulty service from sending pages forever.
const maxFlavorPages = 100

// flavorCache is the last list of flavors. busy is a mutex that honors a context: it
// is held while a new list is requested.
type flavorCache struct {
	current *atomic.Pointer[flavorTable]
	busy    chan struct{}
}

// flavorTable resolves names and ids, as of one time.
type flavorTable struct {
	byName    map[string]string
	ids       map[string]bool
	requested time.Time
}

func newFlavorNames() flavorCache {
	return flavorCache{current: new(atomic.Pointer[flavorTable]), busy: make(chan struct{}, 1)}
}

// id resolves a name. The result is final if the name is known, or if the table is
// recent enough to rely on its absence.
func (t *flavorTable) id(name string, now time.Time) (id string, known, final bool) {
	if t == nil {
		return "", false, false
	}
	if id, ok := t.byName[name]; ok {
		return id, true, true
	}
	age := now.Sub(t.requested) // negative after the clock was set back
	return name, t.ids[name], t.ids[name] || age >= 0 && age < unknownNameTTL
}

// flavorID resolves a name. One caller requests the list, the others wait for it,
// each for as long as its context lasts.
func (c *Client) flavorID(ctx context.Context, s *session, name string) (string, error) {
	id, known, final := c.flavors.current.Load().id(name, c.options.Now())
	if !final {
		select {
		case c.flavors.busy <- struct{}{}:
			defer func() { <-c.flavors.busy }()
		case <-ctx.Done():
			return "", c.failure(ctx, s, operation{doing: "list flavors"}, ctx.Err())
		}
		// Another caller may have stored a table while this one waited.
		id, known, final = c.flavors.current.Load().id(name, c.options.Now())
	}

	if !final {
		table, err := c.listFlavors(ctx, s)
		if err != nil {
			return "", err
		}
		c.flavors.current.Store(table)
		id, known, _ = table.id(name, c.options.Now())
	}

	if !known {
		return "", availability.ErrNoFlavor
	}

	return id, nil
}

// listFlavors requests all flavors from Nova, page by page.
func (c *Client) listFlavors(ctx context.Context, s *session) (*flavorTable, error) {
	nova, err := c.computeService(ctx, s)
	if err != nil {
		return nil, err
	}

	table := &flavorTable{byName: map[string]string{}, ids: map[string]bool{}, requested: c.options.Now()}
	query := url.Values{"is_public": {"None"}} // private ones too; Nova ignores it for non-admins
	for page := 0; ; page++ {
		var last string
		fresh := false // the page has a flavor that no earlier page had
		err := c.get(ctx, s, request{
			doing: "list flavors", service: nova, path: "flavors", query: query, small: true,
			read: func(r io.Reader) error {
				return readDocument(r, "flavors", func(dec *json.Decoder) error {
					var id, name any
					_, err := readObject(dec, func(member string) (err error) {
						switch member {
						case "id":
							id, err = readScalar(dec)
						case "name":
							name, err = readScalar(dec)
						default:
							err = skip(dec)
						}
						return err
					})
					if err != nil || toText(id) == "" || len(toText(id)) > maxName || len(toText(name)) > maxName {
						return err
					}
					if len(table.ids) == maxFlavors {
						return tooManyError(maxFlavors, "flavors", "")
					}

					last = toText(id)
					fresh = fresh || !table.ids[last]
					table.ids[last] = true

					if toText(name) != "" {
						table.byName[toText(name)] = last
					}

					return nil
				})
			},
		})
		if err != nil {
			return nil, err
		}
		if !fresh {
			return table, nil // the page after the last one
		}
		if page == maxFlavorPages {
			return nil, c.failure(ctx, s, operation{doing: "list flavors"},
				&malformed{err: errors.New("the list never ends")})
		}

		query.Set("marker", last)
	}
}
