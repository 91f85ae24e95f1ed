package follow_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chameleoncloud/refapi/internal/durable"
	"github.com/chameleoncloud/refapi/internal/follow"
	"github.com/chameleoncloud/refapi/internal/publish"
	"github.com/chameleoncloud/refapi/internal/test/faulttest"
	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
	"github.com/chameleoncloud/refapi/internal/treehttp"
)

// A day of following in which everything fails at random: fetches, builds, hooks, disks,
// the process and the clock, while operators roll back and pin. Readers always get one
// release, of a commit that could be built and no older than before; and after the last
// fault they get the newest one soon.
func TestFaultsOfADay(t *testing.T) {
	t.Parallel()
	seed, days := rand.Uint64N(1<<32), uint64(1)
	if faulttest.All() {
		days = 20
	}
	for n := range days {
		t.Run(fmt.Sprint(seed+n), func(t *testing.T) {
			t.Parallel()
			d := &day{Rand: rand.New(rand.NewPCG(seed+n, 1)), head: 1, root: t.TempDir(), events: map[string]int{}}
			synctest.Test(t, func(t *testing.T) { d.T = t; d.pass() })
			faulttest.Report(t, []faulttest.Row{{Scenario: "a day of following", Faults: d.faults, Asked: d.asked.Load(),
				Survived: d.releases, Events: d.events}})
		})
	}
}

// day is a simulated day.
type day struct {
	*testing.T
	root string     // of a file system with the output directory
	mu   sync.Mutex // held while chance decides, and for what follows
	*rand.Rand
	quiet   bool // no more faults
	head    int  // the newest commit
	bad     bool // it cannot be built
	fetched int
	unbuilt bool // what was fetched cannot be built
	shift   time.Duration

	loop *follow.Loop
	disk *faulttest.FS
	kind faulttest.Kind
	stop func()

	live     int // what readers got last; 0 for nothing
	pinned   bool
	faults   int
	releases int
	asked    atomic.Int64
	events   map[string]int
}

func (d *day) public() string { return filepath.Join(d.root, faulttest.Public) }

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

// wait waits for a random time, or until ctx ends.
func (d *day) wait(ctx context.Context, most time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d.below(most)):
		return nil
	}
}

// pick is a random number from 0, below n.
func (d *day) pick(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.IntN(n)
}

// below is a random duration below one.
func (d *day) below(most time.Duration) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return time.Duration(d.Int64N(int64(most)))
}

// now is the time by the clock of the machine.
func (d *day) now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return time.Now().Add(d.shift)
}

func commit(n int) string { return fmt.Sprintf("%040x", n) }

// fetch is what the loop calls.
func (d *day) fetch(ctx context.Context) (string, error) {
	switch {
	case d.happens("fetch: refused", 15):
		return "", errors.New("connection refused")
	case d.happens("fetch: no answer", 60):
		return "", errors.Join(d.wait(ctx, 5*time.Minute), errors.New("no answer"))
	case d.happens("fetch: slow", 15):
		if err := d.wait(ctx, time.Minute); err != nil {
			return "", err
		}
	}

	d.mu.Lock()
	defer d.mu.Unlock()
	d.fetched, d.unbuilt = d.head, d.bad
	return commit(d.fetched), nil
}

// build is what the loop calls. Readers ask between its phases.
func (d *day) build(ctx context.Context) (follow.Result, error) {
	n := d.fetched
	switch {
	case d.unbuilt:
		return follow.Result{}, errors.New("the files are wrong")
	case d.happens("build: failed", 40):
		return follow.Result{}, errors.New("no memory")
	case d.happens("build: slow", 15):
		if err := d.wait(ctx, time.Minute); err != nil {
			return follow.Result{}, err
		}
	}

	at := time.Date(2026, 1, 1, 0, 0, n, 0, time.UTC)
	rel := tree.Release{ID: fmt.Sprintf("r%05d", n), Commit: commit(n), CommitTime: at, Generator: "test"}
	before := numberOf(d.onDisk().ID)
	report, err := publish.Publish(ctx, d.public(), rel, site(n, at), publish.Options{
		FS: d.disk, Jobs: 1, Keep: 2, Phase: func(string) { d.ask(before, n) },
	})
	if err != nil {
		return follow.Result{}, err
	}

	live := follow.Release{ID: report.LiveID(), Commit: rel.Commit}
	switch {
	case report.Pinned != "":
		return follow.Result{Outcome: follow.Pinned, Live: d.onDisk()}, nil
	case report.Unchanged:
		return follow.Result{Outcome: follow.Unchanged, Live: live}, nil
	}
	d.releases++
	return follow.Result{Outcome: follow.Published, Live: live}, nil
}

// names are the files that each release has anew.
var names = []string{"index.json", "sites.json", "hardware.json"}

// site is the tree of a commit.
func site(n int, at time.Time) iter.Seq2[tree.File, error] {
	return func(yield func(tree.File, error) bool) {
		for _, name := range names {
			if !yield(tree.File{Path: name, Body: body(n), Time: at}, nil) {
				return
			}
		}
		yield(tree.File{Path: "assets/" + commit(n) + ".css", Body: body(n), Time: at, Class: tree.Immutable}, nil)
	}
}

func body(n int) []byte { return fmt.Appendf(nil, "{%q: %d}\n", "commit", n) }

// onDisk is the live release.
func (d *day) onDisk() follow.Release {
	live, err := disk.Open(d.public())
	if err != nil {
		return follow.Release{}
	}
	return follow.Release{ID: live.Manifest.ID, Commit: live.Manifest.Commit}
}

// numberOf is the number of a release's commit; 0 for no release.
func numberOf(release string) (n int) {
	_, _ = fmt.Sscanf(release, "r%d", &n) // that of nothing has none
	return n
}

// ask checks that readers get one of some releases, and all of it, and returns which.
func (d *day) ask(releases ...int) int {
	d.Helper()
	server := treehttp.New(filepath.Join(d.public(), disk.CurrentLink), treehttp.Options{})
	get := func(name string) (int, []byte) {
		d.asked.Add(1)
		out := httptest.NewRecorder()
		server.ServeHTTP(out, httptest.NewRequest(http.MethodGet, "/"+name, nil))
		got, _ := io.ReadAll(out.Body) // it is in memory
		return out.Code, got
	}

	for _, n := range releases {
		status, first := get("")
		switch {
		case n == 0 && status == http.StatusServiceUnavailable:
			return n // nothing is published yet
		case n == 0 || !bytes.Equal(first, body(n)):
			continue
		}
		for _, name := range append(names[1:], "assets/"+commit(n)+".css") {
			if status, got := get(name); status != http.StatusOK || !bytes.Equal(got, body(n)) {
				d.Errorf("%s of release %d: %d, %q", name, n, status, got)
			}
		}
		return n
	}

	d.Errorf("what is live is none of %d, but %+v", releases, d.onDisk())
	return releases[0]
}

// start starts the program, on what is on the disk.
func (d *day) start() {
	d.loop = follow.New(slog.New(slog.DiscardHandler), d.now)
	d.loop.Fetch, d.loop.Build, d.loop.Every, d.loop.Jitter = d.fetch, d.build, time.Minute, d.below
	d.loop.Live = d.onDisk()
	d.loop.Then = func(ctx context.Context) error {
		if d.happens("hook", 10) {
			return errors.Join(d.wait(ctx, time.Minute), errors.New("exit status 1"))
		}
		return nil
	}

	ctx, cancel := context.WithCancel(d.Context())
	ended := make(chan struct{})
	go func() { d.loop.Run(ctx); close(ended) }()
	d.stop = func() { cancel(); <-ended }
	synctest.Wait()
}

// setDisk lets at most one operation of the disk fail from now on.
func (d *day) setDisk(kind faulttest.Kind) {
	d.kind, d.disk = kind, faulttest.New(d.root, kind, faulttest.Nth(d.pick(60)))
}

// pass lets the day pass, and then waits for all to be well.
func (d *day) pass() {
	d.setDisk(faulttest.None)
	d.start()
	for range 24 * 60 * 2 {
		time.Sleep(30 * time.Second)
		synctest.Wait()
		d.check()
		d.push()
		d.breakMachine()
		d.operate()
	}

	d.stop()
	d.quiet, d.bad = true, false
	d.head++
	d.setDisk(faulttest.None)
	d.unpin()
	d.start()

	// What a fault has slowed down, then the longest pause.
	time.Sleep(10 * time.Minute)
	synctest.Wait()
	d.check()
	if s := d.loop.Status(); d.live != d.head || s.Failures > 0 || s.Live != d.onDisk() || !s.Behind.IsZero() {
		d.Errorf("release %d of commit %d is live after the last fault: %+v", d.live, d.head, s)
	}
	d.stop()
}

// push adds commits, of which some cannot be built, and of which the program may hear.
func (d *day) push() {
	if d.pick(30) > 0 {
		return
	}
	more, bad := 1+d.pick(3), d.happens("commit: cannot be built", 8)
	d.mu.Lock()
	d.head, d.bad = d.head+more, bad
	d.mu.Unlock()
	if d.pick(3) > 0 {
		d.loop.Trigger()
	}
}

// breakMachine lets disks, the process and the clock fail.
func (d *day) breakMachine() {
	if d.kind != faulttest.None && (d.disk.Met() || d.pick(60) == 0) {
		d.afterFault()
	} else if d.kind == faulttest.None && d.pick(15) == 0 {
		d.stop() // no build is running
		d.setDisk(faulttest.Kinds[d.pick(len(faulttest.Kinds))])
		d.start()
	}
	if d.happens("the program ends", 100) {
		d.stop()
		d.check()
		d.start()
	}
	if d.happens("the clock is set", 100) {
		shift := d.below(8*time.Hour) - 4*time.Hour
		d.mu.Lock()
		d.shift = shift
		d.mu.Unlock()
	}
}

// afterFault ends the fault of a disk, and with it the program.
func (d *day) afterFault() {
	d.stop()
	if d.disk.Met() {
		d.faults++
		d.events["disk: "+d.kind.String()]++
	}
	if d.kind == faulttest.PowerCut {
		losses := d.kind.Losses()
		if err := d.disk.Cut(losses[d.pick(len(losses))], d.Rand); err != nil {
			d.Error(err)
		}
	}
	d.setDisk(faulttest.None)
	d.check()
	d.start()
}

// operate rolls back, which pins, and ends that later.
func (d *day) operate() {
	switch {
	case d.pinned && d.pick(60) == 0:
		d.unpin()
	case !d.pinned && d.live > 0 && d.kind == faulttest.None && d.pick(200) == 0:
		d.stop() // or a build that has begun goes live before it
		_, now, err := publish.Rollback(d.Context(), d.public(), "", publish.Options{Keep: 2})
		if err == nil { // there may be no other release
			d.events["an operator rolls back"]++
			d.live, d.pinned = numberOf(now.Name), true
		}
		d.start()
	}
}

func (d *day) unpin() {
	if _, err := publish.Unpin(d.Context(), d.public(), publish.Options{FS: durable.OS{}}); err != nil {
		d.Error(err)
	}
	d.pinned = false
}

// check checks what is served: what was before, or a later one that was fetched.
func (d *day) check() {
	d.Helper()
	releases := []int{d.live}
	if !d.pinned {
		for n := d.head; n > d.live; n-- {
			releases = append(releases, n)
		}
	}
	d.live = d.ask(releases...)

	if s := d.loop.Status(); s.Failures == 0 && !s.Success.IsZero() && s.Live != d.onDisk() {
		d.Errorf("%+v is live, and the status is %+v", d.onDisk(), s)
	}
}
