package blazartest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// The credentials that the small Keystone knows.
const (
	User       = "reader"
	Password   = "pa55word-of-the-reader"
	Credential = "21dced0fd20347869b93710d2b98aae0" // an application credential's id
	Secret     = "8rfBFhd8TqCzBVTd7HEF0X3xLYBcxFbTkhJT2x7Yx0s"
)

// Keystone is a small one: it gives out tokens and judges them.
type Keystone struct {
	URL     string // ending in /v3
	closing chan struct{}

	mu      sync.Mutex
	catalog []Endpoint
	tokens  map[string]bool
	issued  int
	fail    http.HandlerFunc
	slow    time.Duration
}

// Endpoint is a row of the catalog.
type Endpoint struct {
	Type, Interface, Region, URL string
}

// NewKeystone runs a Keystone until the test ends.
func NewKeystone(t testing.TB) *Keystone {
	t.Helper()
	k := &Keystone{tokens: map[string]bool{}, closing: make(chan struct{})}
	server := httptest.NewServer(k)
	t.Cleanup(func() {
		close(k.closing)
		server.Close()
	})

	k.URL = server.URL + "/v3"
	return k
}

// SetCatalog replaces the catalog that goes with tokens.
func (k *Keystone) SetCatalog(endpoints ...Endpoint) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.catalog = endpoints
}

// Fail lets a handler answer who wants a token; nil ends it.
func (k *Keystone) Fail(h http.HandlerFunc) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.fail = h
}

// Slow makes the first login take a time, as a real Keystone does.
func (k *Keystone) Slow(d time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.slow = d
}

// Expire makes all tokens bad that were given out.
func (k *Keystone) Expire() {
	k.mu.Lock()
	defer k.mu.Unlock()
	clear(k.tokens)
}

// Issued counts the tokens that were given out.
func (k *Keystone) Issued() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.issued
}

// ServeHTTP answers as Keystone does.
func (k *Keystone) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/v3/auth/tokens" {
		KeystoneError(http.StatusNotFound, "The resource could not be found.")(w, r)
		return
	}
	if r.Method == http.MethodGet {
		k.mu.Lock()
		good := k.tokens[r.Header.Get("X-Subject-Token")]
		k.mu.Unlock()

		if !good {
			KeystoneError(http.StatusNotFound, "Could not find token.")(w, r)
			return
		}

		write(w, http.StatusOK, map[string]any{"token": map[string]any{}})
		return
	}

	k.mu.Lock()
	fail := k.fail
	k.mu.Unlock()

	if fail != nil {
		done := make(chan struct{})
		defer close(done)
		r, stop := until(r, k.closing, done)
		defer stop()
		fail(w, r)
		return
	}

	k.issue(w, r)
}

// credentials is the part of a request for a token that counts here.
type credentials struct {
	Auth struct {
		Identity struct {
			Password struct {
				User struct{ Name, Password string }
			}
			ApplicationCredential struct{ ID, Secret string } `json:"application_credential"`
		}
		Scope any
	}
}

func (k *Keystone) issue(w http.ResponseWriter, r *http.Request) {
	var c credentials
	if err := json.NewDecoder(r.Body).Decode(&c); err != nil {
		KeystoneError(http.StatusBadRequest, "The request body is not JSON.")(w, r)
		return
	}

	id := c.Auth.Identity
	user := id.Password.User.Name == User && id.Password.User.Password == Password
	credential := id.ApplicationCredential.ID == Credential && id.ApplicationCredential.Secret == Secret &&
		c.Auth.Scope == nil
	if !user && !credential {
		KeystoneError(http.StatusUnauthorized, "The request you have made requires authentication.")(w, r)
		return
	}

	k.mu.Lock()
	slow := k.slow
	k.slow = 0
	k.mu.Unlock()

	if slow > 0 {
		pause := time.NewTimer(slow)
		defer pause.Stop()
		select {
		case <-pause.C:
		case <-r.Context().Done():
		}
	}

	k.mu.Lock()
	k.issued++
	token := fmt.Sprintf("gAAAAABsmall%0160d", k.issued)
	k.tokens[token] = true
	endpoints := k.catalog
	k.mu.Unlock()
	w.Header().Set("X-Subject-Token", token)
	now := time.Now().UTC()
	write(w, http.StatusCreated, map[string]any{"token": map[string]any{
		"methods": []any{"password"}, "issued_at": now.Format(time.RFC3339), "expires_at": now.Add(time.Hour).Format(time.RFC3339),
		"project": map[string]any{"id": SecretProject, "name": "readers"}, "catalog": catalog(endpoints),
	}})
}

// catalog groups endpoints by type.
func catalog(endpoints []Endpoint) []any {
	rows := []any{}
	byType := map[string]map[string]any{}
	for i, e := range endpoints {
		row := byType[e.Type]
		if row == nil {
			row = map[string]any{"type": e.Type, "name": strings.ToLower(e.Type), "id": UUID("service " + e.Type),
				"endpoints": []any{}}
			byType[e.Type] = row
			rows = append(rows, row)
		}

		row["endpoints"] = append(row["endpoints"].([]any), map[string]any{
			"id": UUID(fmt.Sprint("endpoint",
				i)), "interface": e.Interface, "region": e.Region, "region_id": e.Region, "url": e.URL,
		})
	}

	return rows
}
