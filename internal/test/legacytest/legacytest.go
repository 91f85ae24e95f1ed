// Package legacytest replays captured answers of the legacy service. It is for tests.
package legacytest

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/parity"
)

// Answer is an answer of the legacy service, as a line of a file has it.
type Answer struct {
	Path        string          `json:"path"`
	Status      int             `json:"status"`
	ContentType string          `json:"content_type"`
	Case        string          `json:"case"` // what it shows, "" for nothing special
	Body        json.RawMessage `json:"body"`
}

// Read reads a file of answers, one a line, compressed or not.
func Read(t testing.TB, name string) (all []Answer) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()

	var r io.Reader = f
	if strings.HasSuffix(name, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}

	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var a Answer
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all = append(all, a)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// Handler replays answers. Paths without one go to another handler.
func Handler(answers []Answer, otherwise http.Handler) http.Handler {
	byPath := map[string]Answer{}
	for _, a := range answers {
		byPath[a.Path] = a
	}

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ok := byPath[r.URL.RequestURI()]
		if !ok {
			otherwise.ServeHTTP(w, r)
			return
		}

		if a.Status/100 == 3 { // the only redirects are from trailing slashes
			w.Header().Set("Location", "http://"+r.Host+strings.TrimSuffix(r.URL.EscapedPath(), "/"))
			w.WriteHeader(a.Status)
			return
		}
		w.Header().Set("Content-Type", a.ContentType)
		w.WriteHeader(a.Status)
		_, _ = w.Write(a.Body) // the client may be gone
	})
}

// Client returns a client of a handler, without a network.
func Client(t testing.TB, h http.Handler, opts parity.ClientOptions) *parity.Client {
	t.Helper()
	opts.Transport = transport{h}
	if opts.Timeout == 0 {
		opts.Timeout, opts.MaxBody = maxWait, 64<<20
	}
	c, err := parity.NewClient("http://service.test", opts)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const maxWait = 1 << 40 // of a hang, not of speed

type transport struct{ handler http.Handler }

// RoundTrip implements [http.RoundTripper].
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	// What a server would get: with a path only.
	got := httptest.NewRequestWithContext(r.Context(), r.Method, r.URL.RequestURI(), r.Body)
	got.Header, got.Host = r.Header, r.URL.Host

	w := httptest.NewRecorder()
	t.handler.ServeHTTP(w, got)
	if err := r.Context().Err(); err != nil { // the handler took too long
		return nil, err
	}
	return w.Result(), nil
}

// Compare asks a service as each of the answers was, and counts the verdicts by outcome
// and rule. What differs otherwise is an error of the test, unless it is expected: by its
// path, with the reason.
func Compare(t testing.TB, c *parity.Comparer, answers []Answer) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for _, a := range answers {
		old, err := c.Old.Get(t.Context(), a.Path)
		if err != nil {
			t.Fatal(err)
		}
		ours, err := c.New.Get(t.Context(), a.Path)
		if err != nil {
			t.Fatal(err)
		}

		switch v := c.Compare(t.Context(), a.Path, old, ours); v.Outcome {
		case parity.Differs:
			t.Errorf("%s (%s): %s", a.Path, a.Case, v.Detail)
		case parity.Listed:
			for _, r := range v.Rules {
				counts[r.Reason()]++
			}
		default:
			counts[string(v.Outcome)]++
		}
	}
	return counts
}
