package main

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestBackendsAreDocumented(t *testing.T) {
	t.Parallel()
	x(t, "docs/configuration.md", firsts(section(t, "configuration.md", "## Reservation systems")),
		slices.Sorted(maps.Keys(backends)))
}

// A site that is polled and asked about flavors with the same entry of
// clouds.yaml has one session with Keystone.
func TestOneSessionForBothTables(t *testing.T) {
	t.Parallel()
	b := newTestbed(t)
	const both = `
[availability]
poll_interval_seconds = 600
[availability.sites]
south = { cloud = "chi_south" }
[flavor_availability.sites]
south = { cloud = "chi_south" }
`

	p := b.start(t, both)
	synced(t, p.address, "south")

	if a := get(t, p.address, "/sites/south/flavors/m1.large/availability"); a.StatusCode != http.StatusOK {
		t.Fatalf("%d %s", a.StatusCode, a.body)
	}

	if n := b.south.Keystone.Issued(); n != 1 {
		t.Errorf("Keystone has issued %d tokens, want 1", n)
	}
	if n := strings.Count(p.log.String(), `msg="polling a site"`); n != 1 {
		t.Errorf("the site's target is logged %d times", n)
	}
}

// Simulated reservations are marked, for as long as a site has them.
func TestDemonstrationIsMarked(t *testing.T) {
	t.Parallel()
	b := newTestbed(t)
	p := b.start(t, "[availability.sites.north]\nbackend = \"demo\"\n[flavor_availability.sites.south]\nbackend = \"demo\"\n")
	synced(t, p.address, "north")

	for _, path := range []string{"/sites/north/availability", "/sites/south/flavors/m1.large/availability"} {
		if a := get(t, p.address, path); a.StatusCode != http.StatusOK ||
			a.Header.Get("Refapi-Demonstration") != "1" {
			t.Errorf("%s: %d, %v, %s", path, a.StatusCode, a.Header, a.body)
		}
	}

	b.config(t, settings)
	p.reload(t)
	synced(t, p.address, "north")

	if a := get(t, p.address, "/availability"); a.Header.Get("Refapi-Demonstration") != "" {
		t.Errorf("real reservations are marked: %v", a.Header)
	}
}
