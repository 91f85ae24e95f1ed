package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/availhttp"
	"github.com/chameleoncloud/refapi/internal/blazar"
	"github.com/chameleoncloud/refapi/internal/catalog"
	"github.com/chameleoncloud/refapi/internal/config"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/route"
)

// service is the running program.
type service struct {
	flags   flags
	getenv  func(string) string
	log     *slog.Logger
	config  atomic.Pointer[config.Config]
	tree    *catalog.Holder
	monitor *availability.Monitor
	flavors *availability.Flavors
	metrics *availhttp.Metrics
	handler *availhttp.Handler
	targets *targets
	manager notifier

	// gate lets one large answer of any cloud be decoded at a time.
	gate *blazar.Gate

	reloading sync.Mutex
	clients   []*blazar.Client // those of the configuration in force
}

func newService(f flags, stderr io.Writer, getenv func(string) string) (*service, error) {
	c, err := f.load(getenv)
	if err != nil {
		return nil, err
	}
	s := &service{flags: f, getenv: getenv, log: f.newLog(stderr), metrics: availhttp.NewMetrics(api.ProductVersion), gate: blazar.NewGate(),
		manager: notifier{socket: getenv("NOTIFY_SOCKET")}}
	var store *availability.Store
	if c.Availapi.StateDir != "" && !f.Once && !f.ConfigCheck {
		store = availability.NewStore(c.Availapi.StateDir)
	}
	s.targets = newTargets(s.log, f.Once)
	s.tree = catalog.NewHolder(c.Publish.Out, s.log)
	s.monitor = availability.NewMonitor(availability.Options{Store: store, Log: s.log, Observe: s.observe, Attributes: s.targets.of})
	s.flavors = availability.NewFlavors(s.log)
	s.handler = availhttp.New(availhttp.Options{
		Catalog: s.tree.Catalog, Monitor: s.monitor, Flavors: s.flavors, Rules: s.rules,
		Now: time.Now, Log: s.log, Metrics: s.metrics, Reload: s.reload, Host: c.Availapi.Host,
	})
	s.config.Store(c)
	return s, nil
}

// apply asks the sites that a configuration names.
func (s *service) apply(c *config.Config) {
	before := s.clients
	s.clients = nil
	client := func(site, cloud string) *blazar.Client {
		o := s.cloud(c, cloud)
		o.Connected = func(to blazar.Target) { s.targets.connected(site, to) }
		b := blazar.New(o)
		s.clients = append(s.clients, b)
		return b
	}
	sources := map[string]availability.Source{}
	for id, site := range c.Availability.Sites {
		sources[id] = client(id, site.Cloud)
	}
	flavors := map[string]availability.FlavorSource{}
	for id, site := range c.FlavorAvailability.Sites {
		flavors[id] = client(id+flavorsOf, site.Cloud)
	}
	timeout := seconds(c.Availability.SiteTimeoutSeconds)
	s.config.Store(c)
	s.flavors.Configure(availability.FlavorLimits{Timeout: timeout, PerMinute: c.FlavorAvailability.RequestsPerMinute}, flavors)
	s.monitor.Configure(availability.Schedule{
		PollInterval: seconds(c.Availability.PollIntervalSeconds),
		SiteTimeout:  timeout,
		ErrorBackoff: seconds(c.Availability.ErrorBackoffSeconds),
	}, sources)
	s.metrics.Retain(s.monitor.Sites())
	for _, site := range s.strangers(c) {
		s.log.Warn("a configured site is not in the tree", "site", site)
	}
	s.targets.keep(c)
	for _, cloud := range cloudsOf(c) {
		// What is wrong with an entry is for the sync to say.
		if _, notes, err := blazar.Check(s.cloud(c, cloud)); err == nil {
			s.targets.note(cloud, notes)
		}
	}
	letGo(before)
}

// cloudsOf are the entries of clouds.yaml that a configuration names.
func cloudsOf(c *config.Config) (names []string) {
	for _, site := range c.Availability.Sites {
		names = append(names, site.Cloud)
	}
	for _, site := range c.FlavorAvailability.Sites {
		names = append(names, site.Cloud)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// observe is told of each sync.
func (s *service) observe(site string, took time.Duration, err error) {
	s.metrics.Synced(site, took, err)
	if err == nil {
		s.targets.synced(s.tree.Catalog(), s.monitor.Snapshot(site))
	}
}

// close lets go of all clouds.
func (s *service) close() {
	s.reloading.Lock()
	defer s.reloading.Unlock()
	letGo(s.clients)
}

// letGo closes the connections of clients that are not asked any more.
func letGo(clients []*blazar.Client) {
	for _, b := range clients {
		b.Close()
	}
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

// cloud is how to ask with an entry of clouds.yaml.
func (s *service) cloud(c *config.Config, name string) blazar.Options {
	return blazar.Options{Cloud: name, Getenv: s.getenv, UserAgent: "refapi/" + api.ProductVersion,
		MaxBody: int64(c.Availability.MaxAnswerMiB) << 20, MaxHosts: c.Availability.MaxHosts,
		MaxReservations: c.Availability.MaxReservations, Gate: s.gate, HostsEvery: c.Availability.HostsEveryPolls,
		Timeout: seconds(c.Availability.SiteTimeoutSeconds)}
}

// strangers are the configured sites that the tree lacks.
func (s *service) strangers(c *config.Config) (sites []string) {
	tree := s.tree.Catalog()
	if tree == nil {
		return nil
	}
	sites = slices.Collect(maps.Keys(c.Availability.Sites))
	sites = slices.AppendSeq(sites, maps.Keys(c.FlavorAvailability.Sites))
	slices.Sort(sites)
	return slices.DeleteFunc(slices.Compact(sites), func(id string) bool { return tree.Has(route.Site, id) })
}

// rules are what a site asks of reservations.
func (s *service) rules(site string) availability.Rules {
	c := s.config.Load().Availability.Sites[site]
	return availability.Rules{
		Lead:    time.Duration(c.LeadMinutes) * time.Minute,
		Gap:     time.Duration(c.GapMinutes) * time.Minute,
		Longest: time.Duration(c.LongestLeaseHours) * time.Hour,
	}
}

// reload reads the configuration again. A bad one changes nothing.
func (s *service) reload() error {
	s.reloading.Lock()
	defer s.reloading.Unlock()
	c, err := s.flags.load(s.getenv)
	if err != nil {
		s.log.Error("the configuration was not reloaded: the one before stays", "error", err)
		return err
	}
	old := s.config.Load()
	if c.Availapi != old.Availapi || c.Publish.Out != old.Publish.Out {
		s.log.Warn("a new address, state_dir or tree counts after a restart")
	}
	s.apply(c)
	s.log.Info("reloaded the configuration", "sites", len(c.Availability.Sites))
	return nil
}

// How long things may take.
const (
	lookForRelease = time.Second
	readHeader     = 10 * time.Second
	readRequest    = 30 * time.Second
	writeAnswer    = 60 * time.Second
	idle           = 75 * time.Second // longer than nginx keeps a connection
	lastAnswers    = 15 * time.Second
	maxHeader      = 32 << 10
)

// serve answers until ctx ends, and then finishes what was begun.
func (s *service) serve(ctx context.Context, hangups <-chan os.Signal) error {
	c := s.config.Load()
	address := net.JoinHostPort(c.Availapi.Host, strconv.Itoa(c.Availapi.Port))
	if c.Availapi.Host == "*" {
		address = net.JoinHostPort("", strconv.Itoa(c.Availapi.Port))
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return hint.Wrap(fmt.Errorf("listen: %w", err), "choose another address with --host and --port, or [availapi]")
	}
	defer listener.Close()
	if err := s.tree.Refresh(); err != nil {
		s.log.Warn("there is no release yet: everything is answered with 503", "error", err)
	}
	s.apply(c)
	defer s.close()
	server := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: readHeader,
		ReadTimeout:       readRequest,
		WriteTimeout:      writeAnswer,
		IdleTimeout:       idle,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	s.log.Info("serving", "address", "http://"+listener.Addr().String(), "tree", c.Publish.Out, "sites", len(c.Availability.Sites), "version", api.ProductVersion)

	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve: %w", err)
		}
		return nil
	})
	g.Go(func() error { return s.monitor.Run(ctx) })
	g.Go(func() error { s.tree.Run(ctx, lookForRelease); return nil })
	g.Go(func() error {
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-hangups:
				s.report(stateReloading)
				_ = s.reload() // it has logged why not
				s.report(stateReady)
			}
		}
	})
	g.Go(func() error {
		<-ctx.Done()
		s.log.Info("stopping")
		s.report(stateStopping)
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastAnswers)
		defer cancel()
		if err := server.Shutdown(last); err != nil {
			return fmt.Errorf("stop: some answers were cut: %w", err)
		}
		return nil
	})
	s.report(stateReady)
	return g.Wait()
}

// report tells the service manager how the program is doing. It serves on where
// that fails.
func (s *service) report(state string) {
	if err := s.manager.send(state); err != nil {
		s.log.Warn("the service manager was not notified", "error", err)
	}
}
