package worktree

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	gitconfig "github.com/go-git/go-git/v5/plumbing/format/config"
)

// settings are git's, by lower-case names such as "core.autocrlf".
type settings map[string]string

// readSettings reads git's configuration in its order (git-config(1)): of the
// system, the user, the repository, the work tree and the environment.
// Conditional includes are not followed.
func readSettings(gitDir, commonDir string, getenv func(string) string) (settings, error) {
	s := settings{}
	var shared []string
	if !parseBool(getenv("GIT_CONFIG_NOSYSTEM")) {
		shared = append(shared, cmp.Or(getenv("GIT_CONFIG_SYSTEM"), "/etc/gitconfig"))
	}

	if global := getenv("GIT_CONFIG_GLOBAL"); global != "" {
		shared = append(shared, global)
	} else {
		shared = append(shared, userFile(getenv, "config"))
		if home := getenv("HOME"); home != "" {
			shared = append(shared, filepath.Join(home, ".gitconfig"))
		}
	}

	for _, path := range shared {
		if err := s.read(path, getenv, 0); err != nil {
			return nil, err
		}
	}

	if err := s.read(filepath.Join(commonDir, "config"), getenv, 0); err != nil {
		return nil, err
	}

	if s.is("extensions.worktreeconfig") {
		if err := s.read(filepath.Join(gitDir, "config.worktree"), getenv, 0); err != nil {
			return nil, err
		}
	}

	count, _ := strconv.Atoi(getenv("GIT_CONFIG_COUNT"))
	for i := range min(count, 1000) {
		n := strconv.Itoa(i)
		s.set(getenv("GIT_CONFIG_KEY_"+n), getenv("GIT_CONFIG_VALUE_"+n))
	}

	return s, nil
}

// userFile is a file of git's in the user's configuration, "" without a home.
func userFile(getenv func(string) string, name string) string {
	if dir := getenv("XDG_CONFIG_HOME"); dir != "" {
		return filepath.Join(dir, "git", name)
	}
	if home := getenv("HOME"); home != "" {
		return filepath.Join(home, ".config", "git", name)
	}
	return ""
}

// maxIncludes is how deep files may include others, as for git.
const maxIncludes = 10

func (s settings) read(path string, getenv func(string) string, depth int) error {
	if path == "" || path == os.DevNull {
		return nil
	}

	f, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return nil // as git does
	case err != nil:
		return fmt.Errorf("read git's configuration: %w", err)
	}

	defer f.Close()

	config := gitconfig.New()
	if err := gitconfig.NewDecoder(f).Decode(config); err != nil {
		return fmt.Errorf("read git's configuration %s: %w", path, err)
	}

	for _, section := range config.Sections {
		for _, o := range section.Options {
			s.set(section.Name+"."+o.Key, o.Value)
			if !section.IsName("include") || !strings.EqualFold(o.Key, "path") || depth == maxIncludes {
				continue
			}

			included := expandHome(o.Value, getenv)
			if !filepath.IsAbs(included) {
				included = filepath.Join(filepath.Dir(path), included)
			}
			if err := s.read(included, getenv, depth+1); err != nil {
				return err
			}
		}

		for _, sub := range section.Subsections {
			for _, o := range sub.Options {
				s.set(section.Name+"."+sub.Name+"."+o.Key, o.Value)
			}
		}
	}

	return nil
}

// set stores a value. Section and name are in lower case, a subsection between them
// is kept as it is.
func (s settings) set(key, value string) {
	first, last := strings.Index(key, "."), strings.LastIndex(key, ".")
	if first < 0 {
		return
	}
	s[strings.ToLower(key[:first])+key[first:last]+strings.ToLower(key[last:])] = value
}

func (s settings) is(key string) bool { return parseBool(s[key]) }

// parseBool reads git's words for true; so is any number except 0.
func parseBool(value string) bool {
	switch strings.ToLower(value) {
	case "true", "yes", "on":
		return true
	}
	n, err := strconv.Atoi(value)
	return err == nil && n != 0
}

// expandHome replaces a leading ~ by the user's home.
func expandHome(path string, getenv func(string) string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		return filepath.Join(getenv("HOME"), rest)
	}
	return path
}
