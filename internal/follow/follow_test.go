package follow

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// world is a repository and an output directory, in a bubble of time.
type world struct {
	*Loop
	began time.Time
	log   bytes.Buffer

	mu       sync.Mutex
	head     string
	live     string
	pin      bool
	fetching error         // of Fetch
	building error         // of Build
	slow     time.Duration // of Build
	shift    time.Duration // of the clock
	fetches  []time.Duration
	builds   []string // commits
}

// follow runs a test with a loop that has been started.
func follow(t *testing.T, test func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{began: time.Now(), head: "a"}
		plain := func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}
		w.Loop = New(slog.New(slog.NewTextHandler(&w.log, &slog.HandlerOptions{ReplaceAttr: plain})), func() time.Time {
			w.mu.Lock()
			defer w.mu.Unlock()
			return time.Now().Add(w.shift)
		})
		w.Every, w.Fetch, w.Build = time.Minute, w.fetchHead, w.publish

		ended := make(chan struct{})
		ctx, stop := context.WithCancel(t.Context())
		go func() { w.Run(ctx); close(ended) }()
		synctest.Wait()
		test(w)
		stop()
		<-ended
	})
}

func (w *world) fetchHead(context.Context) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fetches = append(w.fetches, time.Since(w.began))
	return w.head, w.fetching
}

func (w *world) publish(context.Context) (Result, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	commit := w.head
	if w.building == nil && !w.pin && w.live == commit {
		return Result{Outcome: Unchanged, Live: Release{"r" + commit, commit}}, nil
	}
	if w.pin {
		return Result{Outcome: Pinned, Live: Release{"r" + w.live, w.live}}, nil
	}

	w.builds = append(w.builds, commit)
	w.mu.Unlock()
	time.Sleep(w.slow)
	w.mu.Lock()

	if w.building != nil {
		return Result{}, w.building
	}
	w.live = commit
	return Result{Outcome: Published, Live: Release{"r" + commit, commit}}, nil
}

// do changes the world and lets time pass.
func (w *world) do(d time.Duration, change func()) {
	w.mu.Lock()
	change()
	w.mu.Unlock()
	time.Sleep(d)
	synctest.Wait()
}

func (w *world) wait(d time.Duration) { w.do(d, func() {}) }

func (w *world) expectBuilds(t *testing.T, commits ...string) {
	t.Helper()
	if !slices.Equal(w.builds, commits) {
		t.Errorf("built %q, want %q", w.builds, commits)
	}
}

// Each commit is built once, however often it is fetched.
func TestEachCommitOnce(t *testing.T) {
	t.Parallel()
	follow(t, func(w *world) {
		w.wait(3*time.Minute + time.Second)
		w.expectBuilds(t, "a")
		if len(w.fetches) != 4 {
			t.Errorf("fetched at %v, want every minute", w.fetches)
		}

		w.do(time.Minute, func() { w.head = "b" })
		w.wait(10 * time.Minute)
		w.expectBuilds(t, "a", "b")
		if s := w.Status(); s.Live != (Release{"rb", "b"}) || s.Seen != "b" || s.Lag(time.Now()) != 0 {
			t.Errorf("status %+v", s)
		}
	})
}

// A burst of pushes is one build, and so are those during a build.
func TestBursts(t *testing.T) {
	t.Parallel()
	follow(t, func(w *world) {
		for i := range 5 {
			w.do(20*time.Millisecond, func() { w.head = fmt.Sprint("b", i); w.slow = 10 * time.Second })
			w.Trigger()
		}
		w.wait(5 * time.Second)
		w.expectBuilds(t, "a", "b4")

		for i := range 50 {
			w.do(20*time.Millisecond, func() { w.head = fmt.Sprint("c", i) })
			w.Trigger()
		}
		w.wait(30 * time.Second)
		w.expectBuilds(t, "a", "b4", "c49")
	})
}

// Failures are retried after longer and longer pauses, for ever; a trigger ends a pause.
func TestBackoff(t *testing.T) {
	t.Parallel()
	follow(t, func(w *world) {
		w.do(time.Minute, func() { w.fetching = hint.Wrap(errors.New("no network"), "check the cable") })
		first := len(w.fetches) - 1
		w.wait(15 * time.Second)
		var pauses []time.Duration
		for i := first; i+1 < len(w.fetches); i++ {
			pauses = append(pauses, w.fetches[i+1]-w.fetches[i])
		}
		if want := []time.Duration{1e9, 2e9, 4e9, 8e9}; !slices.Equal(pauses, want) {
			t.Errorf("pauses %v, want %v", pauses, want)
		}

		w.wait(24 * time.Hour)
		n := len(w.fetches)
		if got := w.fetches[n-1] - w.fetches[n-2]; got != maxBackoff {
			t.Errorf("the longest pause is %v, want %v", got, maxBackoff)
		}

		w.do(0, func() { w.fetching, w.head = nil, "b" })
		w.Trigger()
		w.wait(time.Second)
		w.expectBuilds(t, "a", "b")
		if s := w.Status(); s.Failures != 0 || s.LastError != "" {
			t.Errorf("status after recovering: %+v", s)
		}
	})
}

// A commit that cannot be built is left alone until its pause is over, whatever triggers;
// the next commit is built at once.
func TestBrokenCommit(t *testing.T) {
	t.Parallel()
	follow(t, func(w *world) {
		w.do(time.Minute, func() { w.head, w.building = "b", errors.New("2 errors in the reference files") })
		w.wait(35 * time.Second) // after 1, 2, 4, 8 and 16 seconds
		n := len(w.builds)
		if n != 7 {
			t.Errorf("built %d times, want 7", n)
		}

		for range 10 {
			w.Trigger()
			w.wait(time.Second)
		}
		if len(w.builds) != n {
			t.Errorf("built again by a trigger: %q", w.builds)
		}
		if s := w.Status(); s.Live.Commit != "a" || s.Seen != "b" || s.Lag(time.Now()) < 45*time.Second {
			t.Errorf("status %+v, lag %v", s, s.Lag(time.Now()))
		}

		w.do(0, func() { w.head, w.building = "c", nil })
		w.Trigger()
		w.wait(time.Second)
		if got := w.builds[len(w.builds)-1]; got != "c" || w.Status().Live.Commit != "c" {
			t.Errorf("the repaired commit is not built: %q", w.builds)
		}
	})
}

// A clock that is set back delays nothing, and no time is negative.
func TestClockSetBack(t *testing.T) {
	t.Parallel()
	follow(t, func(w *world) {
		w.do(time.Minute, func() { w.head, w.building = "b", errors.New("no space left on device") })
		w.do(0, func() { w.shift, w.building = -48*time.Hour, nil })
		w.wait(5 * time.Second)
		if w.live != "b" {
			t.Errorf("live is %s", w.live)
		}
		w.do(time.Minute, func() { w.head, w.shift = "c", -96*time.Hour })
		if s := w.Status(); s.Lag(w.Now().Add(-time.Hour)) < 0 || w.live != "c" {
			t.Errorf("status %+v", s)
		}
	})
}

func TestLog(t *testing.T) {
	t.Parallel()
	follow(t, func(w *world) {
		w.do(time.Minute, func() { w.fetching = hint.Wrap(errors.New("no network"), "check the cable") })
		w.do(2*time.Second, func() { w.fetching = nil })
		w.do(3*time.Minute, func() { w.pin, w.head = true, "b" })
		w.do(2*time.Minute, func() { w.pin = false })
		want := `level=INFO msg=published release=ra commit=a took=0s
level=ERROR msg="fetch failed" error="no network" failures=1 next=1s hint="check the cable"
level=INFO msg=recovered failures=1 error="no network"
level=INFO msg="pinned: the live release stays" release=ra commit=b
level=INFO msg=published release=rb commit=b took=0s
`
		if got := w.log.String(); got != want {
			t.Errorf("log:\n%s\nwant:\n%s", got, want)
		}
	})
}

// An end is no failure.
func TestEnd(t *testing.T) {
	t.Parallel()
	var log *bytes.Buffer
	follow(t, func(w *world) {
		log = &w.log
		w.Fetch = func(ctx context.Context) (string, error) {
			<-ctx.Done()
			return "", ctx.Err()
		}
		w.Trigger()
		w.wait(time.Second)
	})

	if strings.Contains(log.String(), "failed") {
		t.Error(log)
	}
}
