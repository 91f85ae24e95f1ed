package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/blazar"
	"github.com/chameleoncloud/refapi/internal/blazar/clouds"
	"github.com/chameleoncloud/refapi/internal/config"
)

// syncReport is what --once prints.
type syncReport struct {
	Sites []siteReport `json:"sites"`
}

type siteReport struct {
	Site     string              `json:"site_id"`
	Cloud    string              `json:"cloud"`
	Synced   *time.Time          `json:"last_synced"`
	Rows     int                 `json:"synced_node_count"`
	Hosts    []hostReport        `json:"hosts"`
	Warnings []string            `json:"warnings"`
	Reason   availability.Reason `json:"reason,omitempty"`
	Error    string              `json:"error,omitempty"`
	// Where the site was asked, as far as it came to that.
	Region    string   `json:"region,omitempty"`
	Interface string   `json:"interface,omitempty"`
	URL       string   `json:"url,omitempty"`
	Regions   []string `json:"regions,omitempty"`
}

type hostReport struct {
	Node         string           `json:"node_id"`
	Maintenance  bool             `json:"maintenance"`
	Reservations []intervalReport `json:"reservations"`
}

type intervalReport struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

// once asks every site once, and prints what they said.
func (s *service) once(ctx context.Context, stdout io.Writer) error {
	c := s.config.Load()
	if s.setup.OSCloud != "" {
		name := s.setup.OSCloud
		c.Availability.Sites = map[string]config.BlazarSite{name: {Cloud: name}}
		c.FlavorAvailability.Sites = nil
	}
	if len(c.Availability.Sites) == 0 {
		return errors.New("no site is configured: add [availability.sites.SITE] with cloud, or name one with --os-cloud")
	}
	s.apply(c)
	defer s.close()
	failed := s.monitor.SyncOnce(ctx)
	report := syncReport{Sites: []siteReport{}}
	for _, site := range s.monitor.Sites() {
		status, _ := s.monitor.Status(site)
		r := siteReport{Site: site, Cloud: c.Availability.Sites[site].Cloud, Hosts: []hostReport{}, Warnings: []string{}}
		if err := failed[site]; err != nil {
			r.Reason, r.Error = availability.ReasonOf(err), err.Error()
		}
		if to, ok := s.targets.target(site); ok {
			r.Region, r.Interface, r.URL, r.Regions = to.Region, to.Interface, to.URL, to.Regions
		}
		if snapshot := status.Snapshot; snapshot != nil {
			r.Synced, r.Rows = &snapshot.Synced, snapshot.Rows
			for _, warning := range snapshot.Warnings {
				r.Warnings = append(r.Warnings, warning.String())
			}
			for i := range snapshot.Hosts {
				r.Hosts = append(r.Hosts, newHostReport(&snapshot.Hosts[i]))
			}
		}
		report.Sites = append(report.Sites, r)
	}
	out := json.NewEncoder(stdout)
	out.SetIndent("", "  ")
	if err := out.Encode(report); err != nil {
		return err
	}
	if len(failed) > 0 {
		return fmt.Errorf("%d of %d sites failed: %v", len(failed), len(report.Sites), slices.Sorted(maps.Keys(failed)))
	}
	return nil
}

func newHostReport(h *availability.Host) hostReport {
	r := hostReport{Node: h.Node, Maintenance: h.Maintenance, Reservations: []intervalReport{}}
	for _, i := range h.Reservations {
		r.Reservations = append(r.Reservations, intervalReport{i.Start.Std(), i.End.Std()})
	}
	return r
}

// check looks at all that the service will need, but asks no site.
func (s *service) check(stdout io.Writer) error {
	c := s.config.Load()
	if err := s.tree.Refresh(); err != nil {
		return fmt.Errorf("read the tree: %w", err)
	}
	for _, site := range s.unknownSites(c) {
		fmt.Fprintf(stdout, "warning: the configured site %s is not in the tree\n", site)
	}
	if err := s.checkClouds(c, stdout); err != nil {
		return err
	}
	release := s.tree.Release()
	fmt.Fprintf(stdout, "ok: release %s with %d nodes, %d sites to ask, %d about flavors\n", release.ID, len(release.Nodes), len(c.Availability.Sites), len(c.FlavorAvailability.Sites))
	return nil
}

// checkClouds says where each site is asked, as far as that can be known without
// asking, and which keys of clouds.yaml have no effect. All sites are looked at;
// the error is that of the first that cannot be asked.
func (s *service) checkClouds(c *config.Config, stdout io.Writer) error {
	names := map[string]string{} // the cloud of a site
	for id, site := range c.Availability.Sites {
		names["availability.sites."+id] = site.Cloud
	}
	for id, site := range c.FlavorAvailability.Sites {
		names["flavor_availability.sites."+id] = site.Cloud
	}
	var first error
	noted := map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(names)) {
		cloud := names[key]
		to, notes, err := blazar.Check(s.cloud(c, cloud))
		if err != nil && first == nil {
			first = fmt.Errorf("key %q: %w", key, err)
			continue
		}
		if err != nil {
			fmt.Fprintf(stdout, "error: key %q: %v\n", key, err)
			continue
		}
		fmt.Fprintf(stdout, "%s: cloud %s, Keystone %s, %v\n", key, cloud, to.Keystone, to)
		if !noted[cloud] {
			printNotes(stdout, cloud, notes)
		}
		noted[cloud] = true
	}
	return first
}

// printNotes prints what there is to say about an entry's keys.
func printNotes(stdout io.Writer, cloud string, notes []clouds.Note) {
	for _, n := range notes {
		level := "note"
		if n.Suspect {
			level = "warning"
		}
		fmt.Fprintf(stdout, "%s: cloud %s: %v\n", level, cloud, n)
	}
}
