package availhttp_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/availhttp"
)

// flavored has three sites with flavors.
const flavored = `-- commit one --

One
-- t/t.json --
{"uid":"t"}
-- t/sites/a/a.json --
{"uid":"a"}
-- t/sites/a/flavors/large.json --
{"uid":"large"}
-- t/sites/a/flavors/lost.json --
{"uid":"lost"}
-- t/sites/a/flavors/small.json --
{"uid":"small"}
-- t/sites/b/b.json --
{"uid":"b"}
-- t/sites/b/flavors/small.json --
{"uid":"small"}
-- t/sites/c/c.json --
{"uid":"c"}
-- t/sites/c/flavors/small.json --
{"uid":"small"}
`

// flavorBoard knows flavors by site and name, and sites that fail.
type flavorBoard struct {
	mu    sync.Mutex
	asked []availability.Interval
	fail  map[string]error
}

// Flavor implements [availhttp.Flavors].
func (f *flavorBoard) Flavor(_ context.Context, site, name string, window availability.Interval) (
	*availability.FlavorAnswer, error,
) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, window)
	if err := f.fail[site]; err != nil {
		return nil, err
	}
	if name == "lost" {
		return nil, availability.ErrNoFlavor
	}
	half := availability.Interval{Start: window.Start, End: window.Start + availability.Time(time.Minute/time.Microsecond)}
	return &availability.FlavorAnswer{
		Expires: noon.Add(2 * time.Minute),
		Segments: []availability.Segment{
			{Interval: half, Available: len(name), Total: 9},
			{Interval: availability.Interval{Start: half.End, End: window.End}, Available: 0, Total: 9},
		},
	}, nil
}

// One request tells of all flavors, as far as sites do.
func TestAllFlavors(t *testing.T) {
	t.Parallel()
	of := &flavorBoard{fail: map[string]error{"b": availability.ErrNoFlavorSource}}
	w := worldOf(t, flavored)
	now := noon.Add(30 * time.Second)
	w.Handler = availhttp.New(availhttp.Options{
		Release: w.release, Monitor: w.board, Flavors: of,
		Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
	})

	const a = `{"flavor_id":"large","site_id":"a","available":5,"total":9},{"flavor_id":"lost","site_id":"a","available":null,"total":null},` +
		`{"flavor_id":"small","site_id":"a","available":5,"total":9}`
	const b = `,{"flavor_id":"small","site_id":"b","available":null,"total":null}`
	for path, want := range map[string]string{
		"/flavors/availability":                    `{"total":5,"items":[` + a + b + `,{"flavor_id":"small","site_id":"c","available":5,"total":9}]}`,
		"/flavors/availability.json?site_id=a,b,z": `{"total":4,"items":[` + a + b + `]}`,
		"/flavors/availability?site_id=z":          `{"total":0,"items":[]}`,
		"/flavors/availability?q=+SMA":             `{"total":3,"items":[{"flavor_id":"small","site_id":"a","available":5,"total":9}` + b + `,{"flavor_id":"small","site_id":"c","available":5,"total":9}]}`,
		"/flavors/availability?q=mall":             `{"total":0,"items":[]}`,
	} {
		res := get(t, w, path)
		if got := res.Body.String(); res.Code != 200 || got != want {
			t.Errorf("%s: %d %s, want %s", path, res.Code, got, want)
		}
		if got := res.Header().Get("Cache-Control"); path == "/flavors/availability" && got != "public, max-age=90" {
			t.Errorf("Cache-Control is %q, want until the first number expires", got)
		}
	}

	// Who asks again is told the same, and within two minutes all ask about the same window.
	before := len(of.asked)
	get(t, w, "/flavors/availability")
	if len(of.asked) != before {
		t.Error("sites are asked again at once")
	}
	for _, window := range of.asked {
		if window.Start != availability.At(noon) {
			t.Errorf("a site is asked from %v on", window.Start.Std())
		}
	}

	// A minute later nothing is left, and a site that fails is not asked about all its flavors.
	now = noon.Add(90 * time.Second)
	of.fail["a"] = errors.New("down")
	of.asked = nil
	res := get(t, w, "/flavors/availability?site_id=c,a&later")
	const later = `{"total":4,"items":[{"flavor_id":"large","site_id":"a","available":null,"total":null},{"flavor_id":"lost","site_id":"a","available":null,"total":null},` +
		`{"flavor_id":"small","site_id":"a","available":null,"total":null},{"flavor_id":"small","site_id":"c","available":0,"total":9}]}`
	if got := res.Body.String(); got != later {
		t.Errorf("later: %s, want %s", got, later)
	}
	if got := res.Header().Get("Cache-Control"); got != "public, max-age=10" {
		t.Errorf("while a site fails: Cache-Control is %q", got)
	}
}
