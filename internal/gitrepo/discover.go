package gitrepo

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// layout is where a repository is stored on disk (gitrepository-layout(5)).
type layout struct {
	gitDir    string // holds HEAD
	commonDir string // holds objects and references; not the same in a linked work tree
	worktree  string // the checkout's top directory, "" where there is none
}

var errNoRepository = errors.New("not a git repository")

// noRepositoryError reports that a directory is not in a repository.
func noRepositoryError(dir string) error {
	return hint.Wrap(fmt.Errorf("open %s: %w", dir, errNoRepository),
		"the API's versions come from git history: clone the reference repository, or run `git init` and commit")
}

// OpenContaining opens the work tree that holds dir and returns it with dir's
// slash-separated path inside it ("." for the top).
func OpenContaining(dir string, o Options) (*Repo, string, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, "", fmt.Errorf("open directory %s: %w", dir, errors.Unwrap(err))
	}
	if !info.IsDir() {
		return nil, "", fmt.Errorf("open directory %s: it is a file", dir)
	}

	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, "", err
	}

	// A link may point into a repository from outside; its own parents do not count.
	if abs, err = filepath.EvalSymlinks(abs); err != nil {
		return nil, "", err
	}

	for top := abs; ; top = filepath.Dir(top) {
		r, err := openDir(top, o)
		switch {
		case errors.Is(err, errNoRepository) && top != filepath.Dir(top):
			continue
		case errors.Is(err, errNoRepository):
			return nil, "", noRepositoryError(dir)
		case err != nil:
			return nil, "", err
		case r.worktree == "":
			err := fmt.Errorf("open directory %s: it is in a git directory, not in a work tree", dir)
			return nil, "", errors.Join(err, r.Close())
		}

		rel, err := filepath.Rel(top, abs)
		return r, filepath.ToSlash(rel), err
	}
}

// openDir opens a work tree, a bare repository or a .git directory.
func openDir(dir string, o Options) (*Repo, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}

	p, err := locate(abs)
	if errors.Is(err, errNoRepository) {
		return nil, noRepositoryError(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", dir, err)
	}

	r, err := openPlace(p, o)
	if err != nil {
		return nil, fmt.Errorf("open repository %s: %w", dir, err)
	}

	return r, nil
}

// locate finds the repository whose work tree or git directory is dir;
// errNoRepository where it is neither.
func locate(dir string) (layout, error) {
	dotGit := filepath.Join(dir, ".git")
	if info, err := os.Stat(dotGit); err == nil && !info.IsDir() {
		return followDotGit(dotGit)
	}
	if common, err := findCommonDir(dotGit); !errors.Is(err, errNoRepository) {
		return layout{dotGit, common, dir}, err
	}

	common, err := findCommonDir(dir)
	return layout{dir, common, ""}, err
}

// followDotGit reads a .git file, which a submodule or a linked work tree has.
func followDotGit(dotGit string) (layout, error) {
	data, err := os.ReadFile(dotGit)
	if err != nil {
		return layout{}, err
	}

	target, ok := strings.CutPrefix(strings.TrimRight(string(data), "\r\n"), "gitdir: ")
	if !ok {
		return layout{}, fmt.Errorf("the file %s does not name a git directory", dotGit)
	}

	dir := filepath.Dir(dotGit)
	if !filepath.IsAbs(target) {
		target = filepath.Join(dir, target)
	}

	common, err := findCommonDir(target)
	if errors.Is(err, errNoRepository) {
		return layout{}, hint.Wrap(fmt.Errorf("the file %s names %s, which is not a git directory", dotGit, target),
			"repair a linked work tree with `git worktree repair`, a submodule with `git submodule update --init`")
	}

	return layout{target, common, dir}, err
}

// findCommonDir checks that dir is a git directory, by what git itself looks for,
// and returns where its objects and references are.
func findCommonDir(dir string) (string, error) {
	common := dir
	switch data, err := os.ReadFile(filepath.Join(dir, "commondir")); {
	case err == nil:
		if common = strings.TrimRight(string(data), "\r\n"); !filepath.IsAbs(common) {
			common = filepath.Join(dir, common)
		}
	case !isMissing(err):
		return "", err
	}

	for _, path := range []string{
		filepath.Join(dir, "HEAD"), filepath.Join(common, "objects"), filepath.Join(common, "refs"),
	} {
		if _, err := os.Lstat(path); isMissing(err) {
			return "", errNoRepository
		} else if err != nil {
			return "", err
		}
	}

	return common, nil
}

// isMissing reports whether a file is not there, or cannot be, as below a file.
func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}
