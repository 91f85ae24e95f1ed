package main

import (
	"context"
	"io"
	"os"

	"github.com/chameleoncloud/refapi/internal/hook"
)

// runHook runs the operator's command after a release went live, if there is one.
func (a *app) runHook(ctx context.Context, b *built) error {
	c := a.Config.Publish
	if len(c.OnSuccess) == 0 || !b.report.Published() {
		return nil
	}

	h := hook.Hook{
		Command: c.OnSuccess,
		Timeout: c.OnSuccessTimeout,
		Environ: os.Environ(),
	}
	live, previous := b.report.Manifest.Release, b.report.Previous()
	return h.Run(ctx, hook.Release{
		ID:             live.ID,
		Commit:         live.Commit,
		Dir:            b.report.Dir,
		PreviousID:     previous.ID,
		PreviousCommit: previous.Commit,
		WriteChanges:   func(w io.Writer) error { return b.report.WriteChanges(w) },
	})
}
