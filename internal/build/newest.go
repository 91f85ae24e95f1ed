package build

import (
	"slices"

	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/route"
)

// allTypes is the key for the nodes of all types, and of none.
const allTypes = ""

// newestByType are the newest commits that changed, added or removed nodes of a type, or its
// description, by type: the pages about these name them. Merges do not count, as in feeds.
func (b *builder) newestByType() (map[string]*history.Commit, error) {
	log, err := b.Changes()
	if err != nil {
		return nil, err
	}

	wanted := append(nodeTypes(b.nodes()), allTypes)
	types := b.typesByPlace()
	described := map[*history.Commit][]string{}
	for _, d := range b.Grid.Descriptions {
		if log := b.History.Log(d.Path); len(log) > 0 {
			described[log[0]] = append(described[log[0]], d.Type)
		}
	}

	newest := map[string]*history.Commit{}
	left := len(wanted)
	for n, c := range b.History.Commits {
		if left == 0 {
			break
		}

		found := described[c]
		for _, r := range log.Commit(n) {
			if r.Kind == route.NodeKind && len(c.Parents) < 2 {
				found = append(found, allTypes, r.NodeType, types[r.Place])
			}
		}
		for _, name := range found {
			if newest[name] == nil && slices.Contains(wanted, name) {
				newest[name] = c
				left--
			}
		}
	}

	return newest, nil
}

// changedByNewest says of the page that is rendered next which commit last changed nodes of a
// type.
func (b *builder) changedByNewest(nodeType string) error {
	newest, err := b.newest()
	if err != nil {
		return err
	}
	if c := newest[nodeType]; c != nil {
		b.pages.ChangedBy([]*history.Commit{c})
	}
	return nil
}
