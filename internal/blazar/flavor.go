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

// minuteLayout is the form in which Blazar wants a window's ends.
const minuteLayout = "2006-01-02 15:04"

// Flavor asks how many instances of a flavor can be reserved in a window, which
// is cut to minutes. Nova is asked for the flavor's id once, and about names
// that it does not know at most every few minutes.
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

// flavorAnswer is what flavor-instances/availability says of the first flavor.
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

// segment reads one. A segment that is not readable spoils the answer: a gap
// would be taken for a time without instances.
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

// unknownNameTTL is how long a name that Nova did not know stays unknown.
const unknownNameTTL = 5 * time.Minute

// maxFlavorPages bounds a list that never ends.
const maxFlavorPages = 100

// flavorCache is what Nova said. Whoever has put a value into busy may ask it
// again.
type flavorCache struct {
	current *atomic.Pointer[flavorTable]
	busy    chan struct{}
}

// flavorTable resolves names, else ids, as of one time.
type flavorTable struct {
	byName    map[string]string
	ids       map[string]bool
	requested time.Time
}

func newFlavorNames() flavorCache {
	return flavorCache{current: new(atomic.Pointer[flavorTable]), busy: make(chan struct{}, 1)}
}

// id resolves a name. Unknown to a fresh table, it is an answer, too.
func (t *flavorTable) id(name string, now time.Time) (id string, known, final bool) {
	if t == nil {
		return "", false, false
	}
	if id, ok := t.byName[name]; ok {
		return id, true, true
	}
	age := now.Sub(t.requested)
	return name, t.ids[name], t.ids[name] || age >= 0 && age < unknownNameTTL
}

// flavorID resolves a name. One caller asks Nova, the others wait for it, each
// as long as its context.
func (c *Client) flavorID(ctx context.Context, s *session, name string) (string, error) {
	id, known, final := c.flavors.current.Load().id(name, c.options.Now())
	if !final {
		select {
		case c.flavors.busy <- struct{}{}:
			defer func() { <-c.flavors.busy }()
		case <-ctx.Done():
			return "", c.failure(ctx, s, operation{doing: "list flavors"}, ctx.Err())
		}
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

// listFlavors asks Nova for all flavors, page by page.
func (c *Client) listFlavors(ctx context.Context, s *session) (*flavorTable, error) {
	nova, err := c.computeService(ctx, s)
	if err != nil {
		return nil, err
	}

	table := &flavorTable{byName: map[string]string{}, ids: map[string]bool{}, requested: c.options.Now()}
	query := url.Values{"is_public": {"None"}} // private ones too; only admins may, others' is ignored
	for page := 0; ; page++ {
		var last string
		fresh := false
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
