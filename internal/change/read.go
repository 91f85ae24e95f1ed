package change

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"unique"

	"golang.org/x/sync/errgroup"

	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Input is what changes are read from.
type Input struct {
	Source  Source // safe for concurrent use; open as long as the log is used
	History *history.History
	Files   *history.Files
	Grid    *inventory.Grid
	Spool   Spool // empty

	// Known are the rows of commits that an earlier log computed, in its order. Those
	// that do not fit the history are computed again.
	Known map[history.Hash][]Row
}

// readers is the number of paths that are compared in parallel. Even if the source
// serves one reader at a time, the others can compare meanwhile.
const readers = 4

// Read computes the changes of a history's commits whose rows are not known. It reads
// path by path, each version of a file once, and stores the differences in the spool.
func Read(ctx context.Context, in Input) (*Log, error) {
	log := &Log{
		history: in.History,
		files:   in.Files,
		commits: make([][]Resource, len(in.History.Commits)),
		paths:   map[string][]change{},
		spool:   newSpool(in.Spool),
		texts:   texts{src: in.Source},

		computed: map[[2]history.Hash]int32{},
	}

	unknown := log.plan(in)

	g, running := errgroup.WithContext(ctx)
	g.SetLimit(readers)
	for _, p := range slices.Sorted(maps.Keys(unknown)) {
		if running.Err() != nil {
			break
		}
		g.Go(func() error {
			if err := log.readPath(in.Source, unknown[p]); err != nil {
				return fmt.Errorf("read the versions of %s: %w", p, err)
			}
			return nil
		})
	}

	if err := cmp.Or(g.Wait(), ctx.Err()); err != nil {
		return nil, err
	}

	return log, log.readFormer(in)
}

// plan makes a row of each change of a resource's file, and lists those that are not
// known, by path.
func (l *Log) plan(in Input) (unknown map[string][]change) {
	unknown = map[string][]change{}
	places := placesOf(in)
	for n, commit := range in.History.Commits {
		changed := in.Files.Changed(n)
		var order []int // of changed, but for what is no resource
		for i := range changed {
			if _, ok := places[changed[i].Path]; ok {
				order = append(order, i)
			}
		}
		slices.SortFunc(order, func(a, b int) int {
			return compare(places[changed[a].Path], places[changed[b].Path])
		})

		rows := make([]Resource, len(order))
		for i, at := range order {
			c := &changed[at]
			rows[i] = Resource{
				Place:    places[c.Path],
				Row:      Row{File: c.Path},
				versions: Ref{from: blobOf(c.From), to: blobOf(c.To)},
			}
		}

		l.commits[n] = rows
		isKnown := takeKnown(rows, in.Known[commit.ID])
		for i, at := range order {
			path := rows[i].File
			c := change{commit: int32(n), row: int32(i), changed: int32(at)}
			l.paths[path] = append(l.paths[path], c)
			if !isKnown {
				unknown[path] = append(unknown[path], c)
			}
		}
	}

	return unknown
}

// placesOf returns the resources whose files changed, by path.
func placesOf(in Input) map[string]inventory.Place {
	places := map[string]inventory.Place{}
	others := map[string]bool{}
	for n := range in.History.Commits {
		for _, c := range in.Files.Changed(n) {
			if _, ok := places[c.Path]; ok || others[c.Path] {
				continue
			}
			if place, ok := in.Grid.Place(c.Path); ok {
				places[c.Path] = place
			} else {
				others[c.Path] = true
			}
		}
	}
	return places
}

// takeKnown completes the rows of a commit; false if those that are known are about
// other files.
func takeKnown(rows []Resource, known []Row) bool {
	sameFile := func(r Resource, k Row) bool { return r.File == k.File }
	if !slices.EqualFunc(rows, known, sameFile) {
		return false
	}
	for i := range rows {
		file := rows[i].File // as the history has it, so that they share memory
		rows[i].Row = known[i]
		rows[i].File = file
	}
	return true
}

// readPath completes the rows of one path.
func (l *Log) readPath(src Source, changes []change) error {
	texts := texts{src: src}
	numbers := map[[2]history.Hash]int32{} // merges repeat what they bring
	for _, c := range changes {
		entries := &l.files.Changed(int(c.commit))[c.changed]
		row := &l.commits[c.commit][c.row]

		var older, newer []byte
		var err error
		if row.Before, older, err = texts.entry(entries.From); err != nil {
			return err
		}
		if row.After, newer, err = texts.entry(entries.To); err != nil {
			return err
		}

		if row.Before == Present && row.After == Present {
			key := [2]history.Hash{row.versions.from, row.versions.to}
			number, ok := numbers[key]
			if !ok {
				if number, err = l.spool.add(Diff(older, newer)); err != nil {
					return err
				}
				numbers[key] = number
			}

			row.versions.number, row.Members = number, l.spool.members(number)
		}

		if row.Kind == route.NodeKind {
			row.describe(older, newer)
		}
	}

	return nil
}

// describe adds what the file of a node says of it: the text that is not nil, of two
// the newer.
func (r *Row) describe(older, newer []byte) {
	if newer == nil {
		newer = older
	}

	r.Name = textMember(newer, "node_name")
	if r.Before == Absent || r.After == Absent {
		r.NodeType = textMember(newer, "node_type")
	}
}

// textMember returns a member of a file that is a string; "" for none.
func textMember(text []byte, name string) string {
	for key, value := range rawjson.Members(text) {
		if decodeString(key) == name {
			s, _ := rawjson.Unquote(value)
			return unique.Make(s).Value() // equal ones share memory
		}
	}
	return ""
}
