package follow

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/chameleoncloud/refapi/internal/ops"
)

// Metrics are the metrics of a program that follows a repository. Their names start with
// refgen_; docs/watch.md lists them.
type Metrics struct {
	registry *prometheus.Registry
	steps    *prometheus.CounterVec
	duration *prometheus.HistogramVec
	webhooks *prometheus.CounterVec
}

// NewMetrics returns the metrics of a program with the given version.
func NewMetrics(version string) *Metrics {
	m := &Metrics{
		registry: ops.NewRegistry("refgen", version),
		steps: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "refgen_steps_total", Help: "Fetches, builds and hooks, by outcome.",
		}, []string{"step", "outcome"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "refgen_step_duration_seconds", Help: "Duration of fetches, builds and hooks.",
			Buckets: []float64{.01, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120, 300},
		}, []string{"step"}),
		webhooks: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "refgen_webhooks_total", Help: "Requests to the webhook, by outcome.",
		}, []string{"outcome"}),
	}
	m.registry.MustRegister(m.steps, m.duration, m.webhooks)

	// Counters that are there from the start have a rate.
	for stage, outcomes := range map[Stage][]Outcome{
		Fetch: {Done, Failed}, Build: {Published, Unchanged, Pinned, Failed}, Hook: {Done, Failed},
	} {
		for _, outcome := range outcomes {
			m.steps.WithLabelValues(string(stage), string(outcome))
		}
	}

	return m
}

// Observe counts a step; it is the Observe of a [Loop].
func (m *Metrics) Observe(s Step) {
	m.steps.WithLabelValues(string(s.Stage), string(s.Outcome)).Inc()
	m.duration.WithLabelValues(string(s.Stage)).Observe(s.Took.Seconds())
}

// Webhook counts a request to the webhook. With 0 it only makes the outcome known.
func (m *Metrics) Webhook(outcome string, n int) { m.webhooks.WithLabelValues(outcome).Add(float64(n)) }

// Operations returns the handlers of a loop's paths for operators.
func Operations(l *Loop, m *Metrics) *http.ServeMux {
	m.registry.MustRegister(&gauges{l})
	mux := http.NewServeMux()
	mux.HandleFunc(ops.HealthyPath, ops.Healthy)
	mux.HandleFunc(ops.ReadyPath, l.ready)
	mux.Handle(ops.MetricsPath, promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	return mux
}

// ready answers whether a release is live. Failures do not count: the release stays.
func (l *Loop) ready(w http.ResponseWriter, _ *http.Request) {
	if s := l.Status(); s.Live == (Release{}) {
		ops.WriteText(w, http.StatusServiceUnavailable, "no published release")
		return
	}
	ops.WriteText(w, http.StatusOK, "ready")
}

// gauges collects what is known at a scrape.
type gauges struct{ loop *Loop }

// Describe implements [prometheus.Collector]. What is collected depends on what happened.
func (g *gauges) Describe(chan<- *prometheus.Desc) {}

// Collect implements [prometheus.Collector].
func (g *gauges) Collect(out chan<- prometheus.Metric) {
	s := g.loop.Status()
	gauge := func(name, help string, value float64, labels prometheus.Labels) {
		desc := prometheus.NewDesc(name, help, nil, labels)
		out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value)
	}
	timestamp := func(name, help string, t time.Time) {
		if !t.IsZero() {
			gauge(name, help, float64(t.UnixMilli())/1000, nil)
		}
	}

	if s.Seen != "" {
		gauge("refgen_seen_info", "The newest commit that was fetched; always 1.", 1,
			prometheus.Labels{"commit": s.Seen})
	}
	if s.Live != (Release{}) {
		gauge("refgen_served_info", "The live release and its commit; always 1.", 1,
			prometheus.Labels{"release": s.Live.ID, "commit": s.Live.Commit})
	}

	pinned := 0.0
	if s.Pinned {
		pinned = 1
	}
	gauge("refgen_pinned", "Whether an operator has pinned the live release.", pinned, nil)
	gauge("refgen_lag_seconds", "How long a commit has waited to be served.", s.Lag(g.loop.Now()).Seconds(), nil)
	gauge("refgen_failures", "Failed fetches and builds since the last success.", float64(s.Failures), nil)
	if s.Took > 0 {
		gauge("refgen_last_publish_duration_seconds", "From fetching to the last release that went live.",
			s.Took.Seconds(), nil)
	}
	timestamp("refgen_last_success_timestamp_seconds", "End of the last fetch and build without an error.", s.Success)
	timestamp("refgen_last_failure_timestamp_seconds", "Last error of a fetch or a build.", s.Failure)
}
