package gitrepo

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/go-git/go-billy/v5"
	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	gitconfig "github.com/go-git/go-git/v5/plumbing/format/config"
	"github.com/go-git/go-git/v5/storage/filesystem"
	"github.com/go-git/go-git/v5/storage/filesystem/dotgit"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// openPlace opens a repository on disk. It does so without git.PlainOpen, which
// refuses sparse checkouts, fails on settings that do not matter here, and does
// not find the objects of a shared clone.
func openPlace(p layout, o Options) (*Repo, error) {
	config, err := readConfig(filepath.Join(p.commonDir, "config"))
	if err != nil {
		return nil, err
	}

	gitDirs := []string{p.gitDir}
	var common billy.Filesystem
	if p.commonDir != p.gitDir {
		common = osfs.New(p.commonDir)
		gitDirs = append(gitDirs, p.commonDir)
	}

	st := filesystem.NewStorage(dotgit.NewRepositoryFilesystem(osfs.New(p.gitDir), common),
		cache.NewObjectLRUDefault())
	objects := &objectDirs{
		path:  filepath.Join(p.commonDir, "objects"),
		limit: o.limits().Object,
		packs: map[string]*pack{},
	}
	r := &Repo{
		refs:     st,
		objects:  objects,
		worktree: p.worktree,
		gitDirs:  gitDirs,
		shallow:  map[plumbing.Hash]bool{},
		limits:   o.limits(),
		lacking:  lackingOnDisk(config),
	}

	_, err = objects.reopen()
	if err == nil {
		replace := !o.NoReplace && !isFalse(config.Section("core").Option("usereplacerefs"))
		r.substitutes, err = readSubstitutes(p.commonDir, st, replace)
	}

	hashes, unreadable := st.Shallow()
	if unreadable != nil {
		err = errors.Join(err, fmt.Errorf("read the shallow list: %w", unreadable))
	}
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}

	for _, h := range hashes {
		r.shallow[h] = true
	}

	return r, nil
}

// isFalse reports whether a value of a configuration is false (git-config(1)).
func isFalse(value string) bool {
	return slices.Contains([]string{"false", "no", "off", "0"}, strings.ToLower(value))
}

// lackingOnDisk is the hint about an object that a repository lacks.
func lackingOnDisk(config *gitconfig.Config) string {
	promised := config.Section("extensions").Option("partialclone") != ""
	for _, remote := range config.Section("remote").Subsections {
		promised = promised || remote.HasOption("promisor") && !isFalse(remote.Option("promisor"))
	}

	if promised {
		return "the clone is partial, and old versions of files are read, too: clone without --filter, " +
			"or fetch all with `git fetch --refetch --no-filter`"
	}

	return "the repository is damaged: check it with `git fsck`, or clone it again"
}

// readOnlySafeExtensions are the extensions of the repository format that change
// nothing for a reader (git-config(1)).
var readOnlySafeExtensions = []string{
	"noop", "noop-v1", "partialclone", "preciousobjects", "relativeworktrees", "worktreeconfig",
}

const onlySHA1 = "only SHA-1 is supported: make a repository with `git init --object-format=sha1` " +
	"and fill it with `git fast-export` and `git fast-import`"

// readConfig reads a repository's configuration; one that is not there is empty.
func readConfig(path string) (*gitconfig.Config, error) {
	config := gitconfig.New()
	f, err := os.Open(path)
	if isMissing(err) {
		return config, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()

	if err := gitconfig.NewDecoder(f).Decode(config); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}

	return config, checkFormat(config)
}

// checkFormat refuses a repository whose configuration has a format of objects or
// references that is not supported.
func checkFormat(config *gitconfig.Config) error {
	extensions := config.Section("extensions")
	if format := extensions.Option("objectformat"); format != "" && !strings.EqualFold(format, "sha1") {
		return hint.Wrap(fmt.Errorf("its objects are named by %s", format), onlySHA1)
	}
	if format := extensions.Option("refstorage"); format != "" && !strings.EqualFold(format, "files") {
		return hint.Wrap(fmt.Errorf("its references are stored in the format %q", format),
			"give a clone made with `git clone --ref-format=files`, or a bundle")
	}

	version := config.Section("core").Option("repositoryformatversion")
	if version == "" {
		version = "0"
	}

	v, err := strconv.Atoi(version)
	if err != nil || v > 1 {
		return hint.Wrap(fmt.Errorf("its format has the version %q", version),
			"give a clone made with an older git, or a bundle")
	}

	for _, o := range extensions.Options {
		key := strings.ToLower(o.Key)
		if v == 1 && key != "objectformat" && key != "refstorage" && !slices.Contains(readOnlySafeExtensions, key) {
			return hint.Wrap(fmt.Errorf("its format has the unknown extension %q", o.Key),
				"give a plain clone or a bundle")
		}
	}

	return nil
}

// maxAlternates bounds how many repositories may borrow from one another.
const maxAlternates = 100

// addAlternates adds the object directories that one borrows from to those that
// were found before. Git skips directories that do not exist, and the errors about
// missing objects are clearer.
func addAlternates(dir string, found []string) ([]string, error) {
	lines, err := readLines(filepath.Join(dir, "info", "alternates"))
	if err != nil {
		return nil, err
	}

	for _, path := range lines {
		if path == "" || strings.HasPrefix(path, "#") {
			continue
		}

		if s, err := strconv.Unquote(path); err == nil {
			path = s
		}
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}

		path = filepath.Clean(path)
		if info, err := os.Stat(path); err != nil || !info.IsDir() || slices.Contains(found, path) {
			continue
		}
		if filepath.Base(path) != "objects" {
			return nil, fmt.Errorf("%s is not called objects", path)
		}
		if found = append(found, path); len(found) > maxAlternates {
			return nil, errors.New("there are too many")
		}
		if found, err = addAlternates(path, found); err != nil {
			return nil, err
		}
	}

	return found, nil
}

// readLines reads the lines of a file; one that is not there has none.
func readLines(path string) ([]string, error) {
	data, err := os.ReadFile(path)
	if isMissing(err) {
		return nil, nil
	}
	return strings.Split(string(data), "\n"), err
}
