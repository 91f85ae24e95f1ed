package watch

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// run is a follower that runs in a bubble of time of its own.
type run struct {
	Follower
	mu    sync.Mutex // the test holds it, but while time goes by
	paths Paths
	calls []time.Duration // of Changed, since the start
	there bool
}

// follow runs a test with a follower that has started.
func follow(t *testing.T, r *run, test func()) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		r.there = true
		r.Paths = func() Paths {
			r.mu.Lock()
			defer r.mu.Unlock()
			return r.paths
		}

		r.Changed = func() bool {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.calls = append(r.calls, time.Since(begin))
			return r.there
		}

		if r.Poll == 0 {
			r.Poll = time.Hour
		}

		r.Start()
		go r.Run(t.Context())
		synctest.Wait()
		r.mu.Lock()
		defer r.mu.Unlock()

		test()
	})
}

// expect compares how often Changed was called.
func (r *run) expect(t *testing.T, want int) {
	t.Helper()
	if len(r.calls) != want {
		t.Errorf("Changed was called at %v, want %d calls", r.calls, want)
	}
}

// pass lets time of the bubble go by.
func (r *run) pass(d time.Duration) {
	r.mu.Unlock()
	defer r.mu.Lock()
	time.Sleep(d)
	synctest.Wait()
}

// enough is when a change that has ended was reported.
const enough = 3 * lookInterval

func directory(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, n := range names {
		must(t, os.MkdirAll(filepath.Join(dir, n), 0o755))
	}
	return dir
}

// write writes a file whose size is n: the clock of the disk is not the bubble's, and
// two edits may get one time.
func write(t *testing.T, n int, name ...string) {
	t.Helper()
	must(t, os.WriteFile(filepath.Join(name...), []byte(strings.Repeat("x", n)), 0o644))
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
		for n := range 3 {
			write(t, n, dir, "a", "f")
			r.pass(lookInterval)
		}
		r.expect(t, 1)
		r.pass(time.Second)
		r.expect(t, 2)

		// What is not watched, and what is only looked at, is no change.
		write(t, 1, filepath.Dir(dir), "other")
		must(t, os.Chmod(filepath.Join(dir, "a", "f"), 0o600))
		r.pass(time.Second)
		r.expect(t, 2)

		begin := r.calls[0] + 3*lookInterval + 2*time.Second
		for n := range 30 {
			write(t, 10+n, dir, "a", "f")
			r.pass(lookInterval)
		}
		if len(r.calls) < 3 || r.calls[2] > begin+maxDelay+2*lookInterval {
			t.Errorf("Changed was called at %v: not within %v of an endless burst", r.calls, maxDelay)
		}
	})
}

// Directories that come are watched, and files that do not exist yet.
func TestNewDirectories(t *testing.T) {
	t.Parallel()
	dir := directory(t, "refs")
	r := &run{paths: Paths{Watched: []string{filepath.Join(dir, "HEAD"), filepath.Join(dir, "refs")}}}
	follow(t, r, func() {
		must(t, os.MkdirAll(filepath.Join(dir, "refs/heads/deep"), 0o755))
		r.pass(enough)
		r.expect(t, 2)

		write(t, 1, dir, "refs/heads/deep/main")
		r.pass(enough)
		r.expect(t, 3)

		write(t, 1, dir, "HEAD")
		write(t, 1, dir, "config")
		r.pass(enough)
		r.expect(t, 4)

		// An editor replaces files.
		write(t, 2, dir, "HEAD.new")
		must(t, os.Rename(filepath.Join(dir, "HEAD.new"), filepath.Join(dir, "HEAD")))
		r.pass(enough)
		r.expect(t, 5)

		must(t, os.RemoveAll(filepath.Join(dir, "refs")))
		r.pass(enough)
		r.expect(t, 6)
	})
}

// A directory that another takes the place of counts as changed.
func TestExchangedDirectories(t *testing.T) {
	t.Parallel()
	dir := directory(t, "rev1/data", "rev2/data")
	link := filepath.Join(dir, "link")
	must(t, os.Symlink("rev1", link))

	for _, paths := range []Paths{{Roots: []string{link}}, {Watched: []string{filepath.Join(link, "data")}}} {
		r := &run{paths: paths}
		follow(t, r, func() {
			r.pass(time.Second)
			r.expect(t, 1)

			must(t, os.Symlink("rev2", link+".new"))
			must(t, os.Rename(link+".new", link))
			r.pass(enough)
			r.expect(t, 2)

			// Gone and back, with time between.
			r.there = false
			must(t, os.Rename(filepath.Join(dir, "rev2"), filepath.Join(dir, "away")))
			r.pass(enough)
			r.expect(t, 3)
			r.pass(3 * retryInterval)
			if n := len(r.calls); n < 5 {
				t.Errorf("Changed was called at %v: not every second while nothing is there", r.calls)
			}

			r.there = true
			must(t, os.Rename(filepath.Join(dir, "away"), filepath.Join(dir, "rev2")))
			r.pass(2 * retryInterval)
			n := len(r.calls)
			r.pass(5 * retryInterval)
			if len(r.calls) != n || n < 6 {
				t.Errorf("Changed was called at %v: it should end when all is back", r.calls)
			}
		})

		must(t, os.Remove(link))
		must(t, os.Symlink("rev1", link))
	}
}

// What is found may lie elsewhere than what was looked for.
func TestPathsMove(t *testing.T) {
	t.Parallel()
	dir := directory(t, "a", "b")
	r := &run{paths: Paths{Watched: []string{filepath.Join(dir, "a")}}}
	follow(t, r, func() {
		r.paths = Paths{Watched: []string{filepath.Join(dir, "b")}}
		write(t, 1, dir, "a", "f")
		r.pass(enough)
		r.expect(t, 2)

		write(t, 2, dir, "a", "f")
		r.pass(enough)
		r.expect(t, 2)

		write(t, 1, dir, "b", "f")
		r.pass(enough)
		r.expect(t, 3)
	})
}

func TestPoll(t *testing.T) {
	t.Parallel()
	for _, paths := range []Paths{{}, {Watched: []string{directory(t)}}} {
		r := &run{Follower: Follower{Poll: 10 * time.Second}, paths: paths}
		follow(t, r, func() {
			r.pass(25 * time.Second)
			if len(r.calls) != 3 || r.calls[1] < r.Poll || r.calls[1] > r.Poll+lookInterval {
				t.Errorf("Changed was called at %s, want every %v", fmt.Sprint(r.calls), r.Poll)
			}
		})
	}
}
