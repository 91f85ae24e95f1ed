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
	"github.com/chameleoncloud/refapi/internal/release"
)

// targets remembers where sites are polled, and what was logged about it, so that
// each fact is logged once.
type targets struct {
	log   *slog.Logger
	quiet bool // only warnings are logged

	mu        sync.Mutex
	bySite    map[string]availability.Target // by the name of a table
	logged    map[string]bool                // notes about keys
	unmatched map[string]bool                // sites none of whose hosts is in the tree
}

func newTargets(log *slog.Logger, quiet bool) *targets {
	return &targets{
		log: log, quiet: quiet,
		bySite: map[string]availability.Target{}, logged: map[string]bool{}, unmatched: map[string]bool{},
	}
}

// logTarget logs where a site is polled, at first and when that changes.
func (t *targets) logTarget(site string, to availability.Target) {
	t.mu.Lock()
	defer t.mu.Unlock()

	if reflect.DeepEqual(t.bySite[site], to) {
		return
	}

	t.bySite[site] = to
	log := t.log.With("site", site)
	if !t.quiet {
		log.Info("polling a site", to.Attributes...)
	}
	if to.Warning != "" {
		log.Warn(to.Warning, to.WarningFor...)
	}
}

// target is where a site is polled, empty before that is known.
func (t *targets) target(site string) availability.Target {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.bySite[site]
}

// attributes are those of a site's target.
func (t *targets) attributes(site string) []any { return t.target(site).Attributes }

// retain forgets the sites that a configuration has no more.
func (t *targets) retain(connections []siteConnection) {
	t.mu.Lock()
	defer t.mu.Unlock()
	gone := func(site string) bool {
		return !slices.ContainsFunc(connections, func(c siteConnection) bool { return c.label() == site })
	}
	maps.DeleteFunc(t.bySite, func(site string, _ availability.Target) bool { return gone(site) })
	maps.DeleteFunc(t.unmatched, func(site string, _ bool) bool { return gone(site) })
}

// logNotes logs the keys that have no effect, each once. Those that other
// programs need share a line.
func (t *targets) logNotes(notes []availability.Note) {
	t.mu.Lock()
	defer t.mu.Unlock()

	var others []string
	for _, n := range notes {
		if t.logged[n.String()] {
			continue
		}
		t.logged[n.String()] = true
		if n.Suspect {
			t.log.Warn("key has no effect", "key", n.Key, "at", n.At, "why", n.Why)
		} else {
			others = append(others, n.Key)
		}
	}

	if len(others) > 0 && !t.quiet {
		t.log.Info("keys not needed here", "keys", strings.Join(others, ", "), "at", notes[0].At)
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
			log = log.With("hint", "host names differ from node uids only in case or by a domain")
		}
		log.Warn("no host of the site is a node of it in the tree: wrong cloud?", t.bySite[s.Site].Attributes...)
		return
	}

	t.log.Info("hosts of the site match the tree again", "site", s.Site, "hosts", len(s.Hosts), "unknown", unknown)
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
