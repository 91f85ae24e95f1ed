package availhttp_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/ops"
)

// Data that claims to be of the future is stale, of unknown age, and no reason
// for a client to keep what it has.
func TestDataOfTheFuture(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.board.set("a", availability.NewSnapshot("a", noon.Add(70*time.Second), &availability.Report{
		Hosts: []availability.Host{{Node: "n1"}}, HostsRequested: noon.Add(-time.Minute),
	}))

	for path, want := range map[string]string{
		"/availability":                             `"last_synced":"2026-01-01T12:01:10Z","age_seconds":null,"stale":true,`,
		"/sites/a/availability":                     `"last_synced":"2026-01-01T12:01:10+00:00"`,
		"/nodes/availability":                       `"last_synced":"2026-01-01T12:01:10Z","stale":true`,
		"/nodes/search":                             `"availability":"available"`,
		"/nodes/slots":                              `"nodes":["n1"]`,
		"/sites/a/clusters/c/availability":          `"last_updated":"2026-01-01T12:01:10Z","stale":true`,
		"/sites/a/clusters/c/nodes/n1/availability": `"last_updated":"2026-01-01T12:01:10Z"`,
	} {
		res := get(t, w, path)
		if res.Code != http.StatusOK || !strings.Contains(res.Body.String(), want) ||
			res.Header().Get("Last-Modified") != "" {
			t.Errorf("%s: %d, Last-Modified %q, %s\nwant %s", path, res.Code, res.Header().Get("Last-Modified"),
				res.Body, want)
		}

		if again := get(t, w, path, "If-Modified-Since",
			"Thu, 01 Jan 2026 12:01:10 GMT"); again.Code != http.StatusOK {
			t.Errorf("%s, asked again by that time: %d", path, again.Code)
		}
	}

	metrics := get(t, w, ops.MetricsPath).Body.String()
	for _, line := range []string{`refapi_sync_age_seconds{site="a"} +Inf`,
		`refapi_hosts_age_seconds{site="a"} +Inf`, `refapi_sync_age_seconds{site="b"} 240`} {
		if !strings.Contains(metrics, line+"\n") {
			t.Errorf("the metrics lack %s", line)
		}
	}

	// What is said of being stale is not kept beyond its change.
	if cache := get(t, w, "/sites/a/clusters/c/availability").Header().Get("Cache-Control"); cache != "public, max-age=10" {
		t.Errorf("Cache-Control %q", cache)
	}

	later := noon.Add(70 * time.Second)
	w.now.Store(&later)
	res := get(t, w, "/availability")
	if !strings.Contains(res.Body.String(), `"age_seconds":0,"stale":false`) ||
		res.Header().Get("Last-Modified") != "Thu, 01 Jan 2026 12:01:10 GMT" {
		t.Errorf("when its time has come: %v, %s", res.Header(), res.Body)
	}
}

// A client that has an answer of a wrong clock gets the right one, though that is
// older.
func TestTimesAreComparedForEquality(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const node = "/sites/a/clusters/c/nodes/n1/availability"

	for since, want := range map[string]int{
		"Thu, 01 Jan 2026 11:59:00 GMT": http.StatusNotModified,
		"Thu, 01 Jan 2026 11:58:59 GMT": http.StatusOK,
		"Thu, 01 Jan 2026 11:59:01 GMT": http.StatusOK,
		"Thu, 01 Jan 2099 00:00:00 GMT": http.StatusOK,
		"yesterday":                     http.StatusOK,
	} {
		if res := get(t, w, node, "If-Modified-Since", since); res.Code != want {
			t.Errorf("%s: %d, want %d", since, res.Code, want)
		}
	}
}
