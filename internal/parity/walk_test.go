package parity_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/parity"
	"github.com/chameleoncloud/refapi/internal/test/legacytest"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
	"github.com/chameleoncloud/refapi/internal/treehttp"
)

// sample publishes the sample, and returns its handler and the legacy service's answers
// about the same data, which are in testdata. Paths without an answer there are ours.
func sample(t *testing.T) (ours http.Handler, answers []legacytest.Answer) {
	t.Helper()
	s := treetest.Sample(t, build.Options{})
	src, err := os.ReadFile("testdata/legacy.ndjson")
	if err != nil {
		t.Fatal(err)
	}

	name := filepath.Join(t.TempDir(), "legacy.ndjson")
	src = []byte(strings.ReplaceAll(string(src), "{HEAD}", s.History.Head().ID.String()))
	if err := os.WriteFile(name, src, 0o600); err != nil {
		t.Fatal(err)
	}
	return treehttp.New(s.Dir, treehttp.Options{}), legacytest.Read(t, name)
}

// options compare two handlers within generous limits.
func options(t *testing.T, old, ours http.Handler) parity.Options {
	t.Helper()
	return parity.Options{
		Comparer: parity.Comparer{
			Old:    legacytest.Client(t, old, parity.ClientOptions{}),
			New:    legacytest.Client(t, ours, parity.ClientOptions{}),
			NoLive: true,
		},
		OldName: "old", NewName: "new", Jobs: 2, Now: time.Now,
		Limits: parity.Limits{Requests: 10000, Bytes: 1 << 30, Depth: 20, Time: time.Hour},
	}
}

func walk(t *testing.T, opts parity.Options) *parity.Report {
	t.Helper()
	r, err := parity.Walk(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The legacy service is equal, but for what the contract lists.
func TestWalkSample(t *testing.T) {
	t.Parallel()
	ours, answers := sample(t)
	r := walk(t, options(t, legacytest.Handler(answers, ours), ours))
	for _, f := range append(r.Differ, r.Failed...) {
		t.Errorf("%s: %s", f.Path, f.Detail)
	}

	rules := map[parity.Rule]int{}
	for _, l := range r.Listed {
		rules[l.Rule] = l.Count
	}
	if !r.IsEqual() || r.Equal < 90 || rules[parity.MissingParent] != 2 || rules[parity.Sorted] != 3 || len(rules) != 2 {
		t.Errorf("%d of %d are equal (%s), and by rule %v", r.Equal, r.Compared, r.Incomplete, rules)
	}
}

// The real legacy service's captured answers, walked as an operator would.
func TestRealWalk(t *testing.T) {
	t.Parallel()
	repo, ok := treetest.Real(t, "../..")
	if !ok {
		return
	}

	s := treetest.Publish(t, repo, build.Options{})
	ours := treehttp.New(s.Dir, treehttp.Options{})
	answers := legacytest.Read(t, "../../../shared/contract/responses.ndjson.gz")
	r := walk(t, options(t, legacytest.Handler(answers, ours), ours))
	for _, f := range append(r.Differ, r.Failed...) {
		t.Errorf("%s: %s", f.Path, f.Detail)
	}
	if !r.IsEqual() || r.Equal < 3000 {
		t.Errorf("%d of %d are equal (%s)", r.Equal, r.Compared, r.Incomplete)
	}
}

// replaced answers some paths otherwise.
func replaced(otherwise http.Handler, by map[string]http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h := by[r.URL.Path]; h != nil {
			h(w, r)
			return
		}
		otherwise.ServeHTTP(w, r)
	})
}

func text(status int, mediaType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", mediaType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body) // a recorder takes all
	}
}

// What differs is found, wherever it is, and nothing else.
func TestWalkFindsDifferences(t *testing.T) {
	t.Parallel()
	ours, _ := sample(t)
	const asJSON = "application/json"
	for path, tt := range map[string]struct {
		old    http.HandlerFunc
		detail string
	}{
		"/sites/north": {text(200, asJSON, `{"uid":"north"}`), `at /: "name", want }`},
		"/sites/south": {text(404, asJSON, `{"detail":"Site not found"}`), "status 200, want 404"},
		"/sites/lab":   {text(200, "text/html; charset=utf-8", "<!doctype html>"), `the legacy service answers with "text/html", not JSON`},
		"/versions":    {text(200, asJSON, `{"versions":[`), "at byte "},
		"/sites/north/clusters": {text(200, asJSON, `{"total":1,"offset":0,"items":[{"uid":"nope"}],"version":"x","links":[]}`),
			"at /total: "},
		"/sites/parity-probe":   {text(404, asJSON, `{"detail":"No site"}`), "detail of the 404: "},
		"/parity-probe":         {text(404, asJSON, `[]`), "the legacy service's error 404 has no detail"},
		"/sites/south/versions": {text(307, "", ""), "status 200, want 307"},
		"/sites/lab/versions": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/sites/lab/versions", http.StatusTemporaryRedirect)
		}, "status 200, want 307"},
	} {
		r := walk(t, options(t, replaced(ours, map[string]http.HandlerFunc{path: tt.old}), ours))
		if len(r.Differ) != 1 || r.Differ[0].Path != path || !strings.HasPrefix(r.Differ[0].Detail, tt.detail) || r.IsEqual() {
			t.Errorf("%s: %v, want %q", path, r.Differ, tt.detail)
		}
	}
}

// A hostile service ends a walk, within its bounds.
func TestWalkIsBounded(t *testing.T) {
	t.Parallel()
	ours, _ := sample(t)

	// Each answer links to ten more.
	endless := replaced(ours, map[string]http.HandlerFunc{})
	var asked atomic.Int64
	hostile := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.URL.Path == "/" {
			endless.ServeHTTP(w, r)
			return
		}
		var links []string
		for i := range 10 {
			links = append(links, fmt.Sprintf(`{"rel":"x","href":"%s/%d"}`, strings.TrimSuffix(r.URL.Path, "/"), i))
		}
		links = append(links, `{"href":"https://elsewhere.example/"}`, `{"href":"//elsewhere.example/x"}`, `{"href":"javascript:x"}`)
		text(200, "application/json", `{"links":[`+strings.Join(links, ",")+`]}`)(w, r)
	})

	for want, limits := range map[string]parity.Limits{
		"--max-requests": {Requests: 200, Depth: 1000},
		"--max-links":    {Requests: 1 << 20, Depth: 3},
		"--max-mib":      {Requests: 1 << 20, Depth: 1000, Bytes: 100_000},
	} {
		opts := options(t, hostile, ours)
		opts.Limits = limits
		asked.Store(0)
		r := walk(t, opts)
		if r.Incomplete != want || r.IsEqual() || asked.Load() > 20_000 || r.Foreign == 0 {
			t.Errorf("%s: ended with %q after %d requests, %d foreign links", want, r.Incomplete, asked.Load(), r.Foreign)
		}
	}
}

// A service that hangs, is busy, sends too much or refuses connections is waited for, and
// then reported; the walk ends when nothing answers any more.
func TestWalkWaits(t *testing.T) {
	t.Parallel()
	ours, _ := sample(t)
	synctest.Test(t, func(t *testing.T) {
		var busy, hung atomic.Int64
		old := replaced(ours, map[string]http.HandlerFunc{
			"/sites": func(w http.ResponseWriter, r *http.Request) { // busy at first
				if busy.Add(1) < 3 {
					w.Header().Set("Retry-After", "30")
					text(429, "text/plain", "slow down")(w, r)
					return
				}
				ours.ServeHTTP(w, r)
			},
			"/sites/north": func(_ http.ResponseWriter, r *http.Request) {
				hung.Add(1)
				<-r.Context().Done()
			},
			"/sites/south": text(200, "application/json", strings.Repeat(" ", 2<<20)),
			"/sites/lab":   text(502, "text/html", "<h1>Bad Gateway</h1>"),
		})

		opts := options(t, old, ours)
		opts.Old = legacytest.Client(t, old, parity.ClientOptions{
			Delay: time.Second, Timeout: 10 * time.Second, Retries: 2, MaxBody: 1 << 20,
		})
		began := time.Now()
		r := walk(t, opts)

		failed := map[string]string{}
		for _, f := range r.Failed {
			failed[f.Path] = f.Detail
		}
		for path, want := range map[string]string{
			"/sites/north": "old: no complete response within 10s",
			"/sites/south": "old: the response is longer than 1 MiB",
			"/sites/lab":   "old: the service is busy: 502 Bad Gateway",
		} {
			if failed[path] != want {
				t.Errorf("%s: %q, want %q", path, failed[path], want)
			}
		}
		if len(failed) != 3 || len(r.Differ) > 0 || hung.Load() != 3 {
			t.Errorf("%v failed, %v differ, %d requests hung", r.Failed, r.Differ, hung.Load())
		}
		if took := time.Since(began); took < time.Minute+time.Duration(r.Compared)*time.Second {
			t.Errorf("%d requests took %v: not polite", r.Compared, took)
		}
	})
}

// A service that goes away ends the walk.
func TestWalkOfServiceThatGoesAway(t *testing.T) {
	t.Parallel()
	ours, _ := sample(t)
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int64
		old := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if n.Add(1) > 50 {
				text(503, "text/html", "gone")(w, r)
				return
			}
			ours.ServeHTTP(w, r)
		})
		state := filepath.Join(t.TempDir(), "state")
		opts := options(t, old, ours)
		opts.Recheck = time.Minute
		opts.Journal = parity.NewJournal(state)
		r := walk(t, opts)
		if !strings.HasPrefix(r.Incomplete, "the legacy service did not answer") || n.Load() > 100 {
			t.Errorf("ended with %q after %d requests", r.Incomplete, n.Load())
		}

		// When it is back, the walk goes on, also with what was missing.
		n.Store(-1 << 40)
		opts.Journal = parity.NewJournal(state)
		compared := 0
		opts.Progress = func(n, _ int) { compared = max(compared, n) }
		if r := walk(t, opts); !r.IsEqual() || r.Resumed < 20 || compared != r.Compared {
			t.Errorf("later, %d of %d were known, and %d shown: %v %q", r.Resumed, r.Compared, compared, r.Failed, r.Incomplete)
		}
	})
}

// Differences that pass are none: the services look at commits and at Blazar at
// different times.
func TestWalkComparesAgain(t *testing.T) {
	t.Parallel()
	ours, _ := sample(t)
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int64
		old := replaced(ours, map[string]http.HandlerFunc{"/sites/north": func(w http.ResponseWriter, r *http.Request) {
			if n.Add(1) == 1 {
				text(200, "application/json", `{"uid":"older"}`)(w, r)
				return
			}
			ours.ServeHTTP(w, r)
		}})
		opts := options(t, old, ours)
		opts.Recheck = time.Minute
		if r := walk(t, opts); !r.IsEqual() || n.Load() != 2 {
			t.Errorf("differ: %v, after %d requests", r.Differ, n.Load())
		}
	})
}

// Another commit is not compared, and one that comes during a walk is noticed.
func TestWalkOfOtherCommit(t *testing.T) {
	t.Parallel()
	ours, _ := sample(t)
	for name, tt := range map[string]struct {
		from int64
		want string
	}{"before": {1, "the commits differ: ffff and "}, "meanwhile": {3, "a new commit came meanwhile"}} {
		var n atomic.Int64
		old := replaced(ours, map[string]http.HandlerFunc{"/": func(w http.ResponseWriter, r *http.Request) {
			if n.Add(1) >= tt.from {
				text(200, "application/json", `{"version":"ffff"}`)(w, r)
				return
			}
			ours.ServeHTTP(w, r)
		}})
		if r := walk(t, options(t, old, ours)); !strings.HasPrefix(r.Incomplete, tt.want) || r.IsEqual() {
			t.Errorf("%s: incomplete: %q", name, r.Incomplete)
		}
	}

	// What is no reference API is an error, with what it is.
	opts := options(t, text(200, "text/html", "<h1>Welcome</h1>"), ours)
	if _, err := parity.Walk(t.Context(), opts); err == nil || !strings.Contains(err.Error(), `"text/html": <h1>Welcome</h1>`) {
		t.Errorf("a web page: %v", err)
	}
}

// An interrupted walk goes on where it ended, whatever the interruption left.
func TestWalkGoesOn(t *testing.T) {
	t.Parallel()
	ours, _ := sample(t)
	state := filepath.Join(t.TempDir(), "state")

	ctx, cancel := context.WithCancel(t.Context())
	var n atomic.Int64
	opts := options(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) == 60 {
			cancel()
		}
		ours.ServeHTTP(w, r)
	}), ours)
	opts.Journal = parity.NewJournal(state)
	if _, err := parity.Walk(ctx, opts); !errors.Is(err, context.Canceled) {
		t.Fatalf("interrupted: %v", err)
	}

	// A line that was not written completely is asked for again.
	f, err := os.OpenFile(state, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"path":"/sit`); err != nil || f.Close() != nil {
		t.Fatal(err)
	}

	n.Store(1000)
	opts.Journal = parity.NewJournal(state)
	r := walk(t, opts)
	if asked := int(n.Load()) - 1000; !r.IsEqual() || r.Resumed < 50 || asked > r.Compared-r.Resumed+10 {
		t.Errorf("%d of %d were known, and %d asked for: %v %v", r.Resumed, r.Compared, asked, r.Differ, r.Incomplete)
	}
	if _, err := os.Stat(state); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the state of a complete walk stays: %v", err)
	}

	// Another walk's state is of no use, and another file is left alone.
	const foreign = `{"old":"x","new":"y","commit":"z","live":false}` + "\n" + `{"path":"/sites"}` + "\n"
	if err := os.WriteFile(state, []byte(foreign), 0o600); err != nil {
		t.Fatal(err)
	}
	opts.Journal = parity.NewJournal(state)
	if r := walk(t, opts); r.Resumed != 0 || !r.IsEqual() {
		t.Errorf("%d of another walk were taken: %v", r.Resumed, r.Differ)
	}

	if err := os.WriteFile(state, []byte("[server]\nport = 8000\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	opts.Journal = parity.NewJournal(state)
	if _, err := parity.Walk(t.Context(), opts); err == nil || !strings.Contains(err.Error(), "is not a state file") {
		t.Errorf("another file: %v", err)
	}
	if text, err := os.ReadFile(state); err != nil || !strings.HasPrefix(string(text), "[server]") {
		t.Errorf("another file was changed: %q %v", text, err)
	}
}
