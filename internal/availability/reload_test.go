package availability

import (
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chameleoncloud/refapi/internal/durable"
)

func TestReload(t *testing.T) {
	t.Parallel()
	kept, changed, gone := &fake{}, &fake{}, &fake{}
	bubble(t, Options{}, map[string]Source{"kept": kept, "changed": changed, "gone": gone},
		func(m *Monitor, _ *logged) {
			time.Sleep(10 * time.Second)
			if got := m.Sites(); !slices.Equal(got, []string{"changed", "gone", "kept"}) {
				t.Fatal(got)
			}

			was := m.Snapshot("changed")
			generation := m.Generation()
			hangs := &fake{answer: func(ctx context.Context, _ int) (*Report, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			}}

			added := &fake{}
			m.Configure(minutely, map[string]Source{"kept": kept, "changed": hangs, "added": added})

			if got := m.Sites(); !slices.Equal(got, []string{"added", "changed", "kept"}) ||
				m.Generation() == generation {
				t.Error(got, m.Generation())
			}

			if _, ok := m.Status("gone"); ok || m.Snapshot("gone") != nil {
				t.Error("the site that is gone is still there")
			}

			time.Sleep(10 * time.Second)
			if was == nil || m.Snapshot("changed") != was {
				t.Error("a site lost its snapshot before its new source has answered")
			}

			if m.Snapshot("added") == nil {
				t.Error("the new site was not asked")
			}

			time.Sleep(time.Hour)
			if kept.count() != 62 || changed.count() != 1 || gone.count() != 1 || added.count() != 61 {
				t.Errorf("asked kept %d, changed %d, gone %d, added %d times", kept.count(), changed.count(),
					gone.count(), added.count())
			}

			slower := minutely
			slower.PollInterval = 30 * time.Minute
			m.Configure(slower, map[string]Source{"kept": kept})
			time.Sleep(time.Hour - time.Minute)

			if kept.count() != 64 || m.Schedule() != slower || added.count() != 61 {
				t.Errorf("after another schedule: kept %d, added %d", kept.count(), added.count())
			}
		})
}

// An answer that comes after its site is gone is thrown away, even from a
// source that heeds no context.
func TestLateAnswersAreThrownAway(t *testing.T) {
	t.Parallel()
	store := NewStore(durable.OS{}, t.TempDir())
	deaf := &fake{answer: func(context.Context, int) (*Report, error) {
		time.Sleep(10 * time.Second)
		return &Report{Hosts: []Host{{Node: "late"}}}, nil
	}}

	bubble(t, Options{Store: store}, map[string]Source{"uc": deaf}, func(m *Monitor, _ *logged) {
		time.Sleep(5 * time.Second)
		m.Configure(minutely, map[string]Source{"uc": &fake{}})
		time.Sleep(30 * time.Second)
		if m.Snapshot("uc").Host("late") != nil {
			t.Error("the late answer is served")
		}
	})

	got, err := store.Load("uc")
	if err != nil || got.Hosts[0].Node != "n" {
		t.Errorf("kept: %v, %v", got, err)
	}
}

func TestLastKnownDataIsServedAtOnce(t *testing.T) {
	t.Parallel()
	store := NewStore(durable.OS{}, t.TempDir())
	long := time.Date(1999, 12, 31, 23, 0, 0, 0, time.UTC) // an hour before bubbles begin

	for _, site := range []string{"uc", "tacc"} {
		if err := store.Save(NewSnapshot(site, long, &Report{Hosts: []Host{{Node: "old"}}})); err != nil {
			t.Fatal(err)
		}
	}

	if err := os.WriteFile(store.path("tacc"), []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}

	down := &fake{answer: func(context.Context, int) (*Report, error) { return nil, Failf(ReasonNetwork, "refused") }}
	bubble(t, Options{Store: store}, map[string]Source{"uc": down, "tacc": down}, func(m *Monitor, log *logged) {
		s := m.Snapshot("uc")
		if s == nil || s.Age(time.Now()) != time.Hour || !s.Stale(time.Now(), time.Minute) {
			t.Errorf("served: %+v", s)
		}

		if m.Snapshot("tacc") != nil || len(log.lines("cannot use last-known data")) != 1 ||
			len(log.lines("serving last-known data")) != 1 {
			t.Errorf("log: %q", log.lines(""))
		}

		time.Sleep(time.Minute)
		if m.Snapshot("uc") != s {
			t.Error("a failed sync lost the last-known data")
		}
	})
}

// Data that a wrong clock has stamped is served, as stale and of unknown age, and
// the log says so once.
func TestLastKnownDataOfTheFuture(t *testing.T) {
	t.Parallel()
	store := NewStore(durable.OS{}, t.TempDir())
	future := time.Date(2000, 1, 1, 0, 1, 1, 0, time.UTC) // bubbles begin at 0:00
	for site, synced := range map[string]time.Time{"uc": future, "tacc": future.Add(-time.Second)} {
		if err := store.Save(NewSnapshot(site, synced, &Report{Hosts: []Host{{Node: "old"}}})); err != nil {
			t.Fatal(err)
		}
	}

	down := &fake{answer: func(context.Context, int) (*Report, error) { return nil, Failf(ReasonNetwork, "refused") }}
	bubble(t, Options{Store: store}, map[string]Source{"uc": down, "tacc": down}, func(m *Monitor, log *logged) {
		if s := m.Snapshot("uc"); s == nil || !s.AgeUnknown(time.Now()) || !s.Stale(time.Now(), time.Minute) {
			t.Errorf("uc: %+v", s)
		}
		if s := m.Snapshot("tacc"); s == nil || s.AgeUnknown(time.Now()) || s.Stale(time.Now(), time.Minute) {
			t.Errorf("tacc: %+v", s)
		}

		m.Configure(Schedule{PollInterval: time.Second}, map[string]Source{"uc": down})
		time.Sleep(10 * time.Second)
		lines := log.lines("dated in the future")
		if len(lines) != 1 || !strings.Contains(lines[0], "level=WARN") ||
			!strings.Contains(lines[0], "site=uc synced=2000-01-01T00:01:01.000Z now=") {
			t.Errorf("log: %q", lines)
		}

		if s := m.Snapshot("uc"); s.AgeUnknown(time.Now()) {
			t.Error("when its time has come it is of the future still")
		}
	})
}

func TestWhatCannotBeKeptIsServed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir() + "/state"
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}

	bubble(t, Options{Store: NewStore(durable.OS{}, dir)}, map[string]Source{"uc": &fake{}}, func(m *Monitor, log *logged) {
		time.Sleep(10 * time.Minute)
		if m.Snapshot("uc") == nil || len(log.lines("cannot store last-known data")) != 1 {
			t.Errorf("log: %q", log.lines("known"))
		}

		if err := os.Remove(dir); err != nil {
			t.Fatal(err)
		}

		time.Sleep(10 * time.Minute)
		if len(log.lines("last-known data stored again")) != 1 {
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
			return &fake{answer: func(context.Context, int) (*Report, error) {
				time.Sleep(time.Second)
				return &Report{}, err
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
