package availability

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Options are the dependencies of a Monitor.
type Options struct {
	Store *Store       // where last-known data is stored; nil stores nothing
	Log   *slog.Logger // nil logs nothing
	// Observe is called after each sync, once its result is visible; nil for none.
	// Calls for different sites are concurrent.
	Observe func(site string, took time.Duration, err error)
	// Attributes returns key-value pairs to log with a recovery of a site; nil for
	// none.
	Attributes func(site string) []any
	// Jitter returns a duration of at least 0 and less than max, which is
	// positive; nil for a random one.
	Jitter func(max time.Duration) time.Duration
}

// Schedule is how often sites are polled. A value of 0 means the default.
type Schedule struct {
	// PollInterval is from the start of one sync to that of the next, ±10 %; default
	// 1 minute. A pause is never shorter than the sync before it took.
	PollInterval time.Duration
	SiteTimeout  time.Duration // of one sync; default 2 minutes
	// ErrorBackoff is the longest pause after a failed sync, ±10 %, unless the sync
	// took longer; default 1 minute.
	ErrorBackoff time.Duration
}

func (s Schedule) withDefaults() Schedule {
	return Schedule{
		PollInterval: cmp.Or(s.PollInterval, time.Minute),
		SiteTimeout:  cmp.Or(s.SiteTimeout, 2*time.Minute),
		ErrorBackoff: cmp.Or(s.ErrorBackoff, time.Minute),
	}
}

// Status is the result of a site's syncs so far. It never changes.
type Status struct {
	// Snapshot is the last good one, nil for a site that was never synced. It may be
	// from an earlier run of the program.
	Snapshot *Snapshot
	// LastError is the text of the last sync's error, "" after a good one. It contains
	// no secrets: it is published.
	LastError string
	Reason    Reason // of LastError
	Failures  int    // failed syncs in a row
	// LastAttempt is when the last completed sync began, NextAttempt when the next one
	// is due. Both are zero before the first.
	LastAttempt, NextAttempt time.Time
}

// Monitor keeps a snapshot of every site up to date. Reading it takes no lock.
type Monitor struct {
	options    Options
	sites      atomic.Pointer[siteSet]
	generation atomic.Uint64

	mu      sync.Mutex      // held by Configure, and while Run starts and stops
	ran     bool            // Run was called
	running context.Context // of Run, nil before and after
	pollers sync.WaitGroup
}

// siteSet is the configured sites. It is replaced, never changed.
type siteSet struct {
	schedule Schedule
	names    []string // sorted
	sites    map[string]*poller
}

// NewMonitor returns a Monitor without sites.
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

// Configure sets the sources by site id, and how often to poll them. It may be called
// again at any time. A new site starts with its last-known data from the store. A
// removed site is gone at once, but its stored data stays. A site that stays keeps its
// snapshot until its new source has answered.
func (m *Monitor) Configure(schedule Schedule, sources map[string]Source) {
	m.mu.Lock()
	defer m.mu.Unlock()

	old := m.sites.Load()
	for _, s := range old.sites {
		s.stop() // from here on it stores no result, so its state can be moved
	}

	next := &siteSet{
		schedule: schedule.withDefaults(),
		names:    slices.Sorted(maps.Keys(sources)),
		sites:    make(map[string]*poller, len(sources)),
	}
	for id, source := range sources {
		s := &poller{id: id, source: source, schedule: next.schedule, options: &m.options, generation: &m.generation}
		if before := old.sites[id]; before != nil {
			s.status.Store(before.status.Load())
			s.saveFailed, s.fromFuture = before.saveFailed, before.fromFuture
		} else {
			s.status.Store(&Status{Snapshot: s.loadLastKnown()})
		}
		next.sites[id] = s
	}

	m.sites.Store(next)
	m.generation.Add(1)

	if m.running != nil {
		m.start(next)
	}
}

// start starts the pollers that do not run yet.
func (m *Monitor) start(sites *siteSet) {
	for _, s := range sites.sites {
		if s.cancel == nil {
			ctx, stop := context.WithCancel(m.running)
			s.cancel = stop
			m.pollers.Go(func() { s.poll(ctx) })
		}
	}
}

// Run polls all sites until ctx ends, and returns when all its goroutines have ended.
// A second call is an error.
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

	// From here on Configure starts no poller, so that Wait cannot miss one.
	m.mu.Lock()
	m.running = nil
	for _, s := range m.sites.Load().sites {
		s.stop()
	}
	m.mu.Unlock()

	m.pollers.Wait()
	return nil
}

// SyncOnce polls every site once, concurrently, and returns the errors of those that
// failed, by site id.
func (m *Monitor) SyncOnce(ctx context.Context) map[string]error {
	var mu sync.Mutex
	var wg sync.WaitGroup
	failed := map[string]error{}

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

// Schedule returns the schedule in force, with defaults filled in.
func (m *Monitor) Schedule() Schedule { return m.sites.Load().schedule }

// Snapshot returns a site's last good snapshot; nil for a site that was never synced
// or is not configured.
func (m *Monitor) Snapshot(site string) *Snapshot {
	status, _ := m.Status(site)
	return status.Snapshot
}

// Status returns a site's status; false for one that is not configured.
func (m *Monitor) Status(site string) (Status, bool) {
	s, ok := m.sites.Load().sites[site]
	if !ok {
		return Status{}, false
	}
	return *s.status.Load(), true
}

// Generation changes after a snapshot or the set of sites has changed: results
// computed after reading it are valid until it changes. A failed sync changes the
// site's Status, but not the Generation.
func (m *Monitor) Generation() uint64 { return m.generation.Load() }
