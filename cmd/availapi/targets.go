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

// targets records where sites are polled, and what was logged about it, so that
// each fact is logged once.
type targets struct {
	log   *slog.Logger
	quiet bool // only warnings are logged

	mu        sync.Mutex
	bySite    map[string]availability.Target // by label
	logged    map[string]bool                // notes about keys
	unmatched map[string]bool                // sites none of whose hosts is in the tree
}

func newTargets(log *slog.Logger, quiet bool) *targets {
	return &targets{
		log: log, quiet: quiet,
		bySite: map[string]availability.Target{}, logged: map[string]bool{}, unmatched: map[string]bool{},
	}
}

// logTarget logs where a site is polled, the first time and whenever it changes.
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

// target returns where a site is polled; it is empty until a connection was made.
func (t *targets) target(site string) availability.Target {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.bySite[site]
}

// attributes returns the log attributes of a site's target.
func (t *targets) attributes(site string) []any { return t.target(site).Attributes }

// retain drops the sites that are not configured any more.
func (t *targets) retain(connections []siteConnection) {
	t.mu.Lock()
	defer t.mu.Unlock()
	gone := func(site string) bool {
		return !slices.ContainsFunc(connections, func(c siteConnection) bool { return c.label() == site })
	}
	maps.DeleteFunc(t.bySite, func(site string, _ availability.Target) bool { return gone(site) })
	maps.DeleteFunc(t.unmatched, func(site string, _ bool) bool { return gone(site) })
}

// logNotes logs the keys that have no effect, each once. Keys that other programs
// need are listed in one line, since they are not mistakes.
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

// checkHosts warns when none of a site's hosts is a node of the tree, which means
// that the cloud is another site's, or that names differ. It logs only when that
// begins and when it ends.
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

// namesDiffer reports whether a host would match a node of the site if letter case
// and the domain were ignored.
func namesDiffer(release *release.Release, s *availability.Snapshot) bool {
	normalize := func(name string) string {
		name, _, _ = strings.Cut(name, ".")
		return strings.ToLower(name)
	}

	nodes := map[string]bool{}
	for _, uid := range release.NodesOf(s.Site) {
		nodes[normalize(uid)] = true
	}

	return slices.ContainsFunc(s.Hosts, func(h availability.Host) bool { return nodes[normalize(h.Node)] })
}
