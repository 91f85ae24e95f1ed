package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/publish"
	"github.com/chameleoncloud/refapi/internal/site"
	"github.com/chameleoncloud/refapi/internal/treehttp"
	"github.com/chameleoncloud/refapi/internal/watch"
)

type serveCmd struct {
	buildFlags
	Host     string        `help:"Address to listen on (default: that of [server])." placeholder:"HOST" group:"Server"`
	Port     int           `help:"Port to listen on; 0 is a free one (default: that of [server])." placeholder:"N" group:"Server"`
	Availapi string        `help:"Address of the live half." placeholder:"URL" group:"Server"`
	Demo     bool          `help:"Without --availapi, answer live routes from reservations that are made up." default:"true" negatable:"" group:"Server"`
	Watch    bool          `help:"Build again when the repository changes." default:"true" negatable:"" group:"Server"`
	Poll     time.Duration `help:"How often to fetch a repository given as URL." default:"1m" group:"Server"`
}

// How long changes may go on before a build: git and editors write several
// files for one change.
const (
	quiet    = 150 * time.Millisecond
	patience = 2 * time.Second
)

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
	var live http.Handler // none: live routes answer 503
	var demo *demonstration
	switch {
	case cmd.Availapi != "":
		var err error
		if live, err = proxy(cmd.Availapi); err != nil {
			return err
		}
	case cmd.Demo:
		demo = newDemonstration(cmd.Out, a.now)
		live = demo
	}
	if live != nil {
		live = http.StripPrefix(cmd.PathPrefix, live)
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
	b, err := s.build(ctx)
	if b == nil || b.report == nil {
		return err
	}
	s.reloader = watch.NewReloader(b.report.Manifest.ID)
	tree := treehttp.New(filepath.Join(cmd.Out, publish.CurrentLink), treehttp.Options{
		Base: cmd.PathPrefix, PathPrefix: cmd.PathPrefix, SliceDir: site.SliceDir, Live: live,
	})
	server := &http.Server{
		Handler:           s.reloader.Wrap(tree),
		ReadHeaderTimeout: 15 * time.Second,
		IdleTimeout:       75 * time.Second,
		MaxHeaderBytes:    32 << 10,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	address := (&url.URL{Scheme: "http", Host: listener.Addr().String(), Path: cmd.PathPrefix + "/"}).String()
	// Before anybody is told that changes will show.
	var files *watch.Files
	if paths := b.source.watchPaths(cmd.Worktree); cmd.Watch && len(paths) > 0 {
		if files, err = watch.New(paths...); err != nil {
			return err
		}
		defer files.Close()
	}
	if demo != nil {
		a.stdout.printf("\nreservations are made up, to show what real ones look like: see %savailability\n", address)
	}
	a.stdout.printf("\nserving %s, docs at %s\npress ctrl-c to stop\n", a.stdout.paint(bold, address), address+"docs")

	g, ctx := errgroup.WithContext(ctx)
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
	if demo != nil {
		g.Go(func() error { return demo.monitor.Run(ctx) })
	}
	if cmd.Watch {
		g.Go(func() error { return s.watch(ctx, b, files) })
	}
	return g.Wait()
}

// session is one run of the server.
type session struct {
	cmd      *serveCmd
	app      *app
	reloader *watch.Reloader // nil before the first build
	demo     *demonstration  // nil for none
}

// build builds and tells of it.
func (s *session) build(ctx context.Context) (*built, error) {
	flags := s.cmd.buildFlags
	flags.MaxDeletes = math.MaxInt // nobody depends on what is only looked at
	// Edits may come within a second; and what lies in the output directory may
	// have been built for another port.
	flags.Force = s.cmd.Worktree || s.reloader == nil
	var p progress
	p.now, p.show = s.app.now, s.app.stderr
	b, err := flags.build(ctx, s.app, &p, false)
	p.end()
	if b != nil {
		s.app.printFindings(b.findings, false)
		s.app.printClocks(b.clocks)
	}
	if err != nil {
		return b, err
	}
	s.app.printTroubles(b.report)
	if s.demo != nil {
		if err := s.demo.refresh(ctx); err != nil {
			return b, err
		}
	}
	if s.reloader == nil {
		b.print(s.app.stdout, &p, false)
	} else {
		b.printLine(s.app.stdout, &p)
	}
	return b, nil
}

// watch builds again after each change. A change that cannot be built is told,
// and the last good site stays. Without files to watch, the source is polled.
func (s *session) watch(ctx context.Context, first *built, files *watch.Files) error {
	rebuild := func() {
		b, err := s.build(ctx)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			s.app.fail(err)
			s.reloader.Broken(brokenText(b, err))
		default:
			s.reloader.Published(b.report.Manifest.ID)
		}
	}
	if files == nil {
		return s.poll(ctx, first.source, rebuild)
	}
	return files.Batches(ctx, quiet, patience, rebuild)
}

// poll fetches a remote repository every now and then.
func (s *session) poll(ctx context.Context, src *source, rebuild func()) error {
	if !src.remote {
		return nil // nothing can change
	}
	tick := time.NewTicker(max(s.cmd.Poll, time.Second))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			rebuild()
		}
	}
}

// brokenText is what open pages show of a failure.
func brokenText(b *built, err error) string {
	text := err.Error()
	if b != nil {
		errors, _ := b.findings.Count()
		for _, d := range b.findings[:min(errors, 10)] {
			text += fmt.Sprintf("\n%s: %s", d.Place(), d.Message)
		}
	}
	return text
}
