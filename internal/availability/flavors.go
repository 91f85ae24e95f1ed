package availability

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chameleoncloud/refapi/internal/cache"
	"golang.org/x/sync/singleflight"
)

// Limits of requests about flavors and of their results.
const (
	flavorTTL      = 2 * time.Minute
	flavorErrorTTL = 10 * time.Second // a failing site is not asked by every request
	maxFlavorCalls = 8                // to one site at once
	maxFlavorQueue = 64               // that wait for a free slot; more are refused
	maxResults     = 256              // kept of one site
	maxSegments    = 20_000           // in them, all together

	// flavorsPerMinute is how often a site is asked on average.
	flavorsPerMinute = 120
)

// ErrNoFlavorSource says that a site is not asked about flavors.
var ErrNoFlavorSource = errors.New("flavor availability is not configured for the site")

// FlavorAnswer is the availability of a flavor. It never changes, and is shared.
type FlavorAnswer struct {
	Segments  []Segment
	Requested time.Time // when the site was asked, UTC, whole microseconds
	Expires   time.Time // when it will be asked again, at the earliest
}

// Flavors keeps the availability of a flavor in a window for two minutes, and
// sends one request for all who want the same at the same time.
type Flavors struct {
	log   *slog.Logger
	sites atomic.Pointer[map[string]*flavorSite]
	mu    sync.Mutex // held by Configure
}

// NewFlavors makes a Flavors that knows no site. A nil log logs nothing.
func NewFlavors(log *slog.Logger) *Flavors {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	f := &Flavors{log: log}
	f.sites.Store(&map[string]*flavorSite{})
	return f
}

// FlavorLimits bound what one site is asked. What is not positive has its default.
type FlavorLimits struct {
	Timeout   time.Duration // of one request; 2 minutes
	PerMinute int           // requests on average, and at once after a pause; 120
}

// Configure says which sites there are, by id, and what bounds requests to one of
// them. It may be called again at any time. What is remembered of a site is
// forgotten, unless its source is the same by == and the limits, too.
func (f *Flavors) Configure(limits FlavorLimits, sources map[string]FlavorSource) {
	if limits.Timeout <= 0 {
		limits.Timeout = Schedule{}.withDefaults().SiteTimeout
	}
	if limits.PerMinute <= 0 {
		limits.PerMinute = flavorsPerMinute
	}

	f.mu.Lock()
	defer f.mu.Unlock()

	old, next := *f.sites.Load(), make(map[string]*flavorSite, len(sources))
	for id, source := range sources {
		if s := old[id]; s != nil && s.limits == limits && sameSource(s.source, source) {
			next[id] = s
			continue
		}
		next[id] = &flavorSite{
			id: id, source: source, limits: limits, log: f.log, budget: newBudget(limits.PerMinute),
			calls: make(chan struct{}, maxFlavorCalls), results: cache.New[flavorKey, *flavorResult](maxResults,
				maxSegments),
		}
	}

	f.sites.Store(&next)
}

// Has reports whether a site is asked about flavors.
func (f *Flavors) Has(site string) bool { return (*f.sites.Load())[site] != nil }

// Flavor returns what can be reserved of a flavor in a window, cut to minutes.
// Its errors are ErrNoFlavorSource, those of FlavorSource, and that of ctx. An
// error of the site is kept for ten seconds, or for its Retry-After, but at most
// two minutes; that there is no such flavor for two minutes. The call goes on when
// ctx ends, for the others who wait for it and for the next. Every failed call is
// logged here, once, however many it answers.
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

// roundToMinute is the minute that a time is in.
func roundToMinute(t Time) Time { return roundDown(t, span(time.Minute)) }

// flavorSite is one site as one configuration has it.
type flavorSite struct {
	id      string
	source  FlavorSource
	limits  FlavorLimits
	log     *slog.Logger
	results *cache.Cache[flavorKey, *flavorResult]
	group   singleflight.Group
	calls   chan struct{} // as many as may go on at once
	waiting atomic.Int32  // that go on or wait

	mu       sync.Mutex // never held over a call
	budget   budget
	refusing bool // the last request was refused for want of budget
}

type flavorKey struct {
	name   string
	window Interval
}

type flavorResult struct {
	answer *FlavorAnswer
	err    error
}

// refresh asks the site, unless somebody just did.
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
		return &flavorResult{err: err} // not kept: it costs nothing
	}

	requested, segments, err := s.askSource(key)
	if errors.Is(err, ErrNoFlavor) {
		s.refund() // the list of flavors says so, which is requested rarely
	}

	r := &flavorResult{err: err}
	expires := time.Now().Add(resultTTL(err))
	if err == nil {
		r.answer = &FlavorAnswer{
			Segments: segments, Requested: requested.UTC().Truncate(time.Microsecond), Expires: expires.UTC(),
		}
	}

	s.results.Put(key, r, len(segments), expires)
	return r
}

// resultTTL is how long a result is kept.
func resultTTL(err error) time.Duration {
	if err == nil || errors.Is(err, ErrNoFlavor) || errors.Is(err, ErrUnsupported) {
		return flavorTTL
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return min(max(e.RetryAfter, flavorErrorTTL), flavorTTL)
	}
	return flavorErrorTTL
}

// spend takes a request from the site's budget. Its error says that there is none
// left, and is logged when that begins.
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

// budget is a number of requests that grows with time, up to a minute's worth.
type budget struct {
	every time.Duration // one more
	max   int
	left  int
	since time.Time // when the part of a request that left lacks began to grow
}

func newBudget(perMinute int) budget {
	return budget{every: time.Minute / time.Duration(perMinute), max: perMinute, left: perMinute}
}

// take spends one. Where there is none it returns when there will be.
func (b *budget) take(now time.Time) (wait time.Duration, ok bool) {
	grown := int(now.Sub(b.since) / b.every)
	if b.left+grown >= b.max || b.since.IsZero() {
		b.left, b.since = b.max, now
	} else if grown > 0 {
		b.left += grown
		b.since = b.since.Add(time.Duration(grown) * b.every)
	}

	if b.left == 0 {
		return b.since.Add(b.every).Sub(now), false
	}

	b.left--
	return 0, true
}

func (b *budget) give() { b.left = min(b.left+1, b.max) }

// askSource calls the source, for everyone: with a time limit, but no caller's
// context. A panic is its error. It returns when the call began.
func (s *flavorSite) askSource(key flavorKey) (requested time.Time, segments []Segment, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), s.limits.Timeout)
	defer cancel()

	defer func() {
		if p := recover(); p != nil {
			s.log.Error("flavor source panicked", "site", s.id, "panic", fmt.Sprint(p), "stack",
				string(debug.Stack()))
			segments, err = nil, Failf(ReasonInternal, "query flavors of site %q: internal error, see the log", s.id)
		}
	}()

	select {
	case s.calls <- struct{}{}:
		defer func() { <-s.calls }()
	case <-ctx.Done():
		return requested, nil, Failf(ReasonTimeout,
			"query flavors of site %q: timed out waiting for a free request slot (%v)", s.id, s.limits.Timeout)
	}

	requested = time.Now()
	segments, err = s.source.Flavor(ctx, key.name, key.window)
	switch {
	case err == nil, errors.Is(err, ErrNoFlavor):
	case errors.Is(err, ErrUnsupported):
		s.log.Info("flavor availability not supported", "site", s.id, "error", err)
	default:
		s.log.Warn("flavor availability failed", "site", s.id, "reason", ReasonOf(err), "error", err)
	}

	return requested, segments, err
}
