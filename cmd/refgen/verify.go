package main

import (
	"context"
	"fmt"
	"time"

	"github.com/chameleoncloud/refapi/internal/cli"
	"github.com/chameleoncloud/refapi/internal/tree/verify"
)

type verifyCmd struct {
	Tree string `arg:"" help:"Output directory, release, or URL of a server." placeholder:"DIR|URL"`
	Jobs int    `help:"Number of parallel workers (default: two for each processor)." placeholder:"N"`
	JSON bool   `help:"Print the report as JSON." name:"json"`
}

// Run implements the command.
func (cmd *verifyCmd) Run(ctx context.Context, a *app) error {
	src, err := openTree(cmd.Tree)
	if err != nil {
		return err
	}

	began := a.now()
	res, err := verify.Tree(ctx, src, cmd.Jobs)
	if err != nil {
		return err
	}

	if cmd.JSON {
		err = a.stdout.printJSON(res)
	} else {
		a.printVerified(res, a.now().Sub(began))
	}

	if err == nil && len(res.Faults) > 0 {
		return cli.ExitCode(cli.ExitFailed)
	}

	return err
}

// printVerified writes the report of verify.
func (a *app) printVerified(res *verify.Result, took time.Duration) {
	printFirst(a.stderr, res.Faults, 50, "fault", func(f verify.Fault) {
		a.stderr.printf("%s: %s %s\n", f.Path, a.stderr.paint(red, "error:"), f.Message)
	})

	skipped := ""
	if res.Skipped > 0 {
		skipped = fmt.Sprintf(" (%s are not served individually)", plural(res.Skipped, "other"))
	}

	a.stdout.printf("%s: %s%s with %s, %s followed, %s (%s)\n", a.stdout.paint(bold, res.Release),
		plural(res.Files, "file"), skipped, size(res.Bytes),
		plural(res.Links, "link"), plural(len(res.Faults), "fault"), duration(took))
}
