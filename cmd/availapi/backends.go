package main

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
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

// siteConnection is a table of the configuration that names a site, with its connection.
type siteConnection struct {
	*availability.Connection
	flavors bool // the table is of [flavor_availability], not [availability]
	site    string
	backend string
	own     map[string]any // the backend's own keys
}

// section is the table that has the tables of sites.
func (c *siteConnection) section() string {
	if c.flavors {
		return "flavor_availability"
	}
	return "availability"
}

// key is the table's name.
func (c *siteConnection) key() string { return c.section() + ".sites." + c.site }

// label is the site's name in the log. A connection shared by two tables has the
// label of the first.
func (c *siteConnection) label() string {
	if c.flavors {
		return c.site + " (flavors)"
	}
	return c.site
}

// siteTables returns the tables of sites, in the order of the sections, then of the site
// ids.
func siteTables(c *config.Config) (all []siteConnection) {
	for _, id := range slices.Sorted(maps.Keys(c.Availability.Sites)) {
		site := c.Availability.Sites[id]
		all = append(all, siteConnection{site: id, backend: site.Backend, own: site.Own})
	}
	for _, id := range slices.Sorted(maps.Keys(c.FlavorAvailability.Sites)) {
		site := c.FlavorAvailability.Sites[id]
		all = append(all, siteConnection{flavors: true, site: id, backend: site.Backend, own: site.Own})
	}
	return all
}

// open opens a connection for each table of a site. Two tables of one site with equal
// keys share one, so that the site sees one session.
func (s *service) open(c *config.Config) ([]siteConnection, error) {
	all := siteTables(c)
	for i := range all {
		t := &all[i]
		t.backend = cmp.Or(t.backend, config.DefaultBackend)
		same := slices.IndexFunc(all[:i], func(o siteConnection) bool {
			return o.site == t.site && o.backend == t.backend && reflect.DeepEqual(o.own, t.own)
		})
		if same >= 0 {
			shared := *all[same].Connection
			shared.Close = nil // the first table's connection closes it
			t.Connection = &shared
		} else if err := s.connect(c, t); err != nil {
			return nil, err
		}

		if t.flavors && t.Flavors == nil { // the backend cannot report flavors
			return nil, c.Fault(t.backend+" has no flavors", t.section(), "sites", t.site)
		}
	}

	return all, nil
}

// connect opens the connection for one table.
func (s *service) connect(c *config.Config, t *siteConnection) (err error) {
	backend, ok := backends[t.backend]
	if !ok {
		known := slices.Sorted(maps.Keys(backends))
		advice := "it can be " + strings.Join(known, " or ")
		if near := hint.Nearest(t.backend, known); near != "" {
			advice = fmt.Sprintf("did you mean %s? %s", near, advice)
		}
		fault := c.Fault(fmt.Sprintf("unknown reservation system %q", t.backend), t.section(), "sites", t.site, "backend")
		return hint.Wrap(fault, "%s", advice)
	}

	site := availability.Site{ID: t.site, Decode: func(into availability.Keys) error {
		return c.Decode(t.own, into, t.section(), t.site)
	}}
	t.Connection, err = backend(site, availability.Environment{
		Getenv:     s.setup.from.Getenv,
		UserAgent:  "refapi/" + api.ProductVersion,
		Now:        time.Now,
		Gate:       s.gate,
		Timeout:    c.Availability.SiteTimeout,
		HostsEvery: c.Availability.HostsEveryPolls,
		Limits: availability.Limits{
			Bytes:        int64(c.Availability.MaxAnswerMiB) << 20,
			Hosts:        c.Availability.MaxHosts,
			Reservations: c.Availability.MaxReservations,
		},
		Nodes:     s.ofRelease((*release.Release).NodesOf),
		Flavors:   s.ofRelease((*release.Release).FlavorsOf),
		Connected: func(to availability.Target) { s.targets.logTarget(t.label(), to) },
	})
	return err
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
			c.Close()
		}
	}
}
