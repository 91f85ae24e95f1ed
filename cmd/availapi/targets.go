package main

import (
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/availhttp"
	"github.com/chameleoncloud/refapi/internal/blazar"
	"github.com/chameleoncloud/refapi/internal/blazar/clouds"
	"github.com/chameleoncloud/refapi/internal/config"
	"github.com/chameleoncloud/refapi/internal/release"
)

// targets remembers where sites are asked, and what was logged about it, so that
// each fact is logged once.
type targets struct {
	log   *slog.Logger
	quiet bool // only warnings are logged

	mu        sync.Mutex
	bySite    map[string]blazar.Target // by site
	logged    map[string]bool          // remarks about clouds.yaml
	unmatched map[string]bool          // sites of whose hosts none is in the tree
}

func newTargets(log *slog.Logger, quiet bool) *targets {
	return &targets{
		log: log, quiet: quiet,
		bySite: map[string]blazar.Target{}, logged: map[string]bool{}, unmatched: map[string]bool{},
	}
}

// logTarget logs where a site is asked, at first and when that changes.
func (t *targets) logTarget(site string, to blazar.Target) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if reflect.DeepEqual(t.bySite[site], to) {
		return
	}
	t.bySite[site] = to
	if !t.quiet {
		t.log.With("site", site, "cloud", to.Cloud, "keystone", to.Keystone).Info("asking a site", attributes(to)...)
	}
	if len(to.Regions) > 0 {
		t.log.Warn("the catalog has several regions and clouds.yaml names none: the first is asked",
			"site", site, "cloud", to.Cloud, "regions", strings.Join(to.Regions, ","), "region", to.Region)
	}
}

// attributes are those of a target in a line of the log.
func attributes(to blazar.Target) []any {
	if to.Override {
		return []any{"url", to.URL, "endpoint_override", true}
	}
	return []any{"region", to.Region, "interface", to.Interface, "url", to.URL}
}

// attributesOf are the attributes of a site's target, none before it is known.
func (t *targets) attributesOf(site string) []any {
	if to, ok := t.target(site); ok {
		return attributes(to)
	}
	return nil
}

func (t *targets) target(site string) (blazar.Target, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	to, ok := t.bySite[site]
	return to, ok
}

// retain forgets the sites that a configuration has no more.
func (t *targets) retain(c *config.Config) {
	t.mu.Lock()
	defer t.mu.Unlock()
	maps.DeleteFunc(t.bySite, func(site string, _ blazar.Target) bool {
		_, hosts := c.Availability.Sites[site]
		_, flavors := c.FlavorAvailability.Sites[strings.TrimSuffix(site, flavorSuffix)]
		return !hosts && !flavors
	})
	maps.DeleteFunc(t.unmatched, func(site string, _ bool) bool {
		_, ok := c.Availability.Sites[site]
		return !ok
	})
}

// flavorSuffix follows the name of a site that is asked about flavors alone.
const flavorSuffix = " (flavors)"

// logNotes logs the keys of an entry that have no effect, each once. Those that
// other programs need share a line.
func (t *targets) logNotes(cloud string, notes []clouds.Note) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var others []string
	for _, n := range notes {
		text := cloud + "\n" + n.String()
		if t.logged[text] {
			continue
		}
		t.logged[text] = true
		if !n.Suspect {
			others = append(others, n.Key)
			continue
		}
		t.log.Warn("a key of clouds.yaml has no effect", "cloud", cloud, "key", n.Key, "at", n.At, "why", n.Why)
	}
	if len(others) > 0 && !t.quiet {
		t.log.Info("some keys of clouds.yaml are not needed here", "cloud", cloud, "keys", strings.Join(others, ", "))
	}
}

// checkHosts looks whether a site's hosts are nodes of the tree. That none is, is
// logged when it begins and when it ends: it is another site's cloud, or the
// names differ.
func (t *targets) checkHosts(release *release.Release, s *availability.Snapshot) {
	if release == nil || s == nil {
		return
	}
	unknown, first := availhttp.UnknownHosts(release, s)
	none := unknown > 0 && unknown == len(s.Hosts)
	t.mu.Lock()
	defer t.mu.Unlock()
	if none == t.unmatched[s.Site] {
		return
	}
	t.unmatched[s.Site] = none
	if none {
		log := t.log.With("site", s.Site, "hosts", len(s.Hosts), "first", first)
		if namesDiffer(release, s) {
			log = log.With("hint", "names of hosts differ from those of nodes in case or by a domain alone")
		}
		log.Warn("none of a site's hosts is a node of it in the tree: is another cloud asked?", attributes(t.bySite[s.Site])...)
		return
	}
	t.log.Info("a site's hosts are nodes of the tree again", "site", s.Site, "hosts", len(s.Hosts), "unknown", unknown)
}

// namesDiffer reports whether a host of a site is a node of it but for case or a
// domain.
func namesDiffer(release *release.Release, s *availability.Snapshot) bool {
	form := func(name string) string {
		name, _, _ = strings.Cut(name, ".")
		return strings.ToLower(name)
	}
	nodes := map[string]bool{}
	for i := range release.Nodes {
		if release.Nodes[i].Site == s.Site {
			nodes[form(release.Nodes[i].UID)] = true
		}
	}
	return slices.ContainsFunc(s.Hosts, func(h availability.Host) bool { return nodes[form(h.Node)] })
}
