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
	MaxDepth       int `help:"Directories inside one another in a commit (default: ${limits_depth})." placeholder:"N" key:"limits.depth"`
	MaxEntries     int `help:"Files and directories in a commit (default: ${limits_entries})." placeholder:"N" key:"limits.entries"`
	MaxCommits     int `help:"Commits in the history (default: ${limits_commits})." placeholder:"N" key:"limits.commits"`
	MaxChanges     int `help:"Changed files in all commits (default: ${limits_changes})." placeholder:"N" key:"limits.changes"`
	MaxObjectMiB   int `help:"MiB of one file, directory or commit (default: ${limits_object_mib})." name:"max-object-mib" placeholder:"N" key:"limits.object_mib"`
	MaxUnpackedMiB int `help:"MiB of all that a bundle holds, unpacked (default: ${limits_unpacked_mib})." name:"max-unpacked-mib" placeholder:"N" key:"limits.unpacked_mib"`
}

// options are how any repository is opened.
func (f *limitFlags) options(a *app) gitrepo.Options {
	return gitrepo.Options{
		FS: a.fs,
		Limits: &gitrepo.Limits{
			Depth:    f.MaxDepth,
			Entries:  f.MaxEntries,
			Object:   int64(f.MaxObjectMiB) << 20,
			Unpacked: int64(f.MaxUnpackedMiB) << 20,
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
