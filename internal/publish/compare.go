package publish

import (
	"fmt"
	"path"
	"slices"

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
	for e := range next.Files() {
		if old := prev.Lookup(e.Path); old == nil {
			c.Added = append(c.Added, e.Path)
		} else if !old.Equal(e) || damaged[e.Path] {
			c.Changed = append(c.Changed, e.Path)
		}
	}

	for e := range prev.Files() {
		if next.Lookup(e.Path) == nil {
			c.Removed = append(c.Removed, e.Path)
		}
	}

	for _, paths := range [][]string{c.Added, c.Removed, c.Changed} {
		slices.Sort(paths)
	}

	return c
}

// targets maps each path that must exist to the first file, by name, that links to
// it.
type targets map[string]string

func (t targets) add(target, from string) {
	if other, ok := t[target]; !ok || from < other {
		t[target] = from
	}
}

// checkIn checks that every link points to a file of a release.
func (t targets) checkIn(m *tree.Manifest) error {
	var broken []string
	for target, from := range t {
		if m.Lookup(target) == nil {
			broken = append(broken, fmt.Sprintf("%s links to %s", from, target))
		}
	}

	if len(broken) == 0 {
		return nil
	}

	slices.Sort(broken)
	more := ""
	if n := len(broken); n > 1 {
		more = fmt.Sprintf(" (%d such links)", n)
	}

	return fmt.Errorf("check the release: %s, which does not exist%s", broken[0], more)
}

// review makes the manifest, and checks that the links of the release point to its
// files and that its difference from the live one is within the limits.
func (s *staging) review(rel tree.Release) error {
	m := tree.NewManifest(rel, s.entries)
	if err := checkPaths(m); err != nil {
		return err
	}

	s.report.Manifest = m
	s.report.Retimed = retime(m, s.live.Manifest)
	s.report.addSizes()
	if err := s.targets.checkIn(m); err != nil {
		return err
	}

	s.report.Changes = compare(s.live.Manifest, m, s.damaged)
	if s.opts.Force || s.opts.IsResource == nil {
		return nil
	}

	return s.report.Changes.checkPolicy(s.live.Manifest, &s.opts)
}

// checkPaths checks that there are files, and that no path is in the way of another.
func checkPaths(m *tree.Manifest) error {
	if len(m.Parts) == 0 {
		return errNoFiles
	}

	dirs := map[string]bool{}
	for e := range m.Files() {
		other := tree.Immutable
		if e.Class == tree.Immutable {
			other = tree.OfHead
		}

		if m.LookupClass(e.Path, other) != nil || m.LookupClass(e.Path, e.Class) != e {
			return fmt.Errorf("write %s: %w", e.Path, errPathTaken)
		}

		for dir := path.Dir(e.Path); dir != "." && !dirs[dir]; dir = path.Dir(dir) {
			dirs[dir] = true
			if m.Lookup(dir) != nil {
				return fmt.Errorf("write %s: %w", dir, errPathTaken)
			}
		}
	}

	return nil
}

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
