package check

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"maps"

	"github.com/chameleoncloud/refapi/internal/inventory"
)

// Memo remembers what was found in each file of a grid, for the next one. Its zero value is
// ready to use, by one grid at a time.
type Memo struct {
	others others
	files  map[inventory.Place]checked
}

// others is what the rules across files compare a file with.
type others struct {
	types     nodeTypes
	spellings spellings
}

// equal reports whether both give the same findings.
func (o others) equal(other others) bool {
	return maps.Equal(o.types, other.types) && maps.EqualFunc(o.spellings, other.spellings,
		func(a, b map[string]int) bool { return maps.Equal(a, b) })
}

// checked is a file, with what was found in it.
type checked struct {
	path     string
	digest   [sha256.Size]byte
	findings inventory.Diagnostics
}

// Grid is [Checker.Grid] of a checker, but for files that are as they were.
func (m *Memo) Grid(c *Checker, fsys fs.FS, g *inventory.Grid) (inventory.Diagnostics, error) {
	now := others{gpuTypes(g), countSpellings(g)}
	known := m.swap(now)

	var found inventory.Diagnostics
	for r := range g.Resources() {
		if r.File.Text == nil {
			continue // invalid: inventory has reported it
		}

		file, ok := known[r.Place]
		if !ok || file.path != r.File.Path || file.digest != r.File.Digest {
			findings, err := c.file(fsys, g.Dir, r, now)
			if err != nil {
				return nil, fmt.Errorf("check %s: %w", r.File.Path, err)
			}
			file = checked{r.File.Path, r.File.Digest, findings}
		}

		found = append(found, file.findings...)
		if m != nil {
			m.files[r.Place] = file
		}
	}

	found = append(found, descriptionFindings(g)...)
	found.Sort()
	return found, nil
}

// swap returns what is known of files that are compared with the same others, and begins
// anew.
func (m *Memo) swap(now others) map[inventory.Place]checked {
	if m == nil {
		return nil
	}

	known := m.files
	if !now.equal(m.others) {
		known = nil
	}
	m.others, m.files = now, map[inventory.Place]checked{}
	return known
}
