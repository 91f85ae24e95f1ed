package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
)

// limitFlags bound the cost of reading a repository.
type limitFlags struct {
	MaxDepth       limit `help:"Directories inside one another in a commit." placeholder:"N"`
	MaxEntries     limit `help:"Files and directories in a commit." placeholder:"N"`
	MaxCommits     limit `help:"Commits in the history." placeholder:"N"`
	MaxChanges     limit `help:"Changed files in all commits." placeholder:"N"`
	MaxObjectMiB   limit `help:"MiB of one file, directory or commit." name:"max-object-mib" placeholder:"N"`
	MaxUnpackedMiB limit `help:"MiB of all that a bundle holds, unpacked." name:"max-unpacked-mib" placeholder:"N"`
}

// limit is the value of such a flag.
type limit int64

// Validate implements kong's check of a value.
func (l limit) Validate() error {
	const most = 1 << 40 // so that no sum overflows
	if l < 1 || l > most {
		return fmt.Errorf("%d is not a number from 1 to %d", l, int64(most))
	}
	return nil
}

// options are how any repository is opened.
func (f *limitFlags) options(a *app) gitrepo.Options {
	return gitrepo.Options{
		Limits: &gitrepo.Limits{
			Depth:    int(f.MaxDepth),
			Entries:  int(f.MaxEntries),
			Object:   int64(f.MaxObjectMiB << 20),
			Unpacked: int64(f.MaxUnpackedMiB << 20),
		},
		NoReplace: a.Getenv("GIT_NO_REPLACE_OBJECTS") != "",
	}
}

// walk reads the history of a grid's files.
func (s *source) walk(ctx context.Context, grid *inventory.Grid) (*history.History, *history.Files, error) {
	hist, files, err := history.Walk(ctx, s.repo, s.head.ID, grid.LogPaths(), grid.Dir, s.limits)
	return hist, files, withLimitHint(err)
}

// withLimitHint adds to an error of a limit on histories how it is raised.
func withLimitHint(err error) error {
	var limit *history.LimitError
	if !errors.As(err, &limit) {
		return err
	}
	return hint.Wrap(err, "if the repository is meant to be like this, raise the limit with --max-%[1]s, "+
		"or limits.%[1]s in the configuration", limit.What)
}
