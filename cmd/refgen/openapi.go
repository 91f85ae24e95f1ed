package main

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/chameleoncloud/refapi/internal/config"
	"github.com/chameleoncloud/refapi/internal/route"
)

type openapiCmd struct{ siteFlags }

// Run implements the command: it prints the document as a build writes it, with
// examples from the repository, or from the sample where there is none.
func (cmd *openapiCmd) Run(ctx context.Context, a *app) error {
	refDir, repo, err := cmd.sourceFlags.location(a)
	if err != nil {
		return err
	}

	// Nobody needs a repository to generate a client.
	if repo == "" && a.Config.Origin("reference", "ref_dir").Source == config.FromDefault {
		_, err := os.Stat(refDir)
		cmd.Sample = errors.Is(err, fs.ErrNotExist)
	}

	src, err := cmd.open(ctx, a, cmd.Worktree)
	if err != nil {
		return err
	}
	defer src.close()

	b := &built{source: src}
	if b.options, err = cmd.siteOptions(a); err != nil {
		return err
	}
	if b.grid, b.findings, err = src.load(); err != nil {
		return err
	}
	if err := b.readHistory(ctx); err != nil {
		return err
	}

	files, stop := b.siteFiles(ctx, a.now())
	defer stop()

	for f, err := range files {
		if err != nil {
			return err
		}
		if f.Path != route.OpenAPI.File() {
			continue
		}

		if f, err = f.Rendered(); err != nil {
			return err
		}
		_, err = a.stdout.Write(f.Body)

		return err
	}

	return errors.New("the site has no OpenAPI document")
}
