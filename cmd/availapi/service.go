package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/availhttp"
	"github.com/chameleoncloud/refapi/internal/cli"
	"github.com/chameleoncloud/refapi/internal/config"
	"github.com/chameleoncloud/refapi/internal/durable"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/listen"
	"github.com/chameleoncloud/refapi/internal/ops"
	"github.com/chameleoncloud/refapi/internal/release"
	"github.com/chameleoncloud/refapi/internal/route"
)

// service is the running program.
type service struct {
	setup *setup                 // as read at startup
	load  func() (*setup, error) // reads it again, for a reload
	log   *slog.Logger

	config  atomic.Pointer[config.Config] // the one in force
	tree    *release.Follower
	monitor *availability.Monitor
	flavors *availability.Flavors
	metrics *availhttp.Metrics
	handler *availhttp.Handler
	targets *targets
	manager ops.Manager

	// gate is shared by all sites: one large response is decoded at a time.
	gate *semaphore.Weighted

	reloading   sync.Mutex       // held by reload and close; guards connections
	connections []siteConnection // of the configuration in force
	simulated   atomic.Bool      // at least one connection is simulated
}

func newService(given *setup, stderr io.Writer, load func() (*setup, error)) *service {
	s := &service{
		setup: given, load: load, log: cli.NewLog(stderr, given.from.Config.Log),
		metrics: availhttp.NewMetrics(api.ProductVersion), gate: semaphore.NewWeighted(1),
		manager: ops.Manager{Socket: given.from.Getenv("NOTIFY_SOCKET")},
	}

	// One-off runs must not touch the files of a running service.
	var store *availability.Store
	if given.StateDir != "" && !given.Once && !given.ConfigCheck {
		store = availability.NewStore(durable.OS{}, given.StateDir)
	}

	s.targets = newTargets(s.log, given.Once)
	s.tree = release.NewFollower(given.Tree, s.log)
	s.monitor = availability.NewMonitor(availability.Options{Store: store, Log: s.log, Observe: s.observe,
		Attributes: s.targets.attributes})
	s.flavors = availability.NewFlavors(s.log)
	s.handler = availhttp.New(availhttp.Options{
		Release: s.tree.Release, Monitor: s.monitor, Flavors: s.flavors, Rules: s.rules, Notices: s.notices,
		Hourly: availability.NewHourly(store, s.log), Now: time.Now, Log: s.log, Metrics: s.metrics, Reload: s.reload, Hosts: given.hosts(),
		Demonstration: s.simulated.Load,
	})

	s.config.Store(given.from.Config)
	return s
}

// apply puts a configuration into force: it opens the connections of its sites and
// polls them in place of the previous ones. On an error nothing changes.
func (s *service) apply(c *config.Config) error {
	connections, err := s.open(c)
	if err != nil {
		return err
	}

	before := s.connections
	s.connections = connections

	sources, flavors := map[string]availability.Source{}, map[string]availability.FlavorSource{}
	simulated := false
	for _, conn := range connections {
		if conn.flavors {
			flavors[conn.site] = conn.Flavors
		} else {
			sources[conn.site] = conn.Source
		}
		simulated = simulated || conn.Simulated
	}

	polled := s.monitor.Sites()
	timeout := c.Availability.SiteTimeout
	s.config.Store(c)
	s.simulated.Store(simulated)
	s.flavors.Configure(availability.FlavorLimits{Timeout: timeout,
		PerMinute: c.FlavorAvailability.RequestsPerMinute}, flavors)
	s.monitor.Configure(availability.Schedule{
		PollInterval: c.Availability.PollInterval,
		SiteTimeout:  timeout,
		ErrorBackoff: c.Availability.ErrorBackoff,
	}, sources)

	for _, site := range polled {
		if sources[site] == nil {
			s.metrics.Forget(site)
		}
	}

	for _, site := range s.unknownSites(c) {
		s.log.Warn("configured site is not in the tree", "site", site)
	}

	s.targets.retain(connections)
	for _, conn := range connections {
		// An error is not logged here: the first sync reports it.
		if _, notes, err := conn.Check(); err == nil {
			s.targets.logNotes(notes)
		}
	}

	// Last: syncs use the old connections until Configure has stopped them.
	closeAll(before)
	return nil
}

// observe is called after each sync.
func (s *service) observe(site string, took time.Duration, err error) {
	s.metrics.Synced(site, took, err)
	if err == nil {
		s.handler.RecordHour(site)
		s.targets.checkHosts(s.tree.Release(), s.monitor.Snapshot(site))
	}
}

// close closes all connections.
func (s *service) close() {
	s.reloading.Lock()
	defer s.reloading.Unlock()
	closeAll(s.connections)
}

// unknownSites are the configured sites that the tree lacks.
func (s *service) unknownSites(c *config.Config) (sites []string) {
	release := s.tree.Release()
	if release == nil {
		return nil
	}
	sites = slices.Collect(maps.Keys(c.Availability.Sites))
	sites = slices.AppendSeq(sites, maps.Keys(c.FlavorAvailability.Sites))
	slices.Sort(sites)

	return slices.DeleteFunc(slices.Compact(sites), func(id string) bool {
		known, err := release.Has(route.Site, id)
		return known || err != nil
	})
}

// rules returns the limits that a site sets on reservations.
func (s *service) rules(site string) availability.Rules {
	c := s.config.Load().Availability.Sites[site]
	return availability.Rules{
		MinLead:     time.Duration(c.LeadMinutes) * time.Minute,
		Buffer:      time.Duration(c.GapMinutes) * time.Minute,
		MaxDuration: time.Duration(c.LongestLeaseHours) * time.Hour,
	}
}

// notices returns the notices of sites, the one that begins first first.
func (s *service) notices() []availability.Notice {
	return s.config.Load().Availability.SortedNotices()
}

// reload reads the configuration again and applies it. An invalid one changes
// nothing.
func (s *service) reload() error {
	s.reloading.Lock()
	defer s.reloading.Unlock()

	given, err := s.load()
	if err == nil {
		err = s.apply(given.from.Config)
	}

	if err != nil {
		s.log.Error("configuration not reloaded: the previous one stays in force", "error", err)
		return err
	}

	if given.restart() != s.setup.restart() {
		s.log.Warn("a new address, state_dir or tree takes effect after a restart")
	}

	s.log.Info("configuration reloaded", "sites", len(given.from.Config.Availability.Sites))
	return nil
}

// Intervals and time limits of the server.
const (
	releaseInterval   = time.Second // between two checks for a new release
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 30 * time.Second
	writeTimeout      = 60 * time.Second
	idleTimeout       = 75 * time.Second // longer than nginx keeps a connection, so that nginx closes it
	shutdownTimeout   = 15 * time.Second
)

// maxHeaderBytes bounds the headers of a request.
const maxHeaderBytes = 32 << 10

// serve answers until ctx ends, and then completes the requests in flight.
func (s *service) serve(ctx context.Context, reloadSignals <-chan os.Signal) error {
	listeners, err := listen.Open(s.setup.from.Config.AvailapiAddresses())
	if err != nil {
		return hint.Wrap(err, "choose another address with --listen, or listen in [availapi]")
	}
	defer listen.Close(listeners)

	if err := s.tree.Refresh(); err != nil {
		s.log.Warn("no release published yet: responding 503", "error", err)
	}

	c := s.config.Load()
	if err := s.apply(c); err != nil {
		return err
	}
	defer s.close()

	for _, l := range listeners {
		s.log.Info("serving", "address", listen.URL(l), "tree", s.setup.Tree,
			"sites", len(c.Availability.Sites), "version", api.ProductVersion)
	}

	server := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}

	g, ctx := errgroup.WithContext(ctx)
	for _, l := range listeners {
		g.Go(func() error {
			if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				return fmt.Errorf("serve: %w", err)
			}
			return nil
		})
	}

	g.Go(func() error { return s.monitor.Run(ctx) })
	g.Go(func() error { s.tree.Run(ctx, releaseInterval); return nil })
	g.Go(func() error { s.reloadOnSignals(ctx, reloadSignals); return nil })
	g.Go(func() error {
		<-ctx.Done() // a signal, or a failure of one of the above
		return s.shutdown(context.WithoutCancel(ctx), server)
	})

	s.report(ops.Ready)
	return g.Wait()
}

// reloadOnSignals reads the configuration again at each signal.
func (s *service) reloadOnSignals(ctx context.Context, signals <-chan os.Signal) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-signals:
			s.report(ops.Reloading)
			_ = s.reload() // it logs its error
			s.report(ops.Ready)
		}
	}
}

// shutdown completes the requests in flight.
func (s *service) shutdown(ctx context.Context, server *http.Server) error {
	s.log.Info("stopping")
	s.report(ops.Stopping)

	ctx, cancel := context.WithTimeout(ctx, shutdownTimeout)
	defer cancel()

	if err := server.Shutdown(ctx); err != nil {
		return fmt.Errorf("stop: requests in flight were cut off: %w", err)
	}

	return nil
}

// report sends the program's state to the service manager. A failure is only logged:
// the service works without it.
func (s *service) report(state string) {
	if err := s.manager.Report(state); err != nil {
		s.log.Warn("cannot notify the service manager", "error", err)
	}
}
