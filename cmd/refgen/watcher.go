package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/chameleoncloud/refapi/internal/follow"
	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/publish"
	"github.com/chameleoncloud/refapi/internal/watch"
)

// watcher is what refgen watch does at each turn of its loop, by the way that refgen build
// goes once.
type watcher struct {
	cmd *watchCmd
	app *app
	log *slog.Logger

	source  *source // the last one that could be opened; nil before
	built   *built  // the last one without an error
	checked string  // the pin and the commit of the last build that was not published for a pin
}

func newWatcher(cmd *watchCmd, a *app, log *slog.Logger) *watcher {
	a.memo = &memo{}
	return &watcher{cmd: cmd, app: a, log: log}
}

// loop returns the loop that calls it.
func (w *watcher) loop() *follow.Loop {
	l := follow.New(w.log, w.app.now)
	l.Every, l.Jitter, l.Live = w.cmd.Every, jitter, liveRelease(w.cmd.Out)
	l.Fetch, l.Build, l.Paths = w.fetch, w.build, w.paths
	l.Then = func(ctx context.Context) error { return w.app.runHook(ctx, w.built) }
	return l
}

// fetch opens the repository, which fetches a remote one.
func (w *watcher) fetch(ctx context.Context) (string, error) {
	w.close() // it was not built
	src, err := w.cmd.open(ctx, w.app, false)
	if err != nil {
		return "", withoutSecrets(err)
	}

	w.source = src
	return src.head.ID.String(), nil
}

// build publishes what was fetched.
func (w *watcher) build(ctx context.Context) (follow.Result, error) {
	defer w.close()

	// While a release is pinned, each commit is checked once.
	pin, err := publish.Pinned(w.app.fs, w.cmd.Out)
	if err != nil {
		return follow.Result{}, err
	}
	check := pin + " " + w.source.head.ID.String()
	if pin != "" && check == w.checked {
		return w.pinned(), nil
	}

	w.built = nil // two would be in memory
	p := progress{now: w.app.now}
	b, err := w.cmd.buildFrom(ctx, w.app, w.source, &p, false)
	p.end()
	w.logProblems(b)
	if err != nil {
		return follow.Result{}, withoutSecrets(err)
	}

	w.built = b
	m := b.report.Manifest
	result := follow.Result{Outcome: follow.Unchanged, Live: follow.Release{ID: m.ID, Commit: m.Commit}}
	switch {
	case b.report.Pinned != "":
		w.checked = check
		return w.pinned(), nil
	case !b.report.Unchanged:
		result.Outcome = follow.Published
		result.Detail = []any{"changes", changeCounts(&b.report.Changes), "phases", p.slowest()}
	}
	return result, nil
}

// pinned is the result of a build that leaves the live release.
func (w *watcher) pinned() follow.Result {
	return follow.Result{Outcome: follow.Pinned, Live: liveRelease(w.cmd.Out)}
}

// close closes the repository; what is watched stays known.
func (w *watcher) close() {
	if w.source != nil {
		_ = w.source.close() // it was only read
	}
}

// paths are what shows that a repository on disk has changed.
func (w *watcher) paths() watch.Paths {
	if w.source != nil {
		return w.source.watchPaths(false)
	}

	// It was never there: wait for it.
	refDir, repo, err := w.cmd.sourceFlags.location(w.app)
	if err != nil || gitrepo.IsRemote(repo) {
		return watch.Paths{}
	}
	return watch.Paths{Roots: []string{refDir + repo}} // one of them is empty
}

// logProblems logs what a build found, as [app.printProblems] prints it.
func (w *watcher) logProblems(b *built) {
	if b == nil {
		return
	}

	const most = 10
	errors, _ := b.findings.Count()
	for _, d := range b.findings[:min(errors, most)] {
		w.log.Error("invalid file", "place", d.Place(), "error", d.Message, "rule", d.Rule)
	}
	if errors > most {
		w.log.Error("more invalid files", "count", errors-most)
	}
	if b.report == nil {
		return
	}

	if b.report.Healed != "" {
		w.log.Warn("the live release was repaired", "error", b.report.Healed)
	}
	if b.report.NotTaken != "" {
		w.log.Warn("not all was taken from the previous release", "error", b.report.NotTaken)
	}
	if err := b.report.PruneErr; err != nil {
		w.log.Warn("cannot remove old releases", "error", err)
	}
	if b.exposed != nil {
		w.log.Warn("the pinned release may have what is hidden", "release", b.report.Pinned, "error", b.exposed)
	}
}

// withoutSecrets returns an error without the passwords of URLs.
func withoutSecrets(err error) error {
	text := gitrepo.HideUserInformation(err.Error())
	if advice := hint.Of(err); advice != "" {
		return hint.Wrap(errors.New(text), "%s", advice)
	}
	return errors.New(text)
}
