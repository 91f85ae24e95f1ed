package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/chameleoncloud/refapi/internal/config"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/listen"
	"github.com/chameleoncloud/refapi/internal/publish"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
	"github.com/chameleoncloud/refapi/internal/treehttp"
)

type serveCmd struct {
	buildFlags
	addressFlags `group:"Server"`
	Availapi     string        `help:"URL of the live service." placeholder:"URL" group:"Server"`
	Demo         bool          `help:"Serve demo reservations on live routes." default:"true" negatable:"" group:"Server"`
	Watch        bool          `help:"Rebuild when the repository changes." default:"true" negatable:"" group:"Server"`
	Poll         time.Duration `help:"How often to fetch a URL, or look for changes without events." default:"1m" group:"Server"`
}

// addressFlags are the address to listen on.
type addressFlags struct {
	Listen []string `help:"Addresses to listen on: PORT, HOST:PORT or unix:/PATH (default: --host and --port)." placeholder:"ADDRESS" key:"server.listen"`
	Host   string   `help:"Address to listen on (default: ${server_host})." placeholder:"HOST" key:"server.host"`
	Port   int      `help:"Port to listen on; 0 is a free one (default: ${server_port})." placeholder:"N" key:"server.port"`
}

// Run implements the command.
func (cmd *serveCmd) Run(ctx context.Context, a *app) error {
	if a.Config.Origin("publish", "out").Source <= config.FromFile {
		// A preview must not become what nginx serves.
		dir, err := os.MkdirTemp("", "refgen-serve-*")
		if err != nil {
			return fmt.Errorf("make a directory for the site: %w", err)
		}
		defer os.RemoveAll(dir)
		cmd.Out = dir
	}

	// The preview is a server of our own, whatever the site is published to.
	a.Config.Publish.Host, a.Config.Links.Only, cmd.LinkSuffix = "", nil, ""

	cmd.Force = cmd.Force || a.isProgramNewer(cmd.Out)
	a.memo = &memo{}
	s := &devServer{cmd: cmd, app: a}
	if err := s.setLive(); err != nil {
		return err
	}

	listeners, err := listen.Open(a.Config.ServerAddresses())
	if err != nil {
		return hint.Wrap(err, "choose another address with --listen")
	}
	defer listen.Close(listeners)

	// Links must point to this server, not to the published site.
	cmd.BaseURL = ownURL(listeners)
	cmd.AbsoluteLinks = cmd.AbsoluteLinks && cmd.BaseURL != ""

	if err := s.start(ctx); err != nil {
		return err
	}

	s.follow(ctx) // before printServing announces it
	a.printServing(listeners, cmd.PathPrefix, s.demo != nil)
	return s.run(ctx, listeners)
}

// isProgramNewer reports whether this program was made after the live release of an output
// directory was published. Its name says the version, and not what a developer has changed
// since, so that such a release must not be taken for what this program would make.
func (a *app) isProgramNewer(out string) bool {
	releases, err := publish.List(a.fs, out)
	live := slices.IndexFunc(releases, func(r publish.Kept) bool { return r.Live })
	if err != nil || live < 0 {
		return false
	}
	program, err := os.Executable()
	if err != nil {
		return false
	}
	info, err := os.Stat(program)
	return err == nil && info.ModTime().After(releases[live].Published)
}

// setLive sets the handler of live routes: availapi or a demonstration. If neither is
// configured, these routes answer 503.
func (s *devServer) setLive() (err error) {
	live := http.Handler(nil)
	switch {
	case s.cmd.Availapi != "":
		live, err = newProxy(s.cmd.Availapi)
	case s.cmd.Demo:
		s.demo = newDemonstration(s.cmd.Out, s.app.now, s.app.Config.Availability.SortedNotices())
		live = s.demo
	}

	if live != nil {
		s.live = http.StripPrefix(s.cmd.PathPrefix, live)
	}

	return err
}

// printServing prints the URLs of the site.
func (a *app) printServing(listeners []net.Listener, prefix string, demo bool) {
	root := listen.URL(listeners[0]) + prefix + "/"
	if demo {
		a.stdout.printf("\ndemo data, these reservations are not real: see %savailability\n", root)
	}
	a.stdout.printf("\nserving %s, docs at %sdocs\n", a.stdout.paint(bold, root), root)
	for _, l := range listeners[1:] {
		a.stdout.printf("serving %s, too\n", listen.URL(l)+prefix+"/")
	}
	a.stdout.printf("press ctrl-c to stop\n")
}

// handler serves the tree and the live routes, and reloads open pages after a
// build.
func (s *devServer) handler() http.Handler {
	prefix := s.cmd.PathPrefix
	handler := treehttp.New(filepath.Join(s.cmd.Out, disk.CurrentLink), treehttp.Options{
		Base:       prefix,
		PathPrefix: prefix,
		Live:       s.live,
		Delivery:   s.app.delivery(),
	})

	if s.follower == nil {
		return handler
	}

	return s.reloader.Wrap(handler)
}

// run serves, and follows the repository, until ctx ends.
func (s *devServer) run(ctx context.Context, listeners []net.Listener) error {
	g, ctx := errgroup.WithContext(ctx)
	server := &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: 15 * time.Second,
		IdleTimeout:       75 * time.Second,
		MaxHeaderBytes:    32 << 10,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}

	for _, l := range listeners {
		g.Go(func() error {
			if err := server.Serve(treehttp.Listen(l)); !errors.Is(err, http.ErrServerClosed) {
				return fmt.Errorf("serve: %w", err)
			}
			return nil
		})
	}

	g.Go(func() error {
		<-ctx.Done()
		// Requests of pages that wait for changes end with their context, which has
		// ended.
		return server.Shutdown(context.WithoutCancel(ctx))
	})

	if s.demo != nil {
		g.Go(func() error { return s.demo.monitor.Run(ctx) })
	}

	if s.follower != nil {
		g.Go(func() error {
			s.follower.Run(ctx)
			return nil
		})
	}

	return g.Wait()
}
