package main

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/availhttp"
	"github.com/chameleoncloud/refapi/internal/ops"
)

// sample is one value of a metric.
type sample struct {
	labels map[string]string
	value  float64
}

// scrape reads the metrics, by name.
func scrape(t testing.TB, address string) map[string][]sample {
	t.Helper()
	a := get(t, address, ops.MetricsPath)
	if a.StatusCode != http.StatusOK || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/plain") {
		t.Fatalf("%s: %s %v", ops.MetricsPath, a.Status, a.Header)
	}

	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(a.body))
	if err != nil {
		t.Fatalf("the metrics are not in Prometheus's text format: %v", err)
	}

	all := map[string][]sample{}
	for name, f := range families {
		if f.GetHelp() == "" {
			t.Errorf("the metric %s has no help", name)
		}
		for _, m := range f.Metric {
			s := sample{labels: map[string]string{},
				value: m.GetGauge().GetValue() + m.GetCounter().GetValue() + m.GetUntyped().GetValue()}
			for _, l := range m.Label {
				s.labels[l.GetName()] = l.GetValue()
			}

			if h := m.GetHistogram(); h != nil {
				s.value = float64(h.GetSampleCount())
			}

			all[name] = append(all[name], s)
		}
	}

	return all
}

// find returns the value with labels, given as name and value in turn.
func find(t testing.TB, all map[string][]sample, name string, labels ...string) float64 {
	t.Helper()
next:
	for _, s := range all[name] {
		for i := 0; i < len(labels); i += 2 {
			if s.labels[labels[i]] != labels[i+1] {
				continue next
			}
		}
		return s.value
	}

	t.Errorf("there is no %s with %q: %v", name, labels, all[name])
	return -1
}

// counted waits until a sync of the north and one of the lab are counted, which
// is after what they found is seen.
func counted(t testing.TB, address string) {
	t.Helper()
	for _, line := range []string{`refapi_sync_duration_seconds_count{site="north"} `,
		`refapi_sync_errors_total{reason="network",site="lab"} `} {
		eventually(t, "the syncs are counted", func() error {
			if !strings.Contains(get(t, address, ops.MetricsPath).body, line) {
				return fmt.Errorf("there is no %s", line)
			}
			return nil
		})
	}
}

// The metrics say what has happened.
func TestMetrics(t *testing.T) {
	t.Parallel()
	b := newTestbed(t)
	p := b.start(t, settings)
	counted(t, p.address)

	for range 3 {
		get(t, p.address, "/nodes/search?gpu=true")
	}

	get(t, p.address, "/sites?limit=1")
	get(t, p.address, "/nope")
	get(t, p.address, "/versions/HEAD")

	all := scrape(t, p.address)
	head := b.tree.History.Head().ID.String()
	for _, tt := range []struct {
		value  float64
		name   string
		labels []string
	}{
		{3, "refapi_http_requests_total", []string{"route", "searchNodes", "code", "200"}},
		{1, "refapi_http_requests_total", []string{"route", "listSites", "code", "200"}},
		{1, "refapi_http_requests_total", []string{"route", "none", "code", "404"}},
		{1, "refapi_http_requests_total", []string{"route", "getVersion", "code", "307"}},
		{3, "refapi_http_request_duration_seconds", []string{"route", "searchNodes"}},
		{1, "refapi_sync_duration_seconds", []string{"site", "north"}},
		{1, "refapi_sync_up", []string{"site", "north"}},
		{0, "refapi_sync_up", []string{"site", "lab"}},
		{3, "refapi_hosts", []string{"site", "north", "state", string(availability.Available)}},
		{1, "refapi_hosts", []string{"site", "north", "state", string(availability.Reserved)}},
		{2, "refapi_hosts", []string{"site", "north", "state", string(availability.Maintenance)}},
		{1, "refapi_hosts", []string{"site", "north", "state", string(availability.Unknown)}},
		{1, "refapi_build_info", []string{"version", api.ProductVersion}},
		{1, "refapi_tree_info", []string{"commit", head}},
	} {
		if got := find(t, all, tt.name, tt.labels...); got != tt.value {
			t.Errorf("%s%q is %v, want %v", tt.name, tt.labels, got, tt.value)
		}
	}

	if got := find(t, all, "refapi_sync_errors_total", "site", "lab", "reason", "network"); got < 1 {
		t.Errorf("refapi_sync_errors_total of the lab is %v", got)
	}
	if got := find(t, all, "refapi_sync_age_seconds", "site", "north"); got < 0 || got > 600 {
		t.Errorf("the north's data is %v s old", got)
	}

	for _, s := range all["refapi_sync_age_seconds"] {
		if s.labels["site"] == "lab" {
			t.Error("data that never was has an age")
		}
	}

	if got := find(t, all, "refapi_tree_live_timestamp_seconds"); got < 1e9 {
		t.Errorf("the release is live since %v", got)
	}
}

// A program without a tree is healthy, but not ready.
func TestHealth(t *testing.T) {
	t.Parallel()
	b := newTestbed(t)
	good := b.start(t, settings)
	empty := start(t, b.getenv(), "--config", write(t, b.dir, "empty.toml", ""), "--tree", t.TempDir())
	for _, tt := range []struct {
		p      *program
		path   string
		status int
		body   string
	}{
		{p: good, path: ops.HealthyPath, status: 200, body: "healthy\n"},
		{p: good, path: ops.ReadyPath, status: 200, body: "ready\n"},
		{p: empty, path: ops.HealthyPath, status: 200, body: "healthy\n"},
		{p: empty, path: ops.ReadyPath, status: 503, body: "no published release\n"},
		{p: good, path: availhttp.ReloadPath, status: 405, body: "use POST\n"},
	} {
		a := get(t, tt.p.address, tt.path)
		if a.StatusCode != tt.status || a.body != tt.body || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %s %q %v, want %d %q", tt.path, a.Status, a.body, a.Header, tt.status, tt.body)
		}
	}

	if all := scrape(t, empty.address); len(all["refapi_tree_info"]) != 0 || len(all["refapi_build_info"]) != 1 {
		t.Errorf("without a tree the metrics are %v", all)
	}
}

// reload asks for it, and returns the answer.
func (p *program) reload(t *testing.T) answer {
	t.Helper()
	a, err := ask(http.MethodPost, p.address, availhttp.ReloadPath, "")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// siteIDs are the configured sites.
func siteIDs(address string) (string, error) {
	o, err := sites(address)
	ids := ""
	for _, item := range o.Items {
		ids += item.Site + " "
	}
	return strings.TrimSpace(ids), err
}

// A good configuration adds and removes sites; a bad one changes nothing and
// says why. The signal and the request do the same.
func TestReload(t *testing.T) {
	t.Parallel()
	b := newTestbed(t)
	p := b.start(t, settings)
	counted(t, p.address)
	file := b.dir + "/config.toml"
	edit := func(old, new string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(strings.Replace(settings, old, new, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	are := func(want string) func() error {
		return func() error {
			got, err := siteIDs(p.address)
			if err == nil && got != want {
				err = fmt.Errorf("the sites are %q, want %q", got, want)
			}
			return err
		}
	}

	edit("lab =", "labs =")
	if a := p.reload(t); a.StatusCode != http.StatusOK || a.body != "reloaded\n" {
		t.Errorf("%s %q", a.Status, a.body)
	}

	eventually(t, "another site is asked", are("labs north"))
	if metrics := get(t, p.address, ops.MetricsPath).body; strings.Contains(metrics, `site="lab"`) {
		t.Error("a site that is gone has metrics still")
	}
	if err := p.log.has(`configured site is not in the tree" site=labs`); err != nil {
		t.Error(err)
	}
	if err := status(p.address, "/sites/north/availability", http.StatusOK); err != nil {
		t.Errorf("a reload has lost what was known: %v", err)
	}

	edit("poll_interval_seconds = 600", "poll_interval = 600")
	a := p.reload(t)
	if a.StatusCode != http.StatusUnprocessableEntity ||
		!strings.Contains(a.body, `configuration not reloaded: read configuration `) ||
		!strings.Contains(a.body, `line 3: unknown key "availability.poll_interval"`) {
		t.Errorf("%s %q", a.Status, a.body)
	}

	p.hangups <- os.Interrupt
	eventually(t, "the log says why", func() error { return p.log.has(`configuration not reloaded.*unknown key`) })

	if err := are("labs north")(); err != nil {
		t.Error(err)
	}

	edit(`lab = { cloud = "chi_lab" }`, "")
	p.hangups <- os.Interrupt
	eventually(t, "the lab is gone", are("north"))

	if err := status(p.address, "/sites/labs/availability", http.StatusNotFound); err != nil {
		t.Error(err)
	}

	eventually(t, "the log says so", func() error { return p.log.has(`configuration reloaded" sites=1`) })
}

// What a reload cannot change is told.
func TestReloadOfWhatNeedsARestart(t *testing.T) {
	t.Parallel()
	b := newTestbed(t)
	p := b.start(t, settings)

	if err := os.WriteFile(b.dir+"/config.toml", []byte("[availapi]\nstate_dir = \"elsewhere\"\n"+settings),
		0o600); err != nil {
		t.Fatal(err)
	}

	if a := p.reload(t); a.StatusCode != http.StatusOK {
		t.Errorf("%s %q", a.Status, a.body)
	}
	if err := p.log.has("a new address, state_dir or tree takes effect after a restart"); err != nil {
		t.Error(err)
	}
}
