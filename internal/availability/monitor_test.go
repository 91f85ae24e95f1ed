package availability

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// fake is a Source that notes when it was asked.
type fake struct {
	answer func(ctx context.Context, n int) (*Inventory, error) // n counts from 1; nil gives one host

	mu    sync.Mutex
	calls []time.Time
}

func (f *fake) Hosts(ctx context.Context) (*Inventory, error) {
	f.mu.Lock()
	f.calls = append(f.calls, time.Now())
	n := len(f.calls)
	f.mu.Unlock()
	if f.answer == nil {
		return &Inventory{Hosts: []Host{{Node: "n"}}, Rows: 1}, nil
	}
	return f.answer(ctx, n)
}

// pauses are the times between calls; the first one since a time.
func (f *fake) pauses(since time.Time) (all []time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, t := range f.calls {
		all = append(all, t.Sub(since))
		since = t
	}
	return all
}

func (f *fake) count() int { return len(f.pauses(time.Time{})) }

// logged is a log that can be read while it is written.
type logged struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// lines are those with a text.
func (l *logged) lines(text string) (all []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(l.buf.String()) {
		if strings.Contains(line, text) {
			all = append(all, strings.TrimSpace(line))
		}
	}
	return all
}

// middle makes every spread duration exact.
func middle(max time.Duration) time.Duration { return max / 2 }

var minutely = Schedule{PollInterval: time.Minute, SiteTimeout: 2 * time.Minute, ErrorBackoff: time.Minute}

// bubble runs a monitor in a bubble whose clock stands still while anything is
// done.
func bubble(t *testing.T, o Options, sources map[string]Source, test func(m *Monitor, log *logged)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		log := &logged{}
		o.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		if o.Jitter == nil {
			o.Jitter = middle
		}
		m := NewMonitor(o)
		m.Configure(minutely, sources)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- m.Run(ctx) }()
		synctest.Wait()
		test(m, log)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func equalRounded(t *testing.T, got []time.Duration, want ...time.Duration) {
	t.Helper()
	for i := range got {
		got[i] = got[i].Round(time.Millisecond)
	}
	if !slices.Equal(got, want) {
		t.Errorf("pauses %v, want %v", got, want)
	}
}

func TestPollsEveryInterval(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		jitter func(time.Duration) time.Duration
		want   []time.Duration
	}{
		"least":  {func(time.Duration) time.Duration { return 0 }, []time.Duration{0, 54 * time.Second, 54 * time.Second, 54 * time.Second}},
		"middle": {middle, []time.Duration{500 * time.Millisecond, time.Minute, time.Minute}},
		"most":   {func(max time.Duration) time.Duration { return max - 1 }, []time.Duration{time.Second, 66 * time.Second, 66 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fake{}
			began := time.Time{}
			bubble(t, Options{Jitter: c.jitter}, map[string]Source{"uc": f}, func(m *Monitor, log *logged) {
				began = time.Now()
				time.Sleep(179 * time.Second)
				if s, _ := m.Status("uc"); s.NextAttempt.Before(time.Now()) || s.Failures != 0 || s.LastError != "" || time.Since(s.LastAttempt) > 66*time.Second {
					t.Errorf("status %+v", s)
				}
				if n := len(log.lines("level=DEBUG msg=synced")); n != len(c.want) {
					t.Errorf("%d debug lines", n)
				}
			})
			equalRounded(t, f.pauses(began), c.want...)
		})
	}
}

// A sync that takes long does not make the polls further apart, and leaves the
// site some rest.
func TestSlowAnswers(t *testing.T) {
	t.Parallel()
	f := &fake{answer: func(_ context.Context, n int) (*Inventory, error) {
		time.Sleep(time.Duration(n) * 40 * time.Second)
		return &Inventory{}, nil
	}}
	bubble(t, Options{}, map[string]Source{"uc": f}, func(*Monitor, *logged) {
		began := time.Now()
		time.Sleep(150 * time.Second)
		equalRounded(t, f.pauses(began), 500*time.Millisecond, time.Minute, 86*time.Second)
	})
}

func TestRandomJitterStaysInBounds(t *testing.T) {
	t.Parallel()
	m := NewMonitor(Options{})
	s := &site{options: &m.options}
	for range 10_000 {
		if d := s.spread(time.Minute); d < 54*time.Second || d > 66*time.Second {
			t.Fatal(d)
		}
	}
}

func TestBackOffAndRecovery(t *testing.T) {
	t.Parallel()
	f := &fake{answer: func(_ context.Context, n int) (*Inventory, error) {
		if n == 1 || n > 9 {
			return &Inventory{Hosts: []Host{{Node: "n"}}}, nil
		}
		return nil, Failf(ReasonServer, "ask Blazar: 500 Internal Server Error")
	}}
	var observed []bool
	o := Options{Observe: func(site string, _ time.Duration, err error) { observed = append(observed, site == "uc" && err == nil) }}
	bubble(t, o, map[string]Source{"uc": f}, func(m *Monitor, log *logged) {
		began := time.Now()
		time.Sleep(2 * time.Second)
		good, generation := m.Snapshot("uc"), m.Generation()
		time.Sleep(190 * time.Second)
		s, _ := m.Status("uc")
		if s.Failures != 8 || s.Reason != ReasonServer || s.LastError != "ask Blazar: 500 Internal Server Error" || s.Snapshot != good || m.Generation() != generation {
			t.Errorf("after failures: %+v", s)
		}
		lines := log.lines(`msg="sync failed"`)
		if len(lines) != 8 || !strings.Contains(lines[1], `level=WARN msg="sync failed" site=uc reason=server error="ask Blazar: 500 Internal Server Error" failures=2 next=`) {
			t.Errorf("log: %q", lines)
		}
		time.Sleep(2 * time.Minute)
		s, _ = m.Status("uc")
		if s.Failures != 0 || s.Reason != "" || s.LastError != "" || s.Snapshot == good || m.Generation() == generation {
			t.Errorf("after recovery: %+v", s)
		}
		if lines := log.lines("sync recovered"); len(lines) != 1 || !strings.Contains(lines[0], "site=uc failures=8 hosts=1") {
			t.Errorf("log: %q", lines)
		}
		sec := time.Second
		equalRounded(t, f.pauses(began), 500*time.Millisecond, 60*sec, sec, 2*sec, 4*sec, 8*sec, 16*sec, 32*sec, 60*sec, 60*sec, 60*sec)
	})
	if !slices.Equal(observed, []bool{true, false, false, false, false, false, false, false, false, true, true}) {
		t.Errorf("observed %v", observed)
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	f := &fake{answer: func(_ context.Context, n int) (*Inventory, error) {
		after := []time.Duration{0, 90 * time.Second, time.Millisecond, 24 * time.Hour}[n-1]
		return nil, &Error{Reason: ReasonRateLimit, RetryAfter: after, Err: errors.New("429")}
	}}
	bubble(t, Options{Jitter: func(time.Duration) time.Duration { return 0 }}, map[string]Source{"uc": f}, func(m *Monitor, _ *logged) {
		began := time.Now()
		time.Sleep(15 * time.Minute)
		equalRounded(t, f.pauses(began), 0, 900*time.Millisecond, 90*time.Second, 3600*time.Millisecond)
		s, _ := m.Status("uc")
		if got := s.NextAttempt.Sub(s.LastAttempt); got != maxRetryAfter {
			t.Errorf("a day is cut to %v", got)
		}
	})
}

// One site hangs, one panics, one gives nothing, one fails; the others go on.
func TestSitesDoNotDisturbEachOther(t *testing.T) {
	t.Parallel()
	good, slow := &fake{}, &fake{answer: func(ctx context.Context, _ int) (*Inventory, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	sources := map[string]Source{
		"good": good, "slow": slow,
		"panics":  &fake{answer: func(context.Context, int) (*Inventory, error) { panic("secret") }},
		"nothing": &fake{answer: func(context.Context, int) (*Inventory, error) { return nil, nil }},
		"odd": &fake{answer: func(context.Context, int) (*Inventory, error) {
			return &Inventory{Odd: []string{"one kind", "another"}}, nil
		}},
	}
	bubble(t, Options{}, sources, func(m *Monitor, log *logged) {
		began := time.Now()
		time.Sleep(179 * time.Second)
		equalRounded(t, good.pauses(began), 500*time.Millisecond, time.Minute, time.Minute)
		equalRounded(t, slow.pauses(began), 500*time.Millisecond, 121*time.Second)
		for site, want := range map[string]struct {
			reason Reason
			text   string
		}{
			"good":    {"", ""},
			"odd":     {"", ""},
			"slow":    {ReasonTimeout, `ask site "slow": no answer within 2m0s: context deadline exceeded`},
			"panics":  {ReasonInternal, `ask site "panics": an internal error, which the log has`},
			"nothing": {ReasonInternal, `ask site "nothing": the source gave nothing`},
		} {
			if s, ok := m.Status(site); !ok || s.Reason != want.reason || s.LastError != want.text {
				t.Errorf("%s: %+v", site, s)
			}
		}
		if lines := log.lines("a source panicked"); len(lines) == 0 || !strings.Contains(lines[0], "site=panics panic=secret stack=") || !strings.Contains(lines[0], "monitor_test.go") {
			t.Errorf("log: %q", lines)
		}
		if n := len(log.lines("site=odd what=")); n != 6 {
			t.Errorf("%d lines of two oddities in three syncs", n)
		}
	})
}

func TestReload(t *testing.T) {
	t.Parallel()
	kept, changed, gone := &fake{}, &fake{}, &fake{}
	bubble(t, Options{}, map[string]Source{"kept": kept, "changed": changed, "gone": gone}, func(m *Monitor, _ *logged) {
		time.Sleep(10 * time.Second)
		if got := m.Sites(); !slices.Equal(got, []string{"changed", "gone", "kept"}) {
			t.Fatal(got)
		}
		was := map[string]*Snapshot{"kept": m.Snapshot("kept"), "changed": m.Snapshot("changed")}
		generation := m.Generation()
		hangs := &fake{answer: func(ctx context.Context, _ int) (*Inventory, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}}
		added := &fake{}
		m.Configure(minutely, map[string]Source{"kept": kept, "changed": hangs, "added": added})
		if got := m.Sites(); !slices.Equal(got, []string{"added", "changed", "kept"}) || m.Generation() == generation {
			t.Error(got, m.Generation())
		}
		if _, ok := m.Status("gone"); ok || m.Snapshot("gone") != nil {
			t.Error("the site that is gone is still there")
		}
		time.Sleep(10 * time.Second)
		for id, s := range was {
			if s == nil || m.Snapshot(id) != s {
				t.Errorf("%s: lost its snapshot", id)
			}
		}
		if m.Snapshot("added") == nil {
			t.Error("the new site was not asked")
		}
		time.Sleep(time.Hour)
		if kept.count() != 61 || changed.count() != 1 || gone.count() != 1 || added.count() != 61 {
			t.Errorf("asked kept %d, changed %d, gone %d, added %d times", kept.count(), changed.count(), gone.count(), added.count())
		}
		slower := minutely
		slower.PollInterval = 30 * time.Minute
		m.Configure(slower, map[string]Source{"kept": kept})
		time.Sleep(time.Hour - time.Minute)
		if kept.count() != 63 || m.Schedule() != slower || added.count() != 61 {
			t.Errorf("after another schedule: kept %d, added %d", kept.count(), added.count())
		}
	})
}

// An answer that comes after its site is gone is thrown away, even from a
// source that heeds no context.
func TestLateAnswersAreThrownAway(t *testing.T) {
	t.Parallel()
	store := NewStore(t.TempDir())
	deaf := &fake{answer: func(context.Context, int) (*Inventory, error) {
		time.Sleep(10 * time.Second)
		return &Inventory{Hosts: []Host{{Node: "late"}}}, nil
	}}
	bubble(t, Options{Store: store}, map[string]Source{"uc": deaf}, func(m *Monitor, _ *logged) {
		time.Sleep(5 * time.Second)
		m.Configure(minutely, map[string]Source{"uc": &fake{}})
		time.Sleep(30 * time.Second)
		if _, late := m.Snapshot("uc").Host("late"); late {
			t.Error("the late answer is served")
		}
	})
	got, err := store.Load("uc")
	if err != nil || got.Hosts[0].Node != "n" {
		t.Errorf("kept: %v, %v", got, err)
	}
}

// funcSource cannot be compared.
type funcSource func(context.Context) (*Inventory, error)

func (f funcSource) Hosts(ctx context.Context) (*Inventory, error) { return f(ctx) }

func TestSameSource(t *testing.T) {
	t.Parallel()
	f := &fake{}
	g := funcSource(f.Hosts)
	for _, c := range []struct {
		a, b Source
		want bool
	}{{f, f, true}, {f, &fake{}, false}, {f, g, false}, {g, g, false}, {nil, nil, true}, {nil, f, false}} {
		if got := same(c.a, c.b); got != c.want {
			t.Errorf("%T and %T: %v", c.a, c.b, got)
		}
	}
}

func TestLastKnownDataIsServedAtOnce(t *testing.T) {
	t.Parallel()
	store := NewStore(t.TempDir())
	long := time.Date(1999, 12, 31, 23, 0, 0, 0, time.UTC) // an hour before bubbles begin
	for _, site := range []string{"uc", "tacc"} {
		if err := store.Save(NewSnapshot(site, long, &Inventory{Hosts: []Host{{Node: "old"}}})); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(store.path("tacc"), []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	down := &fake{answer: func(context.Context, int) (*Inventory, error) { return nil, Failf(ReasonNetwork, "refused") }}
	bubble(t, Options{Store: store}, map[string]Source{"uc": down, "tacc": down}, func(m *Monitor, log *logged) {
		s := m.Snapshot("uc")
		if s == nil || s.Age(time.Now()) != time.Hour || !s.Stale(time.Now(), time.Minute) {
			t.Errorf("served: %+v", s)
		}
		if m.Snapshot("tacc") != nil || len(log.lines("last-known data is lost")) != 1 || len(log.lines("last-known data is served")) != 1 {
			t.Errorf("log: %q", log.lines(""))
		}
		time.Sleep(time.Minute)
		if m.Snapshot("uc") != s {
			t.Error("a failed sync lost the last-known data")
		}
	})
}

func TestWhatCannotBeKeptIsServed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir() + "/state"
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	bubble(t, Options{Store: NewStore(dir)}, map[string]Source{"uc": &fake{}}, func(m *Monitor, log *logged) {
		time.Sleep(10 * time.Minute)
		if m.Snapshot("uc") == nil || len(log.lines("last-known data is not kept")) != 1 {
			t.Errorf("log: %q", log.lines("known"))
		}
		if err := os.Remove(dir); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Minute)
		if len(log.lines("last-known data is kept again")) != 1 {
			t.Errorf("log: %q", log.lines("known"))
		}
	})
}

func TestRunOnlyOnce(t *testing.T) {
	t.Parallel()
	m := NewMonitor(Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := m.Run(ctx); err != nil {
		t.Error(err)
	}
	if err := m.Run(ctx); err == nil {
		t.Error("no error for the second call")
	}
	m.Configure(minutely, map[string]Source{"uc": &fake{}}) // starts nothing
	if got := m.Sites(); !slices.Equal(got, []string{"uc"}) {
		t.Error(got)
	}
}

func TestSyncOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := NewMonitor(Options{})
		bad := errors.New("bad")
		sleepy := func(err error) *fake {
			return &fake{answer: func(context.Context, int) (*Inventory, error) {
				time.Sleep(time.Second)
				return &Inventory{}, err
			}}
		}
		m.Configure(Schedule{}, map[string]Source{"a": sleepy(nil), "b": sleepy(bad), "c": sleepy(nil)})
		began := time.Now()
		if got := m.SyncOnce(t.Context()); !maps.Equal(got, map[string]error{"b": bad}) {
			t.Errorf("errors: %v", got)
		}
		if took := time.Since(began); took != time.Second {
			t.Errorf("took %v: not side by side", took)
		}
		if m.Snapshot("a") == nil || m.Snapshot("b") != nil {
			t.Error("snapshots are not as the answers")
		}
	})
}

// Readers, reloads and syncs at once, for the race detector.
func TestReadersAndReloads(t *testing.T) {
	t.Parallel()
	m := NewMonitor(Options{Jitter: func(time.Duration) time.Duration { return 0 }})
	a, b := &fake{}, &fake{}
	fast := Schedule{PollInterval: 50 * time.Microsecond}
	m.Configure(fast, map[string]Source{"a": a, "b": b})
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { _ = m.Run(ctx) })
	var stop atomic.Bool
	for range 2 {
		wg.Go(func() {
			for !stop.Load() {
				for _, id := range m.Sites() {
					if s, ok := m.Status(id); ok && s.Snapshot != nil {
						s.Snapshot.Host("n")
					}
				}
				m.Generation()
			}
		})
	}
	for i := range 300 {
		sources := map[string]Source{"a": a}
		if i%2 == 0 {
			sources["b"] = &fake{}
		}
		m.Configure(fast, sources)
	}
	stop.Store(true)
	cancel()
	wg.Wait()
}
