package availhttp_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/availhttp"
	"github.com/chameleoncloud/refapi/internal/release"
)

// The router and the table's own matching agree where a literal segment of one
// route fits a parameter of another.
func TestLiteralSegmentsGoFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for path, want := range map[string]string{
		"/sites/versions/availability":                    "Version not found",
		"/sites/a/clusters/versions/availability":         "Version not found",
		"/sites/a/flavors/versions/availability":          "Version not found",
		"/sites/a/clusters/c/nodes/versions/availability": "Node not found",
		"/sites/nope/availability":                        "Availability not yet synced for this site",
		"/sites/nope/availability.json":                   "Availability not yet synced for this site",
		"/sites/nope/availability/":                       "Not Found",
		"/sites/a%01/availability":                        "Not Found",
		"/sites/versions/0123456":                         "Version not found",
		"/nodes/search/":                                  "Not Found",
	} {
		res := get(t, w, path)
		if res.Code != http.StatusNotFound || !strings.Contains(res.Body.String(), `"detail":"`+want+`"`) {
			t.Errorf("%s: %d %s, want 404 with %q", path, res.Code, res.Body, want)
		}
	}
}

func TestLogKeepsThePathAsItWasAsked(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	h := availhttp.New(availhttp.Options{
		Release: func() *release.Release { return nil },
		Monitor: newBoard(),
		Now:     func() time.Time { return noon },
		Log:     slog.New(slog.NewTextHandler(&log, nil)),
	})

	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/nodes/search.json?x=1", nil))
	if want := `path=/nodes/search.json query="x=1" status=503`; !strings.Contains(log.String(), want) {
		t.Errorf("the log is %q, want it to have %q", log.String(), want)
	}
}
