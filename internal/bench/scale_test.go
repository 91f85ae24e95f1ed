package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/availhttp"
	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/release"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/test/synthetic"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// many makes the files of a release with so many nodes, copies of those of a synthetic
// repository.
func many(b *testing.B, nodes int) (*tree.Manifest, func(file string) ([]byte, error)) {
	b.Helper()
	repo, err := gitrepo.Open(b.Context(), synthetic.Bundle(b, synthetic.Options{Nodes: 500, Commits: 4, Seed: 1}),
		gitrepo.Options{})
	if err != nil {
		b.Fatal(err)
	}

	s := treetest.Publish(b, repo, build.Options{})
	text, err := os.ReadFile(filepath.Join(s.Dir, route.AllNodes.File()))
	if err != nil {
		b.Fatal(err)
	}
	list := copies(b, text, nodes)
	var files tree.Collector
	files.Add(tree.Entry{Path: route.AllNodes.File()})
	return files.Manifest(tree.Release{ID: "many"}), func(file string) ([]byte, error) {
		if file == route.AllNodes.File() {
			return list, nil
		}
		if src, err := os.ReadFile(filepath.Join(s.Dir, file)); err == nil {
			return src, nil
		}
		return nil, &fs.PathError{Op: "open", Path: file, Err: fs.ErrNotExist}
	}
}

// copies makes a list of so many nodes of a short one: the copies of a node follow it, so
// that the order of clusters stays.
func copies(b *testing.B, text []byte, nodes int) []byte {
	b.Helper()
	var all struct{ Items []json.RawMessage }
	if err := json.Unmarshal(text, &all); err != nil {
		b.Fatal(err)
	}

	var list bytes.Buffer
	fmt.Fprintf(&list, `{"total":%d,"offset":0,"items":[`, nodes)
	for i, item := range all.Items {
		for c := range nodes / len(all.Items) {
			if i+c > 0 {
				list.WriteByte(',')
			}
			head, rest, _ := strings.Cut(string(item), `","`) // of the uid
			fmt.Fprintf(&list, `%s-%04d","%s`, head, c, rest)
		}
	}
	list.WriteString("]}")
	return list.Bytes()
}

// scale is what a release of some size costs.
type scale struct {
	nodes int
	cost  map[string]float64 // ms of processor time, or MB
}

// scaleQuestions are asked of releases of all sizes.
func scaleQuestions() [][2]string {
	return [][2]string{
		{"search, 500 of all", "/nodes/search?limit=500"},
		{"search, by words", "/nodes/search?q=a100+dell&limit=50"},
		{"search, free for a day, longest first", "/nodes/search?hours=24&sort=-free_until&limit=50"},
		{"slots", "/nodes/slots?count=4&hours=24"},
		{"slots, mixture at one site", "/nodes/slots?gpu=true&count=4&2.gpu=false&2.count=10&same_site=true&hours=24"},
		{"slots, none, nearest", "/nodes/slots?gpu=true&count=9999&hours=24"},
		{"capacity, 30 days by type and hour", "/nodes/capacity?by=node_type&step=1h"},
		{"capacity, 30 days by minute", "/nodes/capacity?step=1m"},
		{"capacity, 30 days by type and day", "/nodes/capacity?by=node_type"},
		{"states of 10,000", "/nodes/availability?reservations=false&limit=10000"},
	}
}

// BenchmarkScale asks a live half with 5,000 nodes and one with 50,000, both with 200,000
// reservations.
func BenchmarkScale(b *testing.B) {
	for b.Loop() {
		var all []scale
		for _, nodes := range []int{5000, 50000} {
			all = append(all, measureScale(b, nodes))
		}

		few, lots := all[0], all[1]
		f := liveFigures{Machine: machine(b), Load: loadAverage(b)}
		for _, name := range append([]string{yardstickRow, takingUp, takingUpNext, "first answer after a sync", "MB of the heap"},
			names(scaleQuestions())...) {
			b.Logf("%-40s %8.2f %8.2f  times %.1f", name, few.cost[name], lots.cost[name], lots.cost[name]/few.cost[name])
			f.Rows = append(f.Rows, liveRow{name, few.cost[name], lots.cost[name]})
		}
		if *record {
			if err := keepLive(f); err != nil {
				b.Fatal(err)
			}
		}
		some := measureScale(b, 10000)
		for _, name := range []string{"capacity, 30 days by type and hour", "capacity, 30 days by minute"} {
			report(b, "10,000 nodes, "+name+": ms of processor time", some.cost[name],
				"200,000 reservations; 5,000 nodes %.1f ms, 50,000 nodes %.1f ms", few.cost[name], lots.cost[name])
		}
		report(b, "scale, taking up a release: 50,000 nodes, of 5,000 ten times",
			lots.cost[takingUp]/few.cost[takingUp]/10, "%.0f ms", lots.cost[takingUp])
		report(b, "scale, taking up the next release: part of the first", lots.cost[takingUpNext]/lots.cost[takingUp],
			"50,000 nodes, of which one changed; %.0f ms", lots.cost[takingUpNext])
		const words = "search, by words"
		report(b, "scale, search by words: 50,000 nodes, of 5,000", lots.cost[words]/few.cost[words], "%.2f ms", lots.cost[words])
	}
}

// What scale measures beside questions.
const (
	takingUp     = "taking up a release"
	takingUpNext = "taking up the next release, a node changed"
)

// loadAverage says how busy the machine is.
func loadAverage(b *testing.B) string {
	b.Helper()
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		b.Fatal(err)
	}
	return "load " + strings.Join(strings.Fields(string(text))[:3], ", ")
}

func names(questions [][2]string) (all []string) {
	for _, q := range questions {
		all = append(all, q[0])
	}
	return all
}

func measureScale(b *testing.B, nodes int) scale {
	b.Helper()
	m, readFile := many(b, nodes)
	s := scale{nodes: nodes, cost: map[string]float64{}}
	before := heap()

	spent := func(do func()) float64 {
		began := processor(b)
		do()
		return (processor(b) - began).Seconds() * 1e3
	}

	var r *release.Release
	var err error
	s.cost[takingUp] = spent(func() { r, err = release.New(m, time.Now(), readFile) })
	if err != nil {
		b.Fatal(err)
	}
	all, err := readFile(route.AllNodes.File())
	if err != nil {
		b.Fatal(err)
	}
	s.cost[yardstickRow] = spent(func() { json.Valid(all) })
	changed := bytes.Replace(all, []byte(`"wattmeter":false`), []byte(`"wattmeter":true`), 1)
	s.cost[takingUpNext] = spent(func() {
		_, err = r.Next(m, time.Now(), func(file string) ([]byte, error) {
			if file == route.AllNodes.File() {
				return changed, nil
			}
			return readFile(file)
		})
	})
	if err != nil {
		b.Fatal(err)
	}

	uids := map[string][]string{}
	for i := range r.Nodes {
		uids[r.Nodes[i].Site] = append(uids[r.Nodes[i].Site], r.Nodes[i].UID)
	}
	sources := map[string]availability.Source{}
	for id, of := range uids {
		sources[id] = &said{made(of, 200_000/nodes, time.Now())}
	}
	monitor := availability.NewMonitor(availability.Options{})
	monitor.Configure(availability.Schedule{PollInterval: time.Hour}, sources)
	if failed := monitor.SyncOnce(b.Context()); len(failed) > 0 {
		b.Fatal(failed)
	}
	s.cost["MB of the heap"] = (heap() - before) / 1e6

	h := availhttp.New(availhttp.Options{
		Release: func() *release.Release { return r }, Monitor: monitor, Now: time.Now, Log: slog.New(slog.DiscardHandler),
	})
	s.cost["first answer after a sync"] = spent(func() { answer(b, h, "/nodes/search?limit=1") })
	for _, q := range scaleQuestions() {
		var took []float64
		for i := range rounds {
			w := httptest.NewRecorder()
			asked := httptest.NewRequest(http.MethodGet, fmt.Sprintf("%s&nothing=%d", q[1], i), nil)
			took = append(took, spent(func() { h.ServeHTTP(w, asked) }))
			if w.Code != http.StatusOK {
				b.Fatalf("%s: %d %s", q[1], w.Code, w.Body)
			}
		}
		s.cost[q[0]] = median(took)
	}
	runtime.KeepAlive(r)
	return s
}

// heap is how many bytes are in use.
func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}
