package availhttp_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/availhttp"
)

// capacities are an answer's groups, each as its value, nodes, free and least.
func capacities(t *testing.T, body []byte) (lines []string) {
	t.Helper()
	var got struct {
		Items []struct {
			Value       *string
			Nodes       int
			Free, Least []*int
		}
	}

	unmarshal(t, body, &got)
	numbers := func(all []*int) string {
		var words []string
		for _, n := range all {
			if n == nil {
				words = append(words, "-")
			} else {
				words = append(words, fmt.Sprint(*n))
			}
		}
		return strings.Join(words, " ")
	}

	for _, g := range got.Items {
		value := "null"
		if g.Value != nil {
			value = *g.Value
		}
		lines = append(lines, fmt.Sprintf("%s of %d: %s, least %s", value, g.Nodes, numbers(g.Free), numbers(g.Least)))
	}
	return lines
}

func TestCapacity(t *testing.T) {
	t.Parallel()
	w := newWorld(t)

	// n1 is reserved from 14 to 16, n2 until 15, n3 in maintenance, m1 free, m2 not known.
	const afternoon = "start=2026-01-01T12:00Z&end=2026-01-01T18:00Z&step=2h&"
	for query, want := range map[string]string{
		afternoon:                             "null of 5: 2 1 3 3, least 2 1 3",
		afternoon + "by=":                     "null of 5: 2 1 3 3, least 2 1 3",
		afternoon + "by=site":                 "a of 3: 1 0 2 2, least 1 0 2|b of 2: 1 1 1 1, least 1 1 1",
		afternoon + "by=cluster_id&site_id=a": "c of 3: 1 0 2 2, least 1 0 2",
		afternoon + "by=gpu":                  "true of 1: 0 0 1 1, least 0 0 1|null of 4: 2 1 2 2, least 2 1 2",
		afternoon + "by=rack":                 "2 of 1: 0 0 1 1, least 0 0 1|r1 of 1: 1 0 1 1, least 1 0 1|null of 3: 1 1 1 1, least 1 1 1",
		afternoon + "q=nothing":               "null of 0: 0 0 0 0, least 0 0 0",
		afternoon + "node_id=n1":              "null of 1: 1 0 1 1, least 1 0 1",
		afternoon + "cluster_id=x":            "null of 0: 0 0 0 0, least 0 0 0",
		afternoon + "by=ram": "50 of 1: 1 1 1 1, least 1 1 1|100 of 1: 1 0 1 1, least 1 0 1|" +
			"200 of 1: 0 0 1 1, least 0 0 1|null of 2: 0 0 0 0, least 0 0 0",
		afternoon + "by=site_id&node_type=compute&min_ram=60": "a of 1: 1 0 1 1, least 1 0 1",
		afternoon + "by=storage_media": "HDD of 1: 1 0 1 1, least 1 0 1|SSD of 1: 1 0 1 1, least 1 0 1|" +
			"null of 4: 1 1 2 2, least 1 1 2",
		afternoon + "by=site_id&q=nothing": "",

		// Before now nothing is known; a step that has begun is counted from now on.
		"node_id=n1&start=2026-01-01T10:30Z&end=2026-01-01T13:00Z&step=1h": "null of 1: - - 1 1, least - - 1",
		"node_id=n1&start=2026-01-01T11:00Z&end=2026-01-01T16:30Z&step=8h": "null of 1: - 1 1, least 0 1",
		"site_id=a&start=2025-01-01&end=2025-01-02":                        "null of 3: - -, least -",
	} {
		res := get(t, w, "/nodes/capacity?"+query)
		if got := strings.Join(capacities(t, res.Body.Bytes()), "|"); res.Code != 200 || got != want {
			t.Errorf("%s: %d\n%s, want\n%s", query, res.Code, got, want)
		}
	}
}

// Nodes are counted by the values of several properties at once, at each site, with those that
// are free when the window starts.
func TestCapacityCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for query, want := range map[string]string{
		"counts=rack,site_id": "rack 2: a 0/1|rack r1: a 1/1|site_id a: a 1/3|site_id b: b 1/2",
		"counts=gpu,gpu&start=2026-01-01T14:00Z&by=site&step=12h": "gpu true: a 0/1",
		"counts=rack&start=2026-01-01T15:30Z":                     "rack 2: a 1/1|rack r1: a 0/1",
		"counts=rack&start=2025-12-31T12:00Z":                     "rack 2: a 0/1|rack r1: a 1/1", // is past: now
		"counts=rack&node_id=n2":                                  "rack 2: a 0/1",
		"counts=nothing":                                          "",
		"counts=rack&q=nothing":                                   "",
		"":                                                        "",
	} {
		var got struct {
			Counts []struct {
				Property, Value string
				Sites           []struct {
					Site_ID     string
					Nodes, Free int
				}
			}
		}
		res := get(t, w, "/nodes/capacity?"+query)
		unmarshal(t, res.Body.Bytes(), &got)
		var lines []string
		for _, c := range got.Counts {
			line := c.Property + " " + c.Value + ":"
			for _, s := range c.Sites {
				line += fmt.Sprintf(" %s %d/%d", s.Site_ID, s.Free, s.Nodes)
			}
			lines = append(lines, line)
		}
		if lines := strings.Join(lines, "|"); lines != want {
			t.Errorf("%s: %s, want %s", query, lines, want)
		}
	}
}

func TestCapacityByDefault(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	res := get(t, w, "/nodes/capacity")
	const want = `{"start":"2026-01-01T12:00:00Z","end":"2026-01-31T12:00:00Z","step":86400,"sites":[` +
		`{"site_id":"a","last_synced":"2026-01-01T11:59:00Z","stale":false},` +
		`{"site_id":"b","last_synced":"2026-01-01T11:56:00Z","stale":true}],` +
		`"total":1,"items":[{"value":null,"nodes":5,"free":[2,3,3,`
	if got := res.Body.String(); !strings.HasPrefix(got, want) || strings.Count(got, ",3") != 61 {
		t.Errorf("%s\nwant %s", got, want)
	}

	w.board.set("b", availability.NewSnapshot("b", noon.Add(-time.Minute), &availability.Report{}))
	if got := get(t, w, "/nodes/capacity").Header().Get("Cache-Control"); got != "public, max-age=5" {
		t.Errorf("from now on: Cache-Control is %q", got)
	}

	res = get(t, w, "/nodes/capacity?start=2026-01-01T13:00Z")
	if got := res.Header().Get("Cache-Control"); got != "public, max-age=60" {
		t.Errorf("of the future: Cache-Control is %q", got)
	}
}

// A question that would cost too much is refused, with one that would not.
func TestCapacityLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for query, want := range map[string]string{
		"end=2026-04-04": `at most 92 days: /nodes/capacity?end=2026-04-03T12%3A00%3A00Z would do`,
		"by=site&step=60&start=2026-02-01": "2 groups have more than 50000 steps together: " +
			"/nodes/capacity?by=site&start=2026-02-01&step=5m would do",
		"step=1": "1 groups have more than 50000 steps together: /nodes/capacity?step=1m would do",
		"start=2026-01-02&end=2026-01-01&by=nothing": "the end must be after the start",
		"by=Site":   "Input should be 'site', 'cluster_id', 'node_type'",
		"step=0":    "want a number of seconds",
		"step=01h":  "want a number of seconds",
		"step=5ms":  "want a number of seconds",
		"step=+5":   "want a number of seconds",
		"step=9e9h": "want a number of seconds",
	} {
		res := get(t, w, "/nodes/capacity?"+query)
		if res.Code != 422 {
			t.Errorf("%s: %d", query, res.Code)
			continue
		}

		var refused struct{ Detail []struct{ Msg string } }
		unmarshal(t, res.Body.Bytes(), &refused)
		if got := refused.Detail[len(refused.Detail)-1].Msg; !strings.Contains(got, want) {
			t.Errorf("%s: %s\nwant %s", query, got, want)
		}
		if _, url, ok := strings.Cut(refused.Detail[0].Msg, ": "); ok {
			if near := get(t, w, strings.TrimSuffix(url, " would do")); near.Code != 200 {
				t.Errorf("%s would not do: %s", url, near.Body)
			}
		}
	}

	if res := get(t, w, "/nodes/capacity?step=99999999d&strict=true"); res.Code != 200 {
		t.Errorf("a step longer than the window: %s", res.Body)
	}
}

// Of the past, full hours are known that were counted, for groups that are made of
// complete types at their sites.
func TestCapacityOfThePast(t *testing.T) {
	t.Parallel()
	hourly := availability.NewHourly(nil, slog.New(slog.DiscardHandler))
	w := newWorld(t)
	w.Handler = availhttp.New(availhttp.Options{
		Release: w.release, Monitor: w.board, Hourly: hourly, Log: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return *w.now.Load() },
	})
	for h := -3; h <= 0; h++ {
		hourly.Record("a", hour(h), map[string]availability.HourCount{
			"compute": {Free: int32(3 + h), All: 2}, "gpu": {Free: 1, All: 1}, "gone": {Free: 9, All: 9},
		})
	}
	hourly.Record("b", hour(-2), map[string]availability.HourCount{"compute": {Free: 5, All: 5}})

	later := noon.Add(30 * time.Minute)
	w.now.Store(&later)
	const morning = "start=2026-01-01T08:30Z&end=2026-01-01T13:00Z&step="
	for query, want := range map[string]string{
		morning + "1h&by=site":                                            "a of 3: - 1 2 3 4 1, least - 1 2 3 1|b of 2: - - 5 - - 1, least - - 5 - 1",
		morning + "2h&site_id=a":                                          "null of 3: - 2 4 1, least 1 2 1",
		morning + "1h&by=node_type&site_id=a":                             "compute of 2: - 0 1 2 3 1, least - 0 1 2 1|gpu of 1: - 1 1 1 1 0, least - 1 1 1 0",
		morning + "1h&site_id=a&min_ram=150":                              "null of 1: - 1 1 1 1 0, least - 1 1 1 0",
		morning + "1h&node_id=n1":                                         "null of 1: - - - - - 1, least - - - - 1",
		morning + "30m&site_id=a&node_type=gpu":                           "null of 1: - 1 - 1 - 1 - 1 0 0, least - 1 - 1 - 1 - 1 0",
		"start=2025-11-01&end=2025-11-02&by=site":                         "a of 3: - -, least -|b of 2: - -, least -",
		"start=2026-01-01T09:00Z&end=2026-01-01T10:00Z&step=1h&site_id=a": "null of 3: 1 2, least 1",
	} {
		res := get(t, w, "/nodes/capacity?"+query)
		if got := strings.Join(capacities(t, res.Body.Bytes()), "|"); res.Code != 200 || got != want {
			t.Errorf("%s: %d\n%s, want\n%s", query, res.Code, got, want)
		}
	}
}

// The first sync of an hour is counted, once, and not long after the hour.
func TestHoursAreCounted(t *testing.T) {
	t.Parallel()
	hourly := availability.NewHourly(nil, slog.New(slog.DiscardHandler))
	w := newWorld(t)
	h := availhttp.New(availhttp.Options{
		Release: w.release, Monitor: w.board, Hourly: hourly, Now: func() time.Time { return noon },
		Log: slog.New(slog.DiscardHandler),
	})

	synced := func(at time.Duration, reserved int) availability.HourCount {
		report := &availability.Report{Hosts: []availability.Host{
			{Node: "n1", Reservations: spans(reserved, reserved+1)}, {Node: "n3"},
		}}
		w.board.set("a", availability.NewSnapshot("a", noon.Add(at), report))
		h.RecordHour("a")
		return hourly.Counts("a", "compute", availability.At(noon.Add(at).Truncate(time.Hour)), 1)[0]
	}
	for _, c := range []struct {
		at       time.Duration
		reserved int
		want     availability.HourCount
	}{
		{20 * time.Minute, 0, availability.HourCount{Free: -1, All: -1}}, // too late
		{time.Hour + 2*time.Minute, 1, availability.HourCount{Free: 1, All: 2}},
		{time.Hour + 3*time.Minute, 5, availability.HourCount{Free: 1, All: 2}}, // counted before
		{2*time.Hour + time.Second, 1, availability.HourCount{Free: 2, All: 2}},
	} {
		if got := synced(c.at, c.reserved); got != c.want {
			t.Errorf("%v after noon: %v, want %v", c.at, got, c.want)
		}
	}
}
