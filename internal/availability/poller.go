package availability

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chameleoncloud/refapi/internal/hint"
)

const (
	firstBackoff = time.Second
	// Cap Retry-After: one bad header must not leave stale data for a day.
	maxRetryAfter = 15 * time.Minute
	maxFirstDelay = time.Second // spreads the first requests over the sites
)

// poller polls one site under one configuration.
type poller struct {
	id         string
	source     Source
	schedule   Schedule
	options    *Options
	generation *atomic.Uint64
	status     atomic.Pointer[Status]
	cancel     context.CancelFunc // nil until poll runs; guarded by Monitor.mu

	mu         sync.Mutex // held while a result is stored; guards the following
	stopped    bool       // results are discarded
	saveFailed bool       // the last snapshot could not be written to the store
	fromFuture bool       // the last snapshot is dated in the future
}

// stop ends polling. No result is stored after it returns.
func (s *poller) stop() {
	if s.cancel != nil {
		s.cancel()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
}

// loadLastKnown returns the site's snapshot in the store, nil where there is none.
func (s *poller) loadLastKnown() *Snapshot {
	if s.options.Store == nil {
		return nil
	}

	snapshot, err := s.options.Store.Load(s.id)
	if err != nil {
		s.options.Log.Warn("cannot use last-known data", "site", s.id, "error", err)
	} else if snapshot != nil && !s.checkClock(snapshot) {
		s.options.Log.Info("serving last-known data", "site", s.id, "synced", snapshot.Synced, "hosts",
			len(snapshot.Hosts))
	}

	return snapshot
}

// checkClock reports whether a snapshot is dated in the future, and logs the first of
// a run of such snapshots.
func (s *poller) checkClock(snapshot *Snapshot) bool {
	now := time.Now()
	before := s.fromFuture
	s.fromFuture = snapshot != nil && snapshot.AgeUnknown(now)
	if s.fromFuture && !before {
		s.options.Log.Warn("site data is dated in the future: age unknown, treated as stale", "site", s.id,
			"synced", snapshot.Synced, "now", now, "hosts", len(snapshot.Hosts))
	}
	return s.fromFuture
}

// poll syncs until ctx ends.
func (s *poller) poll(ctx context.Context) {
	// A random delay, so that not all sites are polled at the same moment.
	wait := s.options.Jitter(min(maxFirstDelay, s.schedule.PollInterval/10+1))
	timer := time.NewTimer(wait)
	defer timer.Stop()

	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		wait, _ = s.sync(ctx)
		timer.Reset(wait)
	}
}

// sync polls the site once and stores the result. It returns how long to wait before
// the next sync.
func (s *poller) sync(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	report, err := s.askSource(ctx)

	if ctx.Err() != nil {
		return 0, ctx.Err() // stopping does not count as a failure of the site
	}

	var snapshot *Snapshot
	if err == nil {
		// A slow response is as old as its request.
		asked := report.Requested
		if asked.IsZero() {
			asked = began
		}
		snapshot = NewSnapshot(s.id, asked, report)
	}

	took := time.Since(began)

	s.mu.Lock()
	defer s.mu.Unlock()

	if s.stopped {
		return 0, context.Canceled
	}

	// After an error the last good snapshot stays.
	before := s.status.Load()
	after := &Status{Snapshot: snapshot, LastAttempt: began}
	if err != nil {
		after.Snapshot, after.Failures = before.Snapshot, before.Failures+1
		after.LastError, after.Reason = err.Error(), ReasonOf(err)
	}

	wait := s.pause(after.Failures, took, err)
	after.NextAttempt = time.Now().Add(wait)
	s.status.Store(after)

	// The status first: who sees the new generation must see the new snapshot.
	if err == nil {
		s.generation.Add(1)
		s.saveLastKnown(snapshot)
	}

	s.checkClock(after.Snapshot)
	s.logSync(before, after, took, err)
	return wait, err
}

// askSource calls the source with a time limit. A panic becomes an error.
func (s *poller) askSource(ctx context.Context) (report *Report, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.schedule.SiteTimeout)
	defer cancel()

	defer recoverPanic(s.options.Log, s.id, &err)

	report, err = s.source.Hosts(ctx)
	_, known := errors.AsType[*Error](err)
	switch {
	case err == nil && report == nil:
		err = Failf(ReasonInternal, "poll site %q: the source returned nothing", s.id)
	case !known && errors.Is(err, context.DeadlineExceeded):
		err = Failf(ReasonTimeout, "poll site %q: no response within %v: %w", s.id, s.schedule.SiteTimeout, err)
	}

	return report, err
}

// recoverPanic, deferred, logs a panic of a site's source and makes it an error.
func recoverPanic(log *slog.Logger, site string, err *error) {
	if p := recover(); p != nil {
		log.Error("source panicked", "site", site, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		*err = Failf(ReasonInternal, "poll site %q: internal error, see the log", site)
	}
}

// pause is how long to wait after a sync: at least as long as the sync took, so that
// a slow Blazar is idle half of the time. One that did not respond in time may still
// be working on the abandoned request.
func (s *poller) pause(failures int, took time.Duration, err error) time.Duration {
	if failures == 0 {
		// Polls are an interval apart from start to start.
		return max(s.jitter(s.schedule.PollInterval)-took, took)
	}

	// Exponential backoff; the cap on the shift avoids an overflow.
	wait := min(firstBackoff<<min(failures-1, 20), s.schedule.ErrorBackoff)
	wait = max(s.jitter(wait), took)
	if e, ok := errors.AsType[*Error](err); ok && e.RetryAfter > 0 {
		after := min(e.RetryAfter, maxRetryAfter)
		wait = max(wait, after+s.options.Jitter(after/10+1))
	}

	return wait
}

// jitter varies a duration by up to ±10 %.
func (s *poller) jitter(d time.Duration) time.Duration {
	return d - d/10 + s.options.Jitter(d/5+1)
}

// saveLastKnown writes a snapshot to the store. It logs when that begins to fail and
// when it works again, not every minute.
func (s *poller) saveLastKnown(snapshot *Snapshot) {
	if s.options.Store == nil {
		return
	}

	err := s.options.Store.Save(snapshot)
	switch {
	case err != nil && !s.saveFailed:
		s.options.Log.Error("cannot store last-known data", "site", s.id, "error", err)
	case err == nil && s.saveFailed:
		s.options.Log.Info("last-known data stored again", "site", s.id)
	}

	s.saveFailed = err != nil
}

// logChange logs anomalies of a snapshot when they begin, change in number or end,
// and when a site loses or regains all hosts. The previous snapshot may be nil.
func logChange(log *slog.Logger, before, after *Snapshot) {
	var hosts int
	known := map[string]int{}
	if before != nil {
		hosts = len(before.Hosts)
		for _, warning := range before.Warnings {
			known[warning.Kind] = warning.Count
		}
	}

	for _, warning := range after.Warnings {
		if known[warning.Kind] != warning.Count {
			log.Warn("response anomaly", "what", warning.String())
		}
		delete(known, warning.Kind)
	}

	// What is left in known was in the previous snapshot only.
	for _, kind := range slices.Sorted(maps.Keys(known)) {
		log.Info("response anomaly gone", "what", kind)
	}

	switch {
	case hosts > 0 && len(after.Hosts) == 0:
		log.Warn("site reports no hosts", "before", hosts)
	case before != nil && hosts == 0 && len(after.Hosts) > 0:
		log.Info("site reports hosts again", "hosts", len(after.Hosts))
	}
}

// logSync logs a sync and passes it to the observer.
func (s *poller) logSync(before, after *Status, took time.Duration, err error) {
	log := s.options.Log.With("site", s.id)
	switch {
	case err != nil:
		attributes := []any{"reason", after.Reason, "error", err, "failures", after.Failures, "next", after.NextAttempt}
		if advice := hint.Of(err); advice != "" {
			attributes = append(attributes, "hint", advice)
		}
		log.Warn("sync failed", attributes...)
	case before.Failures > 0:
		var target []any
		if s.options.Attributes != nil {
			target = s.options.Attributes(s.id)
		}
		log.With(target...).Info("sync recovered", "failures", before.Failures, "hosts", len(after.Snapshot.Hosts))
	default:
		log.Debug("synced", "hosts", len(after.Snapshot.Hosts), "rows", after.Snapshot.Rows, "took", took)
	}

	if err == nil {
		logChange(log, before.Snapshot, after.Snapshot)
	}
	if s.options.Observe != nil {
		s.options.Observe(s.id, took, err)
	}
}
