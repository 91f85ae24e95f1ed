package availability

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// fake is a Source that notes when it was asked.
type fake struct {
	answer func(ctx context.Context, n int) (*Report, error) // n counts from 1; nil gives one host

	mu    sync.Mutex
	calls []time.Time
}

func (f *fake) Hosts(ctx context.Context) (*Report, error) {
	f.mu.Lock()
	f.calls = append(f.calls, time.Now())
	n := len(f.calls)
	f.mu.Unlock()
	if f.answer == nil {
		return &Report{Hosts: []Host{{Node: "n"}}, Rows: 1}, nil
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
		"least": {func(time.Duration) time.Duration { return 0 },
			[]time.Duration{0, 54 * time.Second, 54 * time.Second, 54 * time.Second}},
		"middle": {middle, []time.Duration{500 * time.Millisecond, time.Minute, time.Minute}},
		"most": {func(max time.Duration) time.Duration { return max - 1 },
			[]time.Duration{time.Second, 66 * time.Second, 66 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fake{}
			began := time.Time{}
			bubble(t, Options{Jitter: c.jitter}, map[string]Source{"uc": f}, func(m *Monitor, log *logged) {
				began = time.Now()
				time.Sleep(179 * time.Second)

				if s, _ := m.Status("uc"); s.NextAttempt.Before(time.Now()) || s.Failures != 0 ||
					s.LastError != "" || time.Since(s.LastAttempt) > 66*time.Second {
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

// A sync that takes up to half an interval does not make the polls further apart;
// a longer one leaves the site as long a rest.
func TestSlowAnswers(t *testing.T) {
	t.Parallel()
	f := &fake{answer: func(_ context.Context, n int) (*Report, error) {
		time.Sleep(time.Duration(n) * 20 * time.Second)
		return &Report{}, nil
	}}
	bubble(t, Options{}, map[string]Source{"uc": f}, func(*Monitor, *logged) {
		began := time.Now()
		time.Sleep(330 * time.Second)
		equalRounded(t, f.pauses(began), 500*time.Millisecond, time.Minute, 80*time.Second, 120*time.Second)
	})
}

// What happened after Blazar was asked may be missing from its answer.
func TestSnapshotsAreAsOldAsTheRequest(t *testing.T) {
	t.Parallel()
	for name, earlier := range map[string]time.Duration{"the call": 0,
		"the source's first request": 5 * time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fake{answer: func(context.Context, int) (*Report, error) {
				report := &Report{}
				if earlier > 0 {
					time.Sleep(earlier)
					report.Requested = time.Now()
				}
				time.Sleep(10 * time.Second)
				return report, nil
			}}
			bubble(t, Options{}, map[string]Source{"uc": f}, func(m *Monitor, _ *logged) {
				time.Sleep(30 * time.Second)
				f.mu.Lock()
				want := f.calls[0].Add(earlier)
				f.mu.Unlock()
				if s := m.Snapshot("uc"); s == nil || !s.Synced.Equal(want) || s.Age(time.Now()) != time.Since(want) {
					t.Errorf("the snapshot is of %v, want %v", s.Synced, want)
				}
			})
		})
	}
}

// A site that does not answer in time is left alone for as long.
func TestPauseAfterATimeout(t *testing.T) {
	t.Parallel()
	f := &fake{answer: func(ctx context.Context, _ int) (*Report, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	bubble(t, Options{}, map[string]Source{"uc": f}, func(*Monitor, *logged) {
		began := time.Now()
		time.Sleep(5 * time.Minute)
		equalRounded(t, f.pauses(began), 500*time.Millisecond, 4*time.Minute)
	})
}

// Anomalies are logged when they begin, change and end, and not at each sync.
func TestAnomaliesAreLoggedOnce(t *testing.T) {
	t.Parallel()
	f := &fake{answer: func(_ context.Context, n int) (*Report, error) {
		report := &Report{Hosts: []Host{{Node: "n"}}}
		a, b := Warning{Kind: "one", Count: 1, Example: "x"}, Warning{Kind: "two", Count: 2}
		switch {
		case n == 4:
			return nil, Failf(ReasonServer, "no") // says nothing of them
		case n < 6:
			a.Example = []string{"x", "y"}[n%2] // the order is at random
			report.Warnings = []Warning{a, b}
		case n < 8:
			b.Count = 3
			report.Warnings = []Warning{b}
		}

		return report, nil
	}}
	bubble(t, Options{}, map[string]Source{"uc": f}, func(_ *Monitor, log *logged) {
		time.Sleep(10 * time.Minute)
		if n := f.count(); n < 10 {
			t.Fatalf("asked %d times", n)
		}

		var got []string
		for _, line := range log.lines("response anomaly") {
			_, line, _ = strings.Cut(line, "level=")
			got = append(got, line)
		}

		want := []string{
			`WARN msg="response anomaly" site=uc what="one: 1, e.g. y"`,
			`WARN msg="response anomaly" site=uc what="two: 2"`,
			`WARN msg="response anomaly" site=uc what="two: 3"`,
			`INFO msg="response anomaly gone" site=uc what=one`,
			`INFO msg="response anomaly gone" site=uc what=two`,
		}
		if !slices.Equal(got, want) {
			t.Errorf("log:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

// That a site has no hosts any more is worth a warning, once.
func TestLossOfAllHosts(t *testing.T) {
	t.Parallel()
	f := &fake{answer: func(_ context.Context, n int) (*Report, error) {
		if n == 1 || n == 3 || n == 4 {
			return &Report{}, nil
		}
		return &Report{Hosts: []Host{{Node: "a"}, {Node: "b"}}}, nil
	}}
	bubble(t, Options{}, map[string]Source{"uc": f}, func(_ *Monitor, log *logged) {
		time.Sleep(7 * time.Minute)
		lost, back := log.lines("site reports no hosts"), log.lines("site reports hosts again")
		if len(lost) != 1 || !strings.Contains(lost[0], "level=WARN") ||
			!strings.HasSuffix(lost[0], "site=uc before=2") || len(back) != 2 {
			t.Errorf("log: %q, %q", lost, back)
		}
	})
}

// The log has the advice that goes with an error.
func TestAdviceIsLogged(t *testing.T) {
	t.Parallel()
	f := &fake{answer: func(context.Context, int) (*Report, error) {
		return nil, hint.Wrap(Failf(ReasonAuth, "401"), "check the credentials")
	}}
	bubble(t, Options{}, map[string]Source{"uc": f}, func(_ *Monitor, log *logged) {
		time.Sleep(time.Second)
		if lines := log.lines("sync failed"); len(lines) != 1 ||
			!strings.Contains(lines[0], `hint="check the credentials"`) {
			t.Errorf("log: %q", lines)
		}
	})
}

func TestRandomJitterStaysInBounds(t *testing.T) {
	t.Parallel()
	m := NewMonitor(Options{})
	s := &poller{options: &m.options}
	for range 10_000 {
		if d := s.jitter(time.Minute); d < 54*time.Second || d > 66*time.Second {
			t.Fatal(d)
		}
	}
}

func TestBackOffAndRecovery(t *testing.T) {
	t.Parallel()
	f := &fake{answer: func(_ context.Context, n int) (*Report, error) {
		if n == 1 || n > 9 {
			return &Report{Hosts: []Host{{Node: "n"}}}, nil
		}
		return nil, Failf(ReasonServer, "ask Blazar: 500 Internal Server Error")
	}}

	var observed []bool
	o := Options{Observe: func(site string, _ time.Duration,
		err error) {
		observed = append(observed, site == "uc" && err == nil)
	}}

	bubble(t, o, map[string]Source{"uc": f}, func(m *Monitor, log *logged) {
		began := time.Now()
		time.Sleep(2 * time.Second)
		good, generation := m.Snapshot("uc"), m.Generation()
		time.Sleep(190 * time.Second)
		s, _ := m.Status("uc")
		if s.Failures != 8 || s.Reason != ReasonServer || s.LastError != "ask Blazar: 500 Internal Server Error" ||
			s.Snapshot != good || m.Generation() != generation {
			t.Errorf("after failures: %+v", s)
		}

		lines := log.lines(`msg="sync failed"`)
		if len(lines) != 8 || !strings.Contains(lines[1],
			`level=WARN msg="sync failed" site=uc reason=server error="ask Blazar: 500 Internal Server Error" failures=2 next=`) {
			t.Errorf("log: %q", lines)
		}

		time.Sleep(2 * time.Minute)
		s, _ = m.Status("uc")
		if s.Failures != 0 || s.Reason != "" || s.LastError != "" || s.Snapshot == good ||
			m.Generation() == generation {
			t.Errorf("after recovery: %+v", s)
		}

		if lines := log.lines("sync recovered"); len(lines) != 1 ||
			!strings.Contains(lines[0], "site=uc failures=8 hosts=1") {
			t.Errorf("log: %q", lines)
		}

		sec := time.Second
		equalRounded(t, f.pauses(began), 500*time.Millisecond, 60*sec, sec, 2*sec, 4*sec, 8*sec, 16*sec, 32*sec,
			60*sec, 60*sec, 60*sec)
	})

	if !slices.Equal(observed, []bool{true, false, false, false, false, false, false, false, false, true, true}) {
		t.Errorf("observed %v", observed)
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	f := &fake{answer: func(_ context.Context, n int) (*Report, error) {
		after := []time.Duration{0, 90 * time.Second, time.Millisecond, 24 * time.Hour}[n-1]
		return nil, &Error{Reason: ReasonRateLimit, RetryAfter: after, Err: errors.New("429")}
	}}
	bubble(t, Options{Jitter: func(time.Duration) time.Duration { return 0 }}, map[string]Source{"uc": f},
		func(m *Monitor, _ *logged) {
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
	good, slow := &fake{}, &fake{answer: func(ctx context.Context, _ int) (*Report, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}

	sources := map[string]Source{
		"good": good, "slow": slow,
		"panics":  &fake{answer: func(context.Context, int) (*Report, error) { panic("secret") }},
		"nothing": &fake{answer: func(context.Context, int) (*Report, error) { return nil, nil }},
	}

	bubble(t, Options{}, sources, func(m *Monitor, log *logged) {
		began := time.Now()
		time.Sleep(179 * time.Second)
		equalRounded(t, good.pauses(began), 500*time.Millisecond, time.Minute, time.Minute)
		equalRounded(t, slow.pauses(began), 500*time.Millisecond)

		for site, want := range map[string]struct {
			reason Reason
			text   string
		}{
			"good":    {"", ""},
			"slow":    {ReasonTimeout, `poll site "slow": no response within 2m0s: context deadline exceeded`},
			"panics":  {ReasonInternal, `poll site "panics": internal error, see the log`},
			"nothing": {ReasonInternal, `poll site "nothing": the source returned nothing`},
		} {
			if s, ok := m.Status(site); !ok || s.Reason != want.reason || s.LastError != want.text {
				t.Errorf("%s: %+v", site, s)
			}
		}

		if lines := log.lines("source panicked"); len(lines) == 0 ||
			!strings.Contains(lines[0], "site=panics panic=secret stack=") ||
			!strings.Contains(lines[0], "monitor_test.go") {
			t.Errorf("log: %q", lines)
		}
	})
}
