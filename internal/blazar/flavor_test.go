package blazar_test

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/test/blazartest"
)

func flavorCloud(t *testing.T) *blazartest.Cloud {
	t.Helper()
	cloud := blazartest.NewCloud(t)
	recorded := readContract(t).Flavors
	cloud.Set(blazartest.Data{Flavors: []blazartest.Flavor{
		{ID: "nova-1", Name: "m1.ok", Entries: recorded["m1.ok"]},
		{ID: "nova-2", Name: "m1.noavail", Entries: recorded["m1.noavail"]},
		{ID: "m1.ok", Name: "m1.confusing"},
		{ID: "nova-3", Name: "m1.empty", Entries: recorded["m1.empty"]},
		{ID: "5", Name: "m1.two", Entries: []any{map[string]any{"availability": nil}, recorded["m1.ok"][0]}},
	}})

	return cloud
}

func TestFlavor(t *testing.T) {
	t.Parallel()
	cloud := flavorCloud(t)
	c := newClient(t, cloud)
	window := availability.Interval{Start: at(t, "2026-07-27T15:19:59.999999Z"), End: at(t, "2026-08-27T15:19:00Z")}
	full := []availability.Segment{
		{Interval: availability.Interval{Start: at(t, "2026-07-27T15:19:00Z"), End: at(t, "2026-07-29T08:36:00Z")},
			Available: 26, Total: 28},
		{Interval: availability.Interval{Start: at(t, "2026-07-29T08:36:00Z"), End: at(t, "2026-08-27T15:19:00Z")},
			Total: 28},
	}

	none := []availability.Segment{}
	for name, want := range map[string][]availability.Segment{
		"m1.ok": full, "nova-1": full, "m1.noavail": none, "m1.empty": none, "m1.two": none, "5": none,
		"m1.confusing": none,
	} {
		got, err := c.Flavor(t.Context(), name, window)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}

	if _, err := c.Flavor(t.Context(), "m1.missing", window); !errors.Is(err, availability.ErrNoFlavor) {
		t.Error(err)
	}

	// Three pages and the empty one, once.
	if n := cloud.Requests(blazartest.Flavors); n != 4 {
		t.Errorf("%d requests to Nova", n)
	}

	if _, err := c.Flavor(t.Context(), "nova-1", window); err != nil {
		t.Fatal(err)
	}

	const want = "end_date=2026-08-27+15%3A19&flavor_id=nova-1&start_date=2026-07-27+15%3A19"
	if got := cloud.Last(blazartest.FlavorAvailability).URL.Query().Encode(); got != want {
		t.Errorf("requested %s", got)
	}
}

// Nova gets one request for all who wait, and more for unknown names now and then.
func TestFlavorNames(t *testing.T) {
	t.Parallel()
	cloud := flavorCloud(t)
	var mu sync.Mutex
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	c := newClient(t, cloud, func(o *availability.Environment) {
		o.Now = func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	})

	pass := func(d time.Duration) { mu.Lock(); defer mu.Unlock(); now = now.Add(d) }
	ask := func(name string, want error, requests int) {
		t.Helper()
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				if _, err := c.Flavor(t.Context(), name, availability.Interval{}); !errors.Is(err, want) {
					t.Error(err)
				}
			})
		}

		wg.Wait()
		if n := cloud.Requests(blazartest.Flavors); n != requests {
			t.Errorf("%s: %d requests to Nova, want %d", name, n, requests)
		}
	}

	ask("new", availability.ErrNoFlavor, 4)
	ask("m1.ok", nil, 4)
	cloud.Set(blazartest.Data{Flavors: []blazartest.Flavor{{ID: "9", Name: "new"}}})
	pass(time.Minute)
	ask("new", availability.ErrNoFlavor, 4)
	pass(time.Hour)
	ask("m1.ok", nil, 4)
	ask("new", nil, 6)
	ask("m1.ok", availability.ErrNoFlavor, 6)
}

func TestFaultsOfFlavors(t *testing.T) {
	t.Parallel()
	const nova, flavors = blazartest.Flavors, blazartest.FlavorAvailability
	for name, f := range map[string]fault{
		"Nova 403": {path: nova,
			do: blazartest.Body(403, "application/json",
				`{"forbidden":{"code":403,"message":"Policy doesn't allow it."}}`),
			reason: availability.ReasonForbidden, want: "list flavors at http://127.0.0.1"},
		"Nova 404":  {path: nova, do: blazartest.HTML(404), reason: availability.ReasonNotFound, want: "404"},
		"Nova 500":  {path: nova, do: blazartest.Text(500, "no"), reason: availability.ReasonServer, want: "500"},
		"Nova HTML": {path: nova, do: blazartest.HTML(200), reason: availability.ReasonResponse, want: "text/html"},
		"Nova hangs": {path: nova, do: blazartest.Hang, reason: availability.ReasonTimeout,
			want: "no response in time"},
		"Nova's pages never end": {path: nova, do: func() http.HandlerFunc {
			var id atomic.Int64
			return func(w http.ResponseWriter, r *http.Request) {
				blazartest.JSON(`{"flavors":[{"id":`+strconv.FormatInt(id.Add(1), 10)+`,"name":"x"}]}`)(w, r)
			}
		}(), reason: availability.ReasonResponse, want: "never ends"},
		"403": {path: flavors, do: blazartest.Text(403, "no"), reason: availability.ReasonForbidden,
			want: "403"},
		"429": {path: flavors, do: blazartest.Busy("5"), reason: availability.ReasonRateLimit,
			wait: 5 * time.Second},
		"500": {path: flavors, do: blazartest.OldBlazarError(500, "no"),
			reason: availability.ReasonServer, want: "500"},
		"HTML": {path: flavors, do: blazartest.HTML(200), reason: availability.ReasonResponse,
			want: "text/html"},
		"without an end": {path: flavors,
			do: blazartest.Endless(`{"flavor_instances":[{"availability":[`,
				`{"start":"2026-07-27 15:19","end":"2026-07-27 15:20","available":1,"total":1},`, 0),
			reason: availability.ReasonTooLarge},
		"an invalid time": {path: flavors,
			do: blazartest.JSON(`{"flavor_instances":[{"availability":[{"start":"x","end":"2026-07-27 15:20",` +
				`"available":1,"total":1}]}]}`), reason: availability.ReasonResponse, want: `invalid start: "x"`},
		"an invalid number": {path: flavors,
			do: blazartest.JSON(`{"flavor_instances":[{"availability":[{"start":"2026-07-27 15:19",` +
				`"end":"2026-07-27 15:20","available":1.5,"total":1}]}]}`), reason: availability.ReasonResponse,
			want: "invalid available: 1.5"},
		"no number": {path: flavors,
			do: blazartest.JSON(`{"flavor_instances":[{"availability":[{"start":"2026-07-27 15:19",` +
				`"end":"2026-07-27 15:20","available":1}]}]}`), reason: availability.ReasonResponse,
			want: "invalid total: null"},
		"a number for a segment": {path: flavors, do: blazartest.JSON(`{"flavor_instances":[{"availability":[7]}]}`),
			reason: availability.ReasonResponse, want: "segment"},
		"without a segment": {path: flavors, do: blazartest.JSON(`{}`), reason: availability.ReasonResponse,
			want: `no list "flavor_instances"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := flavorCloud(t)
			cloud.Fail(f.path, f.do)
			c := newClient(t, cloud, func(o *availability.Environment) { o.Limits.Bytes = 100_000 })
			limit := 20 * time.Second

			if f.reason == availability.ReasonTimeout {
				limit = 100 * time.Millisecond
			}

			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()

			_, err := c.Flavor(ctx, "m1.ok", availability.Interval{})
			check(t, err, f)
			cloud.Fail(f.path, nil)

			if got, err := c.Flavor(t.Context(), "m1.ok", availability.Interval{}); err != nil || len(got) != 2 {
				t.Errorf("afterwards: %v, %v", got, err)
			}
		})
	}
}

// A Blazar without the route has no such thing, and its hosts are still good.
func TestFlavorUnsupported(t *testing.T) {
	t.Parallel()
	cloud := flavorCloud(t)
	cloud.Fail(blazartest.FlavorAvailability, blazartest.BlazarError(404, "The requested URL was not found."))
	c := newClient(t, cloud)
	if _, err := c.Flavor(t.Context(), "m1.ok", availability.Interval{}); !errors.Is(err,
		availability.ErrUnsupported) {
		t.Error(err)
	}

	cloud.Keystone.Expire() // the 404 comes after a new token, too
	if _, err := c.Flavor(t.Context(), "m1.ok", availability.Interval{}); !errors.Is(err,
		availability.ErrUnsupported) {
		t.Error(err)
	}

	if n := cloud.Keystone.Issued(); n != 2 {
		t.Errorf("%d tokens", n)
	}
}

func TestFlavorWithoutNova(t *testing.T) {
	t.Parallel()
	cloud := flavorCloud(t)
	cloud.Keystone.SetCatalog(blazartest.Endpoint{Type: "reservation", Interface: "public",
		Region: blazartest.Region, URL: cloud.URL})
	c := newClient(t, cloud)
	if _, err := c.Hosts(t.Context()); err != nil {
		t.Error(err)
	}

	_, err := c.Flavor(t.Context(), "m1.ok", availability.Interval{})
	check(t, err, fault{reason: availability.ReasonCatalog, want: "find the compute service",
		advice: "the catalog has reservation"})
}
