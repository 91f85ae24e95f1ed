package nginxconf

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/test/nginxtest"
)

// A legacy page whose end is decided says when (RFC 8594), and others do not.
func TestSunset(t *testing.T) {
	t.Parallel()
	since := time.Date(2023, time.June, 30, 23, 59, 59, 0, time.UTC)
	rows := []*route.Deprecation{
		{Page: route.LegacyReference, Since: since, Sunset: time.Date(2026, time.December, 31, 23, 59, 59, 0, time.UTC)},
		{Page: route.LegacyNodeName, Since: since},
		{Param: "min_cores", Since: since, Sunset: since}, // availapi's
	}

	o := options()
	address := nginxtest.FreeAddress(t)
	o.Listen, o.Root, o.PathPrefix, o.Base = []string{address}, "tree", "/ref", "/ref"
	m := newModel(o.withDefaults())
	m.Facts["Deprecated"] = deprecatedPages(slices.Values(rows))
	conf, err := execute(Complete, m)
	if err != nil {
		t.Fatal(err)
	}

	s := nginxtest.Start(t, string(conf), address)
	for _, file := range []string{"index.json", "redoc/index.html", "hardware/node/x/index.html"} {
		file = filepath.Join(s.Prefix, "tree", file)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("{}"), 0o644); err != nil {
			t.Fatal(err)
		}
	}

	const deprecation, sunset = "@1688169599", "Thu, 31 Dec 2026 23:59:59 GMT"
	for path, want := range map[string]struct {
		status              int
		deprecation, sunset string
	}{
		"/ref/redoc":            {200, deprecation, sunset},
		"/ref/redoc/":           {308, deprecation, sunset},
		"/ref/hardware/node/x":  {200, deprecation, ""},
		"/ref/hardware/node/x/": {308, deprecation, ""},
		"/ref":                  {200, "", ""},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()

		header := answer.Header
		if answer.StatusCode != want.status || header.Get("Deprecation") != want.deprecation || header.Get("Sunset") != want.sunset {
			t.Errorf("%s: %s, Deprecation %q, Sunset %q, want %v", path, answer.Status, header.Get("Deprecation"),
				header.Get("Sunset"), want)
		}
	}
}
