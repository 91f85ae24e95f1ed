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

	// Known are rows that an earlier log computed, by commit, in its order. Those that do
	// not fit the history are computed again.
	Known map[history.Hash][]Row
}

// readers is the number of paths that are compared in parallel. Even if the source
// serves one reader at a time, the others can compare meanwhile.
const readers = 4

// Read computes the changes of a history's commits whose rows are not known. It reads
// path by path, each version of a file once, and stores the differences in the spool.
func Read(ctx context.Context, in Input) (*Log, error) {
	log := &Log{
		history:  in.History,
		numbers:  map[*history.Commit]int{},
		commits:  make([][]Resource, len(in.History.Commits)),
		files:    map[string]*File{},
		spool:    newSpool(in.Spool),
		effects:  map[effectKey]*Effect{},
		trees:    in.Files,
		texts:    texts{src: in.Source},
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

	for _, resources := range log.commits {
		Join(resources)
	}
	log.joinLater()

	return log, log.readFormer(in)
}

// plan makes a resource of each change of a resource's file, and lists those that are
// not known, by path.
func (l *Log) plan(in Input) (unknown map[string][]changeIndex) {
	unknown = map[string][]changeIndex{}
	for n, commit := range in.History.Commits {
		l.numbers[commit] = n
		changed := in.Files.Changed(n)
		var order []int // of changed, but for what is no resource
		for i := range changed {
			if l.file(in.Grid, changed[i].Path) != nil {
				order = append(order, i)
			}
		}
		slices.SortFunc(order, func(a, b int) int {
			return compare(l.files[changed[a].Path].Place, l.files[changed[b].Path].Place)
		})

		resources := make([]Resource, len(order))
		for i, at := range order {
			c := &changed[at]
			resources[i] = Resource{File: l.files[c.Path], versions: c}
		}

		l.commits[n] = resources
		isKnown := l.takeKnown(resources, in.Known[commit.ID])
		for i := range resources {
			f := resources[i].File
			c := changeIndex{commit: int32(n), resource: int32(i)}
			f.changes = append(f.changes, c)
			if !isKnown {
				unknown[f.GitPath] = append(unknown[f.GitPath], c)
			}
		}
	}

	return unknown
}

// file returns the file at a path, nil for what is no resource's.
func (l *Log) file(grid *inventory.Grid, path string) *File {
	f, ok := l.files[path]
	if !ok {
		if place, isResource := grid.Place(path); isResource {
			f = &File{Place: place, GitPath: path}
		}
		l.files[path] = f
	}
	return f
}

// takeKnown completes the resources of a commit; false if the rows that are known are
// about other files.
func (l *Log) takeKnown(resources []Resource, known []Row) bool {
	sameFile := func(r Resource, k Row) bool { return r.GitPath == k.GitPath }
	if !slices.EqualFunc(resources, known, sameFile) {
		return false
	}
	for i := range resources {
		resources[i].Effect = l.shared(known[i].Effect)
	}
	return true
}

// readPath completes the resources of one path.
func (l *Log) readPath(src Source, changes []changeIndex) error {
	texts := texts{src: src}
	done := map[[2]history.Hash]*Resource{} // merges repeat what they bring
	for _, c := range changes {
		r := &l.commits[c.commit][c.resource]

		var e Effect
		var older, newer []byte
		var err error
		if e.Before, older, err = texts.entry(r.versions.From); err != nil {
			return err
		}
		if e.After, newer, err = texts.entry(r.versions.To); err != nil {
			return err
		}

		if e.Before == Present && e.After == Present {
			key := [2]history.Hash{blobOf(r.versions.From), blobOf(r.versions.To)}
			if same := done[key]; same != nil {
				r.number, r.Effect = same.number, same.Effect
				continue
			}
			done[key] = r

			d := Diff(older, newer)
			if r.number, err = l.spool.add(d); err != nil {
				return err
			}
			e.Members, e.About = l.spool.describe(r.number, r.Kind, d)
		}

		if r.Kind == route.NodeKind {
			e.describe(older, newer)
		}
		r.Effect = l.shared(e)
	}

	return nil
}

// describe adds what the file of a node says of it: the text that is not nil, of two
// the newer.
func (e *Effect) describe(older, newer []byte) {
	if newer == nil {
		newer = older
	}

	e.Name = textMember(newer, "node_name")
	if e.Before == Absent || e.After == Absent {
		e.NodeType = textMember(newer, "node_type")
		e.Machine = machineOf(newer).encode()
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
