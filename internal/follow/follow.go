// Package follow publishes each new commit of a repository: it says when to fetch and to
// build, goes on after failures, and knows what is served and what is not yet.
package follow

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/watch"
)

// Loop follows one repository. Fetch and Build do the work, one call at a time.
type Loop struct {
	// Fetch brings the repository up to date, and returns the commit to publish.
	Fetch func(context.Context) (commit string, err error)
	// Build publishes the commit that Fetch has found, unless it is live already.
	Build func(context.Context) (Result, error)
	// Then is called after a release went live, which its error does not change; nil for
	// nothing.
	Then func(context.Context) error

	// Paths are watched for changes between two calls of Fetch; nil for none.
	Paths func() watch.Paths
	// Every is the time between two calls of Fetch without a change or a Trigger.
	Every time.Duration

	// Live is the release that is live before the first build; the zero one for none.
	Live Release
	// Observe is called after each call of Fetch, Build and Then; it may be nil.
	Observe func(Step)
	// Jitter returns a random duration below the given one, so that not all copies of the
	// program fetch at the same moment; nil for none.
	Jitter func(time.Duration) time.Duration
	Now    func() time.Time
	Log    *slog.Logger

	trigger chan struct{}
	mu      sync.Mutex
	status  Status

	failed string    // commit of the last build, if that failed
	retry  time.Time // when it may be built again
	pinned [2]string // release and commit of the last build, if the release is pinned
}

// Limits of the pause after a failure, which doubles each time. Triggers end it.
const (
	firstBackoff = time.Second
	maxBackoff   = 5 * time.Minute
)

// New returns a Loop that is complete but for its functions.
func New(log *slog.Logger, now func() time.Time) *Loop {
	return &Loop{Now: now, Log: log, trigger: make(chan struct{}, 1)}
}

// Trigger makes the loop fetch soon. Any number of calls during a fetch or a build are
// answered by one that follows.
func (l *Loop) Trigger() {
	select {
	case l.trigger <- struct{}{}:
	default: // one is waiting
	}
}

// Status returns what is known now.
func (l *Loop) Status() Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.status
}

// update changes the status.
func (l *Loop) update(change func(*Status)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(&l.status)
}

// Run follows until ctx ends. No error ends it.
func (l *Loop) Run(ctx context.Context) {
	l.update(func(s *Status) { s.Live = l.Live })
	f := watch.Follower{
		Paths:   l.paths,
		Changed: func() time.Duration { return l.step(ctx) },
		Limited: l.logLimit,
		Trigger: l.trigger,
	}
	f.Start()
	f.Run(ctx)
}

func (l *Loop) paths() watch.Paths {
	if l.Paths == nil {
		return watch.Paths{}
	}
	return l.Paths()
}

func (l *Loop) logLimit(err error) {
	l.Log.Warn("cannot watch files: looking every two seconds instead", withHint(err)...)
}

// step fetches and builds once, and returns how long to wait before the next time.
func (l *Loop) step(ctx context.Context) time.Duration {
	began := l.Now()
	commit, err := l.fetch(ctx)
	if err != nil {
		return l.fail(ctx, "fetch failed", err)
	}

	// Events go on while a commit that cannot be built is the newest. A pause longer than
	// the longest means that the clock was set back.
	if left := l.retry.Sub(began); commit == l.failed && left > 0 && left <= maxBackoff {
		l.Log.Debug("not built again yet", "commit", commit, "next", left)
		return left
	}

	result, err := l.build(ctx)
	if err != nil {
		l.failed = commit
		wait := l.fail(ctx, "build failed", err)
		l.retry = l.Now().Add(wait)
		return wait
	}

	l.failed = ""
	l.succeed(commit, result, began)
	if result.Outcome == Published {
		l.then(ctx)
	}
	return l.jitter(l.Every)
}

// fetch calls Fetch.
func (l *Loop) fetch(ctx context.Context) (commit string, err error) {
	l.observe(ctx, Fetch, func() (Outcome, error) {
		commit, err = l.Fetch(ctx)
		return Done, err
	})
	if err != nil {
		return "", err
	}

	l.update(func(s *Status) {
		s.Seen = commit
		switch {
		case commit == s.Live.Commit:
			s.Behind = time.Time{}
		case s.Behind.IsZero():
			s.Behind = l.Now()
		}
	})

	return commit, nil
}

// build calls Build.
func (l *Loop) build(ctx context.Context) (result Result, err error) {
	l.observe(ctx, Build, func() (Outcome, error) {
		result, err = l.Build(ctx)
		return result.Outcome, err
	})
	return result, err
}

// then calls Then.
func (l *Loop) then(ctx context.Context) {
	if l.Then == nil {
		return
	}
	l.observe(ctx, Hook, func() (Outcome, error) {
		err := l.Then(ctx)
		if err != nil {
			l.Log.Error("hook failed: the release stays", withHint(err)...)
		}
		return Done, err
	})
}

// observe calls a stage, and Observe after it.
func (l *Loop) observe(ctx context.Context, stage Stage, call func() (Outcome, error)) {
	began := l.Now()
	outcome, err := call()
	if err != nil {
		outcome = Failed
	}
	if l.Observe != nil && ctx.Err() == nil {
		l.Observe(Step{stage, outcome, max(0, l.Now().Sub(began))})
	}
}

// succeed records and logs a build without an error.
func (l *Loop) succeed(commit string, r Result, began time.Time) {
	before := l.Status()
	now := l.Now()
	l.update(func(s *Status) {
		s.Live, s.Success, s.LastError, s.Failures = r.Live, now, "", 0
		s.Pinned = r.Outcome == Pinned
		if r.Live.Commit == commit {
			s.Behind = time.Time{}
		}
		if r.Outcome == Published {
			s.Took = now.Sub(began)
		}
	})

	if before.Failures > 0 {
		l.Log.Info("recovered", "failures", before.Failures, "error", before.LastError)
	}

	switch {
	case r.Outcome == Published:
		l.Log.Info("published", append([]any{"release", r.Live.ID, "commit", commit,
			"took", now.Sub(began).Round(time.Millisecond)}, r.Detail...)...)
	case r.Outcome == Pinned && l.pinned != [2]string{r.Live.ID, commit}:
		l.Log.Info("pinned: the live release stays", "release", r.Live.ID, "commit", commit)
	case before.Success.IsZero(): // since the start
		l.Log.Info("live already", "release", r.Live.ID, "commit", commit)
	default:
		l.Log.Debug("nothing new", "release", r.Live.ID, "commit", commit)
	}

	l.pinned = [2]string{}
	if r.Outcome == Pinned {
		l.pinned = [2]string{r.Live.ID, commit}
	}
}

// fail records and logs an error, and returns how long to wait before the next attempt.
func (l *Loop) fail(ctx context.Context, message string, err error) time.Duration {
	if ctx.Err() != nil {
		return l.Every // stopping is no failure
	}

	var failures int
	l.update(func(s *Status) {
		s.Failures++
		s.Failure, s.LastError = l.Now(), err.Error()
		failures = s.Failures
	})

	// The limit of the shift avoids an overflow.
	wait := l.jitter(min(firstBackoff<<min(failures-1, 20), maxBackoff))
	l.Log.Error(message, withHint(err, "failures", failures, "next", wait.Round(time.Millisecond))...)
	return wait
}

// withHint returns attributes of a line about an error.
func withHint(err error, more ...any) []any {
	args := append([]any{"error", err}, more...)
	if advice := hint.Of(err); advice != "" {
		args = append(args, "hint", advice)
	}
	return args
}

// jitter varies a duration by up to 10 %.
func (l *Loop) jitter(d time.Duration) time.Duration {
	if l.Jitter == nil {
		return d
	}
	return d - d/10 + l.Jitter(d/10+1)
}
