package publish

import (
	"fmt"
	"slices"

	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// Changes are the differences between two releases: sorted paths, without sidecars.
type Changes struct {
	Added   []string
	Removed []string
	Changed []string // in bytes or time, or damaged on disk
}

// Any reports whether anything differs.
func (c *Changes) Any() bool { return len(c.Added)+len(c.Removed)+len(c.Changed) > 0 }

// compare returns the differences of next from prev, which may be nil. Damaged files
// count as changed, although their entries are equal.
func compare(prev, next *tree.Manifest, damaged []string) Changes {
	isDamaged := make(map[string]bool, len(damaged))
	for _, p := range damaged {
		isDamaged[p] = true
	}

	if prev == nil {
		prev = &tree.Manifest{}
	}

	var c Changes
	for i := range next.Files {
		e := &next.Files[i]
		if tree.IsSidecar(e.Path) {
			continue
		}
		if old := prev.Lookup(e.Path); old == nil {
			c.Added = append(c.Added, e.Path)
		} else if !old.Equal(*e) || isDamaged[e.Path] {
			c.Changed = append(c.Changed, e.Path)
		}
	}

	for i := range prev.Files {
		if p := prev.Files[i].Path; !tree.IsSidecar(p) && next.Lookup(p) == nil {
			c.Removed = append(c.Removed, p)
		}
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
	return fmt.Errorf("check the release: %s, which does not exist%s", broken[0], countSuffix(len(broken), "link"))
}

// countSuffix is appended to a message that names the first of several.
func countSuffix(n int, what string) string {
	if n < 2 {
		return ""
	}
	return fmt.Sprintf(" (%d such %ss)", n, what)
}

// review checks that the links of a release point to its files, and that its
// difference from the live release is within the limits.
func (s *staging) review(m *tree.Manifest) error {
	if err := s.targets.checkIn(m); err != nil {
		return err
	}

	live := manifestOf(s.live)
	s.report.Changes = compare(live, m, s.damaged)
	if s.opts.Force || s.opts.IsResource == nil || live == nil {
		return nil
	}

	return s.report.Changes.checkPolicy(live, &s.opts)
}

// minDeletes is the number of resources that may vanish from even a small testbed.
const minDeletes = 20

// checkPolicy rejects a release that removes more resources than allowed.
func (c *Changes) checkPolicy(prev *tree.Manifest, opts *Options) error {
	total := 0
	for i := range prev.Files {
		if opts.IsResource(prev.Files[i].Path) {
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
