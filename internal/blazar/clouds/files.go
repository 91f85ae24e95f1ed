package clouds

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// suffixes are the file extensions that OpenStack clients try, in their order.
var suffixes = []string{".yaml", ".yml", ".json"}

// directories lists where openstacksdk looks for its files, in its order.
func directories(getenv func(string) string) []string {
	dirs := []string{"."}
	if config := getenv("XDG_CONFIG_HOME"); config != "" {
		dirs = append(dirs, filepath.Join(config, "openstack"))
	}
	if home := getenv("HOME"); home != "" {
		dirs = append(dirs, filepath.Join(home, ".config", "openstack"))
	}

	for _, dir := range filepath.SplitList(cmp.Or(getenv("XDG_CONFIG_DIRS"), "/etc/xdg")) {
		dirs = append(dirs, filepath.Join(dir, "openstack"))
	}

	return append(dirs, "/etc/openstack")
}

// candidates lists the paths that a file may have in some directories.
func candidates(stem string, dirs ...string) []string {
	var names []string
	for _, dir := range dirs {
		for _, suffix := range suffixes {
			if name := filepath.Join(dir, stem+suffix); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}

	return names
}

// document is a file that was read, and the paths that were tried.
type document struct {
	name        string // "" where none was found
	searchedFor []string
	denied      []string // paths without permission
	root        value
}

// find reads the first file that exists. As openstacksdk does, it skips files without
// permission, unless the file was explicitly named.
func find(names []string, named bool) (document, error) {
	d := document{searchedFor: names}
	for _, name := range names {
		text, err := os.ReadFile(name)
		switch {
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
			continue
		case errors.Is(err, fs.ErrPermission) && !named:
			d.denied = append(d.denied, name)
			continue
		case err != nil:
			return d, fmt.Errorf("read clouds: %w", err)
		}

		d.name = name
		if d.root, err = parse(name, text); err != nil {
			return d, err
		}
		if d.root.kind != mapping && d.root.kind != null {
			return d, fmt.Errorf("read clouds: %s: the file must be a mapping with clouds:, not %v", d.root.at,
				d.root.kind)
		}

		return d, nil
	}

	return d, nil
}

// searched describes where a file was looked for.
func (d *document) searched() string {
	text := "looked for " + strings.Join(d.searchedFor, ", ")
	if len(d.denied) > 0 {
		text += "; no permission to read " + strings.Join(d.denied, ", ")
	}
	return text
}

// documents are the files that an entry is read from.
type documents struct {
	clouds, secure document
	explicit       bool // OS_CLIENT_CONFIG_FILE names clouds.yaml
	dirs           []string
}

// read finds clouds.yaml and secure.yaml. If a variable names a file, no other is tried:
// a misspelled name must not select another file.
func read(getenv func(string) string) (*documents, error) {
	d := &documents{dirs: directories(getenv)}
	names := candidates("clouds", d.dirs...)
	secure := d.dirs

	if name := getenv("OS_CLIENT_CONFIG_FILE"); name != "" {
		names, d.explicit = []string{name}, true
		// Next to it first: openstacksdk looks there only if it is a usual place.
		secure = append([]string{filepath.Dir(name)}, d.dirs...)
	}

	var err error
	if d.clouds, err = find(names, d.explicit); err != nil {
		return nil, err
	}

	names = candidates("secure", secure...)
	name := getenv("OS_CLIENT_SECURE_FILE")
	if name != "" {
		names = []string{name}
	}

	if d.secure, err = find(names, name != ""); err != nil {
		return nil, err
	}

	return d, nil
}

// entry finds an entry in both files, and merges the two. Other entries are not
// validated.
func (d *documents) entry(name string) (value, error) {
	if d.clouds.name == "" && (d.explicit || d.secure.name == "") {
		return value{}, hint.Wrap(fmt.Errorf("find cloud %q: there is no clouds.yaml", name),
			"%s; OS_CLIENT_CONFIG_FILE can name another file", d.clouds.searched())
	}

	var merged value
	var known []string
	for _, from := range []*document{&d.clouds, &d.secure} {
		entries := from.root.get("clouds")
		if entries.kind != mapping && entries.kind != null {
			return value{}, fmt.Errorf("read clouds: %s: clouds must be a mapping of entries by name, not %v",
				entries.at, entries.kind)
		}

		for _, m := range entries.members {
			known = append(known, m.key)
		}

		own := entries.get(name)
		if own.kind != mapping && own.kind != null {
			return value{}, fmt.Errorf("read cloud %q: %s: the entry must be a mapping of keys, not %v", name,
				own.at, own.kind)
		}

		merged = merged.merge(own.normalized())
	}

	if slices.Contains(known, name) {
		return merged, nil
	}

	slices.Sort(known)
	advice := "it has " + strings.Join(slices.Compact(known), ", ")
	if near := hint.Nearest(name, known); near != "" {
		advice = fmt.Sprintf("did you mean %s? %s", near, advice)
	}
	if len(known) == 0 {
		advice = "it has no entries under clouds:"
	}
	if d.clouds.root.get(name).kind == mapping {
		advice = name + " is next to clouds:, and belongs below it: indent it"
	}

	return value{}, hint.Wrap(fmt.Errorf("find cloud %q: %s has no such entry", name, d.file()), "%s", advice)
}

// file is the file to name in errors.
func (d *documents) file() string { return cmp.Or(d.clouds.name, d.secure.name) }

// profile returns a profile of clouds-public.yaml, and the file for an error.
func (d *documents) profile(name string) (value, document, error) {
	dirs := d.dirs
	if d.clouds.name != "" {
		dirs = append([]string{filepath.Dir(d.clouds.name)}, dirs...)
	}

	public, err := find(candidates("clouds-public", dirs...), false)
	if err != nil {
		return value{}, public, err
	}

	profiles := public.root.get("public-clouds")
	return profiles.get(name), public, nil
}
