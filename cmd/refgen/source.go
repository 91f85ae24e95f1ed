package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/cli"
	"github.com/chameleoncloud/refapi/internal/config"
	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/inventory/check"
	"github.com/chameleoncloud/refapi/internal/private"
	"github.com/chameleoncloud/refapi/internal/sample"
)

// sourceFlags select a commit of a repository.
type sourceFlags struct {
	repoFlags  `group:"Source"`
	limitFlags `group:"Limits"`
}

type repoFlags struct {
	RefDir  string `help:"Data directory in a checkout (default: ${reference_ref_dir})." placeholder:"DIR" xor:"source" key:"reference.ref_dir"`
	Repo    string `help:"A work tree, a bare repository, a bundle, or a URL (cloned once, then fetched)." placeholder:"PATH|BUNDLE|URL" xor:"source" key:"reference.repo"`
	Sample  bool   `help:"The built-in sample repository." xor:"source"`
	DataDir string `help:"Data directory inside the repository (default: the one there is)." placeholder:"DIR" key:"reference.data_dir"`
	Rev     string `help:"Revision to read (default: HEAD)." placeholder:"REV" key:"reference.rev"`

	TokenFile    string        `help:"File with a token for http:// and https:// URLs." placeholder:"FILE" key:"reference.token_file"`
	SSHKey       string        `help:"Private key for SSH (default: those that ssh finds)." placeholder:"FILE" name:"ssh-key" key:"reference.ssh_key"`
	FetchTimeout time.Duration `help:"Time limit for fetching a repository (default: ${reference_fetch_timeout_seconds})." placeholder:"DURATION" key:"reference.fetch_timeout_seconds"`
}

// source is an open repository at one commit.
type source struct {
	repo    *gitrepo.Repo
	label   string        // name for messages, without secrets
	place   string        // path that was given, "" for a URL and for the sample
	remote  bool          // can be fetched again
	bundle  string        // the file, of a bundle
	public  *private.View // the repository as it is published
	fsys    fs.FS         // its files
	files   fs.FS         // the same with what is hidden, for the validator alone
	dataDir string
	head    *history.Commit
	limits  history.Limits

	// Of a work tree that differs from its commit:
	dirty  string    // fingerprint of the files on disk, "" for a clean one
	edited time.Time // the newest change
}

// open opens the repository, and reads a commit or, with worktree, the files on
// disk.
func (f *sourceFlags) open(ctx context.Context, a *app, worktree bool) (*source, error) {
	refDir, repo, err := f.location(a)
	if err != nil {
		return nil, err
	}

	rules, err := a.privacy()
	if err != nil {
		return nil, err
	}

	s := &source{dataDir: f.DataDir, limits: history.Limits{Commits: f.MaxCommits, Changes: f.MaxChanges}}
	switch {
	case f.Sample:
		s.label = "the sample repository"
		s.repo, err = sample.Open()
	case refDir != "":
		s.label, s.place = refDir, refDir
		s.repo, s.dataDir, err = gitrepo.OpenContaining(refDir, f.options(a))
		if errors.Is(err, fs.ErrNotExist) {
			err = hint.Wrap(err, "name the data directory with --ref-dir, a repository with --repo, "+
				"or have a look at the sample with --sample")
		}
	default:
		err = f.openRepo(ctx, a, repo, s)
	}

	if err != nil {
		return nil, err
	}

	if err := s.read(f.Rev, rules, worktree, a.Getenv); err != nil {
		return nil, errors.Join(err, s.repo.Close())
	}

	return s, nil
}

// location is the data directory in a checkout, or else the repository, from the
// flags, the environment or the configuration file; neither for the sample.
func (f *sourceFlags) location(a *app) (refDir, repo string, err error) {
	if f.Sample {
		return "", "", nil
	}

	dirFrom, repoFrom := a.Config.Origin("reference", "ref_dir"), a.Config.Origin("reference", "repo")
	switch {
	case dirFrom.Source == config.FromEnvironment && repoFrom.Source == config.FromEnvironment:
		return "", "", fmt.Errorf("%s and %s exclude each other", dirFrom, repoFrom)
	case a.Config.Reference.Repo != "" && repoFrom.Source >= dirFrom.Source:
		return "", a.Config.Reference.Repo, nil
	}

	return a.Config.Reference.RefDir, "", nil
}

// openRepo opens a repository that a location names.
func (f *sourceFlags) openRepo(ctx context.Context, a *app, location string, s *source) (err error) {
	s.label, s.remote = gitrepo.Label(location), gitrepo.IsRemote(location)
	opts := f.options(a)
	opts.CacheDir = a.cacheDir()
	if s.remote {
		opts.Environ = os.Environ()
		opts.SSHKey, opts.FetchTimeout = f.SSHKey, f.FetchTimeout
		opts.Git, _ = exec.LookPath("git") // without it, go-git fetches
		if opts.Token, opts.TokenFrom, err = f.token(a); err != nil {
			return err
		}
	} else {
		if location, err = gitrepo.LocalPath(location); err != nil {
			return err
		}
		s.place = location
		if info, err := os.Stat(location); err == nil && !info.IsDir() {
			s.bundle = location
		}
	}

	s.repo, err = gitrepo.Open(ctx, location, opts)
	return err
}

// token reads the token for a remote repository, and returns where it is from.
// A token is never an argument, because other users can see arguments. A token file
// that was given explicitly takes precedence.
func (f *sourceFlags) token(a *app) (token, from string, err error) {
	const variable = "REFERENCE_API_TOKEN"
	if token := a.Getenv(variable); token != "" && a.Config.Origin("reference", "token_file").Source <= config.FromFile {
		return token, variable, nil
	}
	if f.TokenFile == "" {
		return "", "", nil
	}

	data, err := os.ReadFile(f.TokenFile)
	return string(data), f.TokenFile, hint.Wrap(err, "check `token_file` (--token-file, REFERENCE_API_TOKEN_FILE)")
}

// cacheDir is where clones, and the packs of bundles, are kept (XDG Base Directory Specification, and
// CacheDirectory= of systemd.exec(5)); "" if the environment has none.
func (a *app) cacheDir() string {
	service, _, _ := strings.Cut(a.Getenv("CACHE_DIRECTORY"), ":")
	home := a.Getenv("HOME")
	if filepath.IsAbs(home) {
		home = filepath.Join(home, ".cache")
	}

	for _, dir := range []string{a.Getenv("XDG_CACHE_HOME"), service, home,
		a.Getenv("LocalAppData")} { // the last of Windows
		if filepath.IsAbs(dir) { // the specification requires to ignore others
			return filepath.Join(dir, "refgen")
		}
	}

	return ""
}

// read moves the source to a revision, and finds its data directory there or,
// with worktree, on disk: a new testbed may have none in its commit.
func (s *source) read(rev string, rules private.Rules, worktree bool, getenv func(string) string) error {
	id, err := s.repo.Resolve(rev)
	if err != nil {
		return fmt.Errorf("%s: %w", s.label, err)
	}
	if s.public, err = private.NewView(s.repo, id, rules); err != nil {
		return fmt.Errorf("%s: %w", s.label, err)
	}
	if s.head, err = s.public.Commit(id); err != nil {
		return fmt.Errorf("%s: %w", s.label, err)
	}

	files, err := s.repo.FS(id)
	if err != nil {
		return fmt.Errorf("%s: %w", s.label, err)
	}
	s.setFiles(files)
	if !worktree {
		return s.findDataDir("commit " + short(id))
	}

	committed := s.fsys
	if err := s.openWorktree(getenv); err != nil {
		return err
	}
	if err := s.findDataDir("the work tree"); err != nil {
		return err
	}

	return s.compareWith(committed)
}

// setFiles sets the files of the source.
func (s *source) setFiles(files gitrepo.FS) {
	s.files, s.fsys = files, files
	if s.public.Hides() {
		s.fsys = files.Map(s.public.File)
	}
}

// findDataDir finds the data directory in the files of where, or checks that
// the one that was named is there.
func (s *source) findDataDir(where string) (err error) {
	if s.dataDir == "" {
		s.dataDir, err = inventory.FindDataDir(s.fsys)
	} else if !fs.ValidPath(s.dataDir) {
		return cli.Usagef("--data-dir %s: give a path inside the repository, with slashes and without dots",
			s.dataDir)
	}

	if err == nil {
		err = inventory.CheckSubmodule(s.fsys, s.dataDir)
	}

	advice := "name it with --data-dir"
	if sub, ok := errors.AsType[*inventory.SubmoduleError](err); ok {
		advice = fmt.Sprintf("give that repository with --repo: its URL is in .gitmodules; "+
			"in a checkout, after `git submodule update --init`, it is the directory %s", sub.Dir)
	}

	if err != nil {
		return hint.Wrap(fmt.Errorf("%s: %s: %w", s.label, where, err), "%s", advice)
	}
	if _, err := fs.Stat(s.fsys, s.dataDir); err != nil {
		return hint.Wrap(fmt.Errorf("%s: %s has no directory %s", s.label, where, s.dataDir),
			"commit it, or name another with --data-dir")
	}

	return nil
}

// load reads the files of the data directory.
func (s *source) load() (*inventory.Grid, inventory.Diagnostics, error) {
	grid, found, err := inventory.Load(s.fsys, s.dataDir)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", s.label, err)
	}
	return grid, found, nil
}

// check returns the findings of the validator, in addition to those from loading. They
// are about the files as they are in the repository. Known is what was found before, nil for
// nothing.
func (s *source) check(
	ctx context.Context, grid *inventory.Grid, found inventory.Diagnostics, known *check.Memo,
) (inventory.Diagnostics, error) {
	if s.public.Hides() {
		var err error
		if grid, found, err = inventory.Load(s.files, s.dataDir); err != nil {
			return nil, fmt.Errorf("%s: %w", s.label, err)
		}
		if err := s.checkHidden(ctx, grid); err != nil {
			return found, err
		}
	}

	checker, err := check.New()
	if err != nil {
		return found, err
	}

	more, err := known.Grid(checker, s.files, grid)
	if err != nil {
		return found, err
	}

	found = append(found, more...)
	found.Sort()
	return found, nil
}

// checkHidden fails for a pointer that hides nothing: one with a typing error would let
// be published what it should hide.
func (s *source) checkHidden(ctx context.Context, grid *inventory.Grid) error {
	unmatched, err := s.public.Unmatched(ctx, grid, s.head.ID, s.limits)
	if err != nil {
		return s.historyError(err)
	}
	if len(unmatched) == 0 {
		return nil
	}

	err = fmt.Errorf("%s: no file of any commit has what [privacy] hides: %s", s.label, strings.Join(unmatched, ", "))
	return hint.Wrap(err, "correct `hidden` in [privacy]: with a typing error, what should be hidden would be published; "+
		"write %s%s if it is for files to come", private.Future, unmatched[0])
}

// short returns the abbreviated form of a hash.
func short(id history.Hash) string { return id.String()[:12] }

func (s *source) close() error {
	s.fsys, s.files = nil, nil
	return s.repo.Close()
}
