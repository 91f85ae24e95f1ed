package availability

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// fakeFlavors is a FlavorSource that counts its calls.
type fakeFlavors struct {
	answer func(ctx context.Context, name string) ([]Segment, error) // nil takes a second

	mu      sync.Mutex
	asked   []Interval
	now, at int // calls that go on, and the most that went on
}

func (f *fakeFlavors) Flavor(ctx context.Context, name string, window Interval) ([]Segment, error) {
	f.mu.Lock()
	f.asked = append(f.asked, window)
	f.now++
	f.at = max(f.at, f.now)
	f.mu.Unlock()

	defer func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.now--
	}()

	if f.answer == nil {
		time.Sleep(time.Second)
		return []Segment{{window, 1, 2}}, nil
	}

	return f.answer(ctx, name)
}

func (f *fakeFlavors) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.asked)
}

// flavorBubble runs a test in a bubble of time with one site, uc.
func flavorBubble(t *testing.T, source *fakeFlavors, test func(t *testing.T, f *Flavors, log *logged)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		log := &logged{}
		f := NewFlavors(slog.New(slog.NewTextHandler(log, nil)))
		f.Configure(FlavorLimits{Timeout: time.Minute}, map[string]FlavorSource{"uc": source})
		test(t, f, log)
	})
}

const minute = Time(time.Minute / time.Microsecond)

func TestFlavorsAreAskedOncePerWindow(t *testing.T) {
	t.Parallel()
	source := &fakeFlavors{}
	flavorBubble(t, source, func(t *testing.T, f *Flavors, _ *logged) {
		ask := func(name string, window Interval) *FlavorAnswer {
			t.Helper()
			a, err := f.Flavor(t.Context(), "uc", name, window)
			if err != nil {
				t.Error(err)
			}
			return a
		}

		var wg sync.WaitGroup
		for i := range 100 { // at the same time, in the same minutes
			wg.Go(func() { ask("m1", Interval{10*minute + Time(i), 20*minute + Time(i)}) })
		}

		wg.Wait()
		if n := source.count(); n != 1 || source.asked[0] != (Interval{10 * minute, 20 * minute}) {
			t.Fatalf("asked %d times: %v", n, source.asked)
		}

		first := ask("m1", Interval{10 * minute, 20 * minute})

		// The source took a second; the answer is as old as the request.
		if first.Expires.Sub(first.Requested) != flavorTTL+time.Second || first.Segments[0].Available != 1 {
			t.Errorf("answer %+v", first)
		}

		ask("m2", Interval{10 * minute, 20 * minute})
		ask("m1", Interval{11 * minute, 20 * minute})

		if n := source.count(); n != 3 {
			t.Errorf("asked %d times for three things", n)
		}

		time.Sleep(flavorTTL)
		if ask("m1", Interval{10 * minute, 20 * minute}) == first || source.count() != 4 {
			t.Error("not asked again after two minutes")
		}
	})
}

func TestWholeMinute(t *testing.T) {
	t.Parallel()
	for in, want := range map[Time]Time{0: 0, 1: 0, minute - 1: 0, minute: minute, -1: -minute, -minute: -minute} {
		if got := roundToMinute(in); got != want {
			t.Errorf("%d: %d, want %d", in, got, want)
		}
	}
}

// Who gives up takes nothing from those who wait, nor from those who come.
func TestACallerGivesUp(t *testing.T) {
	t.Parallel()
	source := &fakeFlavors{}
	flavorBubble(t, source, func(t *testing.T, f *Flavors, _ *logged) {
		hurried, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()

		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := f.Flavor(hurried, "uc", "m1", Interval{}); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the hurried one: %v", err)
			}
		})

		synctest.Wait()
		wg.Go(func() {
			if _, err := f.Flavor(t.Context(), "uc", "m1", Interval{}); err != nil {
				t.Errorf("the patient one: %v", err)
			}
		})

		wg.Wait()
		if n := source.count(); n != 1 {
			t.Errorf("asked %d times", n)
		}
	})
}

func TestErrorsAreRememberedShortly(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err   error
		lasts time.Duration
		log   string
	}{
		"no flavor":   {ErrNoFlavor, flavorTTL, ""},
		"unsupported": {fmt.Errorf("404: %w", ErrUnsupported), flavorTTL, "level=INFO"},
		"server": {Failf(ReasonServer, "500"), flavorErrorTTL,
			`level=WARN msg="flavor availability failed" site=uc reason=server error=500`},
		"rate limit": {&Error{Reason: ReasonRateLimit, RetryAfter: time.Minute, Err: errors.New("429")},
			time.Minute, "level=WARN"},
		"a day": {&Error{Reason: ReasonRateLimit, RetryAfter: 24 * time.Hour, Err: errors.New("429")},
			flavorTTL, "level=WARN"},
		"other": {errors.New("odd"), flavorErrorTTL, "level=WARN"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := &fakeFlavors{answer: func(context.Context, string) ([]Segment, error) { return nil, c.err }}
			flavorBubble(t, source, func(t *testing.T, f *Flavors, log *logged) {
				for _, pause := range []time.Duration{0, c.lasts - 1, 1} {
					time.Sleep(pause)
					if _, err := f.Flavor(t.Context(), "uc", "m1", Interval{}); !errors.Is(err, c.err) {
						t.Fatal(err)
					}
				}

				if n := source.count(); n != 2 {
					t.Errorf("asked %d times", n)
				}

				if lines := log.lines("level="); c.log == "" && len(lines) != 0 || c.log != "" &&
					(len(lines) != 2 || !strings.Contains(lines[0], c.log)) {
					t.Errorf("log: %q", lines)
				}
			})
		})
	}
}

func TestFlavorTimeoutAndPanic(t *testing.T) {
	t.Parallel()
	source := &fakeFlavors{answer: func(ctx context.Context, name string) ([]Segment, error) {
		if name == "panics" {
			panic("odd")
		}
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	flavorBubble(t, source, func(t *testing.T, f *Flavors, log *logged) {
		began := time.Now()
		if _, err := f.Flavor(t.Context(), "uc", "hangs", Interval{}); ReasonOf(err) != ReasonTimeout ||
			time.Since(began) != time.Minute {
			t.Errorf("%v after %v", err, time.Since(began))
		}

		if _, err := f.Flavor(t.Context(), "uc", "panics", Interval{}); ReasonOf(err) != ReasonInternal ||
			len(log.lines("source panicked")) != 1 {
			t.Errorf("%v, log %q", err, log.lines(""))
		}
	})
}

// However many different things are asked, the site gets few calls at once.
func TestFlavorsAreBounded(t *testing.T) {
	t.Parallel()
	source := &fakeFlavors{}
	flavorBubble(t, source, func(t *testing.T, f *Flavors, _ *logged) {
		var wg sync.WaitGroup
		for i := range 200 {
			wg.Go(func() {
				_, err := f.Flavor(t.Context(), "uc", fmt.Sprint(i), Interval{})
				if err != nil && !strings.HasSuffix(err.Error(), "too many concurrent requests") {
					t.Error(err)
				}
			})
		}

		wg.Wait()
		if source.at != maxFlavorCalls || source.count() != maxFlavorCalls+maxFlavorQueue {
			t.Errorf("%d calls at once, %d in all", source.at, source.count())
		}
	})
}

func TestFlavorReload(t *testing.T) {
	t.Parallel()
	source := &fakeFlavors{}
	flavorBubble(t, source, func(t *testing.T, f *Flavors, _ *logged) {
		ask := func(site string) error {
			_, err := f.Flavor(t.Context(), site, "m1", Interval{})
			return err
		}
		if err := ask("tacc"); !errors.Is(err, ErrNoFlavorSource) {
			t.Error(err)
		}

		_ = ask("uc")
		f.Configure(FlavorLimits{Timeout: time.Minute}, map[string]FlavorSource{"uc": source, "tacc": source})
		if err := ask("tacc"); err != nil || source.count() != 2 {
			t.Errorf("the new site: %v, asked %d times", err, source.count())
		}

		other := &fakeFlavors{}
		f.Configure(FlavorLimits{}, map[string]FlavorSource{"uc": other})

		if err := ask("uc"); err != nil || other.count() != 1 {
			t.Error("the new source was not asked")
		}
	})
}

// Whoever asks for ever other windows does not make the site be asked without
// end, and who asks for what is known, or for no flavor, costs nothing.
func TestFlavorsHaveABudget(t *testing.T) {
	t.Parallel()
	source := &fakeFlavors{answer: func(_ context.Context, name string) ([]Segment, error) {
		if name == "none" {
			return nil, ErrNoFlavor
		}
		return []Segment{{}}, nil
	}}
	flavorBubble(t, source, func(t *testing.T, f *Flavors, log *logged) {
		f.Configure(FlavorLimits{PerMinute: 10}, map[string]FlavorSource{"uc": source, "tacc": source})
		window := func(i int) Interval { return Interval{Time(i) * minute, Time(i+1) * minute} }
		ask := func(site, name string, i int) error {
			_, err := f.Flavor(t.Context(), site, name, window(i))
			return err
		}

		for i := range 50 {
			if err := ask("uc", "none", i); !errors.Is(err, ErrNoFlavor) {
				t.Fatal(err)
			}
		}

		before, refused := source.count(), 0
		for i := range 100 {
			if err := ask("uc", "m1", i); err != nil {
				refused++
				var e *Error
				if ReasonOf(err) != ReasonRateLimit || !errors.As(err, &e) || e.RetryAfter != 6*time.Second ||
					!strings.Contains(err.Error(), "requests_per_minute") {
					t.Fatal(err)
				}
			}
		}

		if n := source.count() - before; n != 10 || refused != 90 {
			t.Errorf("asked %d times, refused %d", n, refused)
		}
		if err := errors.Join(ask("uc", "m1", 3), ask("tacc", "m1", 99)); err != nil {
			t.Errorf("what is known, and another site: %v", err)
		}

		if lines := log.lines("flavor requests refused"); len(lines) != 1 ||
			!strings.Contains(lines[0], "level=WARN") {
			t.Errorf("log: %q", lines)
		}

		s := (*f.sites.Load())["uc"]
		if n := len(s.results.entries); n > 60 {
			t.Errorf("%d results are kept: refusals, too", n)
		}

		time.Sleep(12 * time.Second)
		before = source.count()

		for i := range 5 {
			_ = ask("uc", "m1", 200+i)
		}

		if n := source.count() - before; n != 2 {
			t.Errorf("after 12 s asked %d times, want 2", n)
		}
	})
}

// Long answers are few.
func TestSegmentsAreBounded(t *testing.T) {
	t.Parallel()
	long := make([]Segment, maxSegments/4)
	source := &fakeFlavors{answer: func(context.Context, string) ([]Segment, error) { return long, nil }}
	flavorBubble(t, source, func(t *testing.T, f *Flavors, _ *logged) {
		for i := range 20 {
			if _, err := f.Flavor(t.Context(), "uc", fmt.Sprint(i), Interval{}); err != nil {
				t.Fatal(err)
			}
			s := (*f.sites.Load())["uc"]
			if n := len(s.results.entries); n > 4 || n == 0 {
				t.Fatalf("%d long answers are kept", n)
			}
		}
	})
}
