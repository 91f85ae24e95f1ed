package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/chameleoncloud/refapi/internal/availhttp/record"
	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/cli"
	"github.com/chameleoncloud/refapi/internal/durable"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/private"
	"github.com/chameleoncloud/refapi/internal/publish"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// siteFlags say what is in a site's files.
type siteFlags struct {
	sourceFlags
	Worktree bool `help:"Read the files on disk, not those of the commit. The manifest records it." group:"Source"`

	urlFlags      `group:"Output"`
	AbsoluteLinks bool     `help:"Start the API's links with the base URL (default: root-relative)." group:"Output" key:"site.absolute_links"`
	Only          []string `help:"Publish these parts alone: ${parts}; all else is at the base URL." placeholder:"PART" group:"Output" key:"site.only"`
	LinkSuffix    string   `help:"End links to resources in .json, for servers that have nothing but files." placeholder:".json" group:"Output" key:"site.link_suffix"`
}

// buildFlags control a build; they are shared by build and serve.
type buildFlags struct {
	siteFlags
	Out          string `help:"Output directory (default: ${publish_out})." placeholder:"DIR" group:"Output" key:"publish.out"`
	Jobs         int    `help:"Number of parallel workers (default: one for each processor)." placeholder:"N" group:"Output"`
	HostMaxFiles int    `help:"Files that your plan at the host takes; 0 is what its free one does." placeholder:"N" group:"Output" key:"publish.host_max_files"`
	Keep         int    `help:"Old releases to keep (default: ${publish_keep})." placeholder:"N" group:"Output" key:"publish.keep"`

	Previous string `help:"Earlier release to take unchanged files from." placeholder:"DIR|URL" group:"Output"`

	MaxDeletes int  `help:"Limit of vanished resources (default: a tenth, at least 20)." placeholder:"N" group:"Safety" key:"publish.max_deletes"`
	Strict     bool `help:"Fail on warnings." group:"Safety" key:"publish.strict"`
	Force      bool `help:"Publish even if nothing or too much has changed." group:"Safety"`

	overwrite bool // publish regardless of the comparison with the live release
}

type buildCmd struct {
	buildFlags
	Host string `help:"Make the tree for a host of plain files: ${hosts}." placeholder:"HOST" group:"Output" key:"publish.host"`

	ChangedFiles string `help:"Write the list of changed files to this file." placeholder:"FILE" type:"path" group:"Report"`

	DryRun   bool `help:"Report what would change, and change nothing." group:"Safety"`
	Check    bool `help:"Like --dry-run, and exit with 1 if anything would change." group:"Safety"`
	ExitCode bool `help:"Exit with 4 if there is nothing new." group:"Report"`
	JSON     bool `help:"Print the report as JSON." group:"Report" name:"json"`
	Quiet    bool `help:"Report errors only." short:"q" group:"Report"`
}

// Run implements the command.
func (cmd *buildCmd) Run(ctx context.Context, a *app) error {
	dry := cmd.DryRun || cmd.Check
	p := progress{now: a.now}
	if !cmd.Quiet && !cmd.JSON {
		p.show = a.stderr
	}

	b, err := cmd.build(ctx, a, &p, dry)
	p.end()

	a.printProblems(b, cmd.Quiet)
	if err == nil {
		err = cmd.writeChangedFiles(a.fs, b.report, dry)
	}
	if err != nil {
		return err
	}

	if cmd.JSON {
		err = a.stdout.printJSON(b.summary(&p))
	} else if !cmd.Quiet {
		b.print(a.stdout, &p, dry)
	}

	switch {
	case err != nil:
		return err
	case cmd.Check && b.report.Any():
		return cli.ExitCode(cli.ExitFailed)
	case cmd.ExitCode && b.report.Unchanged:
		return cli.ExitCode(cli.ExitLive)
	case !dry && b.report.Pinned != "" && !b.report.Unchanged:
		return cli.ExitCode(cli.ExitPinned)
	case !dry:
		return a.runHook(ctx, b)
	}

	return nil
}

// built is the state and result of a build.
type built struct {
	fs       durable.FS
	source   *source
	options  build.Options
	release  tree.Release
	grid     *inventory.Grid
	history  *history.History
	files    *history.Files
	findings inventory.Diagnostics
	clocks   inventory.Diagnostics // about commits
	live     string                // output directory whose live release is trusted, "" for none
	memo     *memo                 // of earlier builds, nil for none
	earlier  *publish.Earlier      // release elsewhere to take files from, nil for none
	spool    *spool                // nil before changes are read
	report   *publish.Report
	planned  *planned // nil unless nothing is published
	exposed  error    // why the release that stays may have what is hidden now; nil if it has not
}

// build builds a site and publishes it or, on a dry run, reports what publishing would
// change. With an error it returns the findings so far.
func (f *buildFlags) build(ctx context.Context, a *app, p *progress, dry bool) (*built, error) {
	p.phase("open the repository")
	src, err := f.open(ctx, a, f.Worktree)
	if err != nil {
		return nil, err
	}
	defer src.close()

	return f.buildFrom(ctx, a, src, p, dry)
}

// buildFrom is build, of a source that is open.
func (f *buildFlags) buildFrom(ctx context.Context, a *app, src *source, p *progress, dry bool) (_ *built, err error) {
	b := &built{fs: a.fs, source: src, history: &history.History{}, memo: a.memo}
	if !f.Force {
		b.live = f.Out
	}
	if b.options, err = f.siteOptions(a); err != nil {
		return nil, err
	}

	b.release = b.describe()

	if !f.Force && !f.Strict {
		p.phase("look at the live release")
		if b.report = publish.FindLive(a.fs, f.Out, b.release.ID); b.report != nil {
			if !dry {
				b.report.PruneErr = publish.Tidy(a.fs, f.Out)
			}
			return b, nil
		}
	}

	p.phase("read the files")
	if b.grid, b.findings, err = src.load(); err != nil {
		return nil, err
	}

	b.release.Counts = b.grid.Counts()

	p.phase("check the files, read the history")
	g, within := errgroup.WithContext(ctx)
	g.Go(func() error { return b.check(within, f.Strict) })
	g.Go(func() error { return b.readHistory(within) })

	if err := g.Wait(); err != nil {
		return b, err
	}

	err = b.publish(ctx, a, f, p, dry)
	if err == nil && !b.report.Unchanged && (dry || b.report.Pinned != "") {
		b.planned = b.planResources()
	}
	if err == nil && b.report.Pinned != "" {
		b.exposed = a.acceptLive(f.Out)
	}
	return b, err
}

// describe returns the description of the release, without counts.
func (b *built) describe() tree.Release {
	src := b.source
	incomplete := slices.Concat(src.repo.ShallowBoundary(), src.repo.Substitutes())
	return tree.Release{
		ID:         build.ReleaseID(src.head, src.dataDir, src.dirty, incomplete, b.options),
		Commit:     src.head.ID.String(),
		CommitTime: src.head.Committer.When.UTC(),
		Dirty:      src.dirty != "",
		Shallow:    src.repo.Shallow(),
		Generator:  build.Generator,
		Options:    b.options,
	}
}

// publish publishes the site, or, on a dry run, reports what that would change.
func (b *built) publish(ctx context.Context, a *app, f *buildFlags, p *progress, dry bool) (err error) {
	now := a.now()
	b.clocks = wrongClocks(b.history.Times(now, 0))

	limited, cancel := context.WithTimeoutCause(ctx, f.FetchTimeout, errors.New("--fetch-timeout is over"))
	defer cancel()
	var notTaken string
	if b.earlier, notTaken, err = f.openEarlier(limited); err != nil {
		return err
	}

	files, stop := b.siteFiles(ctx, now)
	defer stop()

	opts := f.publishOptions(b.options, p)
	opts.FS = a.fs
	opts.Known = b.memo.live()
	opts.Earlier = b.earlier

	if dry {
		b.report, err = publish.Plan(ctx, f.Out, b.release, files, opts)
	} else {
		b.report, err = publish.Publish(ctx, f.Out, b.release, files, opts)
	}

	if err != nil {
		return err
	}

	if notTaken != "" {
		b.report.NotTaken = notTaken
	}
	b.memo.published(b.report)
	return nil
}

// siteFiles yields the files of the site, until stop: the history must be read.
func (b *built) siteFiles(ctx context.Context, now time.Time) (files iter.Seq2[tree.File, error], stop func()) {
	// Versions are compared while files that do not depend on them are written.
	ctx, cancel := context.WithCancel(ctx)
	in := build.Input{
		Grid:        b.grid,
		History:     b.history,
		Files:       b.files,
		Source:      b.source.public,
		Substitutes: b.source.repo.Substitutes(),
		Live:        record.Live,
		Options:     b.options,
		Edited:      b.source.editedAt(now),
		Now:         now,
	}
	in.Changes = sync.OnceValues(func() (*change.Log, error) { return b.readChanges(ctx, in) })
	go in.Changes()

	stop = func() { // the reader must end before the repository is closed
		cancel()
		_, _ = in.Changes()
		b.spool.close()
	}

	return build.Files(in), stop
}

// readHistory walks the history of the site's files.
func (b *built) readHistory(ctx context.Context) (err error) {
	src := b.source
	paths := append(b.grid.LogPaths(), private.MailmapFile)
	b.history, b.files, err = b.memo.walks(src.repo).Walk(ctx, src.public, src.head.ID, paths, b.grid.Dir, src.limits)
	return src.historyError(err)
}

// readChanges computes what each commit changed. Differences that are asked for later are
// read from the spool, or from the repository.
func (b *built) readChanges(ctx context.Context, in build.Input) (_ *change.Log, err error) {
	if b.spool, err = newSpool(); err != nil {
		return nil, err
	}

	log, err := change.Read(ctx, change.Input{
		Source:  b.source.public,
		History: b.history,
		Files:   b.files,
		Grid:    b.grid,
		Spool:   b.spool,
		Known:   knownChanges(ctx, b.fs, b.live, b.earlier, in),
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.source.label, err)
	}
	return log, nil
}

// siteOptions returns the options that affect the files.
func (f *siteFlags) siteOptions(a *app) (build.Options, error) {
	site, path := f.urlFlags.location()
	options := build.Options{
		Base: path, URL: site, Suffix: f.LinkSuffix, NoIndex: f.NoIndex,
		DataLicense: a.Config.Links.DataLicense, Security: build.Security(a.Config.Security),
	}
	if f.AbsoluteLinks {
		if site == "" {
			return options, cli.Usagef("--absolute-links: links need a host to start with: give --base-url too")
		}
		options.Base = site
	}

	if err := f.forHost(a, &options); err != nil {
		return options, err
	}

	var err error
	if options.Site, err = a.site(); err != nil {
		return options, err
	}

	rules, err := a.privacy()
	setPrivacy(&options, rules)

	return options, err
}

// publishOptions returns the options for publishing.
func (f *buildFlags) publishOptions(site build.Options, p *progress) publish.Options {
	return publish.Options{
		Jobs:       f.Jobs,
		Force:      f.Force || f.overwrite,
		Keep:       f.Keep,
		MaxDeletes: f.MaxDeletes,
		Target:     func(link string) string { return route.Target(site.Published(), link) },
		IsResource: build.IsResource,
		AssetDir:   route.AssetDir,
		Review:     f.review(site),
		Phase:      p.phase,
	}
}

// check adds the findings of the validator, and fails on errors.
func (b *built) check(ctx context.Context, strict bool) error {
	found, err := b.source.check(ctx, b.grid, b.findings, b.memo.findings())
	b.findings = found
	if err != nil {
		return err
	}

	switch errors, warnings := b.findings.Count(); {
	case errors > 0:
		err = fmt.Errorf("%s in the reference files: nothing was published", plural(errors, "error"))
	case strict && warnings > 0:
		err = fmt.Errorf("%s in the reference files, and --strict: nothing was published", plural(warnings, "warning"))
	}

	return hint.Wrap(err, "`refgen check` shows all findings")
}
