package availhttp_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/availhttp"
	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/release"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
	"github.com/chameleoncloud/refapi/internal/test/txtarrepo"
)

// testbed has four nodes of two sites, and one that no Blazar knows.
var testbed = txtarrepo.Testbed(`
a {"uid":"n1","node_name":"one","node_type":"compute","main_memory":{"ram_size":100},"architecture":{"platform_type":"x86_64","smt_size":32}, "storage_devices":[{"media_type":"SSD","size":500},{"media_type":"HDD","size":9000}],"placement":{"rack":"r1"}}
a {"uid":"n2","node_name":"two","node_type":"gpu","main_memory":{"ram_size":200},"gpu":{"gpu":true,"gpu_count":4,"gpu_model":"GA100 [A100 PCIe]"},"architecture":{"smt_size":64},"placement":{"rack":2}}
a {"uid":"n3","node_name":"three","node_type":"compute","infiniband":true}
b {"uid":"m1","node_name":"four","node_type":"compute","main_memory":{"ram_size":50},"processor":{"vendor":"AMD","model":"EPYC 7763"}}
b {"uid":"m2","node_name":"five","node_type":"compute"}
`) + `-- commit two --
Date: 2025-01-02T00:00:00Z

two
-- t/sites/b/b.json --
{"uid":"b","name":"B"}
`

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func hour(n int) availability.Time { return availability.At(noon.Add(time.Duration(n) * time.Hour)) }

// spans are intervals of hours, given by pairs of start and end.
func spans(hours ...int) (all []availability.Interval) {
	for pair := range slices.Chunk(hours, 2) {
		all = append(all, availability.Interval{Start: hour(pair[0]), End: hour(pair[1])})
	}
	return all
}

// trees are those of worlds, which only read them.
var trees treetest.Trees

func TestMain(m *testing.M) { trees.Main(m) }

// world is a handler with what it was made from.
type world struct {
	http.Handler
	board *board
	now   *atomic.Pointer[time.Time]
	tree  treetest.Site

	release func() *release.Release
}

// newWorld says: n1 is free until 2, n2 reserved until 3, n3 in maintenance, m1
// free; of m2 nothing.
func newWorld(t testing.TB) world {
	t.Helper()
	w := worldOf(t, testbed)
	w.board.set("a", availability.NewSnapshot("a", noon.Add(-time.Minute),
		&availability.Report{Hosts: []availability.Host{
			{Node: "n1", Reservations: spans(2, 4)},
			{Node: "n2", Reservations: spans(-1, 3)},
			{Node: "n3", Maintenance: true},
		}, Rows: 2}))

	w.board.set("b", availability.NewSnapshot("b", noon.Add(-4*time.Minute),
		&availability.Report{Hosts: []availability.Host{{Node: "m1"}}}))
	return w
}

// worldOf knows nothing yet of when an archive's nodes are free.
func worldOf(t testing.TB, archive string) world {
	t.Helper()
	w := world{board: newBoard(), now: &atomic.Pointer[time.Time]{},
		tree: trees.Publish(t, archive)}
	at := noon
	w.now.Store(&at)
	c, err := release.Open(w.tree.Root)
	if err != nil {
		t.Fatal(err)
	}

	w.release = func() *release.Release { return c }
	w.Handler = availhttp.New(availhttp.Options{
		Release: w.release,
		Monitor: w.board,
		Now:     func() time.Time { return *w.now.Load() },
		Log:     slog.New(slog.DiscardHandler),
		Metrics: availhttp.NewMetrics("test"),
	})

	return w
}

// names are the node names that a search finds, in its order.
func names(t *testing.T, body []byte) []string {
	t.Helper()
	var got struct {
		Items []struct {
			Name string `json:"node_name"`
		}
	}

	unmarshal(t, body, &got)
	list := []string{}
	for _, item := range got.Items {
		list = append(list, item.Name)
	}

	return list
}

func TestSearchFilters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for query, want := range map[string]string{
		"":                                    "one two three four five",
		"site_id=a":                           "one two three",
		"site_id=":                            "one two three four five",
		"node_type=gpu":                       "two",
		"arch=x86_64":                         "one",
		"gpu=yes":                             "two",
		"gpu=0":                               "one three four five",
		"infiniband=true":                     "three",
		"min_ram=100":                         "one two",
		"q=A100":                              "two",
		"q=epyc+four":                         "four",
		"q=epyc+one":                          "",
		"gpu_model=a100":                      "two",
		"min_gpus=4":                          "two",
		"min_gpus=0":                          "one two three four five",
		"min_cores=33":                        "two",
		"storage_media=ssd":                   "one",
		"storage_media=ssd&min_storage=501":   "",
		"min_storage=9500":                    "one",
		"rack=2":                              "two",
		"node_type=gpu,storage":               "two",
		"node_type=gpu,+compute":              "one two three four five",
		"node_type=gpu&node_type=compute":     "one three four five", // the last one counts
		"node_type=,":                         "one two three four five",
		`node_type=gpu\,compute`:              "",
		"rack=r1,2":                           "one two",
		"gpu_model=a100,h100":                 "two",
		"processor_model=epyc,xeon&q=four":    "four",
		"storage_media=hdd,ssd":               "one",
		"storage_media=hdd,ssd&storage=1kB..": "one",
		"storage_media=ssd&storage=1kB..":     "",
		"storage=500..":                       "one",
		"ram=100..":                           "one two",
		"ram=..100":                           "one four", // of others it is not known
		"ram=..60,200":                        "two four",
		"ram=100":                             "one",
		"ram=":                                "one two three four five",
		"gpus=..3":                            "one three four five",
		"gpus=4":                              "two",
		"threads=33..&min_threads=10":         "two",
		"availability=available,unknown":      "one four five",
		"availability=available":              "one four",
		"availability=reserved":               "two",
		"availability=unknown":                "five",
		"availability=":                       "one two three four five",
		"sort=-ram":                           "two one four three five",
		"sort=node_name":                      "five four one three two",
		"sort=availability,-uid":              "one four two three five",
		"sort=-availability_until":            "three four five two one",
		"limit=2&offset=1":                    "two three",
		"limit=2&offset=100":                  "",
		"unknown=x":                           "one two three four five",
		"start=2026-01-01T12:00Z&end=2026-01-01T13:00Z": "one three four five",
		"start=2026-01-01T15:00Z&end=2026-01-01T15:30Z": "two three four five",
	} {
		res := get(t, w, "/nodes/search?"+query)
		if got := strings.Join(names(t, res.Body.Bytes()), " "); got != want || res.Code != 200 {
			t.Errorf("%s: %d, %q, want %q", query, res.Code, got, want)
		}
	}

	for query, want := range map[string]string{
		"sort=-nope":                      `"msg":"Value error, there is no order by 'nope'","input":"-nope"`,
		"availability=maybe":              `"type":"enum"`,
		"min_gpus=-1":                     `"type":"greater_than_equal"`,
		"availability=available,maybe":    `"type":"enum"`,
		"ram=lots":                        `"msg":"Value error, want 192GiB, 64GiB.., ..256GiB or 64GiB..256GiB","input":"lots"`,
		"gpus=4..2":                       `"type":"value_error","loc":["query","gpus"]`,
		"start=2026-01-02&end=2026-01-01": `"type":"value_error","loc":["query","end"]`,
	} {
		if res := get(t, w, "/nodes/search?"+query); res.Code != 422 || !strings.Contains(res.Body.String(), want) {
			t.Errorf("%s: %d, %s", query, res.Code, res.Body)
		}
	}
}

func TestSearchFields(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	res := get(t, w, "/nodes/search?node_type=gpu&fields=node_name,availability_until,uid,nope")
	const want = `{"total":1,"offset":0,"items":[{"uid":"n2","availability_until":"2026-01-01T15:00:00Z","node_name":"two"}]}`
	if res.Body.String() != want {
		t.Errorf("got %s, want %s", res.Body, want)
	}
}

func TestFilterSets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	post := func(target, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(body))
		res := httptest.NewRecorder()
		w.ServeHTTP(res, r)
		return res
	}

	for _, tt := range []struct{ query, body, want string }{
		{"", `{}`, "one two three four five"},
		{"", `{"filter_set":[]}`, "one two three four five"},
		{"", `{"filter_set":[{}]}`, "one two three four five"},
		{"", `{"filter_set_type":"union","filter_set":[{}]}`, "one two three four five"},
		{"", `{"filter_set":[{"node_names":["one","four"]}]}`, "one four"},
		{"", `{"filter_set":[{"node_names":[]}]}`, ""},
		{"site_id=b", `{"filter_set":[{"node_names":["one","four"]}]}`, "four"},
		{"", `{"filter_set":[{"node_types":["gpu"]},{"racks":["2"]}]}`, "two"},
		{"", `{"filter_set":[{"node_types":["gpu"]},{"racks":["r1"]}]}`, ""},
		{"", `{"filter_set_type":"union","filter_set":[{"node_types":["gpu"]},{"racks":["r1"]}]}`, "one two"},
		{"", `{"filter_set":[{"filter_type":"union","node_names":["five"],"racks":["r1"]}]}`, "one five"},
		{"", `{"filter_set":[{"labels":{"processor.vendor":"AMD"}}]}`, "four"},
		{"", `{"filter_set":[{"labels":{"processor.vendor":"AMD","node_type":"gpu"}}]}`, ""},
		{"", `{"filter_set":[{"labels":{"gpu.gpu_count":"4"}}]}`, "two"},
		{"", `{"filter_set":[{"labels":{"site_id":"b"}}]}`, "four five"},
	} {
		res := post("/nodes/search?"+tt.query, tt.body)
		if got := strings.Join(names(t, res.Body.Bytes()), " "); got != tt.want || res.Code != 200 ||
			res.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s %s: %d, %q, want %q", tt.query, tt.body, res.Code, got, tt.want)
		}
	}

	if res := post("/nodes/search?fields=node_name",
		`{"filter_set":[{"racks":["2"]}]}`); res.Body.String() != `{"total":1,"offset":0,"items":[{"node_name":"two"}]}` {
		t.Errorf("names alone: %s", res.Body)
	}

	if res := post("/nodes/search", strings.Repeat(" ", 65<<10)); res.Code != 413 {
		t.Errorf("a large body: %d", res.Code)
	}
}

func TestBodies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for target, want := range map[string]string{
		"/sites/a/availability": `{"site_id":"a","last_synced":"2026-01-01T11:59:00+00:00","synced_node_count":2}`,
		"/sites/a/clusters/c/nodes/n2/availability": `{"node_id":"n2","cluster_id":"c","site_id":"a","last_updated":"2026-01-01T11:59:00Z","maintenance":false,` +
			`"reservations":[{"start":"2026-01-01T11:00:00Z","end":"2026-01-01T15:00:00Z"}]}`,
		"/sites/b/clusters/c/availability": `{"site_id":"b","cluster_id":"c","last_updated":"2026-01-01T11:56:00Z","stale":true,"total":2,"items":[` +
			`{"node_id":"m1","availability":"available","availability_until":null,"free_from":null,"leased_by":"node","kept_for_projects":false,"maintenance":false,"reservations":[]},` +
			`{"node_id":"m2","availability":"unknown","availability_until":null,"free_from":null,"leased_by":"node","kept_for_projects":false,"maintenance":false,"reservations":[]}],` +
			`"links":[{"rel":"self","href":"/sites/b/clusters/c/availability"},{"rel":"parent","href":"/sites/b/clusters/c"}]}`,
		"/availability": `{"total":2,"items":[` +
			`{"site_id":"a","last_synced":"2026-01-01T11:59:00Z","age_seconds":60,"stale":false,"last_error":null,"counts":{"available":1,"reserved":1,"maintenance":1,"unknown":0,"by_flavor":0}},` +
			`{"site_id":"b","last_synced":"2026-01-01T11:56:00Z","age_seconds":240,"stale":true,"last_error":null,"counts":{"available":1,"reserved":0,"maintenance":0,"unknown":1,"by_flavor":0}}],` +
			`"links":[{"rel":"self","href":"/availability"},{"rel":"parent","href":"/"}]}`,
		"/nodes/slots?count=2&hours=1&same_site=true": `{"total":1,"items":[{"start":"2026-01-01T16:00:00Z","end":"2026-01-01T17:00:00Z","site_id":"a","nodes":["n1","n2"],"extendable_until":null,"candidates":2,"reserve_by":"node","node_type":null}]}`,
		"/nodes/slots?count=2": `{"total":2,"items":[{"start":"2026-01-01T12:00:00Z","end":"2026-01-01T13:00:00Z","site_id":null,"nodes":["n1","m1"],"extendable_until":"2026-01-01T14:00:00Z","candidates":2,"reserve_by":"type","node_type":"compute"},` +
			`{"start":"2026-01-01T15:00:00Z","end":"2026-01-01T16:00:00Z","site_id":null,"nodes":["n2","m1"],"extendable_until":null,"candidates":2,"reserve_by":"node","node_type":null}]}`,
		"/nodes/slots?site_id=b&after=2026-01-01T13:00:30Z&hours=0.5": `{"total":1,"items":[{"start":"2026-01-01T13:01:00Z","end":"2026-01-01T13:31:00Z","site_id":"b","nodes":["m1"],"extendable_until":null,"candidates":1,"reserve_by":"type","node_type":"compute"}]}`,
		"/nodes/slots?count=5":              `{"total":0,"items":[],"nearest":[{"let_go":"count","query":"count=3","slot":{"start":"2026-01-01T16:00:00Z","end":"2026-01-01T17:00:00Z","site_id":null,"nodes":["n1","n2","m1"],"extendable_until":null,"candidates":3,"reserve_by":"node","node_type":null}}],"most":{"count":3,"slot":{"start":"2026-01-01T16:00:00Z","end":"2026-01-01T17:00:00Z","site_id":null,"nodes":["n1","n2","m1"],"extendable_until":null,"candidates":3,"reserve_by":"node","node_type":null},"all":5,"rises":[{"count":2,"nodes":2,"start":"2026-01-01T12:00:00Z","extendable_until":"2026-01-01T14:00:00Z","site_id":null},{"count":3,"nodes":3,"start":"2026-01-01T16:00:00Z","extendable_until":null,"site_id":null}]}}`,
		"/nodes/slots?site_id=b&hours=0.01": `{"total":1,"items":[{"start":"2026-01-01T12:00:00Z","end":"2026-01-01T12:01:00Z","site_id":"b","nodes":["m1"],"extendable_until":null,"candidates":1,"reserve_by":"type","node_type":"compute"}]}`,
	} {
		if res := get(t, w, target); res.Body.String() != want || res.Code != 200 {
			t.Errorf("%s: %d\n got %s\nwant %s", target, res.Code, res.Body, want)
		}
	}

	for target, want := range map[string]string{
		"/sites/a/clusters/c/nodes/nope/availability": "Node not found",
		"/sites/b/clusters/c/nodes/m2/availability":   "Node not registered in Blazar",
		"/sites/nope/availability":                    "Availability not yet synced for this site",
		"/sites/a/clusters/nope/availability":         "Cluster not found",
		"/sites/a/flavors/m1/availability":            "Flavor availability is not configured for this site",
		"/sites/a/versions/abcdef0":                   "Version not found",
		"/sites/nope/clusters?limit=1":                "Site not found",
		"/nope":                                       "Not Found",
		"/sites/a%2Fb/availability":                   "Not Found",
	} {
		if res := get(t, w, target); res.Code != 404 ||
			!strings.Contains(res.Body.String(), `"detail":"`+want+`"`) ||
			res.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d, %s", target, res.Code, res.Body)
		}
	}
}

func TestVersions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	head, first := w.tree.History.Commits[0].ID.String(), w.tree.History.Commits[1].ID.String()
	for target, want := range map[string]string{
		"/sites/b/versions/HEAD":         "/sites/b/versions/" + head,
		"/sites/b/versions/HEAD.json":    "/sites/b/versions/" + head,
		"/sites/b/versions/" + first[:7]: "/sites/b/versions/" + first,
		"/sites/a/versions/" + head[:9]:  "/sites/a/versions/" + head,
		"/versions/HEAD":                 "/versions/" + head,
	} {
		if res := get(t, w, target); res.Code != 307 || res.Header().Get("Location") != want {
			t.Errorf("%s: %d, %s, want %s", target, res.Code, res.Header().Get("Location"), want)
		}
	}

	var got struct{ Version, Timestamp, GeneratedAt, Generator string }
	unmarshal(t, bytes.ReplaceAll(get(t, w, "/version").Body.Bytes(), []byte("generated_at"),
		[]byte("GeneratedAt")), &got)

	if at, err := time.Parse(time.RFC3339, got.GeneratedAt); got.Version != head || got.Timestamp != "1735776000" ||
		err != nil || time.Since(at) > time.Hour || got.Generator != build.Generator {
		t.Errorf("/version: %+v", got)
	}
}

// An answer is kept no longer than it holds, and its tag changes with it.
func TestCaching(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const target = "/nodes/search"
	res := get(t, w, target, "Accept-Encoding", "gzip")
	tag := res.Header().Get("ETag")
	if res.Header().Get("Content-Encoding") != "gzip" || !strings.HasSuffix(tag, `-gz"`) ||
		res.Header().Get("Vary") != "Accept-Encoding, Prefer" {
		t.Errorf("headers %v", res.Header())
	}

	z, err := gzip.NewReader(res.Body)
	if err != nil {
		t.Fatal(err)
	}

	unpacked, err := io.ReadAll(z)
	plain := get(t, w, target)
	if err != nil || !bytes.Equal(unpacked, plain.Body.Bytes()) || plain.Header().Get("ETag") == tag {
		t.Errorf("the compressed answer is another: %v", err)
	}
	if got := plain.Header().Get("Cache-Control"); got != "public, max-age=0" { // site b is late
		t.Errorf("Cache-Control %s", got)
	}

	if again := get(t, w, target, "Accept-Encoding", "gzip", "If-None-Match", tag); again.Code != 304 ||
		again.Body.Len() != 0 {
		t.Errorf("asked again: %d", again.Code)
	}

	if again := get(t, w, target, "If-None-Match", tag); again.Code != 200 {
		t.Errorf("asked again for another form: %d", again.Code)
	}

	// n2's reservation ends: nobody was asked, but the answer is another.
	later := noon.Add(3 * time.Hour)
	w.now.Store(&later)

	if after := get(t, w, target, "Accept-Encoding", "gzip", "If-None-Match", tag); after.Code != 200 ||
		after.Header().Get("ETag") == tag {
		t.Errorf("after a boundary: %d, %s", after.Code, after.Header().Get("ETag"))
	}

	// A sync brings news.
	w.board.set("b", availability.NewSnapshot("b", later, &availability.Report{}))
	if after := get(t, w, target+"?availability=available"); slices.Contains(names(t, after.Body.Bytes()), "four") {
		t.Errorf("after a sync: %s", after.Body)
	}

	const node = "/sites/a/clusters/c/nodes/n1/availability"
	first := get(t, w, node)
	modified := first.Header().Get("Last-Modified")
	if modified != "Thu, 01 Jan 2026 11:59:00 GMT" {
		t.Errorf("Last-Modified %s", modified)
	}
	if again := get(t, w, node, "If-Modified-Since", modified); again.Code != 304 {
		t.Errorf("asked again by time: %d", again.Code)
	}

	w.board.set("a", availability.NewSnapshot("a", later,
		&availability.Report{Hosts: []availability.Host{{Node: "n1"}}}))
	now := later.Add(30 * time.Second)
	w.now.Store(&now)

	if again := get(t, w, node, "If-Modified-Since", modified); again.Code != 200 ||
		again.Header().Get("Cache-Control") != "public, max-age=90" {
		t.Errorf("after a sync: %d, %v", again.Code, again.Header())
	}
}

// Reservations of other clients than the usual begin and end amid a minute; slots
// do not.
func TestSlotsAreOfWholeMinutes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	second := func(n float64) availability.Time {
		return availability.At(noon.Add(time.Duration(n * float64(time.Second))))
	}

	w.board.set("a", availability.NewSnapshot("a", noon, &availability.Report{Hosts: []availability.Host{
		{Node: "n1", Reservations: []availability.Interval{{Start: second(-60), End: second(30.25)},
			{Start: second(599.5), End: second(3600.000001)}}},
	}}))

	at := noon.Add(500 * time.Millisecond)
	w.now.Store(&at)

	for query, want := range map[string]string{
		"hours=0.15":                             `{"total":1,"items":[{"start":"2026-01-01T13:01:00Z","end":"2026-01-01T13:10:00Z",`,
		"hours=0.125":                            `{"total":2,"items":[{"start":"2026-01-01T12:01:00Z","end":"2026-01-01T12:09:00Z",`,
		"hours=0.14&before=2026-01-01T13:00:59Z": `{"total":0,`,
		"hours=1&after=2026-01-01T14:00:00.5Z":   `{"total":1,"items":[{"start":"2026-01-01T14:01:00Z","end":"2026-01-01T15:01:00Z",`,
		"hours=0.01&before=2026-01-01T12:02:30Z": `{"total":1,"items":[{"start":"2026-01-01T12:01:00Z","end":"2026-01-01T12:02:00Z",`,
		"hours=0.01&before=2026-01-01T12:01:59Z": `{"total":0,`,
	} {
		if got := get(t, w, "/nodes/slots?site_id=a&"+query).Body.String(); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s\nwant %s", query, got, want)
		}
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ask := func(method, target string) *httptest.ResponseRecorder {
		res := httptest.NewRecorder()
		w.ServeHTTP(res, httptest.NewRequest(method, target, nil))
		return res
	}
	if res := ask(http.MethodHead, "/availability.json"); res.Code != 200 || res.Body.Len() != 0 ||
		res.Header().Get("Content-Length") == "" {
		t.Errorf("HEAD: %d, %v", res.Code, res.Header())
	}

	if res := ask(http.MethodDelete, "/availability"); res.Code != 405 ||
		res.Header().Get("Allow") != "GET, HEAD, OPTIONS" {
		t.Errorf("DELETE: %d, %v", res.Code, res.Header())
	}

	if res := ask(http.MethodOptions, "/nodes/search"); res.Code != 204 ||
		res.Header().Get("Allow") != "GET, HEAD, OPTIONS, POST" ||
		res.Header().Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("OPTIONS: %d, %v", res.Code, res.Header())
	}

	if res := ask(http.MethodGet, "/nodes/search?"+strings.Repeat("x", 9<<10)); res.Code != 414 {
		t.Errorf("a long query: %d", res.Code)
	}

	if res := ask(http.MethodGet, "/metrics"); !strings.Contains(res.Body.String(),
		`refapi_http_requests_total{code="405",route="none"} 1`) ||
		!strings.Contains(res.Body.String(), `refapi_hosts{site="a",state="maintenance"} 1`) {
		t.Errorf("/metrics: %s", res.Body)
	}
}

// FuzzSearch asks for anything.
func FuzzSearch(f *testing.F) {
	f.Add("gpu=true&sort=-ram&fields=uid", `{"filter_set":[{"labels":{"a.b":"c"}}]}`)
	f.Add("start=2026-01-01&end=2026-01-02", `{`)
	repo, err := txtarrepo.Open([]byte(testbed))
	if err != nil {
		f.Fatal(err)
	}

	tree := treetest.Publish(f, repo, build.Options{})
	c, err := release.Open(tree.Root)
	if err != nil {
		f.Fatal(err)
	}

	h := availhttp.New(availhttp.Options{
		Release: func() *release.Release { return c }, Monitor: newBoard(), Now: func() time.Time { return noon }, Log: slog.New(slog.DiscardHandler),
	})

	f.Fuzz(func(t *testing.T, query, body string) {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			for _, path := range []string{"/nodes/search", "/nodes/slots", "/nodes/availability", "/sites"} {
				r := httptest.NewRequest(method, path, strings.NewReader(body))
				r.URL.RawQuery = query
				res := httptest.NewRecorder()
				h.ServeHTTP(res, r)
				if res.Code >= 500 || !json.Valid(res.Body.Bytes()) {
					t.Errorf("%s %s: %d, %s", method, path, res.Code, res.Body)
				}
			}
		}
	})
}
