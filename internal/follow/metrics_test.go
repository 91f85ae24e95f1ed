package follow

import (
	"io"
	"log/slog"
	"maps"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/chameleoncloud/refapi/internal/ops"
)

// get asks for a path for operators.
func get(h *httptest.Server, t *testing.T, path string) (int, string) {
	t.Helper()
	res, err := h.Client().Get(h.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func TestOperations(t *testing.T) {
	t.Parallel()
	loop := New(slog.New(slog.DiscardHandler), time.Now)
	metrics := NewMetrics("1.2.3")
	server := httptest.NewServer(Operations(loop, metrics))
	defer server.Close()

	expect := func(path string, status int, body string) {
		t.Helper()
		if gotStatus, got := get(server, t, path); gotStatus != status || got != body {
			t.Errorf("%s: %d %q, want %d %q", path, gotStatus, got, status, body)
		}
	}
	expect(ops.HealthyPath, 200, "healthy\n")
	expect(ops.ReadyPath, 503, "no published release\n")

	// Failures do not take away what is live.
	now := time.Now()
	loop.update(func(s *Status) {
		*s = Status{Live: Release{"r1", "c1"}, Seen: "c2", Behind: now.Add(-time.Minute), Success: now, Failure: now,
			Failures: 3, Took: time.Second, Pinned: true}
	})
	expect(ops.ReadyPath, 200, "ready\n")

	metrics.Observe(Step{Build, Published, time.Second})
	metrics.Webhook("accepted", 1)
	_, text := get(server, t, ops.MetricsPath)
	for _, line := range []string{`refgen_served_info{commit="c1",release="r1"} 1`, `refgen_seen_info{commit="c2"} 1`,
		`refgen_failures 3`, `refgen_pinned 1`, `refgen_steps_total{outcome="published",step="build"} 1`,
		`refgen_steps_total{outcome="failed",step="hook"} 0`, `refgen_webhooks_total{outcome="accepted"} 1`} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("the metrics lack %s", line)
		}
	}
	if !regexp.MustCompile(`(?m)^refgen_lag_seconds 60\.`).MatchString(text) {
		t.Error("the metrics lack the lag")
	}

	compareDocumented(t, text)
}

// compareDocumented compares metrics and their labels with the documentation.
func compareDocumented(t *testing.T, text string) {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}

	real := map[string]string{}
	for name, f := range families {
		if !strings.HasPrefix(name, "refgen_") {
			continue
		}
		var labels []string
		for _, l := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, l.GetName())
		}
		slices.Sort(labels)
		real[name] = strings.Join(labels, " ")
	}

	doc, err := os.ReadFile("../../docs/watch.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(refgen_\\w+)` \\| ([^|]*)\\|").FindAllStringSubmatch(string(doc), -1) {
		labels := regexp.MustCompile(`\w+`).FindAllString(m[2], -1)
		slices.Sort(labels)
		documented[m[1]] = strings.Join(labels, " ")
	}

	if !maps.Equal(real, documented) {
		t.Errorf("docs/watch.md has the metrics\n%v, there are\n%v", documented, real)
	}
}
