package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/cli"
	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/parity"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
	"github.com/chameleoncloud/refapi/internal/treehttp"
)

type parityCmd struct {
	Old string `help:"URL of the legacy service's root." placeholder:"URL" required:""`
	New string `help:"URL of this service's root (default: the files in the output directory, without live routes)." placeholder:"URL"`
	Out string `help:"Output directory (default: ${publish_out})." placeholder:"DIR" key:"publish.out"`

	Live      bool          `help:"Compare live routes too; needs --new." default:"true" negatable:""`
	Tolerance time.Duration `help:"Difference that times of live responses may have (default: 15m)." placeholder:"DURATION" default:"15m"`
	Recheck   time.Duration `help:"Time after which what differs is compared once more (default: 2m; 0: never)." placeholder:"DURATION" default:"2m"`
	Every     time.Duration `help:"Compare again and again, with this pause." placeholder:"DURATION"`
	State     string        `help:"File that lets an interrupted comparison go on." placeholder:"FILE" type:"path"`

	Jobs    int           `help:"Number of parallel requests (default: 2)." placeholder:"N" default:"2"`
	Delay   time.Duration `help:"Pause between two requests to the legacy service (default: 50ms)." placeholder:"DURATION" default:"50ms"`
	Timeout time.Duration `help:"Time limit of a request (default: 30s)." placeholder:"DURATION" default:"30s"`

	MaxRequests int           `help:"Maximum number of responses to compare (default: 100,000)." placeholder:"N" default:"100000"`
	MaxMiB      int64         `help:"Maximum size of the legacy service's responses together, in MiB (default: 4,096)." placeholder:"N" default:"4096" name:"max-mib"`
	MaxLinks    int           `help:"Maximum number of links in a row (default: 20)." placeholder:"N" default:"20"`
	MaxTime     time.Duration `help:"Time limit of a comparison (default: 12h)." placeholder:"DURATION" default:"12h"`

	JSON bool `help:"Print the report as JSON." name:"json"`
}

// maxResponse bounds one response, in bytes.
const maxResponse = 64 << 20

// Run implements the command.
func (cmd *parityCmd) Run(ctx context.Context, a *app) error {
	if cmd.MaxRequests < 1 || cmd.MaxLinks < 1 || cmd.MaxMiB < 1 || cmd.Timeout <= 0 {
		return cli.Usagef("--max-requests, --max-links, --max-mib and --timeout must be above zero")
	}

	agent := fmt.Sprintf("refgen/%s (parity; compares two services of the reference API)", api.ProductVersion)
	old, err := parity.NewClient(cmd.Old, parity.ClientOptions{
		UserAgent: agent, Delay: cmd.Delay, Timeout: cmd.Timeout, Retries: 4, MaxBody: maxResponse,
	})
	if err != nil {
		return &cli.UsageError{Err: err}
	}

	ours := parity.ClientOptions{UserAgent: agent, Timeout: cmd.Timeout, Retries: 2, MaxBody: maxResponse}
	url, name := cmd.New, gitrepo.Label(cmd.New)
	if cmd.New == "" {
		cmd.Live, name = false, cmd.Out
		var stop func()
		if url, ours.Bases, stop, err = serveOutput(cmd.Out); err != nil {
			return err
		}
		defer stop()
	}
	client, err := parity.NewClient(url, ours)
	if err != nil {
		return &cli.UsageError{Err: err}
	}

	return cmd.rounds(ctx, a, parity.Options{
		Comparer: parity.Comparer{Old: old, New: client, Tolerance: cmd.Tolerance, NoLive: !cmd.Live},
		OldName:  gitrepo.Label(cmd.Old),
		NewName:  name,
		Jobs:     cmd.Jobs,
		Limits: parity.Limits{
			Requests: cmd.MaxRequests, Bytes: cmd.MaxMiB << 20, Depth: cmd.MaxLinks, Time: cmd.MaxTime,
		},
		Recheck: cmd.Recheck,
		Now:     a.now,
		Progress: func(compared, known int) {
			a.stderr.status(fmt.Sprintf("comparing: %s of %s known", thousands(compared), thousands(known)))
		},
	})
}

// rounds compares once, or again and again.
func (cmd *parityCmd) rounds(ctx context.Context, a *app, opts parity.Options) error {
	differed := false
	for {
		if cmd.State != "" {
			opts.Journal = parity.NewJournal(cmd.State)
		}
		report, err := parity.Walk(ctx, opts)
		a.stderr.status("")

		switch {
		case ctx.Err() != nil && cmd.Every > 0:
			return exitIf(differed)
		case ctx.Err() != nil && cmd.State != "":
			return fmt.Errorf("interrupted: the same command goes on where %s ends", cmd.State)
		case err != nil && cmd.Every == 0:
			return err
		case err != nil: // the next round may find the service up again
			a.fail(err)
			differed = true
		default:
			if err := cmd.print(a, report); err != nil {
				return err
			}
			differed = differed || !report.IsEqual()
		}

		if cmd.Every == 0 {
			return exitIf(differed)
		}
		select {
		case <-ctx.Done():
			return exitIf(differed)
		case <-time.After(cmd.Every):
		}
	}
}

func exitIf(differed bool) error {
	if differed {
		return cli.ExitCode(cli.ExitFailed)
	}
	return nil
}

// print writes the report of a comparison.
func (cmd *parityCmd) print(a *app, r *parity.Report) error {
	if cmd.JSON {
		return a.stdout.printJSON(r)
	}

	out := a.stdout
	for kind, findings := range map[string][]parity.Finding{"differs:": r.Differ, "no response:": r.Failed} {
		printFirst(a.stderr, findings, 50, "response", func(f parity.Finding) {
			a.stderr.printf("%s %s %s\n", f.Path, a.stderr.paint(red, kind), f.Detail)
		})
	}

	for _, l := range r.Listed {
		out.printf("%s as intended: %s For example %s\n", plural(l.Count, "difference"), l.Reason, l.Example)
	}
	if r.Incomplete != "" {
		out.printf("%s %s\n", out.paint(yellow, "incomplete:"), r.Incomplete)
	}

	verdict := out.paint(green, "equal")
	if !r.IsEqual() {
		verdict = out.paint(red, "not shown to be equal")
	}
	out.printf("%s %s and %s at %.7s: %s compared (%s), %s equal, %s, %s skipped, %s missing (%s)\n",
		verdict, r.Old, r.New, r.Commit, plural(r.Compared, "response"), size(r.Bytes), thousands(r.Equal),
		plural(len(r.Differ), "difference"), thousands(r.Skipped), thousands(len(r.Failed)),
		duration(r.Ended.Sub(r.Started)))
	return nil
}

// serveOutput serves the files of the live release on a free port of this machine. It
// returns the URL, and what links of the files start with.
func serveOutput(out string) (url string, bases []string, stop func(), err error) {
	live, err := disk.Open(out)
	if err != nil {
		return "", nil, nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, nil, err
	}

	base := live.Manifest.Base()
	server := &http.Server{
		Handler: treehttp.New(filepath.Join(out, disk.CurrentLink), treehttp.Options{Base: route.BasePath(base)}),

		ReadHeaderTimeout: time.Minute,
	}
	go func() { _ = server.Serve(l) }() // until it is closed

	return "http://" + l.Addr().String(), []string{base, route.BasePath(base)}, func() { _ = server.Close() }, nil
}
