package blazar

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack"

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
	flavors  int
	segments []availability.Segment
}

func (a *flavorAnswer) read(r io.Reader) error {
	a.segments = []availability.Segment{}
	return readRows(r, "flavor_instances", func(flavor map[string]any) error {
		if a.flavors++; a.flavors > 1 {
			return nil
		}

		list, _ := flavor["availability"].([]any)
		for _, item := range list {
			segment, err := readSegment(item)
			if err != nil {
				return err
			}
			a.segments = append(a.segments, segment)
		}

		return nil
	})
}

// readSegment reads one segment. An invalid one fails the response: if it were skipped,
// the gap would look like a time without instances.
func readSegment(item any) (availability.Segment, error) {
	var seg availability.Segment
	var ok [4]bool
	members, _ := item.(map[string]any)
	seg.Start, ok[0] = parseTime(members["start"])
	seg.End, ok[1] = parseTime(members["end"])
	seg.Available, ok[2] = parseInt(members["available"])
	seg.Total, ok[3] = parseInt(members["total"])

	for i, name := range []string{"start", "end", "available", "total"} {
		if !ok[i] {
			return seg, fmt.Errorf("a segment of the flavor's availability has an invalid %s: %s", name,
				describe(members[name]))
		}
	}

	return seg, nil
}

// unknownNameTTL is how long a name that Nova does not know is not requested again.
const unknownNameTTL = 5 * time.Minute

// Bounds of the list of flavors, against a faulty service.
const (
	maxFlavors     = 20_000
	maxFlavorPages = 100
)

// flavorTable has the ids of flavors, as of one time.
type flavorTable struct {
	byName    map[string]string
	known     map[string]bool // ids
	requested time.Time
}

// id resolves a name, or an id, to an id. The result is final if there is one, or if
// the table is recent enough to rely on its absence. The table may be nil.
func (t *flavorTable) id(name string, now time.Time) (id string, final bool) {
	if t == nil {
		return "", false
	}
	if id, ok := t.byName[name]; ok {
		return id, true
	}
	if t.known[name] {
		return name, true
	}

	age := now.Sub(t.requested) // negative after the clock was set back
	return "", age >= 0 && age < unknownNameTTL
}

// flavorID resolves a name. One caller requests the list, the others wait for it,
// each for as long as its context lasts.
func (c *Client) flavorID(ctx context.Context, s *session, name string) (string, error) {
	id, final := c.flavors.Load().id(name, c.env.Now())
	if !final {
		if err := c.listing.Acquire(ctx, 1); err != nil {
			return "", c.failure(ctx, s, operation{doing: "list flavors"}, err)
		}
		defer c.listing.Release(1)
		// Another caller may have stored a table while this one waited.
		id, final = c.flavors.Load().id(name, c.env.Now())
	}

	if !final {
		table, err := c.listFlavors(ctx, s)
		if err != nil {
			return "", err
		}
		c.flavors.Store(table)
		id, _ = table.id(name, c.env.Now())
	}

	if id == "" {
		return "", availability.ErrNoFlavor
	}

	return id, nil
}

// listFlavors requests all flavors from Nova, page by page.
func (c *Client) listFlavors(ctx context.Context, s *session) (*flavorTable, error) {
	nova, err := c.locate(ctx, s, &s.cloud.Compute, openstack.NewComputeV2)
	if err != nil {
		return nil, err
	}

	table := &flavorTable{byName: map[string]string{}, known: map[string]bool{}, requested: c.env.Now()}
	query := url.Values{"is_public": {"None"}} // private ones too; Nova ignores it for non-admins
	for range maxFlavorPages {
		var last string
		before := len(table.known)
		err := c.get(ctx, s, request{
			doing: "list flavors", service: nova.client, path: "flavors", query: query, small: true,
			read: func(r io.Reader) error {
				return readRows(r, "flavors", func(flavor map[string]any) error {
					id, name := toText(flavor["id"]), toText(flavor["name"])
					switch {
					case id == "" || len(id) > maxName || len(name) > maxName:
						return nil
					case len(table.known) == maxFlavors:
						return tooMany(maxFlavors, "flavors", "")
					}

					last = id
					table.known[id] = true
					if name != "" {
						table.byName[name] = id
					}

					return nil
				})
			},
		})
		if err != nil {
			return nil, err
		}

		// A page without a new flavor is the one after the last.
		if len(table.known) == before {
			return table, nil
		}
		query.Set("marker", last)
	}

	return nil, c.failure(ctx, s, operation{doing: "list flavors"}, malformed("", errors.New("the list never ends")))
}
