package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/cli"
	"github.com/chameleoncloud/refapi/internal/durable"
	"github.com/chameleoncloud/refapi/internal/test/gittest"
	"github.com/chameleoncloud/refapi/internal/test/httpscript"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
	"github.com/chameleoncloud/refapi/internal/watch"
)

// running is a server in this process.
type running struct {
	address        string // http://HOST:PORT
	stdout, stderr *output
}

// output collects what a command writes.
type output struct {
	mu    sync.Mutex
	text  bytes.Buffer
	found chan string // the address, once
}

var serving = regexp.MustCompile(`serving (http://[^/]+)/`)

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text.Write(p)
	if m := serving.FindSubmatch(o.text.Bytes()); m != nil && o.found != nil {
		o.found <- string(m[1])
		o.found = nil
	}
	return len(p), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// serve runs `refgen serve` until the test ends.
func serve(t *testing.T, args ...string) running {
	t.Helper()
	return serveWith(t, func(string) string { return "" }, args...)
}

// serveWith is serve in an environment.
func serveWith(t *testing.T, getenv func(string) string, args ...string) running {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	found, ended := make(chan string, 1), make(chan int, 1)
	r := running{stdout: &output{found: found}, stderr: &output{}}
	empty := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(empty, nil, 0o644); err != nil {
		t.Fatal(err)
	}

	go func() {
		ended <- run(ctx, append([]string{"--config", empty, "serve", "--host", "127.0.0.1", "--port", "0"},
			args...), r.stdout, r.stderr, getenv)
	}()

	select {
	case r.address = <-found:
	case code := <-ended:
		t.Fatalf("exit code %d\n%s%s", code, r.stdout, r.stderr)
	}

	t.Cleanup(func() {
		stop()
		if code := <-ended; code != cli.ExitOK {
			t.Errorf("exit code %d\n%s%s", code, r.stdout, r.stderr)
		}
	})

	return r
}

// get returns the body of a good answer.
func (r running) get(t *testing.T, path string) string {
	t.Helper()
	res, err := http.Get(r.address + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()

	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v", path, res.Status, err)
	}

	return string(body)
}

// update is what open pages hear.
type update struct{ Release, Error string }

// listen returns the update, one by one, as an open page gets them.
func (r running) listen(t *testing.T) func() update {
	t.Helper()
	res, err := http.Get(r.address + watch.EventsPath)
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { res.Body.Close() })
	lines := bufio.NewScanner(res.Body)
	return func() update {
		t.Helper()
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				var n update
				if err := json.Unmarshal([]byte(data), &n); err != nil {
					t.Fatal(err)
				}
				return n
			}
		}

		t.Fatalf("no more update: %v", lines.Err())
		return update{}
	}
}

// The same scripts as nginx runs, then a check of every file and link.
func TestServe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := serve(t, "--sample", "--no-demo", "--out", dir)
	tree, err := disk.Open(dir)
	if err != nil {
		t.Fatal(err)
	}

	head := tree.Manifest.Commit
	to := httpscript.Target{
		Address: strings.TrimPrefix(r.address, "http://"),
		Tree:    tree.Dir,
		Vars:    map[string]string{"HEAD": head, "HEAD7": head[:7]},
	}

	for _, name := range []string{"static.http", "down.http"} {
		httpscript.Run(t, filepath.Join("../../testdata/http", name), to)
	}

	var out, stderr bytes.Buffer
	if code := run(t.Context(), []string{"verify", r.address}, &out, &stderr,
		func(string) string { return "" }); code != cli.ExitOK || !strings.Contains(out.String(), " 0 faults") {
		t.Errorf("verify: exit code %d\n%s%s", code, &out, &stderr)
	}

	if page := r.get(t, "/docs"); strings.Contains(page, watch.ScriptPath) {
		t.Error("a program gets the page with the script for people")
	}
}

// A configuration says where the published site is. What is served here leads
// to the address that it is served at, whatever was built there before.
func TestServeSetsTheBaseURLAside(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for range 2 { // at two ports
		r := serve(t, "--sample", "--out", dir, "--base-url", "https://api.example.org/elsewhere", "--path-prefix",
			"/ref", "--absolute-links")
		here := r.address + "/ref"
		for path, want := range map[string]string{
			"/changes.feed.json": `"feed_url":"` + here + `/changes.feed.json"`,
			"/openapi.json":      `"servers":[{"url":"` + here + `"`,
			"/sites":             `"href":"` + here + `/sites"`,
			"/hardware":          ` href="/ref/assets/`,
			"/version":           `"href":"` + here + `/version"`,
		} {
			body := r.get(t, "/ref"+path)
			if !strings.Contains(body, want) || strings.Contains(body, "api.example.org/elsewhere") {
				t.Errorf("%s does not have %s: %.300s", path, want, body)
			}
		}
	}
}

// A release of before this program was made is not taken for its own.
func TestServeKnowsAnOlderRelease(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := &app{fs: durable.OS{}}
	if a.isProgramNewer(dir) {
		t.Error("the program is newer than no release")
	}
	if code, out := refgen(t, "refgen build --quiet --sample --out "+dir); code != cli.ExitOK {
		t.Fatal(out)
	}
	if a.isProgramNewer(dir) {
		t.Error("the program is newer than what it has just published")
	}

	live, err := disk.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	old := time.Now().AddDate(-1, 0, 0)
	if err := os.Chtimes(filepath.Join(live.Dir, "manifest"), old, old); err != nil {
		t.Fatal(err)
	}
	if !a.isProgramNewer(dir) {
		t.Error("the program is not newer than a release of a year ago")
	}
}

const siteFile = "data/t/sites/s/s.json"

func writeSite(repo *gittest.Repo, name string) {
	repo.Write(siteFile, `{"uid": "s", "name": "`+name+`"}`)
}

// testbed is a repository with one site.
func testbed(t *testing.T) *gittest.Repo {
	t.Helper()
	repo := gittest.Init(t)
	repo.Write("data/t/t.json", `{"uid": "t"}`)
	writeSite(repo, "one")
	repo.Commit("one")
	return repo
}

// An edit shows at once; a broken one shows its error, and the last good site
// stays.
func TestServeEdits(t *testing.T) {
	t.Parallel()
	repo := testbed(t)
	r := serve(t, "--repo", repo.Dir, "--worktree", "--out", t.TempDir())
	next := r.listen(t)
	first := next()
	if first.Error != "" || !strings.Contains(r.get(t, "/sites/s"), `"one"`) {
		t.Fatalf("at the start: %+v", first)
	}

	repo.Write(siteFile, "{\n \"uid\": \"s\",\n}")
	broken := next()
	if broken.Release != first.Release || !strings.Contains(broken.Error, "t/sites/s/s.json:3:1: ") {
		t.Errorf("after a broken edit: %+v", broken)
	}
	if !strings.Contains(r.stderr.String(), "t/sites/s/s.json:3:1: ") {
		t.Errorf("the terminal does not tell of the broken edit:\n%s", r.stderr)
	}
	if !strings.Contains(r.get(t, "/sites/s"), `"one"`) {
		t.Error("a broken edit has replaced the last good site")
	}

	writeSite(repo, "two")
	good := next()
	if good.Error != "" || good.Release == first.Release {
		t.Errorf("after a good edit: %+v", good)
	}
	if !strings.Contains(r.get(t, "/sites/s"), `"two"`) {
		t.Error("a good edit does not show")
	}
	if line := regexp.MustCompile(`(?m)^\d\d:\d\d:\d\d published \S+: .* changed`); !line.MatchString(r.stdout.String()) {
		t.Errorf("the terminal does not tell of the good edit:\n%s", r.stdout)
	}
}

// A commit shows; an edit that is not committed does not.
func TestServeCommits(t *testing.T) {
	t.Parallel()
	repo := testbed(t)
	r := serve(t, "--repo", repo.Dir, "--out", t.TempDir())
	next := r.listen(t)
	first := next()
	writeSite(repo, "two")

	if !strings.Contains(r.get(t, "/sites/s"), `"one"`) {
		t.Error("an edit shows before it is committed")
	}

	head := repo.Commit("two")
	if after := next(); after.Error != "" || after.Release == first.Release {
		t.Errorf("after a commit: %+v", after)
	}
	if body := r.get(t, "/sites/s"); !strings.Contains(body, `"two"`) || !strings.Contains(body, head) {
		t.Errorf("a commit does not show: %s", body)
	}
}

// page gets a path as a browser does.
func (r running) page(t *testing.T, path string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.address+path, nil)
	if err != nil {
		t.Fatal(err)
	}

	req.Header.Set("Accept", "text/html")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()

	page, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v", path, res.Status, err)
	}

	return string(page)
}

// HTML pages listen for updates, below the prefix of the site's paths.
func TestServePages(t *testing.T) {
	t.Parallel()
	repo := testbed(t)
	for _, prefix := range []string{"", "/ref"} {
		r := serve(t, "--repo", repo.Dir, "--out", t.TempDir(), "--path-prefix", prefix)
		release := update{}
		if err := json.Unmarshal([]byte(r.get(t, prefix+watch.UpdatePath)), &release); err != nil ||
			release.Release == "" {
			t.Errorf("no update: %v", err)
		}

		want := `<script src="` + prefix + watch.ScriptPath + `" data-release="` + release.Release +
			`" defer></script></head>`
		for _, path := range []string{"/docs", "/hardware", "/guide"} {
			if page := r.page(t, prefix+path); strings.Count(page, want) != 1 ||
				strings.Count(page, watch.ScriptPath) != 1 {
				t.Errorf("%s%s does not load the script once, as %s", prefix, path, want)
			}
		}

		if script := r.get(t, prefix+watch.ScriptPath); !strings.Contains(script, "EventSource") {
			t.Errorf("the script listens to nothing: %s", script)
		}
	}
}

// Where no update can come nobody waits for any.
func TestServeWithoutNews(t *testing.T) {
	t.Parallel()
	repo := testbed(t)
	for _, args := range [][]string{{"--sample"}, {"--repo", repo.Dir, "--no-watch"}} {
		r := serve(t, append(args, "--out", t.TempDir())...)
		if page := r.page(t, "/hardware"); strings.Contains(page, watch.ScriptPath) ||
			strings.Contains(page, "data-release") {
			t.Errorf("%q: the page loads the script", args)
		}

		for _, path := range []string{watch.EventsPath, watch.UpdatePath, watch.ScriptPath} {
			res, err := http.Get(r.address + path)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if res.StatusCode != http.StatusNotFound {
				t.Errorf("%q: %s answers %s", args, path, res.Status)
			}
		}
	}
}

// Without OpenStack the whole API answers, and says that it makes things up.
func TestServeDemonstration(t *testing.T) {
	t.Parallel()
	r := serve(t, "--sample", "--out", t.TempDir(), "--path-prefix", "/ref")
	r.address += "/ref"
	if body := r.get(t, "/availability"); !strings.Contains(body, `"demonstration":true`) ||
		!strings.Contains(body, `"stale":false`) {
		t.Errorf("/availability: %s", body)
	}

	for path, want := range map[string]string{
		"/nodes/search?limit=1":       `"availability":`,
		"/nodes/slots":                `"start":`,
		"/nodes/availability?limit=1": `"demonstration":true`,
		"/sites?limit=1":              `"total":3`,
		"/version":                    `"generator":"refgen `,
		"/sites/south/flavors/m1.large/availability": `"available":`,
	} {
		if body := r.get(t, path); !strings.Contains(body, want) {
			t.Errorf("%s: %s", path, body)
		}
	}

	start := time.Now().UTC().AddDate(0, 0, -90).Format("2006-01-02T00:00:00Z")
	body := r.get(t, "/nodes/capacity?by=site_id&step=1d&start="+start)
	if strings.Contains(body, "null") || !strings.Contains(body, `"least":[`) {
		t.Errorf("something of the past is not known: %s", body)
	}
}
