package main

import (
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/test/blazartest"
	"github.com/chameleoncloud/refapi/internal/test/nginxtest"
)

// child is availapi as a process of its own.
type child struct {
	address string // host:port
	cmd     *exec.Cmd
	log     *record
	ended   <-chan error
}

// spawn runs availapi as a process until the test ends, or until it is killed.
func (b *testbed) spawn(t testing.TB, env map[string]string, args ...string) *child {
	t.Helper()
	return b.spawnCommand(t, env, exec.Command("availapi", args...))
}

// spawnCommand runs a command that ends as availapi.
func (b *testbed) spawnCommand(t testing.TB, env map[string]string, cmd *exec.Cmd) *child {
	t.Helper()
	log, found := newRecord()
	ended := make(chan error, 1)
	c := &child{cmd: cmd, log: log, ended: ended}
	c.cmd.Env, c.cmd.Stderr = b.environ(env), log
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}

	go func() {
		ended <- c.cmd.Wait()
		close(ended)
	}()

	t.Cleanup(func() {
		_ = c.cmd.Process.Kill() // it may be dead already
		<-ended
		if t.Failed() {
			t.Logf("the log of availapi:\n%s", log)
		}
	})

	select {
	case c.address = <-found:
	case err := <-ended:
		t.Fatalf("availapi ended: %v\n%s", err, log)
	case <-time.After(patience):
		t.Fatalf("availapi does not serve\n%s", log)
	}

	return c
}

// load asks again and again, from several clients, until it is stopped.
type load struct {
	stop  context.CancelFunc
	wg    sync.WaitGroup
	asked atomic.Int64
	down  atomic.Bool // whether the live half may fail
	fails atomic.Int64

	mu    sync.Mutex
	wrong []string
}

// unavailable is what the live half fails with.
const unavailable = `"status":503,"detail":"Live data is not available"`

func (l *load) one(address, target string, live bool) {
	excused := l.down.Load()
	a, err := ask(http.MethodGet, address, target, "")
	excused = excused || l.down.Load()
	l.asked.Add(1)

	switch {
	case err != nil:
	case a.StatusCode == http.StatusOK:
		return
	case live && a.StatusCode == http.StatusServiceUnavailable && strings.Contains(a.body, unavailable) &&
		a.Header.Get("Retry-After") != "":
		l.fails.Add(1)
		if excused {
			return
		}
		err = fmt.Errorf("503 while availapi is up")

	default:
		err = fmt.Errorf("%s: %.200s", a.Status, a.body)
	}

	l.mu.Lock()
	defer l.mu.Unlock()

	l.wrong = append(l.wrong, fmt.Sprintf("GET %s: %v", target, err))
}

// begin asks for static and live addresses in turn, about a thousand a second.
func begin(t testing.TB, address string, static, live []string) *load {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	l := &load{stop: stop}

	for range 4 {
		l.wg.Go(func() {
			tick := time.NewTicker(4 * time.Millisecond)
			defer tick.Stop()
			for i := 0; ; i++ {
				select {
				case <-ctx.Done():
					return
				case <-tick.C:
				}

				if len(static) > 0 {
					l.one(address, static[i%len(static)], false)
				}
				if len(live) > 0 {
					l.one(address, live[i%len(live)], true)
				}
			}
		})
	}

	t.Cleanup(l.end)
	return l
}

func (l *load) end() {
	l.stop()
	l.wg.Wait()
}

// more waits until so many more requests were answered.
func (l *load) more(t testing.TB, n int64) {
	t.Helper()
	until := l.asked.Load() + n
	eventually(t, "requests are answered", func() error {
		if now := l.asked.Load(); now < until {
			return fmt.Errorf("%d of %d", now, until)
		}
		return nil
	})
}

// check reports what went wrong.
func (l *load) check(t testing.TB) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()

	for _, wrong := range l.wrong[:min(10, len(l.wrong))] {
		t.Error(wrong)
	}

	if len(l.wrong) > 0 {
		t.Errorf("%d of %d requests went wrong", len(l.wrong), l.asked.Load())
	}
}

// Through nginx, with availapi killed and started again under load: static
// answers never fail; live ones fail with the 503 problem while it is down, and
// come back with last-known data although no cloud answers any more.
func TestKillAndRestart(t *testing.T) {
	t.Parallel()
	b := newTestbed(t)
	live := nginxtest.FreeAddress(t)
	_, port, _ := strings.Cut(live, ":")
	state := filepath.Join(b.dir, "state")
	args := b.config(t, fmt.Sprintf("[availapi]\nport = %s\nstate_dir = %q\n", port, state)+settings)
	address := front(t, b.tree, live)
	node := "/sites/north/clusters/alpha/nodes/" + na01 + "/availability"

	c := b.spawn(t, nil, args...)
	synced(t, live, "north")
	eventually(t, "the data is kept", func() error { return c.kept(state) })
	before := get(t, address, node)

	l := begin(t, address, []string{"/sites", "/sites/north", "/sites/north/clusters/alpha/nodes", "/openapi.json"},
		[]string{"/version", node, "/nodes/search", "/sites/north/clusters/alpha/availability", "/sites?limit=2"})
	l.more(t, 200)
	l.down.Store(true)

	if err := c.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}

	eventually(t, "live answers fail", func() error { return status(address, node, http.StatusServiceUnavailable) })
	l.more(t, 200)

	b.north.Keystone.Fail(blazartest.Hang)
	b.south.Keystone.Fail(blazartest.Hang)
	c = b.spawn(t, nil, args...)
	eventually(t, "live answers are back", func() error { return status(address, node, http.StatusOK) })
	l.down.Store(false)
	l.more(t, 400)
	l.end()
	l.check(t)

	if l.fails.Load() == 0 {
		t.Error("nothing failed while availapi was down")
	}

	after := get(t, address, node)
	if after.body != before.body || after.Header.Get("ETag") != before.Header.Get("ETag") ||
		after.Header.Get("Last-Modified") != before.Header.Get("Last-Modified") {
		t.Errorf("after the restart\n%v\n%s\nwant\n%v\n%s", after.Header, after.body, before.Header, before.body)
	}

	if err := c.log.has(`serving last-known data.* site=north`); err != nil {
		t.Error(err)
	}
}

// kept reports whether last-known data of the north lies in a directory.
func (*child) kept(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "north.lastknown"))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s has no file of the north", dir)
	}
	return err
}

// SIGHUP and SIGTERM reach a process, and the latter ends it well.
func TestSignals(t *testing.T) {
	t.Parallel()
	b := newTestbed(t)
	c := b.spawn(t, nil, append(b.config(t, settings), "--port", "0")...)
	if err := c.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}

	eventually(t, "it reads the configuration again", func() error { return c.log.has("configuration reloaded") })
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}

	select {
	case err := <-c.ended:
		if err != nil {
			t.Errorf("it ended with %v\n%s", err, c.log)
		}
	case <-time.After(patience):
		t.Errorf("it does not end\n%s", c.log)
	}
}
