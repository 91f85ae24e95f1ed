package main

import (
	"context"
	"strings"

	"github.com/chameleoncloud/refapi/internal/publish"
	"github.com/chameleoncloud/refapi/internal/route"
)

// outFlag is the output directory of commands that change which release is live.
type outFlag struct {
	Out string `help:"Output directory (default: ${publish_out})." placeholder:"DIR" key:"publish.out"`
}

// options are those of publishing that such a command needs.
func (f *outFlag) options(a *app) publish.Options {
	return publish.Options{FS: a.fs, AssetDir: route.AssetDir, Phase: func(name string) {
		if strings.HasPrefix(name, "wait") { // the other phases take seconds
			a.stderr.printf("refgen: %s\n", name)
		}
	}}
}

type releasesCmd struct {
	outFlag
	JSON bool `help:"Print the list as JSON." name:"json"`
}

// Run implements the command.
func (cmd *releasesCmd) Run(a *app) error {
	all, err := publish.List(a.fs, cmd.Out)
	if err != nil {
		return err
	}
	if cmd.JSON {
		return a.stdout.printJSON(all)
	}

	for _, k := range all {
		a.stdout.printKept(k)
	}
	return nil
}

// printKept prints a line about a release.
func (c *console) printKept(k publish.Kept) {
	mark, state := " ", ""
	switch {
	case k.Live && k.Pinned:
		mark, state = "*", ", live, pinned"
	case k.Live:
		mark, state = "*", ", live"
	case k.Pinned:
		state = ", pinned, not live yet: the next build ends the rollback"
	}

	published := k.Published.Format("2 Jan 2006 15:04 MST")
	if k.Fault != "" {
		c.printf("%s %s  %s%s, %s\n", mark, c.paint(bold, k.Name), published, state, c.paint(red, k.Fault))
		return
	}
	c.printf("%s %s  %s, commit %.12s of %s, %s, %s%s\n", mark, c.paint(bold, k.Name), published,
		k.Commit, k.CommitTime.Format("2 Jan 2006"), plural(k.Files, "file"), size(k.Bytes), c.paint(green, state))
}

type rollbackCmd struct {
	outFlag
	ID string `arg:"" optional:"" help:"Release, or the beginning of its name or commit (default: the one before)." placeholder:"ID"`
}

// Run implements the command.
func (cmd *rollbackCmd) Run(ctx context.Context, a *app) error {
	opts := cmd.options(a)
	opts.Accept = a.acceptPrivacy
	was, now, err := publish.Rollback(ctx, cmd.Out, cmd.ID, opts)
	if err != nil {
		return err
	}

	if was.Name == now.Name {
		a.stdout.printf("%s is live already\n", a.stdout.paint(bold, now.Name))
	} else {
		a.stdout.printf("%s %s (commit %.12s of %s)", a.stdout.paint(green, "rolled back to"),
			a.stdout.paint(bold, now.Name), now.Commit, now.CommitTime.Format("2 Jan 2006"))
		if was.Name != "" {
			a.stdout.printf(" from %s", was.Name)
		}
		a.stdout.printf("\n")
	}
	a.stdout.printPinned()
	return nil
}

func (c *console) printPinned() {
	c.printf("pinned: builds check new commits, but do not publish them; `refgen unpin` lets the next one publish\n")
}

type pinCmd struct {
	outFlag
	ID string `arg:"" optional:"" help:"Release that must be live, or the beginning of its name or commit." placeholder:"ID"`
}

// Run implements the command.
func (cmd *pinCmd) Run(ctx context.Context, a *app) error {
	k, err := publish.Pin(ctx, cmd.Out, cmd.ID, cmd.options(a))
	if err != nil {
		return err
	}

	a.stdout.printf("%s stays live\n", a.stdout.paint(bold, k.Name))
	a.stdout.printPinned()
	return nil
}

type unpinCmd struct {
	outFlag
}

// Run implements the command.
func (cmd *unpinCmd) Run(ctx context.Context, a *app) error {
	was, err := publish.Unpin(ctx, cmd.Out, cmd.options(a))
	if err != nil {
		return err
	}

	if was == "" {
		a.stdout.printf("nothing is pinned\n")
		return nil
	}
	a.stdout.printf("%s is live until the next build publishes\n", a.stdout.paint(bold, was))
	return nil
}
