package availhttp_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/availhttp"
	"github.com/chameleoncloud/refapi/internal/release"
)

// TestNotices: the notices of a site are where its freshness is, and in calendars, until
// they end.
func TestNotices(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	live, err := release.Open(w.tree.Root)
	if err != nil {
		t.Fatal(err)
	}
	w.Handler = availhttp.New(availhttp.Options{
		Release: func() *release.Release { return live }, Monitor: w.board, Log: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return *w.now.Load() },
		Notices: func() []availability.Notice {
			return []availability.Notice{
				{ID: "over", Site: "a", End: noon, Text: "It is over."},
				{ID: "power", End: noon.Add(time.Hour), Text: "Power, cooling."},
				{ID: "net", Site: "a", Start: noon.Add(24 * time.Hour), End: noon.Add(26 * time.Hour), Text: "Network.", URL: "https://example.org/"},
			}
		},
	})

	const (
		power = `{"id":"power","site_id":null,"start":null,"end":"2026-01-01T13:00:00Z","text":"Power, cooling.","url":null}`
		net   = `{"id":"net","site_id":"a","start":"2026-01-02T12:00:00Z","end":"2026-01-02T14:00:00Z","text":"Network.","url":"https://example.org/"}`
	)
	for _, path := range []string{"/availability", "/nodes/availability", "/nodes/capacity"} {
		body := get(t, w, path).Body.String()
		if !strings.Contains(body, `"notices":[`+power+`,`+net+`]`) || !strings.Contains(body, `"notices":[`+power+`]`) {
			t.Errorf("%s: %s", path, body)
		}
	}
	if body := get(t, w, "/nodes/slots?hours=1").Body.String(); !strings.Contains(body, `"notices":[`+power+`,`+net+`]`) {
		t.Errorf("slots: %s", body)
	}
	for _, path := range []string{"/nodes/slots.ics?hours=1", "/nodes/capacity.ics?step=1d"} {
		calendar := get(t, w, path).Body.String()
		for _, want := range []string{"SUMMARY:All sites: Power\\, cooling.\r\n", "DTSTART:20260102T120000Z\r\nDTEND:20260102T140000Z\r\nSUMMARY:a: Network.\r\n"} {
			if strings.Count(calendar, want) != 1 {
				t.Errorf("%s has %q %d times:\n%s", path, want, strings.Count(calendar, want), calendar)
			}
		}
	}

	calendar := get(t, w, "/nodes/availability.ics?site_id=a").Body.String()
	for _, want := range []string{"SUMMARY:All sites: Power\\, cooling.\r\n", "SUMMARY:a: Network.\r\n", "DTSTART:20260102T120000Z\r\nDTEND:20260102T140000Z"} {
		if strings.Count(calendar, want) != 1 {
			t.Errorf("the calendar has %q %d times:\n%s", want, strings.Count(calendar, want), calendar)
		}
	}

	w.now.Store(new(noon.Add(27 * time.Hour)))
	if body := get(t, w, "/availability").Body.String(); strings.Contains(body, "notices") {
		t.Errorf("after all of them: %s", body)
	}
}
