package worktree

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// readShared reads the rules that are in no directory of the work tree.
func (w *FS) readShared(l Layout, getenv func(string) string) {
	read := func(file string) []byte {
		if file == "" {
			return nil
		}
		data, _ := os.ReadFile(file) // as git does, which ignores files that it cannot read
		return data
	}

	named := func(key, name string) string {
		if file, ok := w.settings[key]; ok {
			return expandHome(file, getenv)
		}
		return userFile(getenv, name)
	}

	w.info = parseIgnore(read(filepath.Join(l.CommonDir, "info", "exclude")), ".")
	w.user = parseIgnore(read(named("core.excludesfile", "ignore")), ".")
	if !parseBool(getenv("GIT_ATTR_NOSYSTEM")) {
		w.shared = parseAttributes(read("/etc/gitattributes"), ".")
	}

	w.shared = append(w.shared, parseAttributes(read(named("core.attributesfile", "attributes")), ".")...)
	w.own = parseAttributes(read(filepath.Join(l.CommonDir, "info", "attributes")), ".")
}

// readRules reads a file of rules: from disk, or from the index where it is not
// checked out.
func (w *FS) readRules(name string) []byte {
	info, err := w.disk.Lstat(name)
	switch e := w.tracked[name]; {
	case err == nil && info.Mode().IsRegular():
		data, _ := w.disk.ReadFile(name)
		return data
	case err != nil && e != nil && !e.is(modeLink):
		data, _, _ := w.objects.Blob(e.hash, maxBlob)
		return data
	}

	return nil
}

// isIgnored reports whether git would not add a path that it does not track.
func (w *FS) isIgnored(name string, folder bool) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.isExcluded(name, folder)
}

// isExcluded is isIgnored for callers that hold the lock. What is in an excluded directory
// is excluded; else the last pattern that matches decides, and of files those
// that are nearer.
func (w *FS) isExcluded(name string, folder bool) bool {
	if known, ok := w.ignored[name]; ok && folder {
		return known
	}
	verdict := w.isExcluded(path.Dir(name), true) || w.matchesRule(name, folder)
	if folder {
		w.ignored[name] = verdict
	}
	return verdict
}

func (w *FS) matchesRule(name string, folder bool) bool {
	for dir := path.Dir(name); ; dir = path.Dir(dir) {
		patterns, ok := w.ignores[dir]
		if !ok {
			patterns = parseIgnore(w.readRules(path.Join(dir, ".gitignore")), dir)
			w.ignores[dir] = patterns
		}

		if last := lastMatch(patterns, name, folder); last != nil {
			return !last.include
		}
		if dir == "." {
			break
		}
	}

	for _, patterns := range [][]ignorePattern{w.info, w.user} {
		if last := lastMatch(patterns, name, folder); last != nil {
			return !last.include
		}
	}

	return false
}

func lastMatch(patterns []ignorePattern, name string, folder bool) *ignorePattern {
	for i := range slices.Backward(patterns) {
		if patterns[i].matches(name, folder) {
			return &patterns[i]
		}
	}
	return nil
}

// attributesOf collects the attributes of a file from all .gitattributes.
func (w *FS) attributesOf(name string) attributes {
	lines := slices.Clone(w.shared)
	elements := strings.Split(name, "/")
	w.mu.Lock()

	for i := range elements {
		dir := path.Join(append([]string{"."}, elements[:i]...)...)
		own, ok := w.attrs[dir]
		if !ok {
			own = parseAttributes(w.readRules(path.Join(dir, ".gitattributes")), dir)
			w.attrs[dir] = own
		}
		lines = append(lines, own...)
	}

	w.mu.Unlock()
	lines = append(lines, w.own...)

	macros := map[string][]string{"binary": {"-diff", "-merge", "-text"}}
	a := attributes{}

	for _, line := range lines {
		if line.pattern == nil {
			macros[line.macro] = line.items
		}
	}

	for _, line := range lines {
		if line.pattern != nil && line.matches(name, false) {
			a.apply(line.items, macros)
		}
	}

	return a
}

var _ fs.FS = (*FS)(nil)
