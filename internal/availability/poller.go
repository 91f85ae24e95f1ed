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
	maxFirstDelay = time.Second
)

// poller polls one site as one configuration has it.
type poller struct {
	id         string
	source     Source
	schedule   Schedule
	options    *Options
	generation *atomic.Uint64
	status     atomic.Pointer[Status]
	cancel     context.CancelFunc // nil until it is polled; guarded by the monitor

	mu         sync.Mutex // held while a result is taken up
	stopped    bool       // no result is taken up any more
	saveFailed bool       // the last snapshot could not be kept
	fromFuture bool       // the last snapshot is of the future
}

// stop ends polling. No result is stored after it.
func (s *poller) stop() {
	if s.cancel != nil {
		s.cancel()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
}

// loadLastKnown returns what the store has of the site.
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

// checkClock reports whether a snapshot is of the future, and logs that when it
// begins.
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
	// Not all sites at once.
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

// sync asks the site once and takes up the result. It returns how long to wait
// for the next time.
func (s *poller) sync(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	report, err := s.askSource(ctx)

	if ctx.Err() != nil {
		return 0, ctx.Err() // stopping is no failure of the site
	}

	var snapshot *Snapshot
	if err == nil {
		// A slow answer is as old as the request for it.
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

	before := s.status.Load()
	after := &Status{Snapshot: snapshot, LastAttempt: began}
	if err != nil {
		after.Snapshot, after.Failures = before.Snapshot, before.Failures+1
		after.LastError, after.Reason = err.Error(), ReasonOf(err)
	}

	wait := s.pause(after.Failures, took, err)
	after.NextAttempt = time.Now().Add(wait)
	s.status.Store(after)

	if err == nil {
		s.generation.Add(1)
		s.saveLastKnown(snapshot)
	}

	s.checkClock(after.Snapshot)
	s.logSync(before, after, took, err)
	return wait, err
}

// askSource calls the source with a time limit. A panic is its error.
func (s *poller) askSource(ctx context.Context) (report *Report, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.schedule.SiteTimeout)
	defer cancel()

	defer func() {
		if p := recover(); p != nil {
			s.options.Log.Error("source panicked", "site", s.id, "panic", fmt.Sprint(p), "stack",
				string(debug.Stack()))
			report, err = nil, Failf(ReasonInternal, "poll site %q: internal error, see the log", s.id)
		}
	}()

	report, err = s.source.Hosts(ctx)
	var known *Error
	switch {
	case err == nil && report == nil:
		err = Failf(ReasonInternal, "poll site %q: the source returned nothing", s.id)
	case errors.Is(err, context.DeadlineExceeded) && !errors.As(err, &known):
		err = Failf(ReasonTimeout, "poll site %q: no response within %v: %w", s.id, s.schedule.SiteTimeout, err)
	}

	return report, err
}

// pause is how long to wait after a sync: at least as long as the sync took, so
// that a slow Blazar is idle half of the time. One that did not answer in time
// still works on the request that was given up.
func (s *poller) pause(failures int, took time.Duration, err error) time.Duration {
	if failures == 0 {
		// Polls are an interval apart from start to start.
		return max(s.jitter(s.schedule.PollInterval)-took, took)
	}

	wait := min(firstBackoff<<min(failures-1, 20), s.schedule.ErrorBackoff)
	wait = max(s.jitter(wait), took)
	if e, ok := errors.AsType[*Error](err); ok && e.RetryAfter > 0 {
		after := min(e.RetryAfter, maxRetryAfter)
		wait = max(wait, after+s.options.Jitter(after/10+1))
	}

	return wait
}

// jitter moves a duration by up to a tenth.
func (s *poller) jitter(d time.Duration) time.Duration {
	return d - d/10 + s.options.Jitter(d/5+1)
}

// saveLastKnown keeps a snapshot. That it cannot be kept is worth a line when that
// begins, not every minute.
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

// logChange logs what is strange about a snapshot where that is new: anomalies
// when they begin, change in number or end, and the loss of all hosts. The
// snapshot before may be nil.
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

// logSync logs a sync.
func (s *poller) logSync(before, after *Status, took time.Duration, err error) {
	log := s.options.Log.With("site", s.id)
	switch {
	case err != nil:
		said := []any{"reason", after.Reason, "error", err, "failures", after.Failures, "next", after.NextAttempt}
		if advice := hint.Of(err); advice != "" {
			said = append(said, "hint", advice)
		}
		log.Warn("sync failed", said...)
	case before.Failures > 0:
		var more []any
		if s.options.Attributes != nil {
			more = s.options.Attributes(s.id)
		}
		log.With(more...).Info("sync recovered", "failures", before.Failures, "hosts", len(after.Snapshot.Hosts))
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
