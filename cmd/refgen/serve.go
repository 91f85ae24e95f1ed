package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
	"github.com/chameleoncloud/refapi/internal/treehttp"
)

type serveCmd struct {
	buildFlags
	Host     string        `help:"Address to listen on (default: that of [server])." placeholder:"HOST" group:"Server"`
	Port     int           `help:"Port to listen on; 0 is a free one (default: that of [server])." placeholder:"N" group:"Server"`
	Availapi string        `help:"Address of the live half." placeholder:"URL" group:"Server"`
	Demo     bool          `help:"Without --availapi, answer live routes from reservations that are made up." default:"true" negatable:"" group:"Server"`
	Watch    bool          `help:"Build again when the repository changes." default:"true" negatable:"" group:"Server"`
	Poll     time.Duration `help:"How often to look whether the repository has changed: one given as URL is fetched, on disk it is for file systems that tell of no change." default:"1m" group:"Server"`
}

// Run implements the command.
func (cmd *serveCmd) Run(ctx context.Context, a *app) error {
	own := cmd.Out == a.config.Path(a.config.Publish.Out) && a.getenv("REFERENCE_API_OUT") == ""
	if own {
		// What is only looked at must not become what nginx serves.
		dir, err := os.MkdirTemp("", "refgen-serve-*")
		if err != nil {
			return fmt.Errorf("make a directory for the site: %w", err)
		}
		defer os.RemoveAll(dir)
		cmd.Out = dir
	}
	live, demo, err := cmd.liveHalf(a)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", hostPort(cmd.Host, cmd.Port))
	if err != nil {
		return hint.Wrap(fmt.Errorf("listen: %w", err), "choose another address with --host and --port")
	}
	defer listener.Close()

	// Where the site is published is somewhere else: what is served here leads to
	// this address.
	cmd.BaseURL = ownURL(listener.Addr())
	cmd.AbsoluteLinks = cmd.AbsoluteLinks && cmd.BaseURL != ""

	s := &session{cmd: cmd, app: a, demo: demo}
	b, err := s.start(ctx)
	if b == nil || b.report == nil {
		return err
	}
	var handler http.Handler = treehttp.New(filepath.Join(cmd.Out, disk.CurrentLink), treehttp.Options{
		Base: cmd.PathPrefix, PathPrefix: cmd.PathPrefix, Live: live,
	})
	s.follow(ctx) // before anybody is told that changes will show
	if s.follower != nil {
		handler = s.reloader.Wrap(handler)
	}
	address := (&url.URL{Scheme: "http", Host: listener.Addr().String(), Path: cmd.PathPrefix + "/"}).String()
	if demo != nil {
		a.stdout.printf("\nreservations are made up, to show what real ones look like: see %savailability\n", address)
	}
	a.stdout.printf("\nserving %s, docs at %s\npress ctrl-c to stop\n", a.stdout.paint(bold, address), address+"docs")
	return s.run(ctx, listener, handler)
}

// liveHalf is who answers live routes: availapi, or a demonstration; nobody
// where both are nil, and they answer 503.
func (cmd *serveCmd) liveHalf(a *app) (http.Handler, *demonstration, error) {
	switch {
	case cmd.Availapi != "":
		live, err := proxy(cmd.Availapi)
		if err != nil {
			return nil, nil, err
		}
		return http.StripPrefix(cmd.PathPrefix, live), nil, nil
	case cmd.Demo:
		demo := newDemonstration(cmd.Out, a.now)
		return http.StripPrefix(cmd.PathPrefix, demo), demo, nil
	}
	return nil, nil, nil
}

// run serves, and follows the repository, until ctx ends.
func (s *session) run(ctx context.Context, listener net.Listener, handler http.Handler) error {
	g, ctx := errgroup.WithContext(ctx)
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 15 * time.Second,
		IdleTimeout:       75 * time.Second,
		MaxHeaderBytes:    32 << 10,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	g.Go(func() error {
		if err := server.Serve(treehttp.Listen(listener)); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve: %w", err)
		}
		return nil
	})
	g.Go(func() error {
		<-ctx.Done()
		// Pages that listen for news never end by themselves; their requests'
		// context has, and so have they.
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
