package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/availability/demo"
	"github.com/chameleoncloud/refapi/internal/blazar"
	"github.com/chameleoncloud/refapi/internal/config"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/release"
)

// backends are the reservation systems that sites can name. A new one needs a
// package, a line here, and its keys in docs/configuration.md.
var backends = map[string]availability.Backend{
	"blazar": blazar.Open,
	"demo":   demo.Open,
}

// siteConnection is the connection that one table of the configuration uses.
type siteConnection struct {
	*availability.Connection
	site    string
	flavors bool // the table is of [flavor_availability], not [availability]
}

// key is the table's name.
func (c siteConnection) key() string {
	if c.flavors {
		return "flavor_availability.sites." + c.site
	}
	return "availability.sites." + c.site
}

// label is the site's name in the log. A connection shared by two tables has the
// label of the first.
func (c siteConnection) label() string {
	if c.flavors {
		return c.site + " (flavors)"
	}
	return c.site
}

// open opens a connection for each table of a site. Two tables of one site with
// equal keys share one, so that the site sees one session. Connections are in the
// order of the sections, then of the site ids.
func (s *service) open(c *config.Config) (all []siteConnection, err error) {
	shared := map[string]*availability.Connection{}
	add := func(section, site, backend string, own map[string]any) error {
		if backend == "" {
			backend = config.DefaultBackend
		}

		flavors := section == "flavor_availability"
		// Sprint prints maps in the order of their keys: equal tables have equal ids.
		id := fmt.Sprint(site, "\n", backend, "\n", own)
		conn := shared[id]
		if conn == nil {
			if conn, err = s.openSite(c, section, site, backend, own); err != nil {
				return err
			}
			shared[id] = conn
		}

		if flavors && conn.Flavors == nil { // the backend cannot report flavors
			return c.Fault(fmt.Sprintf("%s has no flavors", backend), section, "sites", site)
		}

		all = append(all, siteConnection{Connection: conn, site: site, flavors: flavors})
		return nil
	}

	for _, id := range slices.Sorted(maps.Keys(c.Availability.Sites)) {
		site := c.Availability.Sites[id]
		if err := add("availability", id, site.Backend, site.Own); err != nil {
			return nil, err
		}
	}

	for _, id := range slices.Sorted(maps.Keys(c.FlavorAvailability.Sites)) {
		site := c.FlavorAvailability.Sites[id]
		if err := add("flavor_availability", id, site.Backend, site.Own); err != nil {
			return nil, err
		}
	}

	return all, nil
}

// openSite opens the connection for one table.
func (s *service) openSite(
	c *config.Config, section, site, name string, own map[string]any,
) (*availability.Connection, error) {
	backend, ok := backends[name]
	if !ok {
		known := slices.Sorted(maps.Keys(backends))
		advice := "it can be " + strings.Join(known, " or ")
		if near := hint.Nearest(name, known); near != "" {
			advice = fmt.Sprintf("did you mean %s? %s", near, advice)
		}
		return nil, hint.Wrap(c.Fault(fmt.Sprintf("unknown reservation system %q", name), section, "sites", site,
			"backend"),
			"%s", advice)
	}

	label := siteConnection{site: site, flavors: section == "flavor_availability"}.label()
	return backend(
		availability.Site{ID: site,
			Decode: func(into availability.Keys) error { return c.Decode(own, into, section, site) }},
		availability.Environment{
			Getenv: s.setup.from.Getenv, UserAgent: "refapi/" + api.ProductVersion, Now: time.Now, Gate: s.gate,
			Timeout:    seconds(c.Availability.SiteTimeoutSeconds),
			HostsEvery: c.Availability.HostsEveryPolls,
			Limits: availability.Limits{
				Bytes: int64(c.Availability.MaxAnswerMiB) << 20,
				Hosts: c.Availability.MaxHosts, Reservations: c.Availability.MaxReservations,
			},
			Nodes:     s.ofRelease((*release.Release).NodesOf),
			Flavors:   s.ofRelease((*release.Release).FlavorsOf),
			Connected: func(to availability.Target) { s.targets.logTarget(label, to) },
		})
}

// ofRelease binds a query to the live release, which is nil before the first one is
// published.
func (s *service) ofRelease(uids func(r *release.Release, site string) []string) func(site string) []string {
	return func(site string) []string {
		if r := s.tree.Release(); r != nil {
			return uids(r, site)
		}
		return nil
	}
}

// closeAll closes the connections of sites that are not polled any more.
func closeAll(connections []siteConnection) {
	for _, c := range connections {
		if c.Close != nil {
			c.Close() // a shared connection is closed twice, which is harmless
		}
	}
}
