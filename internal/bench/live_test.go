package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/julienschmidt/httprouter"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/availhttp"
	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/release"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// said is a source that always says the same.
type said struct{ inventory *availability.Report }

// Hosts implements [availability.Source].
func (s *said) Hosts(context.Context) (*availability.Report, error) { return s.inventory, nil }

// made makes up hosts with reservations all around now.
func made(nodes []string, each int, now time.Time) *availability.Report {
	random := rand.New(rand.NewPCG(1, 2))
	inv := &availability.Report{Rows: len(nodes)}
	for _, node := range nodes {
		h := availability.Host{Node: node}
		at := now.Add(-time.Duration(random.IntN(72)) * time.Hour)
		for range each {
			at = at.Add(time.Duration(1+random.IntN(48)) * time.Hour)
			end := at.Add(time.Duration(1+random.IntN(72)) * time.Hour)
			h.Reservations = append(h.Reservations,
				availability.Interval{Start: availability.At(at), End: availability.At(end)})
			at = end
		}

		inv.Hosts = append(inv.Hosts, h)
	}

	return inv
}

// half is a live half over the real nodes, with 20 reservations each.
type half struct {
	handler http.Handler
	monitor *availability.Monitor
	release *release.Release
}

func newHalf(b *testing.B) half {
	b.Helper()
	repo, err := gitrepo.Open(b.Context(), bundle(b), gitrepo.Options{})
	if err != nil {
		b.Fatal(err)
	}

	c, err := release.Open(treetest.Publish(b, repo, build.Options{}).Root)
	if err != nil {
		b.Fatal(err)
	}

	nodes := map[string][]string{}
	for i := range c.Nodes {
		nodes[c.Nodes[i].Site] = append(nodes[c.Nodes[i].Site], c.Nodes[i].UID)
	}

	sources := map[string]availability.Source{}
	for id, uids := range nodes {
		sources[id] = &said{made(uids, 20, time.Now())}
	}

	m := availability.NewMonitor(availability.Options{})
	m.Configure(availability.Schedule{PollInterval: time.Hour}, sources)

	if failed := m.SyncOnce(b.Context()); len(failed) > 0 {
		b.Fatal(failed)
	}

	return half{release: c, monitor: m, handler: availhttp.New(availhttp.Options{
		Release: func() *release.Release { return c }, Monitor: m, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Metrics: availhttp.NewMetrics("bench"),
	})}
}

// answer asks a handler.
func answer(b *testing.B, h http.Handler, target string, headers ...string) *httptest.ResponseRecorder {
	b.Helper()
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}

	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)

	if w.Code != http.StatusOK {
		b.Fatalf("%s: %d %s", target, w.Code, w.Body)
	}

	return w
}

// bare writes the same bytes from under a bare httprouter, with those headers
// that are named.
func bare(b *testing.B, pattern string, like *httptest.ResponseRecorder, names ...string) *httptest.Server {
	b.Helper()
	body := like.Body.Bytes()
	header := http.Header{}

	for _, name := range names {
		if values := like.Header()[name]; len(values) > 0 {
			header[name] = values
		}
	}

	router := httprouter.New()
	router.GET(pattern, func(w http.ResponseWriter, _ *http.Request, _ httprouter.Params) {
		maps.Copy(w.Header(), header)
		_, _ = w.Write(body)
	})

	s := httptest.NewServer(router)
	b.Cleanup(s.Close)
	return s
}

// Requests a second through all of the live half, against a bare handler.
func BenchmarkLive(b *testing.B) {
	h := newHalf(b)
	ours := httptest.NewServer(h.handler)
	b.Cleanup(ours.Close)

	// Another query each time, so that nothing is remembered.
	var n atomic.Int64
	anew := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.RawQuery = fmt.Sprintf("nothing=%d", n.Add(1))
		h.handler.ServeHTTP(w, r)
	}))

	b.Cleanup(anew.Close)
	node := h.release.Nodes[len(h.release.Nodes)/2]
	one := "/sites/" + node.Site + "/clusters/" + node.Cluster + "/nodes/" + node.UID + "/availability"
	const gzip = "Accept-Encoding: gzip"
	for _, c := range []struct {
		name, pattern, target, header string
		server                        *httptest.Server
	}{
		{name: "a node's availability", pattern: "/sites/:site/clusters/:cluster/nodes/:node/availability",
			target: one, server: ours},
		{name: "full search", pattern: "/nodes/search", target: "/nodes/search", server: anew},
		{name: "full search, repeated, gzip", pattern: "/nodes/search", target: "/nodes/search", header: gzip,
			server: ours},
	} {
		b.Run(strings.ReplaceAll(c.name, " ", "-"), func(b *testing.B) {
			var headers []string
			if c.header != "" {
				headers = strings.SplitN(c.header, ": ", 2)
			}

			like := answer(b, h.handler, c.target, headers...)
			plain := bare(b, c.pattern, like, "Content-Type", "Content-Encoding")

			// What the headers alone cost, which the contract asks for.
			full := bare(b, c.pattern, like, slices.Collect(maps.Keys(like.Header()))...)
			ask := func(s *httptest.Server) float64 {
				return rate(b, strings.TrimPrefix(s.URL, "http://"), c.target, c.header)
			}

			for b.Loop() {
				var ratios, toFull, rates []float64
				for range rounds {
					p, q, r := ask(plain), ask(full), ask(c.server)
					ratios, toFull, rates = append(ratios, r/p), append(toFull, r/q), append(rates, r)
				}
				report(b, "live, "+c.name+": of a bare handler", median(ratios),
					"%.0f a second; of one that writes the same headers, too, %.2f", median(rates), median(toFull))
			}
		})
	}
}

// A search that finds fifty nodes, against one that decodes all of them.
func BenchmarkFilteredSearch(b *testing.B) {
	h := newHalf(b)
	var texts [][]byte
	for i := range h.release.Nodes {
		texts = append(texts, append(bytes.Clone(h.release.Nodes[i].Head), h.release.Nodes[i].Rest...))
	}

	for b.Loop() {
		var scans, searches []time.Duration
		found := 0
		for i := range 3 * rounds {
			began := time.Now()
			found = scan(b, texts)
			scans = append(scans, time.Since(began))
			target := fmt.Sprintf("/nodes/search?min_ram=400000000000&limit=50&nothing=%d", i)
			r := httptest.NewRequest(http.MethodGet, target, nil)
			w := httptest.NewRecorder()
			began = time.Now()
			h.handler.ServeHTTP(w, r)
			searches = append(searches, time.Since(began))
		}

		report(b, "live, a search that finds few: times faster than decoding",
			float64(median(scans))/float64(median(searches)),
			"%d nodes; %d µs, decoding %d µs", found, median(searches).Microseconds(), median(scans).Microseconds())
	}
}

// scan decodes all nodes, and encodes those with much memory.
func scan(b *testing.B, texts [][]byte) (found int) {
	b.Helper()
	var items []any
	for _, text := range texts {
		var n struct {
			Memory struct {
				Size float64 `json:"ram_size"`
			} `json:"main_memory"`
		}

		var all any
		if err := json.Unmarshal(text, &all); err != nil {
			b.Fatal(err)
		}
		if err := json.Unmarshal(text, &n); err != nil {
			b.Fatal(err)
		}

		if n.Memory.Size >= 400000000000 {
			if found++; len(items) < 50 {
				items = append(items, all)
			}
		}
	}

	if err := json.NewEncoder(io.Discard).Encode(items); err != nil {
		b.Fatal(err)
	}

	return found
}

// Processor time of the reservations that a page of the hardware browser asks
// for, when nobody has asked before.
func BenchmarkReservations(b *testing.B) {
	h := newHalf(b)
	for b.Loop() {
		for _, q := range []struct {
			what, query string
		}{
			{"all reservations of the real nodes", "limit=500"},
			{"the states of the real nodes", "reservations=false&limit=10000"},
		} {
			var took []time.Duration
			size := 0
			for i := range 3 * rounds {
				r := httptest.NewRequest(http.MethodGet,
					fmt.Sprintf("/nodes/availability?%s&nothing=%d", q.query, i), nil)
				r.Header.Set("Accept-Encoding", "gzip")
				w := httptest.NewRecorder()
				began := processor(b)
				h.handler.ServeHTTP(w, r)
				took = append(took, processor(b)-began)
				size = w.Body.Len()
			}

			report(b, q.what+": ms of processor time", median(took).Seconds()*1e3, "%d kB compressed", size/1000)
		}
	}
}

// Processor time of a question for slots.
func BenchmarkSlots(b *testing.B) {
	h := newHalf(b)
	for b.Loop() {
		var took []time.Duration
		for i := range 3 * rounds {
			r := httptest.NewRequest(http.MethodGet, fmt.Sprintf("/nodes/slots?count=4&hours=24&nothing=%d", i), nil)
			w := httptest.NewRecorder()
			began := processor(b)
			h.handler.ServeHTTP(w, r)
			took = append(took, processor(b)-began)
		}

		report(b, "slots over the real nodes: ms of processor time", median(took).Seconds()*1e3,
			"20 reservations each")

		var uids []string
		for i := range 10000 {
			uids = append(uids, fmt.Sprintf("node-%05d", i))
		}

		now := time.Now()
		s := availability.NewSnapshot("x", now, made(uids, 100, now))
		var candidates []availability.Candidate

		for i := range s.Hosts {
			candidates = append(candidates,
				availability.Candidate{Site: "x", Node: s.Hosts[i].Node, Host: &s.Hosts[i]})
		}

		took = nil
		for range rounds {
			began := processor(b)
			availability.Slots(candidates, availability.At(now), availability.SlotQuery{
				Parts:  []availability.Part{{Count: 100}},
				Length: 24 * time.Hour,
				After:  availability.At(now),
				Before: availability.At(now.Add(365 * 24 * time.Hour)),
				Limit:  10,
			})
			took = append(took, processor(b)-began)
		}

		report(b, "slots over 10,000 nodes: ms of processor time", median(took).Seconds()*1e3,
			"100 reservations each, of a year")

		took = nil
		found := 0
		for range rounds {
			began := processor(b)
			slots, _ := availability.Slots(candidates, availability.At(now), availability.SlotQuery{
				Parts:  []availability.Part{{Count: 200}},
				Length: time.Minute,
				After:  availability.At(now),
				Before: availability.At(now.Add(365 * 24 * time.Hour)),
				Limit:  500,
			})
			took = append(took, processor(b)-began)
			found = len(slots)
		}
		report(b, "500 slots of 200 nodes, over 10,000: ms of processor time", median(took).Seconds()*1e3, "%d slots", found)
	}
}

// processor is the processor time that this process has used.
func processor(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
