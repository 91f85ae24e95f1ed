// Package httpscript owns HTTP tests written as text: what to ask, and what the
// answer must be like. The same script runs against every server that should
// answer alike. It is for tests.
//
// A script is a list of exchanges, separated by empty lines:
//
//	# A comment.
//	GET /sites
//	> Accept-Encoding: br
//	< 200
//	< Content-Type: application/json
//	< ETag ~ ^"[0-9a-f]+-[0-9a-f]+"$
//	< Content-Encoding absent
//	= sites.json
//
// Lines with ">" are request headers, or with ">>" the request's body. "<" are
// the status and headers: "Name: value", "Name ~ regular expression" or "Name
// absent". "|" is a regular expression that the body must match, "!" one that
// it must not, and "=" the file of the tree that it must equal.
// Addresses are sent as they stand, however odd.
package httpscript

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"

	"github.com/chameleoncloud/refapi/internal/tree"
)

// Target is a server to run scripts against.
type Target struct {
	Address string // host:port
	// TLS, if not nil, is for a server that speaks TLS: its ServerName is the host.
	TLS  *tls.Config
	Tree string // directory of the tree that it serves
	// Vars replace words in braces: {HEAD}.
	Vars map[string]string
	// Check, if not nil, looks at every answer.
	Check func(method, target string, status int, header http.Header, body []byte) error
}

// exchange is one request and what is expected.
type exchange struct {
	line    int
	method  string
	target  string
	headers []string
	body    string
	checks  []check
}

type check struct {
	line int
	kind byte // '<', '|', '!', '='
	text string
}

// Run runs the script in a file as one subtest for each exchange.
func Run(t *testing.T, file string, to Target) {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}

	text := string(src)
	for name, value := range to.Vars {
		text = strings.ReplaceAll(text, "{"+name+"}", value)
	}

	exchanges, err := parse(text)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}

	name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	for _, x := range exchanges {
		t.Run(fmt.Sprintf("%s:%d", name, x.line), func(t *testing.T) {
			t.Parallel()
			x.run(t, filepath.Base(file), to)
		})
	}
}

func parse(src string) ([]exchange, error) {
	var all []exchange
	var x *exchange
	n := 0

	for line := range strings.Lines(src) {
		n++
		line = strings.TrimRight(line, "\n")
		rest := ""

		if len(line) > 1 {
			rest = strings.TrimSpace(line[1:])
		}

		switch {
		case line == "":
			x = nil
		case line[0] == '#':
		case x == nil:
			method, target, ok := strings.Cut(line, " ")
			if !ok {
				return nil, fmt.Errorf("line %d: want a method and an address", n)
			}
			all = append(all, exchange{line: n, method: method, target: target})
			x = &all[len(all)-1]

		case strings.HasPrefix(line, ">>"):
			x.body += strings.TrimSpace(line[2:])
		case line[0] == '>':
			x.headers = append(x.headers, rest)
		case strings.IndexByte("<|!=", line[0]) >= 0:
			x.checks = append(x.checks, check{n, line[0], rest})
		default:
			return nil, fmt.Errorf("line %d: cannot read %q", n, line)
		}
	}

	for _, x := range all {
		if len(x.checks) == 0 {
			return nil, fmt.Errorf("line %d: the exchange checks nothing", x.line)
		}
	}

	return all, nil
}

// answer is a response with its body decoded.
type answer struct {
	*http.Response
	body []byte
}

func (x exchange) run(t *testing.T, file string, to Target) {
	t.Helper()
	a, err := x.send(to)
	if err != nil {
		t.Fatalf("%s:%d: %s %s: %v", file, x.line, x.method, x.target, err)
	}

	ofFront := to.TLS != nil && (a.StatusCode == 400 || a.StatusCode == 501) &&
		a.Header.Get("Access-Control-Allow-Origin") == ""
	for _, c := range x.checks {
		if ofFront && !c.ofStatus() {
			continue
		}
		if err := c.verify(a, to); err != nil {
			t.Errorf("%s:%d: %s %s: %v", file, c.line, x.method, x.target, err)
		}
	}

	if to.Check != nil {
		if err := to.Check(x.method, x.target, a.StatusCode, a.Header, a.body); err != nil {
			t.Errorf("%s:%d: %s %s: %v", file, x.line, x.method, x.target, err)
		}
	}

	if t.Failed() {
		t.Logf("the answer was %s\n%v\n%.500s", a.Status, a.Header, a.body)
	}
}

// send writes the request as it stands.
func (x exchange) send(to Target) (*answer, error) {
	const patience = 20 * time.Second
	conn, err := net.DialTimeout("tcp", to.Address, patience)
	if err != nil {
		return nil, err
	}
	defer conn.Close()

	host := to.Address
	if to.TLS != nil {
		conn, host = tls.Client(conn, to.TLS), to.TLS.ServerName
	}

	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}

	var req bytes.Buffer
	fmt.Fprintf(&req, "%s %s HTTP/1.1\r\nConnection: close\r\n", x.method, x.target)

	if !hasHeader(x.headers, "Host") {
		fmt.Fprintf(&req, "Host: %s\r\n", host)
	}
	if x.body != "" {
		fmt.Fprintf(&req, "Content-Length: %d\r\n", len(x.body))
	}

	for _, h := range x.headers {
		fmt.Fprintf(&req, "%s\r\n", h)
	}

	fmt.Fprintf(&req, "\r\n%s", x.body)
	if _, err := conn.Write(req.Bytes()); err != nil {
		return nil, err
	}

	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: x.method})
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()

	body, err := decode(res)
	if err != nil {
		return nil, fmt.Errorf("read the body: %w", err)
	}

	return &answer{res, body}, nil
}

func hasHeader(headers []string, name string) bool {
	for _, h := range headers {
		if n, _, _ := strings.Cut(h, ":"); strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

func decode(res *http.Response) ([]byte, error) {
	body, err := io.ReadAll(res.Body)
	if err != nil || len(body) == 0 {
		return body, err
	}

	switch res.Header.Get("Content-Encoding") {
	case "gzip":
		r, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		return io.ReadAll(r)
	case "br":
		return io.ReadAll(brotli.NewReader(bytes.NewReader(body)))
	}

	return body, nil
}

// ofStatus reports whether the check is about the status.
func (c check) ofStatus() bool {
	return c.kind == '<' && len(c.text) == 3 && c.text[0] >= '1' && c.text[0] <= '5'
}

func (c check) verify(a *answer, to Target) error {
	switch c.kind {
	case '=':
		want, err := os.ReadFile(filepath.Join(to.Tree, filepath.FromSlash(c.text)))
		if errors.Is(err, fs.ErrNotExist) {
			want, err = os.ReadFile(filepath.Join(to.Tree, tree.StoreDir, filepath.FromSlash(c.text)))
		}
		if err != nil {
			return err
		}
		if !bytes.Equal(a.body, want) {
			return fmt.Errorf("the body is not %s", c.text)
		}
		return nil
	case '|', '!':
		re, err := regexp.Compile(c.text)
		if err != nil {
			return err
		}
		if re.Match(a.body) != (c.kind == '|') {
			return fmt.Errorf("the body matches %q: %v", c.text, c.kind == '!')
		}
		return nil
	}

	if c.ofStatus() {
		if got := fmt.Sprint(a.StatusCode); got != c.text {
			return fmt.Errorf("status %s, want %s", got, c.text)
		}
		return nil
	}
	return c.verifyHeader(a.Header)
}

func (c check) verifyHeader(header http.Header) error {
	if name, want, ok := strings.Cut(c.text, " ~ "); ok {
		re, err := regexp.Compile(want)
		if err != nil {
			return err
		}
		if got := strings.Join(header.Values(name), ", "); !re.MatchString(got) {
			return fmt.Errorf("header %s is %q, want %s", name, got, want)
		}
		return nil
	}
	if name, ok := strings.CutSuffix(c.text, " absent"); ok {
		if got := header.Values(name); len(got) > 0 {
			return fmt.Errorf("header %s is %q, want none", name, got)
		}
		return nil
	}

	name, want, ok := strings.Cut(c.text, ":")
	if !ok {
		return fmt.Errorf("cannot read %q", c.text)
	}
	if got := strings.Join(header.Values(name), ", "); got != strings.TrimSpace(want) {
		return fmt.Errorf("header %s is %q, want %q", name, got, strings.TrimSpace(want))
	}

	return nil
}
