package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/test/httpscript"
	"github.com/google/go-cmp/cmp"
)

// What docs/hosting.md has in front of nginx answers as nginx does, with TLS and HTTP/2. The
// minute of caches is a second here.
func TestTLSInFront(t *testing.T) {
	t.Parallel()
	o := startOrigin(t, "max-age=60, stale", "max-age=1, stale")
	a := newAuthority(t)
	direct := client(t, o.address, nil)
	answers := func(t *testing.T, f *front) {
		sameAnswers(t, client(t, f.secure, f.trusted), direct)
		httpscript.Run(t, "../../testdata/http/static.http", o.target(t, f))
	}

	zone := replaced(t, hostingBlock(t, "nginx", "proxy_cache_path"), "/var/cache/nginx-refapi", "cache")
	const pass = "        proxy_pass http://refapi;\n"
	cache := nginxFront(t, o, a, zone, pass, pass+hostingBlock(t, "nginx", "proxy_cache_revalidate"))

	t.Run("fronts", func(t *testing.T) { // ends before the next release
		t.Run("nginx", func(t *testing.T) {
			t.Parallel()
			f := nginxFront(t, o, a, "")
			answers(t, f)
			redirects(t, f)
			renews(t, f, a)
			forwards(t, f, o)
		})

		t.Run("Caddy", func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath("caddy"); err != nil {
				t.Skip("Caddy is not here: apt-get install caddy, or run `make test`")
			}
			f := caddyFront(t, o)
			answers(t, f)
			redirects(t, f)
		})

		t.Run("cache", func(t *testing.T) {
			t.Parallel()
			answers(t, cache)
		})
	})

	t.Run("release", func(t *testing.T) { nextRelease(t, o, client(t, cache.secure, a.trusted), direct) })
}

// redirects checks that plain HTTP leads to the same at HTTPS.
func redirects(t *testing.T, f *front) {
	t.Helper()
	const path = "/sites/n%2Fo?a=b&c=%20"
	got := ask(t, client(t, f.plain, nil), "GET", "http://"+frontHost+path)
	if got.StatusCode != http.StatusPermanentRedirect || got.Header.Get("Location") != "https://"+frontHost+path {
		t.Errorf("port 80: %s %v", got.Status, got.Header)
	}
}

// renews checks that a reload takes a renewed certificate, and open connections stay.
func renews(t *testing.T, f *front, a *authority) {
	t.Helper()
	open := client(t, f.secure, f.trusted)
	ask(t, open, "GET", "https://"+frontHost+"/sites")

	serial := a.issue(t, f.certs)
	f.Reload(t)
	for {
		got := ask(t, client(t, f.secure, f.trusted), "GET", "https://"+frontHost+"/sites")
		if got.TLS.PeerCertificates[0].SerialNumber.Int64() == serial {
			break
		}
	}
	if got := ask(t, open, "GET", "https://"+frontHost+"/sites"); got.StatusCode != http.StatusOK {
		t.Errorf("an open connection: %s", got.Status)
	}
}

// forwards checks that what is behind a front knows the client and the URL of the site.
func forwards(t *testing.T, f *front, o *origin) {
	t.Helper()
	const feed = "https://" + frontHost + "/changes.atom"
	got := ask(t, client(t, f.secure, f.trusted), "GET", feed, "X-Forwarded-For", "203.0.113.7")
	if !strings.Contains(got.text, `href="https://`+frontHost+`/`) {
		t.Errorf("the feed does not know its URL:\n%.500s", got.text)
	}
	for t.Context().Err() == nil { // nginx logs after it has answered
		log, err := os.ReadFile(filepath.Join(o.nginx.Prefix, "nginx-access.log"))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(log), "\n203.0.113.0 ") {
			return
		}
	}
	t.Error("the log has no network of the client")
}

// nextRelease publishes a release behind a cache, which serves it within what the headers
// say, each answer wholly of one release, and goes on when the server is down. The release
// purges a CDN.
func nextRelease(t *testing.T, o *origin, front, direct *http.Client) {
	const path = "://" + frontHost + "/openapi.json"
	codings := []string{"identity", "gzip", "br"}
	old, next := map[string]reply{}, map[string]reply{}
	for _, coding := range codings {
		old[coding] = ask(t, front, "GET", "https"+path, "Accept-Encoding", coding)
	}

	purged := purges(t, o)
	o.refgen(t, "build", "--sample", "-q", "--absolute-links")
	purged()
	published := time.Now()
	for _, coding := range codings {
		next[coding] = ask(t, direct, "GET", "http"+path, "Accept-Encoding", coding)
		if got := ask(t, front, "GET", "https"+path, "Accept-Encoding", coding); got.text != old[coding].text {
			t.Errorf("%s: the release is there at once: nothing was cached", coding)
		}
	}

	for _, coding := range codings {
		for {
			got := ask(t, front, "GET", "https"+path, "Accept-Encoding", coding)
			if sameReply(got, next[coding]) {
				break
			}
			if !sameReply(got, old[coding]) {
				t.Fatalf("a mixed answer: %v\n%.300s", got.Header, got.text)
			}
			if waited := time.Since(published); waited > time.Minute { // of a hang, not of speed
				t.Fatalf("the old answer is there after %v", waited)
			}
		}

		got := ask(t, front, "GET", "https"+path, "Accept-Encoding", coding, "If-None-Match", old[coding].Header.Get("ETag"))
		if !sameReply(got, next[coding]) {
			t.Errorf("%s: the old ETag: %s", coding, got.Status)
		}
		got = ask(t, front, "GET", "https"+path, "Accept-Encoding", coding, "If-None-Match", next[coding].Header.Get("ETag"))
		if got.StatusCode != http.StatusNotModified {
			t.Errorf("%s: the new ETag: %s", coding, got.Status)
		}
	}

	o.nginx.Stop(t)
	if got := ask(t, front, "GET", "https"+path, "Accept-Encoding", "br"); !sameReply(got, next["br"]) {
		t.Errorf("a file without the server: %s", got.Status)
	}
	if got := ask(t, front, "GET", "https://"+frontHost+"/availability"); got.StatusCode != http.StatusBadGateway {
		t.Errorf("a live answer without the server: %s", got.Status)
	}
}

// sameReply reports whether two responses are of the same form of the same file.
func sameReply(a, b reply) bool {
	return a.StatusCode == b.StatusCode && a.text == b.text && a.Header.Get("ETag") == b.Header.Get("ETag") &&
		a.Header.Get("Content-Encoding") == b.Header.Get("Content-Encoding")
}

// purges configures a command after each release that purges CDNs by tag, as docs/hosting.md
// shows, and returns a check that it did.
func purges(t *testing.T, o *origin) (check func()) {
	t.Helper()
	asked := make(chan string, 3)
	cdn := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		header := r.Header
		asked <- fmt.Sprint(r.Method, " ", r.URL.Path, " ", header.Get("Fastly-Key"), header.Get("Authorization"), " ",
			header.Get("Fastly-Soft-Purge"), string(body))
	}))
	t.Cleanup(cdn.Close)

	dir := t.TempDir()
	token, all := filepath.Join(dir, "token"), "set -e\n"
	write(t, token, "secret\n")
	for _, api := range []string{"https://api.fastly.com", "https://api.cloudflare.com"} {
		all += replaced(t, hostingBlock(t, "sh", api), api, cdn.URL, "/etc/refapi/cdn-token", token)
	}

	config, err := os.ReadFile(o.config)
	if err != nil {
		t.Fatal(err)
	}
	write(t, o.config, string(config)+"\n[publish]\non_success = ["+`"sh", "-c", `+strconv.Quote(all)+"]\n")

	return func() {
		close(asked)
		want := []string{
			"POST /service/SERVICE/purge/refapi-head secret 1",
			`POST /client/v4/zones/ZONE/purge_cache Bearer secret {"tags": ["refapi-head"]}`,
		}
		var got []string
		for request := range asked {
			got = append(got, request)
		}
		if !slices.Equal(got, want) {
			t.Errorf("the CDNs are asked for %q, want %q", got, want)
		}
	}
}

// ofFront are headers that a front may add, or have of its own.
var ofFront = []string{
	"Alt-Svc", "Connection", "Date", "Keep-Alive", "Server", "Strict-Transport-Security", "Transfer-Encoding",
	"X-Request-Id",
}

// requests are what a front is asked: method, path, and a header.
var requests = []string{
	"GET /", "GET /sites", "HEAD /sites", "GET /sites?x=%2F&y=1", "GET /sites.json", "GET /sites/",
	"GET /nope?a=b", "HEAD /nope", "GET /hardware", "GET /redoc", "GET /redoc/", "GET /changes.atom",
	"GET /.well-known/api-catalog", "GET /-/healthy",
	"GET /sites Accept-Encoding gzip", "GET /openapi.json Accept-Encoding br",
	"HEAD /openapi.json Accept-Encoding gzip", "GET /openapi.json Accept-Encoding identity",
	"GET /sites If-None-Match ETAG", "HEAD /sites If-None-Match ETAG", "GET /sites If-None-Match W/ETAG",
	`GET /sites If-None-Match "x"`, `GET /sites If-Match "x"`,
	"GET /sites Range bytes=2-6", "GET /sites Range bytes=0-4", "GET /sites Range bytes=999999-",
	"GET /sites%2Fnorth", "GET /sites/n%C3%B6", "GET /sites/north%2f", "GET //sites", "GET /sites/%ff",
	"GET /versions/HEAD", "GET /nodes?limit=1", "GET /nodes?limit=1&offset=1", "GET /version", "HEAD /version",
	"GET /nodes/search?min_cores=2&limit=1", "POST /nodes/search", "POST /sites", "DELETE /sites",
	"OPTIONS /sites",
}

// sameAnswers checks that a front answers as what is behind it, by HTTP/2, but for the
// scheme.
func sameAnswers(t *testing.T, front, direct *http.Client) {
	t.Helper()
	etag := ask(t, direct, "GET", "http://"+frontHost+"/sites").Header.Get("ETag")
	for _, request := range requests {
		words := strings.SplitN(strings.ReplaceAll(request, "ETAG", etag), " ", 4)
		want := ask(t, direct, words[0], "http://"+frontHost+words[1], words[2:]...)
		for range 2 { // the second may come from a cache
			got := ask(t, front, words[0], "https://"+frontHost+words[1], words[2:]...)
			if got.StatusCode != want.StatusCode || got.text != want.text {
				t.Errorf("%s: %s, want %s\n%.300s", request, got.Status, want.Status, got.text)
			}
			if hsts := got.Header.Get("Strict-Transport-Security"); hsts != "max-age=31536000" || got.ProtoMajor != 2 {
				t.Errorf("%s is answered by %s, with the HSTS %q", request, got.Proto, hsts)
			}

			for _, name := range ofFront {
				got.Header.Del(name)
				want.Header.Del(name)
			}
			if diff := cmp.Diff(want.Header, got.Header); diff != "" {
				t.Errorf("%s: the headers differ\n%s", request, diff)
			}
		}
	}
}
