package watch

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// fake is a notifier that says what a test says.
type fake struct {
	events chan fsnotify.Event
	errors chan error
	added  []string
	refuse func(dir string) error // nil for never
	closed bool
}

func (f *fake) Add(dir string) error {
	if f.refuse != nil {
		if err := f.refuse(dir); err != nil {
			return err
		}
	}
	f.added = append(f.added, dir)
	return nil
}

func (f *fake) Close() error {
	f.closed = true
	return nil
}

// run is a follower that runs in a bubble of time of its own.
type run struct {
	Follower
	mu      sync.Mutex // the test holds it, but while time goes by
	paths   Paths
	calls   []time.Duration // of Changed, since the start
	limited []error
	there   bool
	poll    time.Duration // an hour by default
	trigger chan struct{}
	opened  []*fake
	refuse  func(dir string) error
	opening error
}

// follow runs a test with a follower that has started.
func follow(t *testing.T, r *run, test func()) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		r.there = true
		r.trigger = make(chan struct{}, 1)
		r.Trigger = r.trigger
		r.Paths = func() Paths {
			r.mu.Lock()
			defer r.mu.Unlock()
			return r.paths
		}

		r.Changed = func() time.Duration {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.calls = append(r.calls, time.Since(begin))
			if !r.there {
				return 0
			}
			return cmp.Or(r.poll, time.Hour)
		}

		r.Limited = func(err error) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.limited = append(r.limited, err)
		}

		r.open = func() (notifier, error) {
			if r.opening != nil {
				return notifier{}, r.opening
			}
			r.mu.Lock()
			defer r.mu.Unlock()
			n := &fake{events: make(chan fsnotify.Event), errors: make(chan error), refuse: r.refuse}
			r.opened = append(r.opened, n)
			return notifier{n.Add, n.Close, n.events, n.errors}, nil
		}

		r.Start()
		go r.Run(t.Context())
		synctest.Wait()
		r.mu.Lock()
		defer r.mu.Unlock()

		test()
	})
	for i, n := range r.opened {
		if !n.closed {
			t.Errorf("the notifier %d is not closed", i)
		}
	}
}

func (r *run) expect(t *testing.T, want ...time.Duration) {
	t.Helper()
	if fmt.Sprint(r.calls) != fmt.Sprint(want) {
		t.Errorf("Changed was called at %v, want %v", r.calls, want)
	}
}

// pass lets time of the bubble go by.
func (r *run) pass(d time.Duration) {
	r.mu.Unlock()
	defer r.mu.Lock()
	time.Sleep(d)
	synctest.Wait()
}

// send says that something happened to a file.
func (r *run) send(op fsnotify.Op, name ...string) {
	n := r.opened[len(r.opened)-1]
	r.mu.Unlock()
	defer r.mu.Lock()
	n.events <- fsnotify.Event{Name: filepath.Join(name...), Op: op}
}

// fail says that the system has failed.
func (r *run) fail(err error) {
	n := r.opened[len(r.opened)-1]
	r.mu.Unlock()
	defer r.mu.Lock()
	n.errors <- err
	synctest.Wait()
}

func directory(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, n := range names {
		if err := os.MkdirAll(filepath.Join(dir, n), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A burst is one change, but does not go on for ever.
func TestBursts(t *testing.T) {
	t.Parallel()
	dir := directory(t, "a")
	r := &run{paths: Paths{Watched: []string{dir}}}
	follow(t, r, func() {
		for range 3 {
			r.send(fsnotify.Write, dir, "a", "f")
			r.pass(100 * time.Millisecond)
		}

		r.pass(time.Second)
		r.expect(t, 0, 350*time.Millisecond)

		r.send(fsnotify.Chmod, dir, "a", "f")
		r.send(fsnotify.Write, filepath.Dir(dir), "other")
		r.pass(time.Second)
		r.expect(t, 0, 350*time.Millisecond)

		begin := 2300 * time.Millisecond
		for range 30 {
			r.send(fsnotify.Write, dir, "a", "f")
			r.pass(100 * time.Millisecond)
		}

		if n := len(r.calls); n < 3 || r.calls[2] > begin+maxDelay {
			t.Errorf("Changed was called at %v: not within %v of an endless burst", r.calls, maxDelay)
		}
	})
}

// Directories that come are watched; a file is watched by its directory.
func TestNewDirectories(t *testing.T) {
	t.Parallel()
	dir := directory(t, "refs", "data")
	r := &run{paths: Paths{Watched: []string{filepath.Join(dir, "HEAD"), filepath.Join(dir, "refs")}}}
	follow(t, r, func() {
		must(t, os.MkdirAll(filepath.Join(dir, "refs/heads/deep"), 0o755))
		r.send(fsnotify.Create, dir, "refs/heads")
		r.pass(settleDelay)
		want := []string{dir, filepath.Join(dir, "refs"), filepath.Join(dir, "refs/heads"),
			filepath.Join(dir, "refs/heads/deep")}
		if fmt.Sprint(r.opened[1].added) != fmt.Sprint(want) {
			t.Errorf("watched are %q, want %q", r.opened[1].added, want)
		}

		r.send(fsnotify.Create, dir, "HEAD")
		r.send(fsnotify.Write, dir, "config")
		r.pass(settleDelay)
		r.expect(t, 0, settleDelay, 2*settleDelay)
	})
}

// When the queue of events was full, directories may have come that nobody
// watches.
func TestOverflow(t *testing.T) {
	t.Parallel()
	dir := directory(t, "a")
	r := &run{paths: Paths{Watched: []string{dir}}}
	follow(t, r, func() {
		must(t, os.Mkdir(filepath.Join(dir, "b"), 0o755))
		r.fail(fsnotify.ErrEventOverflow)
		r.expect(t, 0, 0)
		if len(r.opened) != 2 || !strings.Contains(strings.Join(r.opened[1].added, " "), filepath.Join(dir, "b")) {
			t.Errorf("after an overflow the directories are not walked again: %d notifiers", len(r.opened))
		}
	})

	if len(r.limited) > 0 {
		t.Errorf("an overflow counts as a limit: %v", r.limited)
	}
}

// A directory that another takes the place of sends no events.
func TestExchangedDirectories(t *testing.T) {
	t.Parallel()
	dir := directory(t, "rev1/data", "rev2/data")
	link, data := filepath.Join(dir, "link"), filepath.Join(dir, "link", "data")
	must(t, os.Symlink("rev1", link))
	r := &run{paths: Paths{Watched: []string{data}, Roots: []string{link}}}
	follow(t, r, func() {
		r.pass(3*checkInterval + checkInterval/2)
		r.expect(t, 0)

		must(t, os.Symlink("rev2", link+".new"))
		must(t, os.Rename(link+".new", link))
		r.pass(checkInterval)
		r.expect(t, 0, 4*checkInterval)

		if len(r.opened) != 2 {
			t.Errorf("%d notifiers were opened, want 2", len(r.opened))
		}

		// Gone and back, with time between.
		r.there = false
		must(t, os.Rename(filepath.Join(dir, "rev2"), filepath.Join(dir, "away")))
		r.pass(checkInterval)
		r.expect(t, 0, 4*checkInterval, 5*checkInterval)
		r.pass(2 * checkInterval)

		if len(r.calls) != 5 {
			t.Errorf("Changed was called at %v: not every second while nothing is there", r.calls)
		}

		must(t, os.Rename(filepath.Join(dir, "away"), filepath.Join(dir, "rev2")))
		r.there = true
		r.pass(2 * checkInterval)
		n := len(r.calls)
		r.pass(5 * checkInterval)

		if len(r.calls) != n || n < 6 {
			t.Errorf("Changed was called at %v: it should end when all is back", r.calls)
		}
	})
}

// A directory may come back with the number of the one that was removed.
func TestRemovedDirectory(t *testing.T) {
	t.Parallel()
	dir := directory(t, "data")
	data := filepath.Join(dir, "data")
	r := &run{paths: Paths{Watched: []string{data}}}
	follow(t, r, func() {
		r.send(fsnotify.Remove, data)
		r.pass(settleDelay)
		r.expect(t, 0, settleDelay)
		if len(r.opened) != 2 {
			t.Errorf("%d notifiers were opened, want 2", len(r.opened))
		}
	})
}

// What is found may lie elsewhere than what was looked for.
func TestPathsMove(t *testing.T) {
	t.Parallel()
	dir := directory(t, "a", "b")
	r := &run{paths: Paths{Watched: []string{filepath.Join(dir, "a")}}}
	follow(t, r, func() {
		r.paths = Paths{Watched: []string{filepath.Join(dir, "b")}}
		r.send(fsnotify.Write, dir, "a", "f")
		r.pass(settleDelay)
		r.expect(t, 0, settleDelay)
		if len(r.opened) != 2 || fmt.Sprint(r.opened[1].added) != "["+filepath.Join(dir, "b")+"]" {
			t.Errorf("the new paths are not watched: %d notifiers", len(r.opened))
		}
	})
}

func TestPoll(t *testing.T) {
	t.Parallel()
	for _, paths := range []Paths{{}, {Watched: []string{directory(t)}}} {
		r := &run{poll: 10 * time.Second, paths: paths}
		follow(t, r, func() {
			r.pass(25 * time.Second)
			r.expect(t, 0, 10*time.Second, 20*time.Second)
		})
	}
}

// What no file shows comes in bursts, too, and also without any file.
func TestTrigger(t *testing.T) {
	t.Parallel()
	for _, paths := range []Paths{{}, {Watched: []string{directory(t)}}} {
		r := &run{paths: paths}
		follow(t, r, func() {
			for range 3 {
				r.trigger <- struct{}{}
				r.pass(100 * time.Millisecond)
			}

			r.pass(time.Minute)
			r.expect(t, 0, 200*time.Millisecond+settleDelay)
		})
	}
}

// Where the system's limits are reached, that is said once, with what to raise,
// and files are looked at.
func TestLimits(t *testing.T) {
	t.Parallel()
	full := func(name string) func(string) error {
		return func(dir string) error {
			if filepath.Base(dir) == name {
				return os.NewSyscallError("inotify_add_watch", syscall.ENOSPC)
			}
			return nil
		}
	}
	for _, tt := range []struct {
		name    string
		opening error
		refuse  func(string) error
		create  string
		advice  string
	}{
		{name: "directories at the start", refuse: full("b"), advice: "fs.inotify.max_user_watches"},
		{name: "directories that come", refuse: full("c"), create: "c", advice: "fs.inotify.max_user_watches"},
		{name: "programs", opening: os.NewSyscallError("inotify_init1", syscall.EMFILE),
			advice: "fs.inotify.max_user_instances"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := directory(t, "a", "b")
			r := &run{paths: Paths{Watched: []string{dir}}, refuse: tt.refuse, opening: tt.opening}
			follow(t, r, func() {
				if tt.create != "" {
					must(t, os.Mkdir(filepath.Join(dir, tt.create), 0o755))
					r.send(fsnotify.Create, dir, tt.create)
				}

				r.pass(settleDelay)
				n := len(r.calls)
				r.pass(3 * fallbackPoll)

				if got := len(r.calls) - n; got != 3 {
					t.Errorf("Changed was called %d times in %v, want 3", got, 3*fallbackPoll)
				}
			})

			if len(r.limited) != 1 || !strings.Contains(hint.Of(r.limited[0]), tt.advice) {
				t.Errorf("the limit is told as %v (%s), want it once with %s", r.limited,
					hint.Of(errors.Join(r.limited...)), tt.advice)
			}
		})
	}
}

// The system's own notifier, with real files.
func TestSystem(t *testing.T) {
	t.Parallel()
	dir := directory(t, "a")
	calls := make(chan struct{}, 100)
	f := &Follower{
		Paths:   func() Paths { return Paths{Watched: []string{dir}} },
		Changed: func() time.Duration { calls <- struct{}{}; return time.Hour },
		Limited: func(err error) { t.Errorf("limited: %v", err) },
	}

	f.Start()
	<-calls
	ended := make(chan struct{})
	go func() { f.Run(t.Context()); close(ended) }()
	t.Cleanup(func() { <-ended })
	must(t, os.WriteFile(filepath.Join(dir, "a", "f"), []byte("1"), 0o644))
	<-calls
	must(t, os.Mkdir(filepath.Join(dir, "new"), 0o755))
	<-calls
	must(t, os.WriteFile(filepath.Join(dir, "new", "f"), []byte("1"), 0o644))
	<-calls
}
