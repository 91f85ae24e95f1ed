package availhttp_test

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/availhttp"
	"github.com/chameleoncloud/refapi/internal/release"
)

// What a page of another site makes a browser send reloads nothing.
func TestReloadRefusesOtherSites(t *testing.T) {
	t.Parallel()
	reloads, failure := 0, error(nil)
	h := availhttp.New(availhttp.Options{
		Release: func() *release.Release { return nil }, Monitor: newBoard(), Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Hosts:  []string{"availapi.example.org"},
		Reload: func() error { reloads++; return failure },
	})

	ask := func(method, host string, headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, availhttp.ReloadPath, nil)
		r.Host = host
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		res := httptest.NewRecorder()
		h.ServeHTTP(res, r)
		return res
	}

	for name, test := range map[string]struct {
		host    string
		headers []string
		want    int
	}{
		"curl":                    {"127.0.0.1:8001", nil, 200},
		"curl, IPv6":              {"[::1]:8001", nil, 200},
		"curl, IPv6 without port": {"[::1]", nil, 200},
		"localhost":               {"localhost:8001", nil, 200},
		"a name below localhost":  {"availapi.localhost", nil, 200},
		"a container's name":      {"availapi:8001", nil, 200},
		"the configured name":     {"AVAILAPI.example.org:8001", nil, 200},
		"another name":            {"evil.example.org:8001", nil, 403},
		"a name like an address":  {"127.0.0.1.example.org", nil, 403},
		"its own page": {"127.0.0.1:8001",
			[]string{"Origin", "http://127.0.0.1:8001", "Sec-Fetch-Site", "same-origin"}, 200},
		"typed by a person": {"127.0.0.1:8001", []string{"Sec-Fetch-Site", "none"}, 200},
		"another site": {"127.0.0.1:8001",
			[]string{"Origin", "https://evil.example.org", "Sec-Fetch-Site", "cross-site"}, 403},
		"another site, no Origin":  {"127.0.0.1:8001", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		"the same site":            {"127.0.0.1:8001", []string{"Sec-Fetch-Site", "same-site"}, 403},
		"an old browser":           {"127.0.0.1:8001", []string{"Origin", "https://evil.example.org"}, 403},
		"another port":             {"127.0.0.1:8001", []string{"Origin", "http://127.0.0.1:8000"}, 403},
		"a page without an origin": {"127.0.0.1:8001", []string{"Origin", "null"}, 403},
		"rebinding": {"evil.example.org:8001",
			[]string{"Origin", "http://evil.example.org:8001", "Sec-Fetch-Site", "same-origin"}, 403},
	} {
		before := reloads
		res := ask(http.MethodPost, test.host, test.headers...)
		if res.Code != test.want || (reloads > before) != (test.want == 200) {
			t.Errorf("%s: %d %s, %d reloads", name, res.Code, res.Body, reloads-before)
		}

		if test.want == 403 && (!strings.HasPrefix(res.Body.String(), "refused: ") ||
			res.Header().Get("Access-Control-Allow-Origin") != "") {
			t.Errorf("%s: %s %v", name, res.Body, res.Header())
		}
	}

	failure = errors.New("line 3")
	if res := ask(http.MethodPost, "localhost"); res.Code != 422 || !strings.Contains(res.Body.String(), "line 3") {
		t.Errorf("%d %s", res.Code, res.Body)
	}
	if res := ask(http.MethodGet, "localhost"); res.Code != 405 {
		t.Errorf("GET: %d", res.Code)
	}
}
