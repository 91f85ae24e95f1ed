package history

import (
	"slices"
	"strings"
)

// Memo remembers how trees differ, for the walks of the same repository that follow: one of
// a commit more then reads little more than its trees. Its zero value is ready to use, by
// one walk at a time. It is of no use once other objects stand for those of the repository,
// as git's replacements do.
type Memo struct {
	// Limit is how many differences are kept, of about 100 bytes each; 0 means no limit.
	Limit int

	differences map[[2]Hash][]difference
	names       map[string]string // each once
	kept        int               // in differences
}

// difference is a name that two trees have different entries for. A missing side has the
// zero Mode.
type difference struct {
	name     string
	from, to Entry
}

// differences returns what differs between two trees, in git's order. The zero hash means
// no tree.
func (d *differ) differences(a, b Hash) ([]difference, error) {
	if found, ok := d.memo.recall(a, b); ok {
		return found, nil
	}

	as, err := d.readTree(a)
	if err != nil {
		return nil, err
	}

	bs, err := d.readTree(b)
	if err != nil {
		return nil, err
	}

	var found []difference
	for len(as) > 0 || len(bs) > 0 {
		switch order := compareEntries(as, bs); {
		case order < 0:
			found = append(found, difference{name: as[0].Name, from: as[0].entry()})
			as = as[1:]
		case order > 0:
			found = append(found, difference{name: bs[0].Name, to: bs[0].entry()})
			bs = bs[1:]
		default:
			if from, to := as[0].entry(), bs[0].entry(); from != to {
				found = append(found, difference{as[0].Name, from, to})
			}
			as, bs = as[1:], bs[1:]
		}
	}

	d.memo.remember(a, b, found)
	return found, nil
}

// recall returns how two trees differ, if that is known.
func (m *Memo) recall(a, b Hash) (found []difference, ok bool) {
	if m == nil {
		return nil, false
	}
	found, ok = m.differences[[2]Hash{a, b}]
	return found, ok
}

// remember keeps how two trees differ, while there is room. It has its own copies of names,
// which would keep the texts of complete trees.
func (m *Memo) remember(a, b Hash, found []difference) {
	if m == nil || m.Limit > 0 && m.kept+len(found) > m.Limit {
		return
	}
	if m.differences == nil {
		m.differences, m.names = map[[2]Hash][]difference{}, map[string]string{}
	}

	found = slices.Clone(found) // without room to grow
	for i := range found {
		name, ok := m.names[found[i].name]
		if !ok {
			name = strings.Clone(found[i].name)
			m.names[name] = name
		}
		found[i].name = name
	}

	m.differences[[2]Hash{a, b}] = found
	m.kept += len(found)
}

// compareEntries compares the first entries of two lists in git's order, in which
// a directory sorts as if its name ended in a slash.
func compareEntries(as, bs []TreeEntry) int {
	switch {
	case len(as) == 0:
		return 1
	case len(bs) == 0:
		return -1
	case as[0].Name == bs[0].Name && (as[0].Mode == treeMode) == (bs[0].Mode == treeMode):
		return 0
	}
	return strings.Compare(sortName(&as[0]), sortName(&bs[0]))
}

func sortName(e *TreeEntry) string {
	if e.Mode == treeMode {
		return e.Name + "/"
	}
	return e.Name
}
