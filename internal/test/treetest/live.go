package treetest

import (
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/availability/demo"
	"github.com/chameleoncloud/refapi/internal/availhttp"
	"github.com/chameleoncloud/refapi/internal/release"
)

// Sources are the reservation systems of sites, by their uids.
type Sources struct {
	Hosts     map[string]availability.Source
	Flavors   map[string]availability.FlavorSource
	Simulated bool
}

// Simulated returns sources of simulated reservations for all sites of a tree.
func Simulated(t testing.TB, s Site) Sources {
	t.Helper()
	r := follow(t, s).Release()
	all := Sources{
		Hosts: map[string]availability.Source{}, Flavors: map[string]availability.FlavorSource{}, Simulated: true,
	}
	for _, site := range r.Sites() {
		conn, err := demo.Open(availability.Site{ID: site}, availability.Environment{
			Now: time.Now, Nodes: r.NodesOf, Flavors: r.FlavorsOf,
		})
		if err != nil {
			t.Fatal(err)
		}
		all.Hosts[site], all.Flavors[site] = conn.Source, conn.Flavors
	}

	return all
}

// Live starts the live service for a tree, synced once, and returns its address.
func Live(t testing.TB, s Site, of Sources) string {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	monitor := availability.NewMonitor(availability.Options{Log: log})
	monitor.Configure(availability.Schedule{}, of.Hosts)
	monitor.SyncOnce(t.Context())

	flavors := availability.NewFlavors(log)
	flavors.Configure(availability.FlavorLimits{PerMinute: 1 << 20}, of.Flavors) // tests ask often
	live := httptest.NewServer(availhttp.New(availhttp.Options{
		Release: follow(t, s).Release, Monitor: monitor, Flavors: flavors, Now: time.Now, Log: log,
		Demonstration: func() bool { return of.Simulated },
	}))
	t.Cleanup(live.Close)

	return strings.TrimPrefix(live.URL, "http://")
}

func follow(t testing.TB, s Site) *release.Follower {
	t.Helper()
	f := release.NewFollower(s.Root, slog.New(slog.DiscardHandler))
	if err := f.Refresh(); err != nil {
		t.Fatal(err)
	}
	return f
}
