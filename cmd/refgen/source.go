package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/inventory/check"
	"github.com/chameleoncloud/refapi/internal/sample"
	"github.com/chameleoncloud/refapi/internal/watch"
	"github.com/chameleoncloud/refapi/internal/worktree"
)

// sourceFlags say which commit of which repository is meant.
type sourceFlags struct {
	RefDir  string `help:"Data directory in a checkout (default: ${ref_dir})." placeholder:"DIR" group:"Source"`
	Repo    string `help:"Repository: a work tree, a bare one, a bundle, or a URL, which is cloned once and fetched after." placeholder:"PATH|BUNDLE|URL" group:"Source"`
	Sample  bool   `help:"The built-in sample repository." group:"Source"`
	DataDir string `help:"Data directory inside the repository (default: the one there is)." placeholder:"DIR" group:"Source"`
	Rev     string `help:"Revision to read (default: HEAD)." placeholder:"REV" group:"Source"`

	TokenFile    string        `help:"File with a token for a repository that needs one, at http:// and https:// URLs." placeholder:"FILE" group:"Source"`
	SSHKey       string        `help:"Private key for SSH (default: those that ssh finds)." placeholder:"FILE" group:"Source" name:"ssh-key"`
	FetchTimeout time.Duration `help:"Time limit for fetching a repository (default: ${fetch_timeout})." placeholder:"DURATION" group:"Source"`

	limitFlags
}

// source is an open repository at one commit.
type source struct {
	repo    *gitrepo.Repo
	label   string // for people
	place   string // path that was given, "" for a URL and for the sample
	remote  bool   // it was fetched, and may be again
	bundle  string // the file, of a bundle
	fsys    fs.FS  // the repository's files
	dataDir string
	head    *history.Commit
	limits  history.Limits

	// Of a work tree that differs from its commit:
	dirty  string    // fingerprint of the files on disk, "" for a clean one
	edited time.Time // the newest change
}

// open opens the repository, and reads a commit or, with worktree, the files on
// disk. Flags go before the environment, and that before the configuration.
func (f *sourceFlags) open(ctx context.Context, a *app, worktree bool) (*source, error) {
	given := 0
	for _, set := range []bool{f.RefDir != "", f.Repo != "", f.Sample} {
		if set {
			given++
		}
	}
	if given > 1 {
		return nil, usagef("--ref-dir, --repo and --sample exclude each other")
	}
	refDir, repo := f.RefDir, f.Repo
	if given == 0 {
		refDir, repo = a.getenv("REFERENCE_API_REF_DIR"), a.getenv("REFERENCE_API_REPO")
		switch {
		case refDir != "" && repo != "":
			return nil, usagef("REFERENCE_API_REF_DIR and REFERENCE_API_REPO exclude each other")
		case refDir == "" && repo == "":
			refDir, repo = a.config.Path(a.config.Reference.RefDir), a.config.Reference.Repo
			if repo != "" {
				refDir = ""
				if !strings.Contains(repo, ":") {
					repo = a.config.Path(repo)
				}
			}
		}
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	s := &source{dataDir: f.DataDir, limits: history.Limits{Commits: f.MaxCommits, Changes: f.MaxChanges}}
	var err error
	switch {
	case f.Sample:
		s.label = "the sample repository"
		s.repo, err = sample.Open()
	case refDir != "":
		s.label, s.place = refDir, refDir
		s.repo, s.dataDir, err = gitrepo.OpenContaining(refDir, f.options(a))
		if errors.Is(err, fs.ErrNotExist) {
			err = hint.Wrap(err, "name the data directory with --ref-dir, a repository with --repo, or have a look at the sample with --sample")
		}
	default:
		err = f.openRepo(ctx, a, repo, s)
	}
	if err != nil {
		return nil, err
	}
	if err := s.read(f.Rev, worktree, a.getenv); err != nil {
		return nil, errors.Join(err, s.repo.Close())
	}
	return s, nil
}

// openRepo opens a repository that a location names.
func (f *sourceFlags) openRepo(ctx context.Context, a *app, location string, s *source) error {
	s.label, s.remote = gitrepo.Label(location), gitrepo.IsRemote(location)
	o := f.options(a)
	o.CacheDir, o.Environ, o.SSHKey, o.FetchTimeout = a.cacheDir(), os.Environ(), f.SSHKey, f.FetchTimeout
	var err error
	if s.remote {
		if o.Token, o.TokenFrom, err = f.token(a); err != nil {
			return err
		}
		o.Git, _ = exec.LookPath("git") // without it, go-git fetches
	} else if location, err = gitrepo.LocalPath(location); err != nil {
		return err
	}

	if !s.remote {
		s.place = location
	}
	if info, err := os.Stat(s.place); err == nil && !info.IsDir() {
		s.bundle = s.place
	}
	s.repo, err = gitrepo.Open(ctx, location, o)
	return err
}

// token reads the token for a remote repository, and says where it is from. A
// flag and the environment go before the configuration.
func (f *sourceFlags) token(a *app) (token, from string, err error) {
	const variable = "REFERENCE_API_TOKEN"
	if token := a.getenv(variable); token != "" && f.TokenFile == a.config.Path(a.config.Reference.TokenFile) {
		return token, variable, nil
	}
	if f.TokenFile == "" {
		return "", "", nil
	}
	const limit = 64 << 10 // bytes
	file, err := os.Open(f.TokenFile)
	if err == nil {
		defer file.Close()
		var data []byte
		data, err = io.ReadAll(io.LimitReader(file, limit))
		token = string(data)
	}
	return token, f.TokenFile, hint.Wrap(err, "check `token_file` (--token-file, REFERENCE_API_TOKEN_FILE)")
}

// read moves the source to a revision, and finds its data directory there or,
// with worktree, on disk: a new testbed may have none in its commit.
func (s *source) read(rev string, worktree bool, getenv func(string) string) error {
	if err := s.at(rev); err != nil {
		return err
	}
	if !worktree {
		return s.findDataDir("commit " + short(s.head.ID))
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

// cacheDir is where clones are kept (XDG Base Directory Specification, and
// CacheDirectory= of systemd.exec(5)); "" where the environment names no place.
func (a *app) cacheDir() string {
	if dir := a.getenv("XDG_CACHE_HOME"); filepath.IsAbs(dir) { // the specification has others ignored
		return filepath.Join(dir, "refgen")
	}
	if dir, _, _ := strings.Cut(a.getenv("CACHE_DIRECTORY"), ":"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "refgen")
	}
	if home := a.getenv("HOME"); filepath.IsAbs(home) {
		return filepath.Join(home, ".cache", "refgen")
	}
	if dir := a.getenv("LocalAppData"); filepath.IsAbs(dir) { // of Windows
		return filepath.Join(dir, "refgen")
	}
	return ""
}

// at moves the source to a revision.
func (s *source) at(rev string) error {
	id, err := s.repo.Resolve(rev)
	if err != nil {
		return fmt.Errorf("%s: %w", s.label, err)
	}
	if s.head, err = s.repo.Commit(id); err != nil {
		return fmt.Errorf("%s: read commit %s: %w", s.label, id, err)
	}
	if s.fsys, err = s.repo.FS(id); err != nil {
		return fmt.Errorf("%s: %w", s.label, err)
	}
	return nil
}

// findDataDir finds the data directory in the files of where, or checks that
// the one that was named is there.
func (s *source) findDataDir(where string) error {
	if s.dataDir == "" {
		var err error
		if s.dataDir, err = inventory.FindDataDir(s.fsys); err != nil {
			if advice := inSubmodule(err); advice != "" {
				return hint.Wrap(fmt.Errorf("%s: %s: %w", s.label, where, err), "%s", advice)
			}
			return hint.Wrap(fmt.Errorf("%s: %s: %w", s.label, where, err), "name it with --data-dir")
		}
	}
	if !fs.ValidPath(s.dataDir) {
		return usagef("--data-dir %s: give a path inside the repository, with slashes and without dots", s.dataDir)
	}
	if err := inventory.CheckSubmodule(s.fsys, s.dataDir); err != nil {
		return hint.Wrap(fmt.Errorf("%s: %s: %w", s.label, where, err), "%s", inSubmodule(err))
	}
	if _, err := fs.Stat(s.fsys, s.dataDir); err != nil {
		return hint.Wrap(fmt.Errorf("%s: %s has no directory %s", s.label, where, s.dataDir), "commit it, or name another with --data-dir")
	}
	return nil
}

// inSubmodule is what to do about a data directory in a submodule, "" for other
// errors.
func inSubmodule(err error) string {
	var sub *inventory.SubmoduleError
	if !errors.As(err, &sub) {
		return ""
	}
	return fmt.Sprintf("give that repository with --repo: its URL is in .gitmodules; "+
		"in a checkout, after `git submodule update --init`, it is the directory %s", sub.Dir)
}

// findings is everything that the validator has to say.
func (s *source) findings() (inventory.Diagnostics, error) {
	grid, found, err := inventory.Load(s.fsys, s.dataDir)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.label, err)
	}
	checker, err := check.New()
	if err != nil {
		return nil, err
	}
	odd, err := checker.Grid(s.fsys, grid)
	if err != nil {
		return nil, err
	}
	found = append(found, odd...)
	found.Sort()
	return found, nil
}

// watchPaths are the files and directories that change when the source does;
// none for one that is fetched, or built in.
func (s *source) watchPaths(worktree bool) watch.Paths {
	if s.place == "" {
		return watch.Paths{}
	}
	paths := watch.Paths{Roots: []string{s.place}}
	if s.bundle != "" {
		paths.Watched = append(paths.Watched, s.bundle)
	}
	for _, dir := range s.repo.GitDirs() {
		paths.Roots = append(paths.Roots, dir)
		for _, name := range []string{"HEAD", "packed-refs", "refs"} {
			paths.Watched = append(paths.Watched, filepath.Join(dir, name))
		}
	}
	if worktree {
		paths.Watched = append(paths.Watched, s.worktreePaths()...)
	}
	return paths
}

// worktreePaths are what says which files of the work tree count, and those files.
func (s *source) worktreePaths() []string {
	top, dirs := s.repo.Worktree(), s.repo.GitDirs()
	common := dirs[len(dirs)-1]
	paths := []string{filepath.Join(dirs[0], "index"), filepath.Join(common, "info", "exclude"), filepath.Join(common, "info", "attributes")}
	for dir := s.dataDir; dir != "."; {
		dir = path.Dir(dir)
		for _, name := range []string{".gitignore", ".gitattributes"} {
			paths = append(paths, filepath.Join(top, filepath.FromSlash(dir), name))
		}
	}
	return append(paths, filepath.Join(top, filepath.FromSlash(s.dataDir)))
}

// openWorktree replaces the commit's files by those on disk, as git sees them.
func (s *source) openWorktree(getenv func(string) string) error {
	top, dirs := s.repo.Worktree(), s.repo.GitDirs()
	if top == "" {
		return usagef("--worktree: %s has no work tree", s.label)
	}
	files, err := worktree.Open(worktree.Layout{Top: top, GitDir: dirs[0], CommonDir: dirs[len(dirs)-1]}, s.repo, getenv)
	if err != nil {
		return err
	}
	s.fsys = files
	return nil
}

// compareWith notes whether the work tree differs from its commit, and since
// when.
func (s *source) compareWith(committed fs.FS) error {
	before, err := fingerprint(committed, s.dataDir, nil)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	onDisk, err := fingerprint(s.fsys, s.dataDir, &s.edited)
	if err != nil {
		return fmt.Errorf("read the work tree: %w", err)
	}
	if onDisk != before {
		s.dirty = onDisk
	}
	if s.edited.IsZero() { // nothing is checked out
		s.edited = s.head.Committer.When
	}
	return nil
}

// fingerprint hashes the names and contents of all JSON files and links below
// dir, and notes when the newest of them, or of their directories, was changed.
func fingerprint(fsys fs.FS, dir string, newest *time.Time) (string, error) {
	h := sha256.New()
	err := fs.WalkDir(fsys, dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && p != dir && strings.HasPrefix(d.Name(), ".") {
			return fs.SkipDir
		}
		if !d.IsDir() && !strings.HasSuffix(p, ".json") {
			return nil
		}
		if newest != nil {
			if info, err := d.Info(); err == nil && info.ModTime().After(*newest) {
				*newest = info.ModTime()
			}
		}
		var body []byte
		switch d.Type() {
		case 0:
			body, err = fs.ReadFile(fsys, p)
		case fs.ModeSymlink:
			var target string
			target, err = fs.ReadLink(fsys, p)
			body = []byte("-> " + target)
		default:
			return nil
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(h, "%s %d\n", p, len(body))
		h.Write(body)
		return nil
	})
	return hex.EncodeToString(h.Sum(nil)), err
}

// short is a hash as people write it.
func short(id history.Hash) string { return id.String()[:12] }

func (s *source) close() error {
	s.fsys = nil
	return s.repo.Close()
}
