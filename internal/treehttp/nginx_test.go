package treehttp_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/config"
	"github.com/chameleoncloud/refapi/internal/nginxconf"
	"github.com/chameleoncloud/refapi/internal/test/httpscript"
	"github.com/chameleoncloud/refapi/internal/test/nginxtest"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
	"github.com/chameleoncloud/refapi/internal/treehttp"
)

func TestPathPrefix(t *testing.T) {
	t.Parallel()
	s := trees.Sample(t, build.Options{Base: "/ref"})
	targets := servers(t, s, nginxtest.FreeAddress(t), func(n *nginxconf.Options, h *treehttp.Options) {
		n.PathPrefix, n.Base = "/ref", "/ref"
		h.PathPrefix, h.Base = "/ref", "/ref"
	})
	for name, to := range targets {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			httpscript.Run(t, script("prefix.http"), to)
		})
	}
}

// A front that cuts a part of the path off gets it back in what leads on.
func TestPathThatAFrontCutsOff(t *testing.T) {
	t.Parallel()
	s := trees.Sample(t, build.Options{Base: "/front/ref"})
	targets := servers(t, s, nginxtest.FreeAddress(t), func(n *nginxconf.Options, h *treehttp.Options) {
		n.PathPrefix, n.Base = "/ref", "/front/ref"
		h.PathPrefix, h.Base = "/ref", "/front/ref"
	})
	for name, to := range targets {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			httpscript.Run(t, script("cutoff.http"), to)
		})
	}
}

type response struct {
	*http.Response
	body []byte
}

func get(t *testing.T, address, target string, header http.Header) response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+target, nil)
	if err != nil {
		t.Fatal(err)
	}

	for name, values := range header {
		req.Header[name] = values
	}

	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()

	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}

	return response{res, body}
}

// nginx starts nginx for the sample, with a live half that tells what it was
// asked.
func nginx(t *testing.T, edit func(*nginxconf.Options)) (address string) {
	t.Helper()
	live := httptest.NewServer(http.HandlerFunc(tellTale))
	t.Cleanup(live.Close)
	s := trees.Sample(t, build.Options{})
	to := servers(t, s, strings.TrimPrefix(live.URL, "http://"),
		func(n *nginxconf.Options, _ *treehttp.Options) { edit(n) })
	return to["nginx"].Address
}

// aMinute starts nginx for the sample, with a rate of live requests that the
// slowest machine exceeds: the number that is given is for a minute.
func aMinute(t *testing.T, edit func(*nginxconf.Options)) (address string) {
	t.Helper()
	live := httptest.NewServer(http.HandlerFunc(tellTale))
	t.Cleanup(live.Close)
	s := trees.Sample(t, build.Options{})
	address = nginxtest.FreeAddress(t)
	opts := nginxconf.Options{Root: s.Dir, Listen: []string{address},
		Availapi: []string{strings.TrimPrefix(live.URL, "http://")}}
	edit(&opts)
	conf, err := nginxconf.Render(nginxconf.Complete, opts)
	if err != nil {
		t.Fatal(err)
	}

	second, minute := fmt.Sprintf("rate=%dr/s", opts.Rate), fmt.Sprintf("rate=%dr/m", opts.Rate)
	if !strings.Contains(string(conf), second) {
		t.Fatalf("nginx.conf has no %s", second)
	}

	nginxtest.Start(t, strings.Replace(string(conf), second, minute, 1), address)
	return address
}

// Live requests are limited for each client; static ones are not.
func TestRateLimit(t *testing.T) {
	t.Parallel()
	address := aMinute(t, func(n *nginxconf.Options) {
		n.Rate, n.Burst = 1, 2
		n.TrustedProxies = []string{"127.0.0.1"}
	})

	from := func(client string) http.Header { return http.Header{"X-Forwarded-For": {client}} }
	limited := 0
	for range 6 {
		res := get(t, address, "/version", from("192.0.2.1"))
		if res.StatusCode != http.StatusTooManyRequests {
			continue
		}

		limited++
		if got := res.Header.Get("Retry-After"); got == "" {
			t.Error("429 without Retry-After")
		}

		if got := res.Header.Get("Content-Type"); got != "application/problem+json" ||
			!bytes.Contains(res.body, []byte("Too many requests")) {
			t.Errorf("429 is %s %s", got, res.body)
		}

		if res.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Error("scripts of other origins cannot read a 429")
		}
	}

	// One, and two of the burst; a minute may end meanwhile.
	if limited < 2 || limited > 3 {
		t.Errorf("%d of 6 requests were refused", limited)
	}
	if res := get(t, address, "/version", from("192.0.2.2")); res.StatusCode != 200 {
		t.Errorf("another client behind the same proxy is answered %s", res.Status)
	}

	for range 20 {
		if res := get(t, address, "/sites", from("192.0.2.1")); res.StatusCode != 200 {
			t.Fatalf("a static answer is %s", res.Status)
		}
	}

	if res := get(t, address, "/sites?limit=1", from("192.0.2.1")); res.StatusCode != http.StatusTooManyRequests {
		t.Errorf("a slice is not limited: %s", res.Status)
	}
}

// Without trusted proxies nobody chooses an address.
func TestForwardedForIsNotBelieved(t *testing.T) {
	t.Parallel()
	address := aMinute(t, func(n *nginxconf.Options) { n.Rate, n.Burst = 1, 1 })
	limited := 0

	for i := range 6 {
		if res := get(t, address, "/version",
			http.Header{"X-Forwarded-For": {fmt.Sprintf("192.0.2.%d",
				i)}}); res.StatusCode == http.StatusTooManyRequests {
			limited++
		}
	}

	if limited < 3 {
		t.Errorf("only %d of 6 requests were refused", limited)
	}
}

// What is too large is refused with a problem document.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	address := nginx(t, func(n *nginxconf.Options) { n.MaxBody = "1k" })
	long := strings.Repeat("x", 40_000)
	for _, tt := range []struct {
		name   string
		ask    func() (*http.Response, error)
		status int
	}{
		{"body", func() (*http.Response, error) {
			return http.Post("http://"+address+"/nodes/search", "application/json", strings.NewReader(long))
		}, http.StatusRequestEntityTooLarge},
		{"address", func() (*http.Response, error) { return http.Get("http://" + address + "/sites/" + long) },
			http.StatusRequestURITooLong},
		{"headers", func() (*http.Response, error) {
			req, err := http.NewRequest(http.MethodGet, "http://"+address+"/sites", nil)
			if err != nil {
				return nil, err
			}
			req.Header.Set("X-Long", long)
			return http.DefaultClient.Do(req)
		}, http.StatusRequestHeaderFieldsTooLarge},
		{"name", func() (*http.Response, error) {
			return http.Get("http://" + address + "/sites/" + strings.Repeat("x", 300))
		}, http.StatusNotFound},
	} {
		res, err := tt.ask()
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}

		body, err := io.ReadAll(res.Body)
		res.Body.Close()

		if err != nil || res.StatusCode != tt.status ||
			res.Header.Get("Content-Type") != "application/problem+json" ||
			!bytes.Contains(body, fmt.Appendf(nil, `"status":%d`, tt.status)) {
			t.Errorf("%s: %s %s %.200s (%v)", tt.name, res.Status, res.Header.Get("Content-Type"), body, err)
		}
	}
}

// A client has so many requests in work at once; others are answered meanwhile.
func TestConnectionsOfOneClient(t *testing.T) {
	t.Parallel()
	const allowed = 3
	arrived, release := make(chan struct{}), make(chan struct{})
	live := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-release
	}))

	t.Cleanup(live.Close)
	s := trees.Sample(t, build.Options{})
	to := servers(t, s, strings.TrimPrefix(live.URL, "http://"), func(n *nginxconf.Options, _ *treehttp.Options) {
		n.Connections = allowed
		n.TrustedProxies = []string{"127.0.0.1"}
	})

	address := to["nginx"].Address
	from := func(client string) http.Header { return http.Header{"X-Forwarded-For": {client}} }

	var slow sync.WaitGroup
	for range allowed {
		slow.Go(func() { get(t, address, "/version", from("192.0.2.1")) })
	}

	for range allowed {
		<-arrived
	}

	res := get(t, address, "/sites", from("192.0.2.1"))
	if res.StatusCode != http.StatusTooManyRequests ||
		res.Header.Get("Content-Type") != "application/problem+json" || res.Header.Get("Retry-After") == "" {
		t.Errorf("one request too many is answered %s %v %s", res.Status, res.Header, res.body)
	}

	if res := get(t, address, "/sites", from("192.0.2.2")); res.StatusCode != http.StatusOK {
		t.Errorf("another client is answered %s", res.Status)
	}

	close(release)
	slow.Wait()

	if res := get(t, address, "/sites", from("192.0.2.1")); res.StatusCode != http.StatusOK {
		t.Errorf("the client, whose other requests have ended, is answered %s", res.Status)
	}
}

// Idle connections make room for others, however many there are: they run out
// before files do.
func TestIdleConnectionsMakeRoom(t *testing.T) {
	t.Parallel()
	s := trees.Sample(t, build.Options{})
	address := nginxtest.FreeAddress(t)
	conf, err := nginxconf.Render(nginxconf.Complete, nginxconf.Options{
		Nginx:  config.Nginx{Connections: 500},
		Root:   s.Dir,
		Listen: []string{address},
	})
	if err != nil {
		t.Fatal(err)
	}

	// The same proportions, small enough to be reached.
	const connections = 64
	small := strings.NewReplacer("worker_processes auto", "worker_processes 1", "worker_connections 8192",
		fmt.Sprint("worker_connections ", connections),
		"worker_rlimit_nofile 17408", fmt.Sprint("worker_rlimit_nofile ", 2*connections)).Replace(string(conf))
	if strings.Contains(small, "worker_connections 8192") || strings.Contains(small, "worker_rlimit_nofile 17408") ||
		!strings.Contains(small, fmt.Sprint("worker_connections ", connections)) {
		t.Fatal("nginx.conf has other limits than the test knows")
	}

	nginxtest.Start(t, small, address)
	for range 4 * connections {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
	}

	for range 20 {
		if res := get(t, address, "/sites", nil); res.StatusCode != http.StatusOK {
			t.Fatalf("beside idle connections a request is answered %s", res.Status)
		}
	}
}

// What is refused before it is a request of a route is a problem document with
// the headers of every answer, each of them once, from both servers.
func TestUnreadableRequests(t *testing.T) {
	t.Parallel()
	s := trees.Sample(t, build.Options{})
	for name, to := range servers(t, s, nginxtest.FreeAddress(t), nil) {
		for request, want := range map[string]int{
			"GET /sites HTTP/1.1\r\n\r\n":                       400, // no host
			"GET /sites HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n": 400,
			"nonsense\r\n\r\n":                                  400,
			"GET /sites HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("x", 40<<10) + "\r\n\r\n":                   431,
			"GET /sites HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n":                                  501,
			"GET /sites HTTP/3.0\r\nHost: a\r\n\r\n":                                                             505,
			"GET /sites HTTP/1.1\r\nHost: a\r\nRange: bytes=99999-\r\nConnection: close\r\n\r\n":                 416,
			"GET /sites HTTP/1.1\r\nHost: a\r\nIf-Match: \"x\"\r\nConnection: close\r\n\r\n":                     412,
			"GET /nope HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n":                                         404,
			"TRACE /sites HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n":                                      405,
			"GET /version HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n":                                      503,
			"GET /sites HTTP/1.1\r\nHost: a\r\nIf-None-Match: *\r\nRange: bytes=1-\r\nConnection: close\r\n\r\n": 304,
		} {
			res := raw(t, to.Address, request)
			label := fmt.Sprintf("%s, %.60q", name, request)
			if res.StatusCode != want {
				t.Errorf("%s: %s, want %d", label, res.Status, want)
			}

			for header, values := range res.Header {
				if len(values) > 1 {
					t.Errorf("%s: the header %s is there %d times", label, header, len(values))
				}
			}

			if res.Header.Get("Access-Control-Allow-Origin") != "*" ||
				res.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s: the headers are %v", label, res.Header)
			}

			if want == http.StatusNotModified {
				continue
			}

			var p struct{ Status int }
			if err := json.Unmarshal(res.body, &p); err != nil || p.Status != want ||
				res.Header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("%s: the body is %s %.200s", label, res.Header.Get("Content-Type"), res.body)
			}

			if cache := res.Header.Get("Cache-Control"); cache != "no-store" && want != 404 {
				t.Errorf("%s: Cache-Control is %q", label, cache)
			}
		}
	}
}

// raw sends a request as it stands.
func raw(t *testing.T, address, request string) response {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()

	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}

	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("%.60q: %v", request, err)
	}
	defer res.Body.Close()

	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%.60q: %v", request, err)
	}

	return response{res, body}
}

// One of two live servers may fail.
func TestSecondLiveServer(t *testing.T) {
	t.Parallel()
	down := nginxtest.FreeAddress(t)
	address := nginx(t, func(n *nginxconf.Options) { n.Availapi = append([]string{down}, n.Availapi...) })
	for range 10 {
		if res := get(t, address, "/version", nil); res.StatusCode != 200 {
			t.Fatalf("with one of two servers down, the answer is %s", res.Status)
		}
	}
}

// nginx serves a new release from the next request on, and 304 only while
// nothing has changed.
func TestNewReleaseIsServedAtOnce(t *testing.T) {
	t.Parallel()
	first := treetest.Sample(t, build.Options{})
	second := trees.Sample(t, build.Options{Base: "/other"})
	link := filepath.Join(first.Root, "link")
	swap := func(dir string) {
		if err := os.Symlink(dir, link+".new"); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(link+".new", link); err != nil {
			t.Fatal(err)
		}
	}

	swap(first.Dir)
	address := nginx(t, func(n *nginxconf.Options) { n.Root = link })
	res := get(t, address, "/sites", nil)
	tag, modified := res.Header.Get("ETag"), res.Header.Get("Last-Modified")
	for _, header := range []http.Header{{"If-None-Match": {tag}}, {"If-Modified-Since": {modified}},
		{"If-None-Match": {`"x", ` + tag}}} {
		if res := get(t, address, "/sites", header); res.StatusCode != http.StatusNotModified ||
			res.Header.Get("ETag") != tag ||
			res.Header.Get("Cache-Control") == "" || res.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%v: %s %v", header, res.Status, res.Header)
		}
	}

	swap(second.Dir)
	if res := get(t, address, "/sites", http.Header{"If-None-Match": {tag}}); res.StatusCode != 200 ||
		!bytes.Contains(res.body, []byte("/other/sites")) {
		t.Errorf("after the swap: %s %.80s", res.Status, res.body)
	}

	if at, err := http.ParseTime(modified); err != nil || at.After(time.Now()) {
		t.Errorf("Last-Modified is %q (%v)", modified, err)
	}
}

// Both servers give the same ETag to the same file: replicas may mix.
func TestETagsAgree(t *testing.T) {
	t.Parallel()
	s := trees.Sample(t, build.Options{})
	to := servers(t, s, nginxtest.FreeAddress(t), nil)

	for _, target := range []string{"/", "/sites", "/sites/north", "/openapi.json", "/docs"} {
		for _, coding := range []string{"identity", "gzip", "br"} {
			header := http.Header{"Accept-Encoding": {coding}}
			a, b := get(t, to["nginx"].Address, target, header), get(t, to["go"].Address, target, header)
			if x, y := a.Header.Get("ETag"), b.Header.Get("ETag"); x != y || x == "" {
				t.Errorf("%s as %s: nginx says %s, ours %s", target, coding, x, y)
			}
			if x, y := a.Header.Get("Last-Modified"), b.Header.Get("Last-Modified"); x != y {
				t.Errorf("%s as %s: nginx says %s, ours %s", target, coding, x, y)
			}
		}
	}
}
