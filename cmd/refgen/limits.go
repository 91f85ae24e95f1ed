package main

import (
	"errors"
	"fmt"

	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/history"
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
		FS: a.fs,
		Limits: &gitrepo.Limits{
			Depth:    int(f.MaxDepth),
			Entries:  int(f.MaxEntries),
			Object:   int64(f.MaxObjectMiB << 20),
			Unpacked: int64(f.MaxUnpackedMiB << 20),
		},
		NoReplace: a.Getenv("GIT_NO_REPLACE_OBJECTS") != "",
	}
}

// historyError is the error of reading the source's history, with how to raise a limit
// that was reached.
func (s *source) historyError(err error) error {
	if err == nil {
		return nil
	}

	if limit, ok := errors.AsType[*history.LimitError](err); ok {
		err = hint.Wrap(err, "if the repository is meant to be like this, raise the limit with --max-%[1]s, "+
			"or limits.%[1]s in the configuration", limit.What)
	}

	return fmt.Errorf("%s: read the history: %w", s.label, err)
}
