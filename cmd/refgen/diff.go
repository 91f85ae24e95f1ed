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

	// The paths of a node that is elsewhere now, and of the machines that had or have the
	// node_name of another. A node that moved has the patch where it was added.
	MovedFrom  string `json:"moved_from,omitempty"`
	MovedTo    string `json:"moved_to,omitempty"`
	Replaces   string `json:"replaces,omitempty"`
	ReplacedBy string `json:"replaced_by,omitempty"`

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

// resources reads the resources of a revision, by their paths in the API.
func (cmd *diffCmd) resources(ctx context.Context, a *app, rev string) (map[string]inventory.Resource, error) {
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

	return byPath(grid), nil
}

// compareResources lists what differs, by path. Files that differ in white
// space alone do not.
func compareResources(before, after map[string]inventory.Resource) (changes []resourceChange) {
	var ends []change.Resource
	for p, old := range before {
		now, ok := after[p]
		switch {
		case !ok:
			changes = append(changes, resourceChange{Path: p, Change: change.Removed})
			ends = append(ends, change.Of(old.Place, old.File.Text, nil))
		case !bytes.Equal(old.File.Text, now.File.Text):
			c := resourceChange{Path: p, Change: change.Changed}
			c.compare(old.File.Text, now.File.Text)
			changes = append(changes, c)
		}
	}

	for p, now := range after {
		if _, ok := before[p]; !ok {
			changes = append(changes, resourceChange{Path: p, Change: change.Added})
			ends = append(ends, change.Of(now.Place, nil, now.File.Text))
		}
	}

	slices.SortFunc(changes, func(a, b resourceChange) int { return strings.Compare(a.Path, b.Path) })
	joinChanges(changes, ends, before, after)
	return changes
}

// compare adds the difference of two files.
func (c *resourceChange) compare(old, now []byte) {
	d := change.Diff(old, now)
	c.Patch, c.ops = api.Encode(build.Difference(d).Patch), d.Reading()
}

// joinChanges adds which of the nodes that were removed and added are one machine, or have
// one name.
func joinChanges(changes []resourceChange, ends []change.Resource, before, after map[string]inventory.Resource) {
	change.Join(ends)
	at := func(r *change.Resource) *resourceChange {
		i, _ := slices.BinarySearchFunc(changes, r.Path(),
			func(c resourceChange, path string) int { return strings.Compare(c.Path, path) })
		return &changes[i]
	}

	for i := range ends {
		m := ends[i].Move
		if m == nil || m.To != &ends[i] {
			continue
		}

		from, to := at(m.From), at(m.To)
		if m.Replaced {
			from.ReplacedBy, to.Replaces = to.Path, from.Path
			continue
		}
		from.MovedTo, to.MovedFrom = to.Path, from.Path
		to.compare(before[from.Path].File.Text, after[to.Path].File.Text)
	}
}

func printChanges(out *console, changes []resourceChange) {
	counts := map[string]int{}
	mark := map[string]string{
		change.Added:   out.paint(green, "+"),
		change.Removed: out.paint(red, "-"),
		change.Changed: out.paint(yellow, "~"),
	}

	for _, c := range changes {
		switch {
		case c.MovedTo != "":
			continue // as is told where it went
		case c.MovedFrom != "":
			counts[change.Moved]++
			out.printf("%s %s moved from %s\n", out.paint(yellow, ">"), c.Path, c.MovedFrom)
		case c.Replaces != "":
			counts[c.Change]++
			out.printf("%s %s replaces %s: another machine with its node_name\n", mark[c.Change], c.Path, c.Replaces)
		default:
			counts[c.Change]++
			out.printf("%s %s\n", mark[c.Change], c.Path)
		}

		for _, op := range c.ops {
			out.printf("    %s %s%s\n", op.Kind(), op.Pointer, shortValue(op.New))
		}
		if c.Change == change.Changed && len(c.ops) == 0 {
			out.printf("    no data: only key order, or the form of a text\n")
		}
	}

	moved := ""
	if n := counts[change.Moved]; n > 0 {
		moved = fmt.Sprintf(", %d moved", n)
	}
	out.printf("%d added, %d removed, %d changed%s\n", counts[change.Added], counts[change.Removed],
		counts[change.Changed], moved)
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
