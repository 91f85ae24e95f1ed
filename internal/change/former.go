package change

import (
	"maps"
	"slices"

	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
)

// Former is a place that commits name, or that something they name is in, and in which
// the grid has no resource.
type Former struct {
	inventory.Place
	Removal *history.Commit // removed its file; nil if none did
	InHead  bool            // the head has its file, though the grid has no resource of it

	// Of a node, as its file had them before it was removed:
	Name, NodeType string
}

// Former returns the places of resources that are not in the grid, sorted as those of a
// commit are.
func (l *Log) Former() []Former { return l.former }

// readFormer finds these places. What commits changed is known already.
func (l *Log) readFormer(hist *history.History, files *history.Files, grid *inventory.Grid) error {
	known := map[inventory.Place]bool{}
	for r := range grid.Resources() {
		known[r.Place] = true
	}

	paths := map[inventory.Place]string{}
	for n := range hist.Commits {
		for _, c := range files.Changed(n) {
			if place, ok := grid.Place(c.Path); ok && !known[place] {
				paths[place] = c.Path
			}
		}
	}

	removals, err := hist.Removals(files, slices.Collect(maps.Values(paths)))
	if err != nil {
		return err
	}

	index := map[history.Hash]int{}
	for n, c := range hist.Commits {
		index[c.ID] = n
	}

	for place, path := range paths {
		f := Former{Place: place, Removal: removals[path]}
		if f.Removal == nil {
			e, err := files.At(hist.Head(), path)
			if err != nil {
				return err
			}
			f.InHead = e.Mode != 0
		} else {
			of := l.Commit(index[f.Removal.ID])
			i, _ := slices.BinarySearchFunc(of, Resource{Place: place}, compare)
			f.Name, f.NodeType = of[i].Name, of[i].NodeType
		}
		l.former = append(l.former, f)

		// Pages link to what a place is in, which may never have had a file.
		for above, ok := place.Parent(); ok && !known[above] && paths[above] == ""; above, ok = above.Parent() {
			known[above] = true
			l.former = append(l.former, Former{Place: above})
		}
	}

	slices.SortFunc(l.former, func(a, b Former) int { return compare(Resource{Place: a.Place}, Resource{Place: b.Place}) })
	return nil
}
