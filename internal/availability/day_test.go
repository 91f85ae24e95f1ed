package availability

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chameleoncloud/refapi/internal/durable"
	"github.com/chameleoncloud/refapi/internal/test/faulttest"
)

// A day of polling in which everything fails at random: answers, disks, the process and
// the clock. What is served is always one answer, no older than it says; and after the
// last fault it is fresh again soon.
func TestFaultsOfADay(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64N(1 << 32)
	days := uint64(1)
	if faulttest.All() {
		days = 50
	}
	for n := range days {
		t.Run(fmt.Sprint(seed+n), func(t *testing.T) {
			t.Parallel()
			d := &day{T: t, Rand: rand.New(rand.NewPCG(seed+n, 1)), dir: filepath.Join(t.TempDir(), "state"),
				events: map[string]int{}}
			synctest.Test(t, func(t *testing.T) { d.T = t; d.pass() })
			faulttest.Report(t, []faulttest.Row{{Scenario: "a day of polling", Faults: d.faults, Asked: int64(d.checked),
				Events: d.events}})
		})
	}
}

// siteNames are the sites that are polled.
var siteNames = []string{"uc", "tacc", "nu"}

// day is a simulated day.
type day struct {
	*testing.T
	dir string
	mu  sync.Mutex // held while chance decides
	*rand.Rand

	monitor *Monitor
	disk    *faulttest.FS
	stop    func()
	quiet   bool // no more faults

	faults, checked int
	events          map[string]int
}

// happens reports whether a fault of a kind happens, which it does once in some times.
func (d *day) happens(kind string, in int) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.quiet || d.IntN(in) > 0 {
		return false
	}
	d.faults++
	d.events[kind]++
	return true
}

// hosts is the answer of a site: each host says by its reservation when it was asked, and
// by its name where.
func (d *day) hosts(ctx context.Context, site string) (*Report, error) {
	asked := time.Now()
	wait := func(w time.Duration) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(w):
			return nil
		}
	}

	switch {
	case d.happens("site: refused", 12):
		return nil, Failf(ReasonNetwork, "connection refused")
	case d.happens("site: too many requests", 40):
		return nil, &Error{Reason: ReasonRateLimit, RetryAfter: d.N(time.Hour),
			Err: errors.New("429")}
	case d.happens("site: no answer", 40):
		return nil, wait(time.Hour)
	case d.happens("site: nothing", 100):
		return nil, nil
	case d.happens("site: panic", 100):
		panic("at random")
	case d.happens("site: slow", 10):
		if err := wait(d.N(150 * time.Second)); err != nil {
			return nil, err
		}
	}

	r := &Report{Rows: 3, Requested: asked}
	for n := range 1 + d.N(4) {
		r.Hosts = append(r.Hosts, Host{Node: fmt.Sprintf("%s-%d", site, n), Reservations: []Interval{{Time(asked.Unix()), Forever}}})
	}
	return r, nil
}

// start starts the program anew, on what is stored, with a disk that fails at most once.
func (d *day) start() {
	kind, op := faulttest.None, faulttest.Op{}
	if !d.quiet && d.IntN(2) == 0 {
		kind = faulttest.Kinds[d.IntN(len(faulttest.Kinds))]
		calls := []string{"OpenFile", "Write", "Sync", "Close", "Rename", "SyncDir"}
		op = faulttest.Op{Call: calls[d.IntN(len(calls))], Count: d.IntN(40)}
		name := siteNames[d.IntN(len(siteNames))] + storeSuffix
		switch op.Call {
		case "Rename":
			op.Path = filepath.Join("state", name)
		case "SyncDir":
			op.Path = "state"
		default:
			op.Path = filepath.Join("state", name+".tmp")
		}
		if !kind.Meets(op) {
			kind = faulttest.EIO
		}
	}
	d.disk = faulttest.New(filepath.Dir(d.dir), kind, op)

	var sources = map[string]Source{}
	for _, site := range siteNames {
		sources[site] = sourceFunc(func(ctx context.Context) (*Report, error) { return d.hosts(ctx, site) })
	}
	d.monitor = NewMonitor(Options{Store: NewStore(d.disk, d.dir), Log: slog.New(slog.DiscardHandler),
		Jitter: d.N})
	d.monitor.Configure(minutely, sources)

	ctx, cancel := context.WithCancel(d.Context())
	ended := make(chan error)
	go func() { ended <- d.monitor.Run(ctx) }()
	d.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			d.Error(err)
		}
		if d.disk.Met() {
			d.faults++
			d.events["disk"]++
		}
	}
	synctest.Wait()
}

// N is a random duration below one.
func (d *day) N(most time.Duration) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return time.Duration(d.Int64N(int64(most)))
}

type sourceFunc func(context.Context) (*Report, error)

func (f sourceFunc) Hosts(ctx context.Context) (*Report, error) { return f(ctx) }

// pass lets the day pass, and then waits for all to be well.
func (d *day) pass() {
	d.start()
	for range 24 * 60 * 2 {
		time.Sleep(30 * time.Second)
		synctest.Wait()
		d.check()
		if d.happens("the program ends", 70) {
			d.stop()
			d.setClock()
			d.start()
			d.check()
		}
	}

	d.quiet = true
	d.stop()
	d.start()

	// The longest answer, then the longest pause.
	time.Sleep(minutely.SiteTimeout + 2*minutely.PollInterval)
	synctest.Wait()
	d.check()
	for _, site := range siteNames {
		s, _ := d.monitor.Status(site)
		if s.Failures > 0 || s.Snapshot == nil || s.Snapshot.Stale(time.Now(), minutely.PollInterval) {
			d.Errorf("%s is not well after the last fault: %+v", site, s)
		}
	}
	d.stop()
}

// setClock makes stored data look as it does after the clock was set: from another time,
// that may be to come. Its hosts are of that time, too.
func (d *day) setClock() {
	if !d.happens("the clock is set", 4) {
		return
	}
	store := NewStore(durable.OS{}, d.dir)
	shift := d.N(4*time.Hour) - 2*time.Hour
	for _, site := range siteNames {
		s, err := store.Load(site)
		if err != nil {
			d.Errorf("load %s after the program has ended: %v", site, err)
		}
		if s == nil {
			continue
		}
		r := &Report{Rows: s.Rows}
		for _, h := range s.Hosts {
			start := h.Reservations[0].Start + Time(shift/time.Second)
			r.Hosts = append(r.Hosts, Host{Node: h.Node, Reservations: []Interval{{start, Forever}}})
		}
		if err := store.Save(NewSnapshot(site, s.Synced.Add(shift.Truncate(time.Second)), r)); err != nil {
			d.Error(err)
		}
	}
}

// check checks what is served.
func (d *day) check() {
	d.Helper()
	now := time.Now().Round(0)
	for _, site := range siteNames {
		s := d.monitor.Snapshot(site)
		if s == nil {
			continue
		}
		d.checked++
		for _, h := range s.Hosts {
			asked := h.Reservations[0].Start
			switch {
			case !strings.HasPrefix(h.Node, site+"-"):
				d.Errorf("%s has host %s", site, h.Node)
			case asked != s.Hosts[0].Reservations[0].Start:
				d.Errorf("%s is mixed from answers of %d and %d", site, asked, s.Hosts[0].Reservations[0].Start)
			case int64(asked) < s.Synced.Unix():
				d.Errorf("%s is of %d, and says %d", site, asked, s.Synced.Unix())
			case !s.Stale(now, time.Minute) && (s.Synced.Sub(now) > maxAhead || now.Unix()-int64(asked) > 3*60):
				d.Errorf("%s is of %v and says %v; at %v it counts as fresh", site, asked, s.Synced, now)
			}
		}
	}
}
