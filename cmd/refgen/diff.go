package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/cli"
	"github.com/chameleoncloud/refapi/internal/inventory"
)

type diffCmd struct {
	From string `arg:"" help:"Older revision." placeholder:"A"`
	To   string `arg:"" help:"Newer revision." placeholder:"B"`
	sourceFlags
	JSON     bool `help:"Print the changes as JSON, with a patch (RFC 6902) for each." name:"json"`
	ExitCode bool `help:"Exit with 1 if anything differs."`
}

// resourceChange is what happened to one resource.
type resourceChange struct {
	Path   string          `json:"path"`            // in the API
	Change string          `json:"change"`          // added, removed or changed
	Patch  json.RawMessage `json:"patch,omitempty"` // RFC 6902

	ops []change.Op
}

// Run implements the command.
func (cmd *diffCmd) Run(ctx context.Context, a *app) error {
	if cmd.Rev != "" {
		return cli.Usagef("--rev does not go with two revisions")
	}

	before, err := cmd.resources(ctx, a, cmd.From)
	if err != nil {
		return err
	}

	after, err := cmd.resources(ctx, a, cmd.To)
	if err != nil {
		return err
	}

	changes := compareResources(before, after)
	if cmd.JSON {
		err = a.stdout.printJSON(changes)
	} else {
		printChanges(a.stdout, changes)
	}

	if err == nil && cmd.ExitCode && len(changes) > 0 {
		return cli.ExitCode(cli.ExitFailed)
	}

	return err
}

// resources reads the files of a revision, by their paths in the API.
func (cmd *diffCmd) resources(ctx context.Context, a *app, rev string) (map[string][]byte, error) {
	flags := cmd.sourceFlags
	flags.Rev = rev
	src, err := flags.open(ctx, a, false)
	if err != nil {
		return nil, err
	}
	defer src.close()

	grid, found, err := inventory.Load(src.fsys, src.dataDir)
	if err != nil {
		return nil, fmt.Errorf("%s at %s: %w", src.label, rev, err)
	}

	if errors, _ := found.Count(); errors > 0 {
		a.stderr.warning(fmt.Sprintf("%s of %s cannot be read, for example %s: %s",
			plural(errors, "file"), rev, found[0].Place(), found[0].Message))
	}

	return texts(grid), nil
}

// compareResources lists what differs, by path. Files that differ in white
// space alone do not.
func compareResources(before, after map[string][]byte) (changes []resourceChange) {
	for p, old := range before {
		now, ok := after[p]
		switch {
		case !ok:
			changes = append(changes, resourceChange{Path: p, Change: change.Removed})
		case !bytes.Equal(old, now):
			d := change.Diff(old, now)
			changes = append(changes, resourceChange{
				Path:   p,
				Change: change.Changed,
				Patch:  api.Encode(build.Difference(d).Patch),
				ops:    d.Reading(),
			})
		}
	}

	for p := range after {
		if _, ok := before[p]; !ok {
			changes = append(changes, resourceChange{Path: p, Change: change.Added})
		}
	}

	slices.SortFunc(changes, func(a, b resourceChange) int { return strings.Compare(a.Path, b.Path) })
	return changes
}

func printChanges(out *console, changes []resourceChange) {
	counts := map[string]int{}
	mark := map[string]string{
		change.Added:   out.paint(green, "+"),
		change.Removed: out.paint(red, "-"),
		change.Changed: out.paint(yellow, "~"),
	}

	for _, c := range changes {
		counts[c.Change]++
		out.printf("%s %s\n", mark[c.Change], c.Path)
		for _, op := range c.ops {
			out.printf("    %s %s%s\n", op.Kind(), op.Pointer, shortValue(op.New))
		}
		if c.Change == change.Changed && len(c.ops) == 0 {
			out.printf("    no data: only key order, or the form of a text\n")
		}
	}

	out.printf("%d added, %d removed, %d changed\n", counts[change.Added], counts[change.Removed],
		counts[change.Changed])
}

// shortValue is what an operation puts there, with a space in front, "" for
// nothing and for a long text.
func shortValue(value []byte) string {
	const limit = 80 // bytes
	if len(value) == 0 || len(value) > limit {
		return ""
	}
	return " " + string(value)
}
