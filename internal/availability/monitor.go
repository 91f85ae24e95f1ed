package availability

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Options are what a Monitor works with.
type Options struct {
	Store *Store       // where last-known data is kept; nil keeps nothing
	Log   *slog.Logger // nil logs nothing
	// Observe is called after each sync, once its result is visible; nil for nobody.
	// It is called for several sites at once.
	Observe func(site string, took time.Duration, err error)
	// Attributes are what else the log says of a site that answers again, as
	// names and values in turn; nil for nothing.
	Attributes func(site string) []any
	// Jitter returns a duration of at least 0 and less than max, which is
	// positive; nil for a random one.
	Jitter func(max time.Duration) time.Duration
}

// Schedule is how often sites are asked. What is not positive has its default.
type Schedule struct {
	// PollInterval is from the start of one sync to that of the next, ±10 %; 1
	// minute. A pause is never shorter than the sync before it was.
	PollInterval time.Duration
	SiteTimeout  time.Duration // of one sync; 2 minutes
	// ErrorBackoff is the longest pause after a failure, ±10 %, unless that took
	// longer; 1 minute.
	ErrorBackoff time.Duration
}

func (s Schedule) withDefaults() Schedule {
	or := func(d, instead time.Duration) time.Duration {
		if d > 0 {
			return d
		}
		return instead
	}
	return Schedule{
		PollInterval: or(s.PollInterval, time.Minute),
		SiteTimeout:  or(s.SiteTimeout, 2*time.Minute),
		ErrorBackoff: or(s.ErrorBackoff, time.Minute),
	}
}

// Status is how a site is doing. It never changes.
type Status struct {
	// Snapshot is the last good one, nil for a site that was never synced. It
	// may come from an earlier run of the program.
	Snapshot *Snapshot
	// LastError is the text of the last sync's error, "" after a good one. It
	// may be shown to anyone.
	LastError string
	Reason    Reason // of LastError
	Failures  int    // failed syncs in a row
	// LastAttempt is when the last finished sync began; NextAttempt when the
	// next one is due, as planned when that one ended. Zero before the first.
	LastAttempt, NextAttempt time.Time
}

// Monitor keeps a snapshot of every site up to date. Questions take no lock.
type Monitor struct {
	options    Options
	sites      atomic.Pointer[siteSet]
	generation atomic.Uint64

	mu      sync.Mutex      // held by Configure, and as Run begins and ends
	ran     bool            // Run was called
	running context.Context // Run's, nil before and after
	pollers sync.WaitGroup
}

// siteSet is the sites at one time.
type siteSet struct {
	schedule Schedule
	names    []string // sorted
	sites    map[string]*poller
}

// NewMonitor makes a Monitor that knows no site.
func NewMonitor(o Options) *Monitor {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Jitter == nil {
		o.Jitter = func(max time.Duration) time.Duration { return rand.N(max) }
	}

	m := &Monitor{options: o}
	m.sites.Store(&siteSet{schedule: Schedule{}.withDefaults()})
	return m
}

// Configure says which sites there are, by id, and how often to ask them. It
// may be called again at any time. Sites that are new begin with what the store
// has of them; sites that are gone vanish, but for their data in the store; a
// site with another source keeps its snapshot until that source has answered.
// A source is the same if it is equal by ==, so it pays to pass the old one
// where nothing has changed.
func (m *Monitor) Configure(schedule Schedule, sources map[string]Source) {
	m.mu.Lock()
	defer m.mu.Unlock()

	old := m.sites.Load()
	next := &siteSet{schedule: schedule.withDefaults(), sites: make(map[string]*poller, len(sources))}
	for id, source := range sources {
		next.names = append(next.names, id)
		before := old.sites[id]
		if before != nil && next.schedule == old.schedule && sameSource(before.source, source) {
			next.sites[id] = before
			continue
		}

		s := &poller{id: id, source: source, schedule: next.schedule, options: &m.options, generation: &m.generation}
		if before == nil {
			s.status.Store(&Status{Snapshot: s.loadLastKnown()})
		} else {
			before.stop()
			status := *before.status.Load()
			s.status.Store(&status)
			s.saveFailed, s.fromFuture = before.saveFailed, before.fromFuture
		}

		next.sites[id] = s
	}

	slices.Sort(next.names)
	for id, s := range old.sites {
		if next.sites[id] == nil {
			s.stop()
		}
	}

	m.sites.Store(next)
	m.generation.Add(1)

	if m.running != nil {
		m.start(next)
	}
}

// sameSource compares sources, of which some cannot be compared.
func sameSource(a, b any) bool {
	t := reflect.TypeOf(a)
	return t == reflect.TypeOf(b) && (t == nil || t.Comparable()) && a == b
}

// start begins to poll the sites that are not polled yet.
func (m *Monitor) start(sites *siteSet) {
	for _, s := range sites.sites {
		if s.cancel == nil {
			ctx, stop := context.WithCancel(m.running)
			s.cancel = stop
			m.pollers.Go(func() { s.poll(ctx) })
		}
	}
}

// Run asks all sites again and again until ctx ends, and returns when nothing of
// it is left running. A second call is an error.
func (m *Monitor) Run(ctx context.Context) error {
	m.mu.Lock()
	if m.ran {
		m.mu.Unlock()
		return errors.New("poll sites: called twice")
	}

	m.ran, m.running = true, ctx
	m.start(m.sites.Load())
	m.mu.Unlock()

	<-ctx.Done()

	m.mu.Lock()
	m.running = nil
	for _, s := range m.sites.Load().sites {
		s.stop()
	}

	m.mu.Unlock()
	m.pollers.Wait()
	return nil
}

// SyncOnce asks every site once, side by side, and returns the errors of those
// that failed.
func (m *Monitor) SyncOnce(ctx context.Context) map[string]error {
	var (
		mu     sync.Mutex
		wg     sync.WaitGroup
		failed = map[string]error{}
	)

	for id, s := range m.sites.Load().sites {
		wg.Go(func() {
			if _, err := s.sync(ctx); err != nil {
				mu.Lock()
				defer mu.Unlock()
				failed[id] = err
			}
		})
	}

	wg.Wait()
	return failed
}

// Sites are the ids of the configured sites, sorted. The slice is shared.
func (m *Monitor) Sites() []string { return m.sites.Load().names }

// Schedule is the one in force.
func (m *Monitor) Schedule() Schedule { return m.sites.Load().schedule }

// Snapshot is the last good one of a site; nil for a site that was never synced
// or is not configured.
func (m *Monitor) Snapshot(site string) *Snapshot {
	status, _ := m.Status(site)
	return status.Snapshot
}

// Status is how a site is doing; false for one that is not configured.
func (m *Monitor) Status(site string) (Status, bool) {
	s, ok := m.sites.Load().sites[site]
	if !ok {
		return Status{}, false
	}
	return *s.status.Load(), true
}

// Generation changes after a snapshot or the set of sites has changed: what was
// made from them holds as long as the number read before. A failed sync changes
// the site's Status, but no Generation.
func (m *Monitor) Generation() uint64 { return m.generation.Load() }
