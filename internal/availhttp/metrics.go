package availhttp

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/ops"
	"github.com/chameleoncloud/refapi/internal/release"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Metrics counts requests and syncs. Its names start with refapi_;
// docs/operating.md lists them.
type Metrics struct {
	registry *prometheus.Registry
	routes   map[route.ID]routeMetrics
	clients  map[string]clientMetrics // by family
	syncs    *prometheus.HistogramVec // by site
	failures *prometheus.CounterVec   // by site and reason
}

// routeMetrics are about the requests of one route.
type routeMetrics struct {
	requests *prometheus.CounterVec // by status
	ok       func() prometheus.Counter
	duration prometheus.Observer
}

// clientMetrics are about the requests of one family of clients.
type clientMetrics struct {
	requests   prometheus.Counter
	deprecated map[string]prometheus.Counter // by name
}

// NewMetrics returns the metrics of a program with the given version.
func NewMetrics(version string) *Metrics {
	m := &Metrics{
		registry: ops.NewRegistry("refapi", version),
		routes:   map[route.ID]routeMetrics{},
		clients:  map[string]clientMetrics{},
		syncs: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "refapi_sync_duration_seconds", Help: "Duration of syncs.", Buckets: []float64{.1, .25, .5, 1,
				2.5, 5, 10, 30, 60, 120},
		}, []string{"site"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "refapi_sync_errors_total", Help: "Failed syncs of a site, by reason.",
		}, []string{"site", "reason"}),
	}

	requests := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "refapi_http_requests_total", Help: "Requests by operation id of the route and status code.",
	}, []string{"route", "code"})

	duration := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "refapi_http_request_duration_seconds", Help: "Duration of requests.", Buckets: []float64{.0001,
			.00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5},
	}, []string{"route"})

	named := func(id route.ID, name string) {
		ofRoute := requests.MustCurryWith(prometheus.Labels{"route": name})
		m.routes[id] = routeMetrics{
			requests: ofRoute,
			// Most requests have this status, and to look a counter up takes longer
			// than to count.
			ok:       sync.OnceValue(func() prometheus.Counter { return ofRoute.WithLabelValues("200") }),
			duration: duration.WithLabelValues(name),
		}
	}

	// All routes get their counters here, so that a request needs no lookup by label.
	named(0, "none") // requests without a route
	for id, r := range route.All() {
		if r.Live || r.Sliced() || r.Representation == route.Version {
			named(id, r.Name)
		}
	}

	m.registry.MustRegister(requests, duration, m.syncs, m.failures)
	m.registerClients()
	return m
}

// registerClients makes the counters of all families of clients, so that one that was
// never counted is zero.
func (m *Metrics) registerClients() {
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "refapi_client_requests_total", Help: "Requests by family of clients.",
	}, []string{"family"})
	deprecated := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "refapi_deprecated_requests_total", Help: "Requests that use a deprecated name, by family of clients.",
	}, []string{"name", "family"})

	for _, family := range route.ClientFamilies() {
		of := clientMetrics{requests.WithLabelValues(family.Name), map[string]prometheus.Counter{}}
		for d := range route.Deprecations() {
			if d.Param != "" { // nginx answers with pages
				of.deprecated[d.Name] = deprecated.WithLabelValues(d.Name, family.Name)
			}
		}
		m.clients[family.Name] = of
	}

	m.registry.MustRegister(requests, deprecated)
}

// observeClient counts a request of a client, and what is deprecated of it. A nil *Metrics
// counts nothing.
func (m *Metrics) observeClient(userAgent string, used []*route.Deprecation) {
	if m == nil {
		return
	}

	of := m.clients[route.FamilyOf(userAgent)]
	of.requests.Inc()
	for _, d := range used {
		of.deprecated[d.Name].Inc()
	}
}

// observeRequest counts a request. A nil *Metrics counts nothing.
func (m *Metrics) observeRequest(id route.ID, status int, took time.Duration) {
	if m == nil {
		return
	}
	of, ok := m.routes[id]
	if !ok {
		of = m.routes[0]
	}

	if status == http.StatusOK {
		of.ok().Inc()
	} else {
		of.requests.WithLabelValues(strconv.Itoa(status)).Inc()
	}
	of.duration.Observe(took.Seconds())
}

// Synced counts a sync; it is an Observe of [availability.Options].
func (m *Metrics) Synced(site string, took time.Duration, err error) {
	m.syncs.WithLabelValues(site).Observe(took.Seconds())
	if err != nil {
		m.failures.WithLabelValues(site, string(availability.ReasonOf(err))).Inc()
	}
}

// Forget removes the series of a site. Synced must not be called for it afterwards.
func (m *Metrics) Forget(site string) {
	m.syncs.DeletePartialMatch(prometheus.Labels{"site": site})
	m.failures.DeletePartialMatch(prometheus.Labels{"site": site})
}

// metrics returns the handler for all metrics. Gauges are computed at each scrape.
func (h *Handler) metrics() http.Handler {
	if h.opts.Metrics == nil {
		return http.NotFoundHandler()
	}
	h.opts.Metrics.registry.MustRegister(&gauges{h})
	return promhttp.HandlerFor(h.opts.Metrics.registry, promhttp.HandlerOpts{})
}

// gauges collects the gauges of sites and of the release.
type gauges struct{ handler *Handler }

// Describe implements [prometheus.Collector]. What is collected depends on the sites.
func (g *gauges) Describe(chan<- *prometheus.Desc) {}

// Collect implements [prometheus.Collector].
func (g *gauges) Collect(out chan<- prometheus.Metric) {
	h := g.handler
	now := h.opts.Now()
	gauge := func(name, help string, value float64, labels prometheus.Labels) {
		desc := prometheus.NewDesc(name, help, nil, labels)
		out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value)
	}

	for _, site := range h.opts.Monitor.Sites() {
		labels := prometheus.Labels{"site": site}
		status, _ := h.opts.Monitor.Status(site)
		if s := status.Snapshot; s != nil {
			gauge("refapi_sync_age_seconds", "Age of a site's data; absent for a site that was never synced.",
				age(s, now, s.Synced), labels)
			if !s.HostsRequested.IsZero() {
				gauge("refapi_hosts_age_seconds", "Age of a site's list of hosts, which has the hosts in "+
					"maintenance; absent before the first sync.", age(s, now, s.HostsRequested), labels)
			}
		}

		up := 0.0
		if status.LastError == "" && !status.LastAttempt.IsZero() {
			up = 1
		}
		gauge("refapi_sync_up", "Whether a site's last sync succeeded.", up, labels)
	}

	view := h.currentView()
	if view == nil {
		return
	}

	for site, counts := range view.counts(availability.At(now)) {
		for _, state := range countedStates {
			gauge("refapi_hosts", "Nodes of a site by state.", float64(counts[state]),
				prometheus.Labels{"site": site, "state": string(state)})
		}
	}

	for site, s := range view.snapshots {
		unknown, _ := UnknownHosts(view.release, s)
		gauge("refapi_sync_unknown_hosts", "Hosts that a site reports and that are not its nodes in the release.",
			float64(unknown), prometheus.Labels{"site": site})
	}

	live := view.release
	gauge("refapi_tree_info", "The release that is served; always 1.", 1,
		prometheus.Labels{"release": live.ID, "commit": live.Links.Version, "generator": live.Generator})
	gauge("refapi_tree_live_timestamp_seconds", "When the release went live.",
		float64(live.Live.UnixMilli())/1000, nil)
}

// UnknownHosts counts a site's hosts that are not nodes of it in a release, and returns
// the name of the first.
func UnknownHosts(live *release.Release, s *availability.Snapshot) (count int, first string) {
	nodes := live.NodesOf(s.Site)
	for i := range s.Hosts {
		if _, known := slices.BinarySearch(nodes, s.Hosts[i].Node); known {
			continue
		}
		if count == 0 {
			first = s.Hosts[i].Node
		}
		count++
	}

	return count, first
}

// age returns the seconds since a part of a snapshot was requested; infinity if unknown,
// so that alerts fire.
func age(s *availability.Snapshot, now, requested time.Time) float64 {
	if s.AgeUnknown(now) {
		return math.Inf(1)
	}
	return max(0, now.Round(0).Sub(requested)).Seconds()
}
