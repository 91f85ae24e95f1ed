package publish

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// Changes are the differences between two releases: sorted paths, without sidecars.
type Changes struct {
	Added   []string `json:"added"`
	Removed []string `json:"removed"`
	Changed []string `json:"changed"` // in bytes or time, or damaged on disk
}

// Any reports whether anything differs.
func (c *Changes) Any() bool { return len(c.Added)+len(c.Removed)+len(c.Changed) > 0 }

// compare returns the differences of next from prev. Damaged files count as changed,
// although their entries are equal.
func compare(prev, next *tree.Manifest, damaged map[string]bool) Changes {
	var c Changes
	for e, old := range next.Pairs(prev) {
		switch {
		case e == nil:
			c.Removed = append(c.Removed, old.Path)
		case old == nil:
			c.Added = append(c.Added, e.Path)
		case !old.Equal(e) || damaged[e.Path]:
			c.Changed = append(c.Changed, e.Path)
		}
	}

	for _, paths := range [][]string{c.Added, c.Removed, c.Changed} {
		slices.Sort(paths)
	}

	return c
}

// Previous is the release that readers had before; the zero one if there was none.
func (r *Report) Previous() tree.Release { return r.base.Release }

// WriteChanges writes a line for each file that differs from the release that readers
// had: A, M or D for added, modified or deleted, a tab, and the path, as `git diff
// --name-status` does. Sidecars and the files of the manifest are listed too.
func (r *Report) WriteChanges(w io.Writer) error {
	var lines []string
	add := func(status, path string) { lines = append(lines, path+"\x00"+status) }
	forms := func(m *tree.Manifest, paths []string) map[string]tree.Form {
		found := map[string]tree.Form{}
		for _, p := range paths {
			for f := range m.Lookup(p).Forms() {
				found[f.Path] = f
			}
		}
		return found
	}

	before := forms(r.base, slices.Concat(r.Changed, r.Removed))
	after := forms(r.Manifest, slices.Concat(r.Changed, r.Added))
	for p := range after {
		status := "A"
		if _, ok := before[p]; ok {
			status = "M"
		}
		add(status, p)
	}
	for p := range before {
		if _, ok := after[p]; !ok {
			add("D", p)
		}
	}

	if r.Any() {
		addManifest(add, r.base, r.Manifest)
	}

	slices.Sort(lines)
	out := bufio.NewWriter(w)
	for _, line := range lines {
		path, status, _ := strings.Cut(line, "\x00")
		fmt.Fprintf(out, "%s\t%s\n", status, path)
	}

	return out.Flush()
}

// addManifest adds the differences of the manifests' own files.
func addManifest(add func(status, path string), before, after *tree.Manifest) {
	old := map[string]tree.Digest{}
	for i := range before.Parts {
		old[before.Parts[i].File()] = before.Parts[i].SHA256
	}

	for i := range after.Parts {
		file := after.Parts[i].File()
		switch digest, ok := old[file]; {
		case !ok:
			add("A", file)
		case digest != after.Parts[i].SHA256:
			add("M", file)
		}
		delete(old, file)
	}

	for file := range old {
		add("D", file)
	}

	status := "M"
	if len(before.Parts) == 0 {
		status = "A"
	}
	add(status, tree.ManifestFile)
}

// describe makes the manifest of a release whose files are written, or planned.
func (s *staging) describe(rel tree.Release) error {
	m := s.files.Manifest(rel)
	if err := checkPaths(m); err != nil {
		return err
	}

	s.report.Manifest = m
	s.report.Retimed = retime(m, s.base)
	s.report.addSizes()
	return nil
}

// review checks that the difference of the release from the one that readers have is
// within the limits.
func (s *staging) review() error {
	m := s.report.Manifest
	if s.opts.Review != nil {
		if err := s.opts.Review(s.base, m); err != nil {
			return err
		}
	}

	s.report.Changes = compare(s.base, m, s.damaged)
	if s.opts.Force || s.opts.IsResource == nil {
		return nil
	}

	return s.report.Changes.checkPolicy(s.base, &s.opts)
}

// checkPaths checks that there are files, and that no path is in the way of another.
func checkPaths(m *tree.Manifest) error {
	if len(m.Parts) == 0 {
		return errNoFiles
	}

	if p, twice := m.Duplicate(); twice {
		return fmt.Errorf("write %s: %w", p, errPathTaken)
	}

	dirs, last := map[string]bool{}, ""
	for e := range m.Files() {
		dir := parent(e.Path)
		if dir == last {
			continue
		}
		for last = dir; dir != "" && !dirs[dir]; dir = parent(dir) {
			dirs[dir] = true
			if m.Lookup(dir) != nil {
				return fmt.Errorf("write %s: %w", dir, errPathTaken)
			}
		}
	}

	return nil
}

// parent returns the directory of a path, "" for none.
func parent(p string) string { return p[:max(strings.LastIndexByte(p, '/'), 0)] }

// minDeletes is the number of resources that may vanish from even a small testbed.
const minDeletes = 20

// checkPolicy rejects a release that removes more resources than allowed.
func (c *Changes) checkPolicy(prev *tree.Manifest, opts *Options) error {
	total := 0
	for e := range prev.Files() {
		if opts.IsResource(e.Path) {
			total++
		}
	}

	var gone []string
	for _, p := range c.Removed {
		if opts.IsResource(p) {
			gone = append(gone, p)
		}
	}

	limit := opts.MaxDeletes
	if limit < 0 {
		limit = max(minDeletes, total/10)
	}

	if len(gone) <= limit {
		return nil
	}

	err := fmt.Errorf("compare with the live release: %d of %d resources would vanish, for example %s; the limit is %d",
		len(gone), total, gone[0], limit)
	return hint.Wrap(err, "if that is meant, publish with --max-deletes %d or --force", len(gone))
}
