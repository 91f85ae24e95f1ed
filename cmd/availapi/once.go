package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/config"
)

// syncReport is what --once prints.
type syncReport struct {
	Sites []siteReport `json:"sites"`
}

type siteReport struct {
	Site     string              `json:"site_id"`
	Target   map[string]any      `json:"target"` // where the site is polled, as far as that is known
	Synced   *time.Time          `json:"last_synced"`
	Rows     int                 `json:"synced_node_count"`
	Hosts    []hostReport        `json:"hosts"`
	Warnings []string            `json:"warnings"`
	Reason   availability.Reason `json:"reason,omitempty"`
	Error    string              `json:"error,omitempty"`
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

// once syncs every site once, and prints the results.
func (s *service) once(ctx context.Context, stdout io.Writer) error {
	c := s.config.Load()
	if name := s.setup.OSCloud; name != "" {
		c.Availability.Sites = map[string]config.AvailabilitySite{name: {Own: map[string]any{"cloud": name}}}
		c.FlavorAvailability.Sites = nil
	}

	if len(c.Availability.Sites) == 0 {
		return errors.New("no site is configured: add [availability.sites.SITE] with cloud, or name one with --os-cloud")
	}
	if err := s.apply(c); err != nil {
		return err
	}
	defer s.close()

	if s.simulated.Load() {
		// The demo backend makes reservations for the nodes of the tree.
		if err := s.tree.Refresh(); err != nil {
			return fmt.Errorf("read the tree: %w", err)
		}
	}

	failed := s.monitor.SyncOnce(ctx)
	report := syncReport{Sites: []siteReport{}}
	for _, conn := range s.connections {
		if !conn.flavors {
			report.Sites = append(report.Sites, s.newSiteReport(conn, failed[conn.site]))
		}
	}

	out := json.NewEncoder(stdout)
	out.SetIndent("", "  ")

	if err := out.Encode(report); err != nil {
		return err
	}
	if len(failed) > 0 {
		return fmt.Errorf("%d of %d sites failed: %v", len(failed), len(report.Sites),
			slices.Sorted(maps.Keys(failed)))
	}

	return nil
}

// newSiteReport returns the result of a site's sync.
func (s *service) newSiteReport(conn siteConnection, failed error) siteReport {
	r := siteReport{Site: conn.site, Target: map[string]any{}, Hosts: []hostReport{}, Warnings: []string{}}
	if failed != nil {
		r.Reason, r.Error = availability.ReasonOf(failed), failed.Error()
	}

	to := s.targets.target(conn.site)
	if to.Text == "" { // never connected: report what the configuration says
		to, _, _ = conn.Check()
	}

	// Attributes are key-value pairs for slog; on equal keys the later ones win.
	for _, attributes := range [][]any{to.WarningFor, to.Attributes} {
		for i := 0; i+1 < len(attributes); i += 2 {
			r.Target[fmt.Sprint(attributes[i])] = attributes[i+1]
		}
	}

	status, _ := s.monitor.Status(conn.site)
	snapshot := status.Snapshot
	if snapshot == nil {
		return r
	}

	r.Synced, r.Rows = &snapshot.Synced, snapshot.Rows
	for _, warning := range snapshot.Warnings {
		r.Warnings = append(r.Warnings, warning.String())
	}

	for i := range snapshot.Hosts {
		r.Hosts = append(r.Hosts, newHostReport(&snapshot.Hosts[i]))
	}

	return r
}

func newHostReport(h *availability.Host) hostReport {
	r := hostReport{Node: h.Node, Maintenance: h.Maintenance, Reservations: []intervalReport{}}
	for _, i := range h.Reservations {
		r.Reservations = append(r.Reservations, intervalReport{i.Start.Std(), i.End.Std()})
	}
	return r
}

// check validates everything that the service needs, without polling a site.
func (s *service) check(stdout io.Writer) error {
	c := s.config.Load()
	if err := s.tree.Refresh(); err != nil {
		return fmt.Errorf("read the tree: %w", err)
	}

	for _, site := range s.unknownSites(c) {
		fmt.Fprintf(stdout, "warning: configured site %s is not in the tree\n", site)
	}

	connections, err := s.open(c)
	if err != nil {
		return err
	}
	defer closeAll(connections)

	if err := checkConnections(connections, stdout); err != nil {
		return err
	}

	release := s.tree.Release()
	sites := len(c.Availability.Sites)
	fmt.Fprintf(stdout, "ok: release %s with %d nodes, %s, %s\n", release.ID, len(release.Nodes),
		count(sites, "site"), count(len(connections)-sites, "flavor site"))

	return nil
}

// count formats a number with its noun, in the singular or plural.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}

// checkConnections prints where each site will be polled, as far as that is known
// without a request, and which keys of clouds.yaml have no effect. It checks all
// sites, and returns the error of the first that cannot be polled.
func checkConnections(connections []siteConnection, stdout io.Writer) (first error) {
	printed := map[string]bool{}
	for _, conn := range connections {
		to, notes, err := conn.Check()
		if err != nil {
			if first == nil {
				first = fmt.Errorf("key %q: %w", conn.key(), err)
			} else {
				fmt.Fprintf(stdout, "error: key %q: %v\n", conn.key(), err)
			}
			continue
		}

		fmt.Fprintf(stdout, "%s: %s\n", conn.key(), to.Text)
		for _, n := range notes {
			level := "note"
			if n.Suspect {
				level = "warning"
			}
			if line := fmt.Sprintf("%s: %v\n", level, n); !printed[line] {
				fmt.Fprint(stdout, line)
				printed[line] = true
			}
		}
	}

	return first
}
