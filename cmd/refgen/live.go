package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"time"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/availability/demo"
	"github.com/chameleoncloud/refapi/internal/availhttp"
	"github.com/chameleoncloud/refapi/internal/cli"
	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/release"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/treehttp"
)

// newProxy forwards requests to availapi, as nginx does.
func newProxy(target string) (http.Handler, error) {
	u, err := url.Parse(target)
	if err != nil || u.Host == "" {
		return nil, cli.Usagef("--availapi %s: want a URL such as http://127.0.0.1:8001", gitrepo.Label(target))
	}

	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(u)
			r.SetXForwarded()
		},
		ModifyResponse: func(res *http.Response) error {
			// Both servers set these; once is enough.
			for _, h := range route.CommonHeaders() {
				res.Header.Del(h.Name)
			}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, _ error) { treehttp.Unavailable(w, r) },
	}, nil
}

// demonstration is the live service over simulated reservations, so that the
// complete API can be seen without OpenStack.
type demonstration struct {
	*availhttp.Handler
	tree    *release.Follower
	hourly  *availability.Hourly
	monitor *availability.Monitor
	flavors *availability.Flavors
	now     func() time.Time
}

func newDemonstration(out string, now func() time.Time, notices []availability.Notice) *demonstration {
	log := slog.New(slog.DiscardHandler)
	d := &demonstration{
		tree:    release.NewFollower(out, log),
		hourly:  availability.NewHourly(nil, log),
		flavors: availability.NewFlavors(log),
		now:     now,
	}
	d.monitor = availability.NewMonitor(availability.Options{Log: log, Observe: d.observe})

	d.Handler = availhttp.New(availhttp.Options{
		Release: d.tree.Release, Monitor: d.monitor, Flavors: d.flavors, Hourly: d.hourly, Now: now, Log: log,
		Demonstration: func() bool { return true },
		Notices:       func() []availability.Notice { return notices },
	})

	return d
}

// refresh loads a new release, and simulates reservations for its nodes.
func (d *demonstration) refresh(ctx context.Context) error {
	if err := d.tree.Refresh(); err != nil {
		return err
	}

	r := d.tree.Release()
	sources, flavors := map[string]availability.Source{}, map[string]availability.FlavorSource{}
	for _, site := range r.Sites() {
		c, err := demo.Open(availability.Site{ID: site},
			availability.Environment{Now: d.now, Nodes: r.NodesOf, Flavors: r.FlavorsOf})
		if err != nil {
			return err
		}

		if len(r.NodesOf(site)) > 0 {
			sources[site] = c.Source
			d.simulatePast(r, site)
		}
		if len(r.FlavorsOf(site)) > 0 {
			flavors[site] = c.Flavors
		}
	}

	d.flavors.Configure(availability.FlavorLimits{}, flavors)
	d.monitor.Configure(availability.Schedule{}, sources)
	d.monitor.SyncOnce(ctx) // demo backends do not fail

	return nil
}

// pastDays is how far back a page may ask, and a little more.
const pastDays = 92

// simulatePast makes counts of the past of a site, which availapi would have kept. They are
// those of the reservations that are simulated.
func (d *demonstration) simulatePast(r *release.Release, site string) {
	types := map[string]string{}
	for i := range r.Nodes {
		if n := &r.Nodes[i]; n.Site == site && !n.ByFlavor {
			types[n.UID] = n.Type
		}
	}

	now := d.now().Truncate(time.Hour)
	since := now.AddDate(0, 0, -pastDays)
	hosts := demo.Past(site, r.NodesOf(site), since, now).Hosts
	d.hourly.Simulate(site, hosts, types, availability.At(since), availability.At(now.Add(time.Hour)))
}

// observe records what was free when an hour began.
func (d *demonstration) observe(site string, _ time.Duration, _ error) { d.RecordHour(site) }
