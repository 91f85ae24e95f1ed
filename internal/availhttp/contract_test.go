package availhttp_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/availhttp"
	"github.com/chameleoncloud/refapi/internal/blazar"
	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/parity"
	"github.com/chameleoncloud/refapi/internal/release"
	"github.com/chameleoncloud/refapi/internal/test/blazartest"
	"github.com/chameleoncloud/refapi/internal/test/legacytest"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// input is what Blazar said when the answers were captured.
type input struct {
	Sites map[string]struct {
		LastSynced  time.Time `json:"last_synced"`
		Hosts       []any     `json:"hosts"`
		Allocations []any     `json:"allocations"`
	} `json:"sites"`
	FlavorAvailability map[string]struct {
		Flavors map[string][]any `json:"flavors"`
	} `json:"flavor_availability"`
}

// Every live answer of the old service is ours, too, but for the differences
// that the contract lists. Blazar's side is spoken by a server.
func TestRealCapturedAnswers(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("../../../shared/contract")
	repo, ok := treetest.Real(t, "../..")
	if !ok {
		return
	}

	var in input
	read(t, filepath.Join(dir, "availability_input.json"), &in)
	tree := treetest.Publish(t, repo, build.Options{})
	c, err := release.Open(tree.Root)
	if err != nil {
		t.Fatal(err)
	}

	now := in.Sites["tacc"].LastSynced.Add(time.Minute)
	h := availhttp.New(availhttp.Options{
		Release: func() *release.Release { return c },
		Monitor: said(t, in),
		Flavors: flavorsOf(t, in),
		Now:     func() time.Time { return now },
		Log:     slog.New(slog.DiscardHandler),
	})

	rows := slices.DeleteFunc(legacytest.Read(t, filepath.Join(dir, "availability.ndjson")), func(a legacytest.Answer) bool {
		return a.Status == http.StatusTemporaryRedirect // nginx's, and tested there
	})

	counts := legacytest.Compare(t, &parity.Comparer{
		Old: legacytest.Client(t, legacytest.Handler(rows, http.NotFoundHandler()), parity.ClientOptions{}),
		New: legacytest.Client(t, h, parity.ClientOptions{}),
	}, rows)

	t.Log(counts)
	if counts[string(parity.Equal)] < 30 {
		t.Errorf("only %d answers are equal", counts[string(parity.Equal)])
	}
}

func read(t *testing.T, name string, to any) {
	t.Helper()
	src, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(src, to); err != nil {
		t.Fatal(err)
	}
}

func unmarshal(t *testing.T, text []byte, to any) {
	t.Helper()
	if err := json.Unmarshal(text, to); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
}

// get asks a handler.
func get(t *testing.T, h http.Handler, target string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// said asks a server that speaks as Blazar what it said then, and dates that
// back.
func said(t *testing.T, in input) *board {
	t.Helper()
	b := newBoard()
	for id, s := range in.Sites {
		cloud := blazartest.NewCloud(t)
		cloud.Set(blazartest.Data{Hosts: s.Hosts, Allocations: s.Allocations})
		client := blazar.New("c", availability.Environment{
			Getenv: blazartest.Env(blazartest.WriteClouds(t, map[string]string{"c": cloud.Entry()}))})
		inventory, err := client.Hosts(t.Context())
		if err != nil {
			t.Fatal(err)
		}

		b.set(id, availability.NewSnapshot(id, s.LastSynced.UTC(), inventory))
	}

	return b
}

// flavorsOf asks a server that speaks as Nova and Blazar about flavors.
func flavorsOf(t *testing.T, in input) *availability.Flavors {
	t.Helper()
	flavors := availability.NewFlavors(nil)
	sources := map[string]availability.FlavorSource{}

	for id, s := range in.FlavorAvailability {
		cloud := blazartest.NewCloud(t)
		var data blazartest.Data
		for name, entries := range s.Flavors {
			data.Flavors = append(data.Flavors, blazartest.Flavor{ID: "id-of-" + name, Name: name, Entries: entries})
		}

		for _, name := range []string{"m1.old", "m1.err"} {
			data.Flavors = append(data.Flavors, blazartest.Flavor{ID: "id-of-" + name, Name: name})
		}

		cloud.Set(data)
		cloud.Fail(blazartest.FlavorAvailability, func(w http.ResponseWriter, r *http.Request) {
			switch name := strings.TrimPrefix(r.URL.Query().Get("flavor_id"), "id-of-"); name {
			case "m1.old":
				http.NotFound(w, r)
			case "m1.err":
				http.Error(w, "broken", http.StatusInternalServerError)
			default:
				_ = json.NewEncoder(w).Encode(map[string]any{"flavor_instances": s.Flavors[name]})
			}
		})

		sources[id] = blazar.New("c", availability.Environment{
			Getenv: blazartest.Env(blazartest.WriteClouds(t, map[string]string{"c": cloud.Entry()}))})
	}

	flavors.Configure(availability.FlavorLimits{Timeout: time.Minute}, sources)
	return flavors
}

// board is a monitor that says what it was told.
type board struct {
	mu         sync.Mutex
	sites      []string
	status     map[string]availability.Status
	generation uint64
}

func newBoard() *board { return &board{status: map[string]availability.Status{}} }

func (b *board) set(site string, s *availability.Snapshot) {
	b.mu.Lock()
	defer b.mu.Unlock()

	if _, ok := b.status[site]; !ok {
		b.sites = append(b.sites, site)
	}

	next := time.Time{}
	if s != nil {
		next = s.Synced.Add(2 * time.Minute)
	}

	b.status[site] = availability.Status{Snapshot: s, NextAttempt: next}
	b.generation++
}

func (b *board) Sites() []string { return b.sites }

func (b *board) Status(site string) (availability.Status, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s, ok := b.status[site]
	return s, ok
}

func (b *board) Schedule() availability.Schedule {
	return availability.Schedule{PollInterval: time.Minute}
}

func (b *board) Generation() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.generation
}
