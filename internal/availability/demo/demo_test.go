package demo_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/availability/demo"
)

const (
	hour = availability.Time(time.Hour / time.Microsecond)
	day  = 24 * hour
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func nodes(n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf("%08x-node", i*7919))
	}
	return all
}

// open simulates a site.
func open(t *testing.T, site string, nodes, flavors []string, now func() time.Time) *availability.Connection {
	t.Helper()
	uids := func(all []string) func(string) []string { return func(string) []string { return all } }
	c, err := demo.Open(availability.Site{ID: site},
		availability.Environment{Now: now, Nodes: uids(nodes), Flavors: uids(flavors)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func hosts(t *testing.T, names []string, now time.Time) *availability.Snapshot {
	t.Helper()
	report, err := open(t, "uc", names, nil, func() time.Time { return now }).Source.Hosts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return availability.NewSnapshot("uc", now, report)
}

func TestMixture(t *testing.T) {
	t.Parallel()
	names := nodes(1000)
	states := map[availability.State]float64{}
	s := hosts(t, names, noon)
	several, later, kept := 0, 0, 0

	for _, name := range names {
		h := s.Host(name)
		state, until := h.State(availability.At(noon))
		states[state] += 100 / float64(len(names))

		if h == nil {
			continue
		}

		if len(h.Reservations) > 2 {
			several++
		}
		if h.Kept {
			kept++
		}
		if state == availability.Available && until != availability.Forever {
			later++
		}
	}

	for state, want := range map[availability.State][2]float64{
		availability.Unknown: {1, 3}, availability.Maintenance: {2, 4}, availability.Reserved: {25,
			55}, availability.Available: {40, 70},
	} {
		if got := states[state]; got < want[0] || got > want[1] {
			t.Errorf("%.1f %% are %s, want %v", got, state, want)
		}
	}

	if several < 150 || later < 150 || kept < 20 || kept > 90 {
		t.Errorf("%d with several reservations, %d free and reserved later, %d kept for some projects", several,
			later, kept)
	}

	if s.Rows <= len(s.Hosts)/2 || s.Rows >= len(s.Hosts) {
		t.Errorf("%d rows of %d hosts", s.Rows, len(s.Hosts))
	}
}

func TestReservationsArePlausible(t *testing.T) {
	t.Parallel()
	for _, at := range []time.Time{noon, noon.Add(59 * time.Minute), time.Unix(0, 0),
		time.Date(1955, 1, 1, 0, 30, 0, 0, time.UTC)} {
		now := availability.At(at.Truncate(time.Hour))
		for _, h := range hosts(t, nodes(100), at).Hosts {
			before := availability.Time(-1 << 62)
			for _, r := range h.Reservations {
				if r.Start%hour != 0 || r.End%hour != 0 || r.End-r.Start < 4*hour || r.End-r.Start > 7*day ||
					r.Start <= before || r.End <= now || r.Start > now+31*day {
					t.Fatalf("%v: %s: %v at %v", at, h.Node, r, now)
				}
				before = r.End
			}
		}
	}
}

// All syncs within an hour agree; from hour to hour leases begin and end, none
// changes, and none is made for the past.
func TestTimeGoesOn(t *testing.T) {
	t.Parallel()
	names := nodes(60)
	if d := cmp.Diff(hosts(t, names, noon), hosts(t, reversed(names), noon.Add(3599*time.Second)),
		cmpopts.IgnoreFields(availability.Snapshot{},
			"Synced"), cmpopts.IgnoreUnexported(availability.Snapshot{})); d != "" {
		t.Error(d)
	}

	last := hosts(t, names, noon)
	ended, made := 0, 0
	for n := range 24 * 30 {
		at := noon.Add(time.Duration(n+1) * time.Hour)
		now := availability.At(at)
		next := hosts(t, names, at)
		if len(next.Hosts) != len(last.Hosts) {
			t.Fatal("hosts come or go")
		}

		for i, h := range next.Hosts {
			was := last.Hosts[i].Reservations
			for _, r := range was {
				if kept := slices.Contains(h.Reservations, r); kept != (r.End > now) {
					t.Fatalf("%s at %v: %v is kept: %v", h.Node, at, r, kept)
				} else if !kept {
					ended++
				}
			}

			for _, r := range h.Reservations {
				if !slices.Contains(was, r) {
					made++
					if r.Start <= now {
						t.Fatalf("%s at %v: %v was made afterwards", h.Node, at, r)
					}
				}
			}
		}

		last = next
	}

	if ended < 50 || made < 50 {
		t.Errorf("in 30 days %d leases ended, %d were made", ended, made)
	}
}

// What was free when is what was said then.
func TestPast(t *testing.T) {
	t.Parallel()
	names := nodes(60)
	past := availability.NewSnapshot("uc", noon, demo.Past("uc", names, noon.AddDate(0, 0, -20), noon))
	for n := range 20 * 24 {
		at := noon.Add(-time.Duration(n) * time.Hour)
		then := hosts(t, names, at)
		for _, name := range names {
			got, _ := past.Host(name).State(availability.At(at))
			if want, _ := then.Host(name).State(availability.At(at)); got != want {
				t.Fatalf("%s at %v is %s, was %s", name, at, got, want)
			}
		}
	}
}

func TestSitesDiffer(t *testing.T) {
	t.Parallel()
	now := func() time.Time { return noon }
	a, _ := open(t, "uc", nodes(20), nil, now).Source.Hosts(t.Context())
	b, _ := open(t, "tacc", nodes(20), nil, now).Source.Hosts(t.Context())
	if cmp.Equal(a, b) {
		t.Error("two sites are alike")
	}
}

func TestFlavors(t *testing.T) {
	t.Parallel()
	f := open(t, "kvm", nil, []string{"m1.small", "g1.h100"}, func() time.Time { return noon }).Flavors
	start := availability.At(noon)
	window := availability.Interval{Start: start + 7, End: start + 30*day}
	got, err := f.Flavor(t.Context(), "m1.small", window)
	if err != nil || len(got) < 10 || got[0].Start != window.Start || got[len(got)-1].End != window.End {
		t.Fatalf("%v, %v", got, err)
	}

	least, most := got[0].Total, 0
	for i, s := range got {
		if s.Start >= s.End || s.Available < 0 || s.Available > s.Total || s.Total != got[0].Total ||
			i > 0 && (s.Start != got[i-1].End || s.Available == got[i-1].Available) {
			t.Errorf("segment %d: %v after %v", i, s, got[max(i-1, 0)])
		}
		least, most = min(least, s.Available), max(most, s.Available)
	}

	if least == most {
		t.Error("nothing changes")
	}

	again, err := f.Flavor(t.Context(), "m1.small", window)
	if d := cmp.Diff(got, again); err != nil || d != "" {
		t.Error(err, d)
	}

	other, err := f.Flavor(t.Context(), "g1.h100", window)
	if err != nil || cmp.Equal(got, other) {
		t.Error("two flavors are alike", err)
	}
	if _, err := f.Flavor(t.Context(), "m1.large", window); !errors.Is(err, availability.ErrNoFlavor) {
		t.Error(err)
	}

	if got, err := f.Flavor(t.Context(), "m1.small", availability.Interval{Start: 5, End: 5}); len(got) != 0 ||
		err != nil {
		t.Error(got, err)
	}
}

func TestEndedContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	if _, err := open(t, "uc", nil, nil, time.Now).Source.Hosts(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}

	if _, err := open(t, "uc", nil, []string{"m"}, time.Now).Flavors.Flavor(ctx, "m",
		availability.Interval{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func reversed(all []string) []string {
	all = slices.Clone(all)
	slices.Reverse(all)
	return all
}
