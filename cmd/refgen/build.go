package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/inventory/check"
	"github.com/chameleoncloud/refapi/internal/publish"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// buildFlags say how a site is made; build and serve have them both.
type buildFlags struct {
	sourceFlags
	Worktree      bool   `help:"Read the files on disk, not those of the commit. The manifest says so." group:"Source"`
	Out           string `help:"Output directory (default: ${out})." placeholder:"DIR" group:"Output"`
	BaseURL       string `help:"URL of the published site, for feeds, the OpenAPI document and canonical links." placeholder:"URL" group:"Output"`
	PathPrefix    string `help:"Path that links start with." placeholder:"/PATH" group:"Output"`
	AbsoluteLinks bool   `help:"Let the links of the API start with the base URL (default: root-relative)." group:"Output"`
	Jobs          int    `help:"Files in work at once (default: one for each processor)." placeholder:"N" group:"Output"`
	Keep          int    `help:"Old releases to keep (default: 3)." placeholder:"N" group:"Output"`
	MaxDeletes    int    `help:"Resources that may vanish from one release to the next (default: a tenth of them, at least 20)." placeholder:"N" group:"Safety"`
	Strict        bool   `help:"Let warnings stop the build." group:"Safety"`
	Force         bool   `help:"Publish whatever the comparison with the live release says, and even if nothing has changed." group:"Safety"`

	overwrite bool // publish whatever the comparison with the live release says
}

type buildCmd struct {
	buildFlags
	DryRun bool `help:"Say what would change, and change nothing." group:"Safety"`
	Check  bool `help:"Like --dry-run, and exit with 1 if anything would change." group:"Safety"`
	JSON   bool `help:"Print the report as JSON." group:"Report" name:"json"`
	Quiet  bool `help:"Print nothing but errors." short:"q" group:"Report"`
}

// Run implements the command.
func (cmd *buildCmd) Run(ctx context.Context, a *app) error {
	var p progress
	if !cmd.Quiet && !cmd.JSON {
		p.show = a.stderr
	}
	p.now = a.now
	b, err := cmd.build(ctx, a, &p, cmd.DryRun || cmd.Check)
	p.end()
	if b != nil {
		a.printFindings(b.findings, cmd.Quiet)
		if !cmd.Quiet {
			a.printClocks(b.clocks)
		}
	}
	if err != nil {
		return err
	}
	a.printTroubles(b.report)
	switch {
	case cmd.JSON:
		if err := json.NewEncoder(a.stdout).Encode(b.summary(&p)); err != nil {
			return err
		}
	case !cmd.Quiet:
		b.print(a.stdout, &p, cmd.DryRun || cmd.Check)
	}
	if cmd.Check && b.report.Changes.Any() {
		return exitCode(exitFailed)
	}
	return nil
}

// built is what a build has found and done.
type built struct {
	source   *source
	counts   inventory.Counts
	commits  int // in the whole history
	findings inventory.Diagnostics
	clocks   inventory.Diagnostics // about commits
	report   *publish.Report
}

// build makes a site and publishes it, or, on a dry run, says what publishing
// would change. What it returns beside an error has the findings so far.
func (f *buildFlags) build(ctx context.Context, a *app, p *progress, dry bool) (*built, error) {
	p.phase("open the repository")
	src, err := f.open(ctx, a, f.Worktree)
	if err != nil {
		return nil, err
	}
	defer src.close() // on errors
	options, err := f.siteOptions(a)
	if err != nil {
		return nil, err
	}
	b := &built{source: src}
	rel := tree.Release{
		ID:         build.ReleaseID(src.head, src.dataDir, src.dirty, slices.Concat(src.repo.ShallowBoundary(), src.repo.Substitutes()), options),
		Commit:     src.head.ID.String(),
		CommitTime: src.head.Committer.When.UTC(),
		Dirty:      src.dirty != "",
		Shallow:    src.repo.Shallow(),
		Generator:  build.Generator,
		Options:    options,
	}
	if !f.Force && !f.Strict {
		p.phase("look at the live release")
		if live := publish.FindLive(f.Out, rel.ID); live != nil {
			b.report = &publish.Report{Manifest: live.Manifest, Unchanged: true, Dir: live.Dir}
			if !dry {
				b.report.PruneErr = publish.Tidy(f.Out)
			}
			return b, nil
		}
	}
	p.phase("read the files")
	grid, findings, err := inventory.Load(src.fsys, src.dataDir)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", src.label, err)
	}
	b.findings, b.counts = findings, grid.Counts()
	rel.Counts = b.counts
	p.phase("check the files, read the history")
	var hist *history.History
	var old *history.Files
	g, within := errgroup.WithContext(ctx)
	g.Go(func() error { return b.check(src, grid, f.Strict) })
	g.Go(func() (err error) {
		if hist, old, err = src.walk(within, grid); err != nil {
			return fmt.Errorf("%s: read the history: %w", src.label, err)
		}
		return nil
	})
	if err := g.Wait(); err != nil {
		return b, err
	}
	b.commits = len(hist.Commits)
	now := a.now()
	b.clocks = wrongClocks(hist.Times(now, 0))
	// Versions are compared while the files that do not tell of them are written.
	ctx, cancel := context.WithCancel(ctx)
	changes := sync.OnceValues(func() (*change.Log, error) {
		log, err := change.Read(ctx, src.repo, hist, old, grid)
		if err == nil {
			err = src.close() // what was read is enough
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", src.label, err)
		}
		return log, nil
	})
	go changes()
	defer func() { // a build that fails waits for the reader of the repository
		cancel()
		_, _ = changes()
	}()
	files := build.Files(build.Input{Grid: grid, History: hist, Changes: changes, Options: options, Edited: src.editedAt(now), Now: now})
	o := publish.Options{
		Jobs:       f.Jobs,
		Force:      f.Force || f.overwrite,
		Keep:       f.Keep,
		MaxDeletes: f.MaxDeletes,
		Targets:    func(f tree.File) []string { return build.Targets(options.Published(), f) },
		IsResource: build.IsResource,
		Phase:      p.phase,
	}
	if o.Jobs < 1 {
		o.Jobs = runtime.GOMAXPROCS(0)
	}
	if dry {
		b.report, err = publish.Plan(ctx, f.Out, rel, files, o)
	} else {
		b.report, err = publish.Publish(ctx, f.Out, rel, files, o)
	}
	return b, err
}

// siteOptions are the choices that show in the files.
func (f *buildFlags) siteOptions(a *app) (build.Options, error) {
	at, err := addressOf(f.BaseURL, f.PathPrefix)
	if err != nil {
		return build.Options{}, err
	}
	base, err := at.base(f.AbsoluteLinks)
	return build.Options{Base: base, URL: at.URL, Security: build.Security(a.config.Security)}, err
}

// check adds what the validator finds, and stops on errors.
func (b *built) check(src *source, grid *inventory.Grid, strict bool) error {
	checker, err := check.New()
	if err != nil {
		return err
	}
	odd, err := checker.Grid(src.fsys, grid)
	if err != nil {
		return err
	}
	b.findings = append(b.findings, odd...)
	b.findings.Sort()
	errors, warnings := b.findings.Count()
	switch {
	case errors > 0:
		return hint.Wrap(fmt.Errorf("%s in the reference files: nothing was published", plural(errors, "error")), "`refgen check` shows all findings")
	case strict && warnings > 0:
		return hint.Wrap(fmt.Errorf("%s in the reference files, and --strict: nothing was published", plural(warnings, "warning")), "`refgen check` shows all findings")
	}
	return nil
}

// editedAt is the modification time of what a dirty work tree says, zero for a
// clean one: that of the newest edit, or now where that lies ahead, moved by up
// to an hour as the files' contents say. Two edits within a second must not give
// different bytes one time, because ETags are made of time and length.
func (s *source) editedAt(now time.Time) time.Time {
	if s.dirty == "" {
		return time.Time{}
	}
	at := s.edited
	if at.After(now) {
		at = now
	}
	sum := sha256.Sum256([]byte(s.dirty))
	return at.Add(-history.Spread(sum[:]))
}
