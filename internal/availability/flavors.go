package availability

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/sync/singleflight"
)

// Limits on flavor requests and their cached results.
const (
	flavorTTL      = 2 * time.Minute
	flavorErrorTTL = 10 * time.Second // spares a failing site a call for every request
	maxFlavorCalls = 8                // concurrent calls to one site
	maxFlavorQueue = 64               // calls that wait for a free slot; more are refused
	maxResults     = 256              // cached results of one site
	maxSegments    = 20_000           // in all cached results of one site

	// flavorsPerMinute is the default rate limit of calls to one site.
	flavorsPerMinute = 120
)

// ErrNoFlavorSource is returned for a site without a configured flavor source.
var ErrNoFlavorSource = errors.New("flavor availability is not configured for the site")

// FlavorAnswer is the availability of a flavor. It never changes, and is shared.
type FlavorAnswer struct {
	Segments  []Segment
	Requested time.Time // when the request was sent, UTC, truncated to microseconds
	Expires   time.Time // when the site is asked again, at the earliest
}

// Flavors caches the availability of a flavor in a window for two minutes, and
// shares one call between concurrent requests for the same.
type Flavors struct {
	log   *slog.Logger
	sites atomic.Pointer[map[string]*flavorSite]
}

// NewFlavors returns a Flavors without sites. A nil log logs nothing.
func NewFlavors(log *slog.Logger) *Flavors {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	f := &Flavors{log: log}
	f.sites.Store(&map[string]*flavorSite{})
	return f
}

// FlavorLimits bound the calls to one site. A value of 0 means the default.
type FlavorLimits struct {
	Timeout   time.Duration // of one call; default 2 minutes
	PerMinute int           // rate, and burst after a pause; default 120
}

// Configure sets the sources by site id, and the limits for each of them. It may be
// called again at any time, and drops what is cached.
func (f *Flavors) Configure(limits FlavorLimits, sources map[string]FlavorSource) {
	limits.Timeout = cmp.Or(limits.Timeout, Schedule{}.withDefaults().SiteTimeout)
	limits.PerMinute = cmp.Or(limits.PerMinute, flavorsPerMinute)
	sites := make(map[string]*flavorSite, len(sources))
	for id, source := range sources {
		sites[id] = &flavorSite{
			id:      id,
			source:  source,
			limits:  limits,
			log:     f.log,
			results: NewCache[flavorKey, *flavorResult](maxResults, maxSegments),
			calls:   semaphore.NewWeighted(maxFlavorCalls),
			budget:  newBudget(limits.PerMinute),
		}
	}

	f.sites.Store(&sites)
}

// Flavor returns what can be reserved of a flavor in a window, truncated to minutes.
// Its errors are ErrNoFlavorSource, those of FlavorSource, and that of ctx. The call
// continues after ctx ends, for others who wait for it and for the cache.
func (f *Flavors) Flavor(ctx context.Context, site, name string, window Interval) (*FlavorAnswer, error) {
	s := (*f.sites.Load())[site]
	if s == nil {
		return nil, ErrNoFlavorSource
	}

	key := flavorKey{name, Interval{roundToMinute(window.Start), roundToMinute(window.End)}}
	if r, ok := s.results.Get(key, time.Now()); ok {
		return r.answer, r.err
	}

	id := fmt.Sprintf("%d %d %s", key.window.Start, key.window.End, name)
	select {
	case shared := <-s.group.DoChan(id, func() (any, error) { return s.refresh(key), nil }):
		r := shared.Val.(*flavorResult)
		return r.answer, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// roundToMinute truncates a time to the minute.
func roundToMinute(t Time) Time { return roundDown(t, span(time.Minute)) }

// flavorSite is the state of one site under one configuration.
type flavorSite struct {
	id      string
	source  FlavorSource
	limits  FlavorLimits
	log     *slog.Logger
	results *Cache[flavorKey, *flavorResult]
	group   singleflight.Group
	calls   *semaphore.Weighted
	waiting atomic.Int32 // calls that run or wait for the semaphore

	mu       sync.Mutex // never held during a call
	budget   budget
	refusing bool // the last call was refused by the rate limit
}

type flavorKey struct {
	name   string
	window Interval
}

type flavorResult struct {
	answer *FlavorAnswer
	err    error
}

// refresh calls the source, unless a result was cached since the caller looked.
func (s *flavorSite) refresh(key flavorKey) *flavorResult {
	if r, ok := s.results.Get(key, time.Now()); ok {
		return r
	}
	defer s.waiting.Add(-1)

	if s.waiting.Add(1) > maxFlavorCalls+maxFlavorQueue {
		return &flavorResult{err: Failf(ReasonTimeout, "query flavors of site %q: too many concurrent requests",
			s.id)}
	}
	if err := s.spend(); err != nil {
		return &flavorResult{err: err} // not cached: it costs no call
	}

	requested, segments, err := s.askSource(key)
	if errors.Is(err, ErrNoFlavor) {
		s.refund() // known from the cached list of flavors, without a request
	}

	r := &flavorResult{err: err}
	expires := time.Now().UTC().Add(resultTTL(err))
	if err == nil {
		r.answer = &FlavorAnswer{
			Segments: segments, Requested: requested.UTC().Truncate(time.Microsecond), Expires: expires,
		}
	}

	s.results.Put(key, r, len(segments), expires)
	return r
}

// resultTTL is how long a result is cached: a site's error for its Retry-After, within
// bounds.
func resultTTL(err error) time.Duration {
	if err == nil || errors.Is(err, ErrNoFlavor) || errors.Is(err, ErrUnsupported) {
		return flavorTTL
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return min(max(e.RetryAfter, flavorErrorTTL), flavorTTL)
	}
	return flavorErrorTTL
}

// spend takes one call from the site's budget. Its error means that none is left; the
// first of a run of such errors is logged.
func (s *flavorSite) spend() error {
	s.mu.Lock()
	defer s.mu.Unlock()

	wait, ok := s.budget.take(time.Now())
	if ok {
		s.refusing = false
		return nil
	}

	err := &Error{Reason: ReasonRateLimit, RetryAfter: wait, Err: fmt.Errorf(
		"query flavors of site %q: more than %d requests a minute (requests_per_minute)", s.id, s.limits.PerMinute)}
	if !s.refusing {
		s.log.Warn("flavor requests refused: rate limit reached", "site", s.id, "error", err)
	}

	s.refusing = true
	return err
}

func (s *flavorSite) refund() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.budget.give()
}

// budget is a token bucket that holds one minute's calls.
type budget struct {
	every time.Duration // time until one token is added
	max   int
	left  int
	since time.Time // when the last token was added
}

func newBudget(perMinute int) budget {
	return budget{every: time.Minute / time.Duration(perMinute), max: perMinute, left: perMinute}
}

// take spends one token. Without one it returns how long to wait for the next.
func (b *budget) take(now time.Time) (wait time.Duration, ok bool) {
	grown := int(now.Sub(b.since) / b.every)
	if b.left+grown >= b.max || b.since.IsZero() {
		b.left, b.since = b.max, now
	} else if grown > 0 {
		b.left += grown
		b.since = b.since.Add(time.Duration(grown) * b.every) // keeps the fraction of a token
	}

	if b.left == 0 {
		return b.since.Add(b.every).Sub(now), false
	}

	b.left--
	return 0, true
}

func (b *budget) give() { b.left = min(b.left+1, b.max) }

// askSource calls the source with a time limit of its own, and no caller's context,
// since several callers share the result. A panic becomes an error. It returns when
// the call began.
func (s *flavorSite) askSource(key flavorKey) (requested time.Time, segments []Segment, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), s.limits.Timeout)
	defer cancel()

	defer recoverPanic(s.log, s.id, &err)

	if err := s.calls.Acquire(ctx, 1); err != nil {
		return requested, nil, Failf(ReasonTimeout,
			"query flavors of site %q: timed out waiting for a free request slot (%v)", s.id, s.limits.Timeout)
	}
	defer s.calls.Release(1)

	requested = time.Now()
	segments, err = s.source.Flavor(ctx, key.name, key.window)
	switch {
	case err == nil, errors.Is(err, ErrNoFlavor): // nothing to log
	case errors.Is(err, ErrUnsupported):
		s.log.Info("flavor availability not supported", "site", s.id, "error", err)
	default:
		s.log.Warn("flavor availability failed", "site", s.id, "reason", ReasonOf(err), "error", err)
	}

	return requested, segments, err
}
