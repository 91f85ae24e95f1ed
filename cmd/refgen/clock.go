package main

import (
	"context"
	"fmt"
	"time"

	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
)

// wrongClocks returns findings about commits whose dates are ignored. They are warnings
// that --strict ignores: a commit cannot be removed from a shared history, and one wrong
// clock must not stop every later build.
func wrongClocks(t *history.Times) (found inventory.Diagnostics) {
	for _, a := range t.Ahead() {
		where, clock := "in the future", "the clock of the machine that made it was wrong"
		if a.Child != nil {
			clock = "the clock was wrong of a machine that made one of the two"
			where = fmt.Sprintf("in the future of its child %s (%s)", short(a.Child.ID), dateOf(a.Child))
		}

		found = append(found, inventory.Diagnostic{
			Severity: inventory.Warning,
			Rule:     "commit-date",
			Commit:   a.ID.String(),
			Message: fmt.Sprintf("is dated %s, %s: it counts as %s", dateOf(a.Commit), where,
				stamp(t.Date(a.Commit))),
			Hint: clock + "; the API shows git's date, files and feeds have the other",
		})
	}

	return found
}

func dateOf(c *history.Commit) string { return stamp(c.Committer.When) }

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// wrongClocks reads the source's history for the findings about its dates.
func (s *source) wrongClocks(ctx context.Context, now time.Time) (inventory.Diagnostics, error) {
	hist, err := history.Commits(ctx, s.public, s.head.ID, s.limits)
	if err != nil {
		return nil, s.historyError(err)
	}
	return wrongClocks(hist.Times(now, 0)), nil
}

// printClocks names the first of the commits with wrong dates.
func (a *app) printClocks(found inventory.Diagnostics) {
	if len(found) == 0 {
		return
	}
	text := found[0].Place() + " " + found[0].Message
	if more := len(found) - 1; more > 0 {
		text += fmt.Sprintf(" (and %s: see `refgen check`)", plural(more, "more such commit"))
	}
	a.stderr.warning(text)
}
