// Package blazartest is a Blazar for tests, with as much of Nova as it takes to
// resolve flavors; and a Keystone for tests that need no real one.
package blazartest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// Paths below the endpoints, as Fail and Requests want them.
const (
	Hosts              = "os-hosts"
	Allocations        = "os-hosts/allocations"
	FlavorAvailability = "flavor-instances/availability"
	Flavors            = "flavors" // Nova's
)

// Server is a Blazar and a Nova.
type Server struct {
	URL      string // of Blazar, ending in /v1
	Compute  string // of Nova, ending in /v2.1
	keystone string
	closing  chan struct{}
	client   *http.Client

	mu       sync.Mutex
	data     Data
	failing  map[string]http.HandlerFunc
	requests map[string]int
	last     map[string]*http.Request
	refused  int
}

// Start runs a server until the test ends. It asks the Keystone at an address
// that ends in /v3 about each token; where there is none, any token is good.
func Start(t testing.TB, keystone string) *Server {
	t.Helper()
	s := &Server{
		keystone: keystone, closing: make(chan struct{}), client: &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}, // no connection outlives its question
		failing: map[string]http.HandlerFunc{}, requests: map[string]int{}, last: map[string]*http.Request{},
	}
	server := httptest.NewServer(s)
	t.Cleanup(func() {
		close(s.closing)
		server.Close()
		s.client.CloseIdleConnections()
	})
	s.URL, s.Compute = server.URL+"/v1", server.URL+"/v2.1"
	return s
}

// Set replaces what the server knows.
func (s *Server) Set(d Data) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.data = d
}

// Fail lets a handler answer a path, or all where path is "", after the token
// was found good; nil ends it.
func (s *Server) Fail(path string, h http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failing[path] = h
}

// Requests counts those to a path, those that were refused, too.
func (s *Server) Requests(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests[path]
}

// Last is the last request to a path that was not refused, without its body.
func (s *Server) Last(path string) *http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last[path]
}

// Refused counts requests whose token was not good.
func (s *Server) Refused() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused
}

// ServeHTTP answers as Blazar and Nova do.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, ok := strings.CutPrefix(r.URL.Path, "/v1/")
	if !ok {
		path, ok = strings.CutPrefix(r.URL.Path, "/v2.1/")
	}
	if !ok {
		s.versions(w, r)
		return
	}
	good := s.good(r)
	s.mu.Lock()
	s.requests[path]++
	fail := s.failing[path]
	if fail == nil {
		fail = s.failing[""]
	}
	if good {
		s.last[path] = r.Clone(r.Context())
	} else {
		s.refused++
	}
	data := s.data
	s.mu.Unlock()
	switch {
	case !good:
		w.Header().Set("WWW-Authenticate", "Keystone uri="+s.keystone)
		KeystoneError(http.StatusUnauthorized, "The request you have made requires authentication.")(w, r)
	case fail != nil:
		// The server ends although a handler hangs.
		done := make(chan struct{})
		defer close(done)
		r, stop := until(r, s.closing, done)
		defer stop()
		fail(w, r)
	default:
		data.serve(w, r, path)
	}
}

// versions is what Blazar says at its root.
func (s *Server) versions(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/" {
		BlazarError(http.StatusNotFound, "NotFound", "The requested URL was not found on the server.")(w, r)
		return
	}
	write(w, http.StatusMultipleChoices, map[string]any{"versions": []any{map[string]any{
		"id": "v1.0", "status": "CURRENT", "links": []any{map[string]any{"rel": "self", "href": s.URL}},
	}}})
}

// good asks Keystone about a request's token.
func (s *Server) good(r *http.Request) bool {
	token := r.Header.Get("X-Auth-Token")
	if token == "" || s.keystone == "" {
		return token != ""
	}
	ask, err := http.NewRequestWithContext(r.Context(), http.MethodGet, s.keystone+"/auth/tokens", nil)
	if err != nil {
		return false
	}
	ask.Header.Set("X-Auth-Token", token)
	ask.Header.Set("X-Subject-Token", token)
	resp, err := s.client.Do(ask)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v) // the client may have gone
}
