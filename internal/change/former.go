package change

import (
	"maps"
	"slices"

	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Former is a place that commits name, or that something they name is in, and in which
// the grid has no resource.
type Former struct {
	inventory.Place
	GitPath string          // "" of what never had a file
	Removal *history.Commit // removed its file; nil if none did
	InHead  bool            // the head has its file, though the grid has no resource of it

	// Of a node, as its file had them before it was removed:
	Name, NodeType string

	Move   *Move // of the removal, also one with a later commit; nil for none
	Joined bool  // some move begins or ends here: the history stays, since others link to it
}

// HasFeeds reports whether it is a node whose feeds stay: those who follow it are told that
// it was removed.
func (f *Former) HasFeeds() bool {
	return f.Kind == route.NodeKind && (f.Joined || f.Removal != nil)
}

// Former returns the places of resources that are not in the grid, sorted as those of a
// commit are.
func (l *Log) Former() []Former { return l.former }

// readFormer finds these places. What commits changed is known already.
func (l *Log) readFormer(in Input) error {
	known := map[inventory.Place]bool{}
	for r := range in.Grid.Resources() {
		known[r.Place] = true
	}

	paths := map[inventory.Place]string{}
	for path, f := range l.files {
		if f != nil && !known[f.Place] {
			paths[f.Place] = path
		}
	}

	removals, err := in.History.Removals(in.Files, slices.Collect(maps.Values(paths)))
	if err != nil {
		return err
	}

	l.joined = map[string]bool{}
	for _, resources := range l.commits {
		for i := range resources {
			if m := resources[i].Move; m != nil {
				l.joined[m.From.GitPath], l.joined[m.To.GitPath] = true, true
			}
		}
	}
	logs := maps.Clone(l.joined)
	for place, path := range paths {
		if place.Kind == route.NodeKind && removals[path] != nil {
			logs[path] = true
		}
	}
	if l.gone, err = in.History.Logs(in.Files, slices.Collect(maps.Keys(logs))); err != nil {
		return err
	}

	for place, path := range paths {
		f := Former{Place: place, GitPath: path, Removal: removals[path], Joined: l.joined[path]}
		if f.Removal == nil {
			e, err := in.Files.At(in.History.Head(), path)
			if err != nil {
				return err
			}
			f.InHead = e.Mode != 0
		} else {
			of := l.Commit(l.numbers[f.Removal])
			i, _ := slices.BinarySearchFunc(of, place, func(r Resource, p inventory.Place) int { return compare(r.Place, p) })
			f.Name, f.NodeType, f.Move = of[i].Name, of[i].NodeType, l.moveOf(&of[i])
		}
		l.former = append(l.former, f)

		// Pages link to what a place is in, which may never have had a file.
		for above, ok := place.Parent(); ok && !known[above] && paths[above] == ""; above, ok = above.Parent() {
			known[above] = true
			l.former = append(l.former, Former{Place: above})
		}
	}

	slices.SortFunc(l.former, func(a, b Former) int { return compare(a.Place, b.Place) })
	return nil
}
