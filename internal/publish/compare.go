package publish

import (
	"fmt"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// Changes are the differences between two releases, by path, sorted. Variants
// are left out.
type Changes struct {
	Added   []string
	Removed []string
	Changed []string // in bytes or time, or damaged on disk
}

// Any reports whether anything differs.
func (c *Changes) Any() bool { return len(c.Added)+len(c.Removed)+len(c.Changed) > 0 }

// compare finds what is different in next; prev may be nil. Damaged files differ
// whatever their manifest says.
func compare(prev, next *Manifest, damaged []string) Changes {
	var c Changes
	isDamaged := make(map[string]bool, len(damaged))
	for _, p := range damaged {
		isDamaged[p] = true
	}
	if prev == nil {
		prev = &Manifest{}
	}
	for i := range next.Files {
		e := &next.Files[i]
		old := prev.Lookup(e.Path)
		switch {
		case IsVariant(e.Path):
		case old == nil:
			c.Added = append(c.Added, e.Path)
		case !old.Equal(*e), isDamaged[e.Path]:
			c.Changed = append(c.Changed, e.Path)
		}
	}
	for i := range prev.Files {
		if p := prev.Files[i].Path; !IsVariant(p) && next.Lookup(p) == nil {
			c.Removed = append(c.Removed, p)
		}
	}
	return c
}

// inAll ends a message that names the first of several.
func inAll(n int, what string) string {
	if n < 2 {
		return ""
	}
	return fmt.Sprintf(" (%d such %ss)", n, what)
}

// leastDeletes is how many resources may vanish from even a small testbed.
const leastDeletes = 20

// allowed refuses a release that would surprise its readers.
func (c *Changes) allowed(prev *Manifest, o Options) error {
	if o.IsResource == nil || prev == nil {
		return nil
	}
	total, gone := 0, []string(nil)
	for i := range prev.Files {
		if o.IsResource(prev.Files[i].Path) {
			total++
		}
	}
	for _, p := range c.Removed {
		if o.IsResource(p) {
			gone = append(gone, p)
		}
	}
	limit := o.MaxDeletes
	if limit < 0 {
		limit = max(leastDeletes, total/10)
	}
	if len(gone) > limit {
		return hint.Wrap(fmt.Errorf("compare with the live release: %d of %d resources would vanish, as %s; the limit is %d", len(gone), total, gone[0], limit),
			"if that is meant, publish with --max-deletes %d or --force", len(gone))
	}
	return nil
}
