package availability

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/chameleoncloud/refapi/internal/durable"
)

// anyReservations are some that are near each other, among them empty and
// inverted ones.
func anyReservations(t *rapid.T) []Interval {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Interval {
		start := Time(rapid.IntRange(0, 30).Draw(t, "start"))
		return Interval{start, start + Time(rapid.IntRange(-3, 9).Draw(t, "length"))}
	}), 0, 6).Draw(t, "reservations")
}

// State and Free are the contract's sentences, word for word.
func TestStateAndFree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := &Host{Reservations: anyReservations(t)}
		now := Time(rapid.IntRange(-2, 42).Draw(t, "now"))
		var ends, starts []Time

		for _, r := range h.Reservations {
			if r.Start <= now && now < r.End {
				ends = append(ends, r.End)
			}
			if r.Start > now {
				starts = append(starts, r.Start)
			}
		}

		want, until := Available, Forever
		switch {
		case len(ends) > 0:
			want, until = Reserved, slices.Min(ends)
		case len(starts) > 0:
			until = slices.Min(starts)
		}

		if got, gotUntil := h.State(now); got != want || gotUntil != until {
			t.Errorf("%s until %d, want %s until %d", got, gotUntil, want, until)
		}

		window := Interval{now, now + Time(rapid.IntRange(1, 9).Draw(t, "window"))}
		overlaps := slices.ContainsFunc(h.Reservations,
			func(r Interval) bool { return r.Start < window.End && r.End > window.Start })
		if got := h.Free(window); got == overlaps {
			t.Errorf("free in %v: %v", window, got)
		}
	})
}

// FreeFrom is the first instant from a time on at which no reservation is.
func TestFreeFrom(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := &Host{Reservations: anyReservations(t)}
		if rapid.Bool().Draw(t, "in a snapshot") {
			h.busy = mergeBusy(h.Reservations)
		}

		now := Time(rapid.IntRange(-2, 42).Draw(t, "now"))
		want := now
		for slices.ContainsFunc(h.Reservations, func(r Interval) bool { return r.Start <= want && want < r.End }) {
			want++
		}

		if got := h.FreeFrom(now); got != want {
			t.Errorf("free from %d, want %d", got, want)
		}
	})
	for _, h := range []*Host{nil, {Maintenance: true}} {
		if got := h.FreeFrom(5); got != Forever {
			t.Errorf("%+v is free from %d", h, got)
		}
	}
}

func TestStatesWithoutReservations(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		h    *Host
		want State
	}{
		{nil, Unknown},
		{&Host{}, Available},
		{&Host{Maintenance: true, Reservations: []Interval{{0, 10}}}, Maintenance},
	} {
		if got, until := c.h.State(5); got != c.want || until != Forever {
			t.Errorf("%+v: %s until %d", c.h, got, until)
		}
	}
}

// busyOf takes the same time as the reservations, in order and apart.
func TestBusy(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		reservations := anyReservations(t)
		given := slices.Clone(reservations)
		busy := mergeBusy(reservations)

		if !slices.Equal(given, reservations) {
			t.Fatal("the reservations were changed")
		}
		if busy == nil || !isMerged(busy) {
			t.Fatalf("%v", busy)
		}

		for at := Time(-5); at < 50; at++ {
			in := func(i Interval) bool { return i.Start <= at && at < i.End }
			if slices.ContainsFunc(busy, in) != slices.ContainsFunc(reservations, in) {
				t.Fatalf("%v: not the same at %d: %v", reservations, at, busy)
			}
		}
	})
}

func TestNewSnapshot(t *testing.T) {
	t.Parallel()
	given := &Report{Hosts: []Host{{Node: "b"}, {Node: "a"}}, Rows: 1}
	at := time.Date(2026, 1, 2, 3, 4, 5, 123456789, time.FixedZone("", 3600))
	s := NewSnapshot("uc", at, given)
	if want := time.Date(2026, 1, 2, 2, 4, 5, 123456000, time.UTC); s.Synced != want {
		t.Errorf("synced %v, want %v", s.Synced, want)
	}
	if given.Hosts[0].Node != "b" || given.Hosts[0].busy != nil {
		t.Error("the inventory was changed")
	}

	for _, node := range []string{"a", "b"} {
		if h := s.Host(node); h == nil || h.Node != node {
			t.Errorf("no host %s", node)
		}
	}

	if s.Host("c") != nil {
		t.Error("found what is not there")
	}
	if (*Snapshot)(nil).Host("a") != nil {
		t.Error("found a host in nothing")
	}
}

func TestAge(t *testing.T) {
	t.Parallel()
	s := NewSnapshot("uc", time.Unix(1000, 0), &Report{})
	for _, c := range []struct {
		now   time.Time
		age   time.Duration
		stale bool
	}{
		{time.Unix(1000, 5000), 5 * time.Microsecond, false},
		{time.Unix(1180, 0), 3 * time.Minute, false},
		{time.Unix(1180, 1), 3*time.Minute + 1, true},
		{time.Unix(940, 0), 0, false}, // the clock was set back a little
		{time.Unix(939, 999_999_999), 0, true},
		{time.Unix(10, 0), 0, true}, // far: who knows how old it is
	} {
		if age, stale := s.Age(c.now), s.Stale(c.now, time.Minute); age != c.age || stale != c.stale {
			t.Errorf("at %v: %v, %v", c.now, age, stale)
		}

		// What is said of the change is true just before it, and at it not any more.
		if at := s.StaleChanges(c.now, time.Minute); at != Forever {
			change := at.Std()
			before, after := s.Stale(change.Add(-time.Nanosecond),
				time.Minute), s.Stale(change.Add(time.Nanosecond), time.Minute)
			if change.Before(c.now) || before != c.stale || after == c.stale {
				t.Errorf("at %v it changes at %v from %v to %v", c.now, change, before, after)
			}
		} else if !c.stale {
			t.Errorf("at %v it never becomes stale", c.now)
		}
	}
}

// manyHosts are hosts with reservations in no order.
func manyHosts(hosts, reservations int) *Report {
	report := &Report{Rows: hosts}
	for i := range hosts {
		h := Host{Node: fmt.Sprintf("%08d-0000-0000-0000-000000000000", i)}
		for j := range reservations {
			start := Time(j*7%reservations) * 1000
			h.Reservations = append(h.Reservations, Interval{start, start + 500})
		}
		report.Hosts = append(report.Hosts, h)
	}

	return report
}

// Ten thousand hosts with two hundred thousand reservations take little enough
// for two snapshots, an old and a new one, in 64 MB.
func TestMemory(t *testing.T) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	s := NewSnapshot("uc", time.Unix(0, 0), manyHosts(10_000, 20))
	runtime.GC()
	runtime.ReadMemStats(&after)

	if took := int64(after.HeapAlloc) - int64(before.HeapAlloc); took > 12<<20 {
		t.Errorf("a snapshot takes %d MB", took>>20)
	}

	runtime.KeepAlive(s)
}

func BenchmarkNewSnapshot(b *testing.B) {
	report := manyHosts(10_000, 20)
	b.ReportAllocs()
	for b.Loop() {
		NewSnapshot("uc", time.Unix(0, 0), report)
	}
}

func BenchmarkStore(b *testing.B) {
	s := NewSnapshot("uc", time.Now(), manyHosts(10_000, 20))
	store := NewStore(durable.OS{}, b.TempDir())
	b.Run("save", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := store.Save(s); err != nil {
				b.Fatal(err)
			}
		}
	})

	b.Run("load", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := store.Load("uc"); err != nil {
				b.Fatal(err)
			}
		}
	})
}
