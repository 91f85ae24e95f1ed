package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net/http"
	"os"
	"time"

	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/watch"
)

// devServer builds a site, serves it, and builds it again when the repository
// changes.
type devServer struct {
	cmd      *serveCmd
	app      *app
	reloader *watch.Reloader
	live     http.Handler   // of live routes; nil for none
	demo     *demonstration // nil for none

	source   *source         // the last one that could be opened; may be closed
	failure  string          // the last one reported, "" after a success
	follower *watch.Follower // nil if the source cannot change
}

// start builds for the first time.
func (s *devServer) start(ctx context.Context) error {
	var p progress
	b, err := s.build(ctx, &p)
	s.app.printProblems(b, false)
	if err != nil {
		return err
	}

	s.source = b.source
	b.print(s.app.stdout, &p, false)
	s.reloader = watch.NewReloader(s.cmd.PathPrefix, b.report.LiveID())

	return nil
}

// build builds unless the live release is of the same input.
func (s *devServer) build(ctx context.Context, p *progress) (*built, error) {
	flags := s.cmd.buildFlags
	flags.MaxDeletes = math.MaxInt // a preview may remove any number of resources

	// Edits may come within a second; and the release in the output directory may
	// have been built for another port.
	flags.overwrite = true
	flags.Force = s.cmd.Force && s.reloader == nil

	p.now, p.show = s.app.now, s.app.stderr
	b, err := flags.build(ctx, s.app, p, false)
	p.end()

	if err == nil && s.demo != nil && (s.reloader == nil || !b.report.Unchanged) {
		err = s.demo.refresh(ctx)
	}

	return b, err
}

// follow starts rebuilding after each change, if the source can change.
func (s *devServer) follow(ctx context.Context) {
	if !s.cmd.Watch || !s.source.remote && s.source.place == "" {
		return
	}
	s.follower = &watch.Follower{
		Paths:   func() watch.Paths { return s.source.watchPaths(s.cmd.Worktree) },
		Changed: func() time.Duration { return s.rebuild(ctx) },
		Limited: s.reportLimit,
	}
	s.follower.Start()
}

// reportLimit warns that files are not watched.
func (s *devServer) reportLimit(err error) {
	s.app.stderr.warning(fmt.Sprintf("%v: looking every two seconds instead", err))
	if advice := hint.Of(err); advice != "" {
		s.app.stderr.hint(advice)
	}
}

// rebuild builds and reports the outcome. The same failure is reported once, and
// the last good site stays. It returns how long to wait before the next: no longer than
// necessary while a repository on disk cannot be opened.
func (s *devServer) rebuild(ctx context.Context) time.Duration {
	var p progress
	b, err := s.build(ctx, &p)

	if ctx.Err() != nil {
		return s.cmd.Poll
	}

	if b != nil {
		s.source = b.source
	}

	if err != nil {
		s.reportFailure(b, s.explain(err))
		if b == nil && !s.source.remote {
			return 0
		}
		return s.cmd.Poll
	}

	if s.failure != "" && b.report.Unchanged {
		s.app.stdout.printf("%s %s is as it was published\n", s.app.now().Format(time.TimeOnly), s.source.label)
	}

	s.failure = ""
	s.app.printProblems(b, false)
	b.printLine(s.app.stdout, &p)
	s.reloader.Published(b.report.LiveID())

	return s.cmd.Poll
}

// reportFailure reports a build that failed, in the terminal and in open pages,
// unless it was reported before.
func (s *devServer) reportFailure(b *built, err error) {
	text := failureText(b, err)
	if text == s.failure {
		return
	}

	s.failure = text
	s.app.printProblems(b, false)
	s.app.fail(err)
	s.reloader.Broken(text)
}

// explain adds that the entire repository is gone, if that is the reason.
func (s *devServer) explain(err error) error {
	if s.source.place == "" {
		return err
	}
	if _, statErr := os.Stat(s.source.place); !errors.Is(statErr, fs.ErrNotExist) {
		return err
	}
	return hint.Wrap(fmt.Errorf("%s is gone: what was published last stays", s.source.label),
		"put it back, and it is rebuilt")
}

// failureText returns the text of a failure for open pages.
func failureText(b *built, err error) string {
	text := gitrepo.HideUserInformation(err.Error())
	if b != nil {
		errors, _ := b.findings.Count()
		for _, d := range b.findings[:min(errors, 10)] {
			text += fmt.Sprintf("\n%s: %s", d.Place(), d.Message)
		}
	}
	return text
}
