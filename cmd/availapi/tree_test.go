package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/cli"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// other publishes a small tree of another testbed.
func other(t testing.TB) treetest.Site {
	t.Helper()
	repo := treetest.Repo(t,
		"-- commit all --\n\nAnother\n-- d/d.json --\n{\"uid\":\"d\"}\n-- d/sites/s/s.json --\n{\"uid\":\"s\"}\n")
	return treetest.Publish(t, repo, build.Options{})
}

// activate makes a release the live one of an output directory, as refgen does:
// the link is replaced in one step.
func activate(t testing.TB, out string, tree treetest.Site) {
	t.Helper()
	link := filepath.Join(out, "next")
	if err := os.Symlink(tree.Dir, link); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(link, filepath.Join(out, disk.CurrentLink)); err != nil {
		t.Fatal(err)
	}
}

// serves reports whether the version that is served is that of a tree.
func serves(address string, tree treetest.Site) error {
	a, err := ask(http.MethodGet, address, "/version", "")
	if head := tree.History.Head().ID.String(); err == nil && !strings.Contains(a.body, head) {
		err = fmt.Errorf("the version is not %s: %s", head, a.body)
	}
	return err
}

// With nobody to ask and nothing known, nodes are unknown, and the site is not
// synced yet.
func TestStartWithoutOpenStack(t *testing.T) {
	t.Parallel()
	b := newTestbed(t)
	b.clouds = filepath.Join(b.dir, "no-clouds.yaml")
	p := b.start(t, settings)
	eventually(t, "the log says what is wrong",
		func() error { return p.log.has(`sync failed.*site=north.*reason=config`) })

	if a := get(t, p.address, "/nodes/search?availability=unknown"); !strings.HasPrefix(a.body, `{"total":7,`) {
		t.Errorf("search: %s %.300s", a.Status, a.body)
	}

	for target, want := range map[string]string{
		"/sites/north/availability":                                   "Availability not yet synced for this site",
		"/sites/north/clusters/alpha/nodes/" + na01 + "/availability": "Availability not yet synced for this node",
		"/sites/north/clusters/alpha/nodes/nope/availability":         "Node not found",
	} {
		a := get(t, p.address, target)
		if a.StatusCode != http.StatusNotFound || !strings.Contains(a.body, `"detail":"`+want+`"`) {
			t.Errorf("%s: %s %s, want %q", target, a.Status, a.body, want)
		}
	}

	if a := get(t, p.address,
		"/sites/south/flavors/m1.large/availability"); a.StatusCode != http.StatusBadGateway ||
		!strings.Contains(a.body, "Error fetching flavor availability") {
		t.Errorf("flavor: %s %s", a.Status, a.body)
	}

	if a := get(t, p.address, "/sites?limit=1"); a.StatusCode != http.StatusOK {
		t.Errorf("slices: %s %s", a.Status, a.body)
	}
}

// Without a tree everything is answered with 503, until there is one.
func TestTreeComesLater(t *testing.T) {
	t.Parallel()
	b := newTestbed(t)
	out := t.TempDir()
	p := start(t, b.getenv(), "--config", write(t, b.dir, "config.toml", settings), "--tree", out)
	if err := p.log.has("no release published yet"); err != nil {
		t.Error(err)
	}

	check := described(t)
	for _, target := range []string{"/version", "/nodes/search", "/nodes/slots", "/availability",
		"/sites/north/availability", "/sites?limit=1", "/versions/HEAD",
		"/sites/north/clusters/alpha/availability", "/sites/north/clusters/alpha/nodes/x/availability", "/sites/south/flavors/m1.large/availability"} {
		a := get(t, p.address, target)
		if a.StatusCode != http.StatusServiceUnavailable || !strings.Contains(a.body, unavailable) ||
			a.Header.Get("Retry-After") == "" {
			t.Errorf("%s: %s %s", target, a.Status, a.body)
		}

		if err := check(http.MethodGet, target, a.StatusCode, a.Header, []byte(a.body)); err != nil &&
			!strings.HasPrefix(target, "/sites?") {
			t.Error(err)
		}
	}

	activate(t, out, b.tree)
	eventually(t, "the tree is taken up", func() error { return serves(p.address, b.tree) })
	synced(t, p.address, "north")

	if err := status(p.address, "/-/ready", http.StatusOK); err != nil {
		t.Error(err)
	}
	if n := strings.Count(p.log.String(), "cannot be read"); n != 0 {
		t.Errorf("that there is no tree is told %d times more", n)
	}
}

// A new release is taken up while requests come in, and none fails.
func TestTreeSwappedUnderLoad(t *testing.T) {
	t.Parallel()
	b := newTestbed(t)
	next := other(t)
	out := t.TempDir()
	activate(t, out, b.tree)
	p := start(t, b.getenv(), "--config", write(t, b.dir, "config.toml", settings), "--tree", out)
	l := begin(t, p.address,
		[]string{"/version", "/nodes/search", "/availability", "/sites?limit=1", "/nodes/slots"}, nil)
	l.more(t, 50)

	for range 2 {
		activate(t, out, next)
		eventually(t, "the new release is served", func() error { return serves(p.address, next) })
		if a := get(t, p.address, "/nodes/search"); !strings.HasPrefix(a.body, `{"total":0,`) {
			t.Errorf("search goes on with the old nodes: %.200s", a.body)
		}
		activate(t, out, b.tree)
		eventually(t, "the old release is served again", func() error { return serves(p.address, b.tree) })
	}

	l.more(t, 50)
	l.end()
	l.check(t)
}

// What is in memory is served on when the tree is deleted.
func TestTreeDeletedWhileServing(t *testing.T) {
	t.Parallel()
	b := newTestbed(t)
	out := t.TempDir()
	own := b.tree
	own.Dir = filepath.Join(out, "own")
	if err := os.CopyFS(own.Dir, os.DirFS(b.tree.Dir)); err != nil {
		t.Fatal(err)
	}

	activate(t, out, own)
	p := start(t, b.getenv(), "--config", write(t, b.dir, "config.toml", settings), "--tree", out)
	synced(t, p.address, "north")

	if err := os.RemoveAll(out); err != nil {
		t.Fatal(err)
	}

	eventually(t, "the log says so", func() error {
		return p.log.has("cannot read the release: still serving the previous one")
	})

	for _, target := range []string{"/version", "/nodes/search", "/availability", "/nodes/slots",
		"/sites/north/clusters/alpha/nodes/" + na01 + "/availability", "/sites/north/clusters/alpha/availability",
		"/-/ready"} {
		if err := status(p.address, target, http.StatusOK); err != nil {
			t.Error(err)
		}
	}

	for _, target := range []string{"/sites?limit=1", "/sites/north/clusters/alpha/nodes?limit=1",
		"/versions/" + b.tree.History.Head().ID.String()[:8]} {
		if a := get(t, p.address, target); a.StatusCode != http.StatusServiceUnavailable ||
			!strings.Contains(a.body, unavailable) {
			t.Errorf("%s, of what is gone: %s %s", target, a.Status, a.body)
		}
	}

	if n := strings.Count(p.log.String(), "cannot read the release"); n != 1 {
		t.Errorf("it is told %d times", n)
	}
}

// A request that was begun is finished before the program ends, and no new one
// is accepted.
func TestGracefulStop(t *testing.T) {
	t.Parallel()
	b := newTestbed(t)
	asked, answer := make(chan struct{}), make(chan struct{})
	b.south.Fail("flavor-instances/availability", func(w http.ResponseWriter, r *http.Request) {
		close(asked)
		<-answer
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"flavor_instances":[]}`)
	})

	p := b.start(t, settings)
	result := make(chan string, 1)
	go func() {
		a, err := ask(http.MethodGet, p.address, "/sites/south/flavors/m1.large/availability", "")
		result <- fmt.Sprint(a.body, err)
	}()

	select {
	case <-asked:
	case <-time.After(patience):
		t.Fatal("the cloud is not asked")
	}

	p.stop()
	eventually(t, "no connection is accepted any more", func() error {
		if _, err := ask(http.MethodGet, p.address, "/version", ""); err == nil {
			return fmt.Errorf("there is an answer")
		}
		return nil
	})

	select {
	case code := <-p.ended:
		t.Fatalf("it has ended with %d, and a request is unanswered", code)
	default:
	}

	close(answer)
	if got, want := <-result, `{"flavor_id":"m1.large","site_id":"south","availability":[]}<nil>`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// An address in use is an error with advice, and the exit code of a failure.
func TestAddressInUse(t *testing.T) {
	t.Parallel()
	b := newTestbed(t)
	p := b.start(t, settings)
	_, port, _ := strings.Cut(p.address, ":")
	log, _ := newRecord()
	if code := run(t.Context(), append(b.config(t, settings), "--port", port), log, log, b.getenv(),
		nil); code != cli.ExitFailed {
		t.Errorf("exit code %d", code)
	}

	if err := log.has(`(?s)availapi: error: listen on .*in use.*\navailapi: hint: choose another address with --listen`); err != nil {
		t.Error(err)
	}
}
