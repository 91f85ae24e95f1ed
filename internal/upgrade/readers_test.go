package upgrade_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// targets are what readers ask for: files of each kind, pages, and live answers.
var targets = []string{
	"/", "/sites", "/sites/s/clusters/c", "/sites/s/clusters/c/nodes", "/nodes", "/nodes.csv", "/nodes/facets",
	"/openapi.json", "/hardware", "/hardware/sites/s/clusters/c/nodes/n01", "/changes",
	"/version", "/nodes/search?limit=40", "/nodes?limit=3", "/nodes/availability?limit=40", "/availability",
}

// readers request the targets over and over, and check each answer.
type readers struct {
	t       *testing.T
	address string // http://HOST:PORT
	client  *http.Client
	answers atomic.Int64

	mu      sync.Mutex
	commits map[string]string            // with their marks
	etags   map[string][sha256.Size]byte // of bodies, by target, coding and ETag
	assets  []string                     // of the pages that are open
	faults  map[string]int
	rounds  [count]atomic.Int64
}

// count is how many readers there are, and pace how often each asks, so that most of the
// machine is left to others.
const (
	count = 3
	pace  = 5 * time.Millisecond
)

func newReaders(t *testing.T, address string) *readers {
	return &readers{
		t: t, address: "http://" + address, client: &http.Client{Timeout: time.Minute},
		commits: map[string]string{}, etags: map[string][sha256.Size]byte{}, faults: map[string]int{},
	}
}

// start reads until the test ends, and reports then what was wrong.
func (r *readers) start() {
	ctx, stop := context.WithCancel(context.Background())
	var all sync.WaitGroup
	for n := range count {
		all.Go(func() {
			tick := time.NewTicker(pace)
			defer tick.Stop()
			for i := 0; ; i++ {
				select {
				case <-tick.C:
				case <-ctx.Done():
					return
				}
				r.read(i, n)
				if i%len(targets) == 0 {
					r.rounds[n].Add(1)
				}
			}
		})
	}

	r.t.Cleanup(func() {
		stop()
		all.Wait()
		r.mu.Lock()
		defer r.mu.Unlock()
		for text, n := range r.faults {
			r.t.Errorf("%d times: %s", n, text)
		}
		r.t.Logf("%d answers, %d kinds of faults", r.answers.Load(), len(r.faults))
	})
}

// settle waits until every reader has asked for everything after what was done.
func (r *readers) settle() {
	r.t.Helper()
	for n := range r.rounds {
		from := r.rounds[n].Load()
		wait(r.t, "readers go on", func() bool { return r.rounds[n].Load() >= from+2 })
	}
}

func (r *readers) fault(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.faults[fmt.Sprintf(format, args...)]++
}

// read requests a target, with or without compression, or something that an open page
// loads.
func (r *readers) read(i, n int) {
	target := targets[(i+n*5)%len(targets)]
	r.mu.Lock()
	if i%4 == 3 && len(r.assets) > 0 {
		target = r.assets[i/4%len(r.assets)]
	}
	r.mu.Unlock()

	coding := []string{"identity", "gzip"}[i/len(targets)%2]
	body, etag, status, err := r.get(target, coding)
	r.answers.Add(1)
	switch {
	case err != nil:
		r.fault("%s: %v", target, err)
	case status != http.StatusOK:
		r.fault("%s: status %d", target, status)
	case coding == "identity":
		r.check(target, body)
		fallthrough
	default:
		r.compare(target+" "+coding+" "+etag, etag, body)
	}
}

func (r *readers) get(target, coding string) (body []byte, etag string, status int, err error) {
	req, err := http.NewRequest(http.MethodGet, r.address+target, nil)
	if err != nil {
		return nil, "", 0, err
	}
	req.Header.Set("Accept-Encoding", coding)
	res, err := r.client.Do(req)
	if err != nil {
		return nil, "", 0, err
	}
	defer res.Body.Close()
	body, err = io.ReadAll(res.Body)
	return body, res.Header.Get("ETag"), res.StatusCode, err
}

var (
	markPattern    = regexp.MustCompile(`mark-\d+`)
	versionPattern = regexp.MustCompile(`"version":"([0-9a-f]{40})"`)
)

// check finds answers that are of more than one release: each commit marks all nodes, and
// an answer names the commit of its release.
func (r *readers) check(target string, body []byte) {
	if strings.HasPrefix(target, "/changes") || strings.HasPrefix(target, "/hardware/sites") || target == "/openapi.json" {
		return // these have what other commits were
	}

	found := map[string]bool{}
	for _, m := range markPattern.FindAll(body, -1) {
		found[string(m)] = true
	}
	r.mu.Lock()
	for _, m := range versionPattern.FindAllSubmatch(body, -1) {
		if mark := r.commits[string(m[1])]; mark != "" {
			found[mark] = true
		} else {
			found["the unknown commit "+string(m[1])] = true
		}
	}
	r.mu.Unlock()

	if len(found) > 1 {
		r.fault("%s: an answer has %v", target, found)
	}
}

// compare finds ETags that stay where bytes change.
func (r *readers) compare(key, etag string, body []byte) {
	if etag == "" {
		r.fault("%s: no ETag", key)
		return
	}

	sum := sha256.Sum256(body)
	r.mu.Lock()
	before, known := r.etags[key]
	r.etags[key] = sum
	r.mu.Unlock()
	if known && before != sum {
		r.fault("%s: the ETag stands for two bodies", key)
	}
}

var assetPattern = regexp.MustCompile(`"(/assets/[^"]+)"`)

// openPages notes what pages that a reader has open may load at any time.
func (r *readers) openPages() {
	r.t.Helper()
	for _, page := range []string{"/hardware", "/guide"} {
		body, _, status, err := r.get(page, "identity")
		found := assetPattern.FindAllSubmatch(body, -1)
		if err != nil || status != http.StatusOK || len(found) == 0 {
			r.t.Fatalf("%s: status %d, %v, %d assets", page, status, err, len(found))
		}

		r.mu.Lock()
		for _, m := range found {
			r.assets = append(r.assets, string(m[1]))
		}
		slices.Sort(r.assets)
		r.assets = slices.Compact(r.assets)
		r.mu.Unlock()
	}
}

// closePages forgets them.
func (r *readers) closePages() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.assets = nil
}

// wait waits for a condition.
func wait(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it does not come true: %s", what)
		}
	}
}
