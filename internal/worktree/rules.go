package worktree

import (
	"os"
	"path"
	"path/filepath"
	"slices"
)

// readShared reads the rules that are in no directory of the work tree, and returns
// those of its top directory.
func (w *workTree) readShared(commonDir string, getenv func(string) string) directory {
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

	w.own = parseAttributes(read(filepath.Join(commonDir, "info", "attributes")), ".")
	top := directory{path: "."}
	top.ignores = slices.Concat(
		parseIgnore(read(named("core.excludesfile", "ignore")), "."),
		parseIgnore(read(filepath.Join(commonDir, "info", "exclude")), "."))

	if !parseBool(getenv("GIT_ATTR_NOSYSTEM")) {
		top.attributes = parseAttributes(read("/etc/gitattributes"), ".")
	}
	top.attributes = append(top.attributes,
		parseAttributes(read(named("core.attributesfile", "attributes")), ".")...)

	return top
}

// addRules adds the rules that are in a directory itself.
func (w *workTree) addRules(dir directory) directory {
	dir.ignores = slices.Concat(dir.ignores, parseIgnore(w.readRules(path.Join(dir.path, ".gitignore")), dir.path))
	dir.attributes = slices.Concat(dir.attributes,
		parseAttributes(w.readRules(path.Join(dir.path, ".gitattributes")), dir.path))
	return dir
}

// readRules reads a file of rules: from disk, or from the index where it is not
// checked out.
func (w *workTree) readRules(name string) []byte {
	info, err := w.disk.Lstat(name)
	switch e := w.tracked[name]; {
	case err == nil && info.Mode().IsRegular():
		data, _ := w.disk.ReadFile(name)
		return data
	case err != nil && e != nil && !e.is(modeLink):
		data, _, _ := w.repo.Blob(e.hash, maxBlob)
		return data
	}

	return nil
}

// isExcluded reports whether the last pattern that matches a path excludes it.
func isExcluded(patterns []ignorePattern, name string, folder bool) bool {
	for _, p := range slices.Backward(patterns) {
		if p.matches(name, folder) {
			return !p.include
		}
	}
	return false
}

// attributesOf collects the attributes of a file in a directory.
func (w *workTree) attributesOf(dir directory, name string) attributes {
	lines := slices.Concat(dir.attributes, w.own)
	macros := map[string][]string{"binary": {"-diff", "-merge", "-text"}}
	for _, line := range lines {
		if line.pattern == nil {
			macros[line.macro] = line.items
		}
	}

	a := attributes{}
	for _, line := range lines {
		if line.pattern != nil && line.matches(name, false) {
			a.apply(line.items, macros)
		}
	}

	return a
}
