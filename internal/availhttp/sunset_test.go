package availhttp

import (
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/release"
	"github.com/chameleoncloud/refapi/internal/route"
)

// A name whose end is decided says when (RFC 8594); of several names, the first counts.
func TestSunset(t *testing.T) {
	t.Parallel()
	live := &release.Release{Links: api.Links{Base: "https://api.example.org/ref"}}
	h := New(Options{
		Release: func() *release.Release { return live },
		Monitor: availability.NewMonitor(availability.Options{Log: slog.New(slog.DiscardHandler)}),
		Now:     time.Now,
		Log:     slog.New(slog.DiscardHandler),
	})

	since := time.Date(2023, time.June, 30, 23, 59, 59, 0, time.UTC)
	decided := &route.Deprecation{Since: since, Sunset: time.Date(2026, time.December, 31, 23, 59, 59, 0, time.UTC)}
	open := &route.Deprecation{Since: since}
	const sunset = "Thu, 31 Dec 2026 23:59:59 GMT"
	for want, used := range map[string][]*route.Deprecation{sunset: {decided, open}, "": {open, decided}} {
		header := http.Header{}
		h.deprecate(header, used)
		if header.Get("Sunset") != want || header.Get("Deprecation") != "@1688169599" ||
			header.Get("Link") != `</ref/guide/api#deprecated-names>; rel="deprecation"; type="text/html"` {
			t.Errorf("the headers are %v, want the Sunset %q", header, want)
		}
	}
}
