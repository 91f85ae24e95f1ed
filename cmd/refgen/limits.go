package main

import (
	"context"
	"errors"

	"github.com/chameleoncloud/refapi/internal/cli"
	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
)

// limitFlags bound the cost of reading a repository.
type limitFlags struct {
	MaxDepth       int   `help:"Directories inside one another in a commit." placeholder:"N"`
	MaxEntries     int   `help:"Files and directories in a commit." placeholder:"N"`
	MaxCommits     int   `help:"Commits in the history." placeholder:"N"`
	MaxChanges     int   `help:"Changed files in all commits." placeholder:"N"`
	MaxObjectMiB   int64 `help:"MiB of one file, directory or commit." name:"max-object-mib" placeholder:"N"`
	MaxUnpackedMiB int64 `help:"MiB of all that a bundle holds, unpacked." name:"max-unpacked-mib" placeholder:"N"`
}

// check rejects limits that are not positive or too large.
func (f *limitFlags) check() error {
	for _, l := range []struct {
		flag  string
		value int64
	}{
		{"--max-depth", int64(f.MaxDepth)},
		{"--max-entries", int64(f.MaxEntries)},
		{"--max-commits", int64(f.MaxCommits)},
		{"--max-changes", int64(f.MaxChanges)},
		{"--max-object-mib", f.MaxObjectMiB},
		{"--max-unpacked-mib", f.MaxUnpackedMiB},
	} {
		const limit = 1 << 40 // so that no sum overflows
		if l.value < 1 || l.value > limit {
			return cli.Usagef("%s %d: give a number from 1 to %d", l.flag, l.value, int64(limit))
		}
	}

	return nil
}

// options are how any repository is opened.
func (f *limitFlags) options(a *app) gitrepo.Options {
	return gitrepo.Options{
		Limits: &gitrepo.Limits{
			Depth:    f.MaxDepth,
			Entries:  f.MaxEntries,
			Object:   f.MaxObjectMiB << 20,
			Unpacked: f.MaxUnpackedMiB << 20,
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
