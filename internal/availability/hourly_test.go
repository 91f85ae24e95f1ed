package availability

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/chameleoncloud/refapi/internal/durable"
)

const firstHour = 490_000 * hourLength // in 2025

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func counted(free, all int32) map[string]HourCount { return map[string]HourCount{"gpu": {free, all}} }

// Random recordings, by two processes that share a directory and are restarted, are read
// as a map of hours has them.
func TestHourlyAgainstMap(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		os.RemoveAll(dir)
		store := NewStore(durable.OS{}, dir)
		processes := []*Hourly{NewHourly(store, quiet()), NewHourly(store, quiet())}
		model := map[Time]HourCount{}
		at, last := Time(firstHour), Time(0)
		for range rapid.IntRange(1, 10).Draw(t, "recordings") {
			p := rapid.IntRange(0, 1).Draw(t, "process")
			if rapid.IntRange(0, 5).Draw(t, "restart") == 0 {
				processes[p] = NewHourly(store, quiet())
			}
			at += Time(rapid.IntRange(-3, 40).Draw(t, "hours")) * hourLength
			count := HourCount{Free: int32(rapid.IntRange(0, 9).Draw(t, "free")), All: 10}
			if last != 0 && at > last+maxGap {
				at = last + maxGap
			}
			last = max(last, at)
			processes[p].Record("uc", at, map[string]HourCount{"gpu": count})
			model[at] = count
		}

		got := NewHourly(store, quiet())
		for hour, want := range model {
			if d := cmp.Diff([]HourCount{want}, got.Counts("uc", "gpu", hour, 1)); d != "" && isOnly(model, hour) {
				t.Fatalf("hour %d (-want +got):\n%s", hour, d)
			}
		}
		if n := got.Counts("uc", "gpu", last+hourLength, 2); n[0] != notCounted || n[1] != notCounted {
			t.Fatalf("after the last hour: %v", n)
		}
	})
}

// isOnly reports whether an hour is kept.
func isOnly(model map[Time]HourCount, hour Time) bool {
	for other := range model {
		if other-hour >= keptHours*hourLength {
			return false
		}
	}
	return true
}

func TestHourlyTypesAndBounds(t *testing.T) {
	t.Parallel()
	h := NewHourly(nil, quiet())
	h.Record("uc", firstHour, map[string]HourCount{"gpu": {1, 2}, "cpu": {3, 4}})
	h.Record("uc", firstHour+2*hourLength, map[string]HourCount{"cpu": {5, 6}})
	want := []HourCount{{1, 2}, notCounted, {0, 0}, notCounted}
	if d := cmp.Diff(want, h.Counts("uc", "gpu", firstHour, 4)); d != "" {
		t.Error(d)
	}

	for i := Time(3); i < keptHours+10; i++ {
		h.Record("uc", firstHour+i*hourLength, counted(int32(i%7), 7))
	}
	if s := h.sites["uc"]; s.hours != keptHours || len(s.types) != 1 {
		t.Errorf("%d hours of %d types are kept", s.hours, len(s.types))
	}
}

// Simulated counts are those that a look at each host would give, and later hours follow them.
func TestHourlySimulated(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		const hours = 30
		types := map[string]string{"lost": "gpu"} // the system does not know it
		var hosts []Host
		for i := range rapid.IntRange(0, 4).Draw(t, "hosts") {
			host := Host{Node: string(rune('a' + i)), Maintenance: rapid.IntRange(0, 4).Draw(t, "maintenance") == 0}
			at := firstHour - 5*hourLength
			for range rapid.IntRange(0, 4).Draw(t, "reservations") {
				start := at + Time(rapid.IntRange(0, 20).Draw(t, "gap"))*hourLength/2
				at = start + Time(rapid.IntRange(1, 30).Draw(t, "length"))*hourLength/2
				host.Reservations = append(host.Reservations, Interval{Start: start, End: at})
			}
			hosts = append(hosts, host)
			if name := rapid.SampledFrom([]string{"gpu", "cpu", ""}).Draw(t, "type"); name != "" { // or it is leased by flavor
				types[host.Node] = name
			}
		}

		h := NewHourly(nil, quiet())
		h.Simulate("uc", hosts, types, firstHour, firstHour+hours*hourLength)
		h.Record("uc", firstHour+hours*hourLength, counted(7, 8))
		for i, got := range h.Counts("uc", "gpu", firstHour, hours) {
			var want HourCount
			for _, name := range types {
				if name == "gpu" {
					want.All++
				}
			}
			for n := range hosts {
				if state, _ := hosts[n].State(firstHour + Time(i)*hourLength); types[hosts[n].Node] == "gpu" && state == Available {
					want.Free++
				}
			}
			if got != want {
				t.Fatalf("hour %d: %v, want %v", i, got, want)
			}
		}
		if got := h.Counts("uc", "gpu", firstHour+hours*hourLength, 1)[0]; got != (HourCount{7, 8}) {
			t.Fatalf("the next hour: %v", got)
		}
	})
}

// A clock that jumps ahead must not push out what is kept.
func TestHourlyWrongClock(t *testing.T) {
	t.Parallel()
	h := NewHourly(nil, quiet())
	h.Record("uc", firstHour, counted(1, 2))
	h.Record("uc", firstHour+1e6*hourLength, counted(0, 2))
	h.Record("uc", 0, counted(0, 2))
	h.Record("uc", firstHour+hourLength, counted(2, 2))
	if d := cmp.Diff([]HourCount{{1, 2}, {2, 2}}, h.Counts("uc", "gpu", firstHour, 2)); d != "" {
		t.Error(d)
	}

	// After a long pause the second hour is believed.
	later := Time(firstHour + 100*hourLength)
	h.Record("uc", later, counted(1, 1))
	if h.IsDue("uc", later) || !h.IsDue("uc", later+hourLength) {
		t.Error("the first hour after a pause is tried again, or the second one is not due")
	}
	h.Record("uc", later+hourLength, counted(0, 1))
	if d := cmp.Diff([]HourCount{notCounted, {0, 1}}, h.Counts("uc", "gpu", later, 2)); d != "" {
		t.Error(d)
	}
}

func TestHourlyFileIsDamaged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	store := NewStore(durable.OS{}, dir)
	NewHourly(store, quiet()).Record("UC", firstHour, counted(1, 2))
	file := filepath.Join(dir, "%55%43.hours")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}

	for name, bad := range map[string]string{
		"cut": string(text[:len(text)-4]), "changed": strings.Replace(string(text), "gpu", "gpx", 1), "empty": "",
	} {
		if err := os.WriteFile(file, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		h := NewHourly(store, quiet())
		if got := h.Counts("UC", "gpu", firstHour, 1); got[0] != notCounted {
			t.Errorf("%s: %v", name, got)
		}
		if _, err := os.Stat(file + asideSuffix); err != nil {
			t.Errorf("%s: the file is not set aside: %v", name, err)
		}

		h.Record("UC", firstHour+hourLength, counted(2, 2))
		if got := NewHourly(store, quiet()).Counts("UC", "gpu", firstHour+hourLength, 1); got[0] != (HourCount{2, 2}) {
			t.Errorf("%s: %v is recorded afterwards", name, got)
		}
	}
}
