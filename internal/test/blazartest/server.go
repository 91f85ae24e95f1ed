// Package blazartest is a Blazar for tests, with as much of Nova as it takes to
// resolve flavors; and a Keystone for tests that need no real one.
package blazartest

import (
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"strconv"
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
	Leases             = "leases"
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
		keystone: keystone, closing: make(chan struct{}), client: &http.Client{Timeout: 20 * time.Second,
			Transport: &http.Transport{DisableKeepAlives: true}}, // no connection outlives its question
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
	path, nova := strings.CutPrefix(r.URL.Path, "/v2.1/")
	if !nova {
		path = strings.TrimPrefix(r.URL.Path, "/v1/")
	}

	status := s.judge(r)

	s.mu.Lock()
	s.requests[path]++
	fail := s.failing[path]
	if fail == nil {
		fail = s.failing[""]
	}

	if status == http.StatusOK {
		s.last[path] = r.Clone(r.Context())
	} else {
		s.refused++
	}

	data := s.data
	s.mu.Unlock()

	switch {
	case status == http.StatusServiceUnavailable:
		KeystoneDown(w, r)
	case status != http.StatusOK:
		w.Header().Set("WWW-Authenticate", `Keystone uri="`+s.keystone+`"`)
		KeystoneError(http.StatusUnauthorized, "The request you have made requires authentication.")(w, r)

	case !nova && strings.TrimSpace(r.Header.Get("Accept")) == "":
		Traceback(w, r)
	case fail != nil:
		// The server ends although a handler hangs.
		done := make(chan struct{})
		defer close(done)
		r, stop := until(r, s.closing, done)
		defer stop()
		fail(w, r)

	case nova && path == Flavors:
		data.serveFlavors(w, r)
	default:
		s.serveBlazar(w, r, &data)
	}
}

// serveBlazar answers who may ask.
func (s *Server) serveBlazar(w http.ResponseWriter, r *http.Request, d *Data) {
	path, below := strings.CutPrefix(r.URL.Path, "/v1/")
	version := strings.TrimPrefix(r.Header.Get("OpenStack-API-Version"), "reservation ")
	switch {
	case r.URL.Path == "/" || r.URL.Path == "/versions":
		s.versions(w)
	case version != "" && version != "1.0":
		routeError(w, http.StatusNotAcceptable,
			"Version "+version+" is not supported by the API. Minimum is 1.0 and maximum is 1.0.")

	case below && path == Leases && r.Method == http.MethodPost:
		postLease(w, r)
	case r.Method == http.MethodOptions:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Allow", "GET, HEAD, OPTIONS")

	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		routeError(w, http.StatusMethodNotAllowed, "The method is not allowed for the requested URL.")
	case !below || !d.get(w, r, path):
		routeError(w, http.StatusNotFound,
			"The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.")
	}
}

// versions is what Blazar says at its root.
func (s *Server) versions(w http.ResponseWriter) {
	type link struct {
		Href string `json:"href"`
		Rel  string `json:"rel"`
	}
	type version struct {
		ID     string `json:"id"`
		Status string `json:"status"`
		Links  []link `json:"links"`
		Min    string `json:"min_version,omitempty"`
		Max    string `json:"max_version,omitempty"`
	}
	write(w, http.StatusMultipleChoices, map[string]any{"versions": []version{
		{ID: "v1.0", Status: "CURRENT", Links: []link{{s.URL, "self"}}, Min: "1.0", Max: "1.0"},
		{ID: "v2.0", Status: "DEPRECATED", Links: []link{{strings.TrimSuffix(s.URL, "1") + "2", "self"}}},
	}})
}

// judge asks Keystone about a request's token: 200, 401, or 503 where Keystone
// does not answer.
func (s *Server) judge(r *http.Request) int {
	token := r.Header.Get("X-Auth-Token")
	switch {
	case token == "":
		return http.StatusUnauthorized
	case s.keystone == "":
		return http.StatusOK
	}

	ask, err := http.NewRequestWithContext(r.Context(), http.MethodGet, s.keystone+"/auth/tokens", nil)
	if err != nil {
		return http.StatusServiceUnavailable
	}

	ask.Header.Set("X-Auth-Token", token)
	ask.Header.Set("X-Subject-Token", token)
	resp, err := s.client.Do(ask)
	if err != nil {
		return http.StatusServiceUnavailable
	}
	defer resp.Body.Close()

	if resp.StatusCode != http.StatusOK {
		return http.StatusUnauthorized
	}

	return http.StatusOK
}

// respond answers as Blazar's own code does.
func respond(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Vary", "OpenStack-API-Version")
	w.Header().Set("OpenStack-API-Version", "reservation 1.0")
	requestID(w)
	write(w, status, v)
}

// requestID names the answer.
func requestID(w http.ResponseWriter) {
	w.Header().Set("X-Openstack-Request-Id", "req-"+UUID(rand.Text()))
}

// write sends JSON, with its length, as Blazar always does.
func write(w http.ResponseWriter, status int, v any) {
	body, err := encode(v)
	if err != nil {
		panic(err) // the test's data is no JSON
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client may have gone
}
