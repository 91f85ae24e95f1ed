package treehttp_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/google/go-cmp/cmp"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/nginxconf"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/test/httpscript"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/treehttp"
)

var (
	randomSeed     = flag.Uint64("seed", 1, "seed of random requests; 0 is another one each time")
	randomRequests = flag.Int("requests", 3000, "number of random requests")
)

// confusing is a testbed whose names are words of paths, suffixes, and texts that
// must be escaped.
func confusing() string {
	names := []string{"nodes", "HEAD", "abcdef1", "changes.feed", "a.json.b", "m1.large.gz.1", "index", "größe",
		"a b", "~x+y;z=1&2"}
	return named(names) + "-- commit third --\n\nChanged again\n-- d/sites/HEAD/HEAD.json --\n" +
		fmt.Sprintf("{\"uid\":\"HEAD\",\"name\":%q}\n", strings.Repeat("long ", 500))
}

// question is a request as it is sent.
type question struct {
	method string
	text   string
}

// asker makes random requests.
type asker struct {
	*rand.Rand
	words []string // segments of paths that there are, and others
	paths []string // that files answer, escaped
	tags  []string // ETag and Last-Modified of files
	dates []string
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// in reports true once in n times.
func (a *asker) in(n int) bool { return a.IntN(n) == 0 }

// path is a path as a client may write it: mostly one that is nearly right.
func (a *asker) path() string {
	p := pick(a.Rand, a.paths)
	if a.in(2) {
		p = a.pattern()
	}

	if a.in(6) {
		p += pick(a.Rand, []string{".json", "/", "/.", "/..", ".gz", ".br", "/index.html", ".json/", ".json.json",
			"/versions/HEAD", "/versions/abcdef1", "/history", "//", "%2f"})
	}

	if a.in(15) {
		p = "/" + tree.StoreDir + p
	}

	for a.in(3) {
		p = a.mutate(p)
	}

	return p
}

// pattern is a path of a route or page with names that are there or not.
func (a *asker) pattern() string {
	var patterns []string
	for _, r := range route.All() {
		patterns = append(patterns, r.Pattern)
	}

	for page := range route.Pages() {
		patterns = append(patterns, string(page))
	}

	segments := strings.Split(pick(a.Rand, patterns), "/")
	for i, s := range segments {
		if strings.HasPrefix(s, "{") || i > 0 && a.in(20) {
			segments[i] = url.PathEscape(pick(a.Rand, a.words))
		}
	}

	return strings.Join(segments, "/")
}

// mutate changes a piece of a path.
func (a *asker) mutate(p string) string {
	at := 1 + a.IntN(len(p)) // the first slash stays
	switch a.IntN(4) {
	case 0: // write a byte as an escape
		if at < len(p) && p[at] != '%' && p[at] != '/' {
			return p[:at] + fmt.Sprintf(pick(a.Rand, []string{"%%%02x", "%%%02X"}), p[at]) + p[at+1:]
		}

	case 1: // put something in
		return p[:at] + pick(a.Rand,
			[]string{"/", "//", ".", "..", "/./", "/../", "%", "%2F", "%5c", "\\", "%00", "%0a",
				"%7F", "%ff", "ö", "%C3%B6", "+", "%20", ":", "*", "\x01", "\x7f"}) + p[at:]

	case 2: // take a byte away
		if at < len(p) {
			return p[:at] + p[at+1:]
		}

	case 3: // other letter case
		if at < len(p) && p[at] >= 'a' && p[at] <= 'z' {
			return p[:at] + strings.ToUpper(p[at:at+1]) + p[at+1:]
		}
	}

	return p
}

func (a *asker) query() string {
	if a.in(2) {
		return ""
	}
	return "?" + pick(a.Rand, []string{
		"", "limit=1", "offset=0", "limit=500", "x=1", "limit", "offset=&x", "x=1&limit=2", "li%6dit=2", "xlimit=1",
		"x=offset=1", "a%=b", "%", "q=/../x/", "?", "&",
		"a=ö", "limit=1?", "x=%00", "//",
	})
}

// header are the lines of a request's header that change the answer.
func (a *asker) header() (lines []string) {
	add := func(name string, values ...string) { lines = append(lines, name+": "+pick(a.Rand, values)) }
	if a.in(2) {
		add("Accept", "text/html", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "*/*",
			"application/json, text/html", "text/html, */*", "text/html;q=1, *;q=.2")
		add("Accept-Encoding", "gzip", "br", "gzip, deflate, br", "br;q=0, gzip", "gzip;q=0", "identity", "GZIP",
			"gzip;q=0.5,br;q=0.1", "", "deflate", "gzip ; q=1")
	}

	if a.in(4) {
		add("Range", "bytes=0-4", "bytes=0-", "bytes=-3", "bytes=5-", "bytes=2-6", "bytes=999999999-", "bytes=5-2",
			"bytes=-0",
			"lines=1-2", "bytes=", "bytes=0-0,2-3", "bytes=0-0, -2", "bytes=0-3,999999999-", "bytes=-0,1-2", "BYTES=0-1", "bytes=x", "bytes=-99999999")
		if a.in(3) {
			add("If-Range", a.tags...)
		}
	}

	if a.in(6) {
		add("If-None-Match", append([]string{"*", `"x"`, `W/"x"`, `"x", "y"`}, a.tags...)...)
	}
	if a.in(8) {
		add("If-Match", append([]string{"*", `"x"`}, a.tags...)...)
	}
	if a.in(8) {
		add("If-Modified-Since", append([]string{"yesterday", "Fri, 01 Jan 2100 00:00:00 GMT"}, a.dates...)...)
	}

	if a.in(8) {
		add("If-Unmodified-Since",
			append([]string{"Fri, 01 Jan 2010 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"}, a.dates...)...)
	}

	return lines
}

// question is a random request.
func (a *asker) question() question {
	method := http.MethodGet
	if a.in(4) {
		method = pick(a.Rand, []string{"HEAD", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH", "BREW"})
	}

	host := "localhost"
	if a.in(10) {
		host = pick(a.Rand, []string{"api.example.org", "API.example.org:8000", "[::1]:8000", "a b", "192.0.2.1"})
	}

	target := a.path() + a.query()
	if a.in(50) {
		target = "http://other.example" + target
	}

	var text strings.Builder
	fmt.Fprintf(&text, "%s %s HTTP/1.1\r\nHost: %s\r\n", method, target, host)

	for _, line := range a.header() {
		text.WriteString(line + "\r\n")
	}

	if method == http.MethodPost || method == http.MethodPut {
		text.WriteString("Content-Length: 2\r\n\r\n{}")
	} else {
		text.WriteString("\r\n")
	}

	return question{method, text.String()}
}

// client asks a server over one connection, as long as that lasts.
type client struct {
	address string
	prefix  string // of paths
	conn    net.Conn
	reader  *bufio.Reader
}

// send sends a request, over a new connection if the server has ended the last one.
func (c *client) send(t *testing.T, q question) (*http.Response, error) {
	t.Helper()
	if c.conn == nil {
		conn, err := net.Dial("tcp", c.address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		c.conn, c.reader = conn, bufio.NewReader(conn)
	}

	if err := c.conn.SetDeadline(time.Now().Add(time.Minute)); err != nil { // of a hang, not of speed
		t.Fatal(err)
	}
	if _, err := io.WriteString(c.conn, q.text); err != nil {
		return nil, err
	}

	return http.ReadResponse(c.reader, &http.Request{Method: q.method})
}

// ask returns an answer as it is compared: status, the fields of the header that
// the contract fixes, and the body as it was before it was compressed.
func (c *client) ask(t *testing.T, q question) string {
	t.Helper()
	old := c.conn != nil
	res, err := c.send(t, q)
	if err != nil && old {
		c.conn = nil
		res, err = c.send(t, q)
	}

	if err != nil {
		t.Fatalf("%s: %q: %v", c.address, q.text, err)
	}
	defer res.Body.Close()

	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s: %q: %v", c.address, q.text, err)
	}

	if res.Close {
		c.conn.Close()
		c.conn = nil
	}

	return c.comparable(t, res, body)
}

// comparable is what of an answer must be the same.
func (c *client) comparable(t *testing.T, res *http.Response, body []byte) string {
	t.Helper()
	header := res.Header.Clone()
	body = unpack(t, header.Get("Content-Encoding"), body)

	switch {
	case res.StatusCode == http.StatusPermanentRedirect:
		// A note for readers, which the contract does not fix.
		header.Del("Content-Type")
		body = nil

	case res.StatusCode == http.StatusNotModified:
		// RFC 9110, section 15.4.5: it may be there and need not.
		header.Del("Last-Modified")

	case res.StatusCode == http.StatusRequestedRangeNotSatisfiable:
		// nginx keeps the charset of the file.
		header.Set("Content-Type", strings.TrimSuffix(header.Get("Content-Type"), "; charset=utf-8"))

	}

	var out strings.Builder
	fmt.Fprintf(&out, "%d\n", res.StatusCode)

	for _, name := range fixedHeaders() {
		for _, value := range header.Values(name) {
			switch name {
			case "X-Asked":
				value = asked(t, value, c.prefix)
			case "Location":
				value = escaped(value)
			}
			fmt.Fprintf(&out, "%s: %s\n", name, value)
		}
	}

	out.Write(body)
	return out.String()
}

// fixedHeaders are the fields that the contract says something about, and what the
// test's availapi adds.
func fixedHeaders() []string {
	return []string{
		"Access-Control-Allow-Headers", "Access-Control-Allow-Methods", "Access-Control-Allow-Origin", "Access-Control-Expose-Headers",
		"Access-Control-Max-Age", "Allow", "Cache-Control", "Content-Encoding", "Content-Range", "Content-Security-Policy", "Content-Type",
		"Deprecation", "ETag", "Last-Modified", "Link", "Location", "Retry-After", "Sunset", "Vary", "X-Asked", "X-Content-Type-Options",
	}
}

// asked is what availapi was asked: one server takes the prefix off before, and
// with it writes the path anew.
func asked(t *testing.T, line, prefix string) string {
	t.Helper()
	method, target, _ := strings.Cut(line, " ")
	path, query, _ := strings.Cut(strings.TrimPrefix(target, prefix), "?")
	plain, err := url.PathUnescape(path)
	if err != nil {
		t.Fatal(err)
	}
	return method + " " + resolve(plain) + "?" + query
}

// escaped escapes what is not ASCII, which nginx repeats as the client wrote it.
func escaped(location string) string {
	var b strings.Builder
	for i := range len(location) {
		if c := location[i]; c >= 0x80 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}

	return b.String()
}

// resolve takes dot segments out of a path.
func resolve(p string) string {
	clean := path.Clean(p)
	if strings.HasSuffix(p, "/") && clean != "/" {
		clean += "/"
	}
	return clean
}

func unpack(t *testing.T, coding string, body []byte) []byte {
	t.Helper()
	var r io.Reader = bytes.NewReader(body)
	switch {
	case len(body) == 0:
		return nil
	case coding == "br":
		r = brotli.NewReader(r)
	case coding == "gzip":
		z, err := gzip.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		r = z
	}

	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}

	return text
}

// newAsker makes requests for a tree that a server answers with.
func newAsker(t *testing.T, seed uint64, s treetest.Site, root string) *asker {
	t.Helper()
	a := &asker{Rand: rand.New(rand.NewPCG(seed, 0))}
	for _, file := range releaseFiles(t, s.Dir) {
		a.paths = append(a.paths, addresses(file)...)
	}

	head := s.History.Head().ID.String()
	a.words = append(segments(), "x", "nope", "größe", "a b", "100%", "abcdef1", "HEAD", head, head[:8])
	for _, p := range []string{"/sites", "/", "/hardware", "/nodes"} {
		res := get(t, root, p, http.Header{"Accept-Encoding": {"identity"}})
		a.tags = append(a.tags, res.Header.Get("ETag"))
		a.dates = append(a.dates, res.Header.Get("Last-Modified"))
	}

	return a
}

// Both servers answer every request alike: thousands of random ones, most of which
// are nearly right. A failure prints the seed that brings it back; -seed 0 looks for
// others.
func TestServersAgree(t *testing.T) {
	t.Parallel()
	live := httptest.NewServer(http.HandlerFunc(tellTale))
	t.Cleanup(live.Close)
	publish := func(base string) treetest.Site {
		return treetest.Publish(t, treetest.Repo(t, confusing()), build.Options{Base: base})
	}

	for name, tt := range map[string]struct {
		site   treetest.Site
		prefix string
		base   string
	}{
		"root, no store": {site: treetest.WithoutStore(t, publish(""))},
		"prefix":         {site: publish("/front/ref"), prefix: "/ref", base: "/front/ref"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			to := servers(t, tt.site, strings.TrimPrefix(live.URL, "http://"),
				func(n *nginxconf.Options, h *treehttp.Options) {
					n.PathPrefix, n.Base = tt.prefix, tt.base
					h.PathPrefix, h.Base = tt.prefix, tt.base
				})
			compare(t, tt.site, tt.prefix, to)
		})
	}
}

func compare(t *testing.T, s treetest.Site, prefix string, to map[string]httpscript.Target) {
	seed := *randomSeed
	if seed == 0 {
		seed = rand.Uint64()
	}

	a := newAsker(t, seed, s, to["nginx"].Address+prefix)
	nginx := &client{address: to["nginx"].Address, prefix: prefix}
	ours := &client{address: to["go"].Address, prefix: prefix}
	differ := 0

	for range *randomRequests {
		q := a.question()
		if !a.in(20) {
			q.text = strings.Replace(q.text, " /", " "+prefix+"/", 1)
		}

		x, y := nginx.ask(t, q), ours.ask(t, q)
		if x == y {
			continue
		}

		diff := cmp.Diff(strings.Split(x, "\n"), strings.Split(y, "\n"))
		t.Errorf("seed %d: %q (- nginx, + treehttp)\n%s", seed, q.text, diff)

		if differ++; differ > 20 {
			t.Fatal("and more")
		}
	}
}
