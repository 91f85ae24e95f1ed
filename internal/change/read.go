package change

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Source reads the content of files.
type Source interface {
	// Blob reads a file's content; false for one of more than limit bytes.
	Blob(id history.Hash, limit int64) (data []byte, ok bool, err error)
}

// readers is the number of paths that are compared in parallel. Even if the source
// serves one reader at a time, the others can compare meanwhile.
const readers = 4

// Read computes the changes of a history, by commit and by resource of the grid. It
// reads path by path, each version of a file once, and keeps only the differences
// and the newest text of each file. The source must be safe for concurrent use.
func Read(
	ctx context.Context, src Source, hist *history.History, files *history.Files, grid *inventory.Grid,
) (*Log, error) {
	paths, err := plan(hist, files, grid)
	if err != nil {
		return nil, err
	}

	log := &Log{commits: make([][]Resource, len(hist.Commits)), versions: map[string][]Version{}}
	var mu sync.Mutex // of the log

	shared := &deltaSet{known: map[deltaKey]*Delta{}}
	g, running := errgroup.WithContext(ctx)
	g.SetLimit(readers)

	for _, p := range slices.Sorted(maps.Keys(paths)) {
		if running.Err() != nil {
			break
		}
		g.Go(func() error {
			r := &reader{
				src: src, shared: shared,
				contents: map[history.TreeEntry]content{}, deltas: map[[2]history.Hash]*Delta{},
			}

			f := paths[p]
			versions, err := r.read(f)
			if err != nil {
				return fmt.Errorf("read the versions of %s: %w", p, err)
			}

			mu.Lock()
			defer mu.Unlock()
			for _, c := range f.changes {
				log.commits[c.commit] = append(log.commits[c.commit], c.resource)
			}
			if f.log != "" {
				log.versions[f.log] = versions
			}

			return nil
		})
	}

	if err := cmp.Or(g.Wait(), ctx.Err()); err != nil {
		return nil, err
	}

	for _, c := range log.commits {
		slices.SortFunc(c, compare)
	}

	if err := log.readFormer(hist, files, grid); err != nil {
		return nil, err
	}

	return log, nil
}

// reader reads and compares the versions of one path.
type reader struct {
	src      Source
	shared   *deltaSet
	contents map[history.TreeEntry]content
	deltas   map[[2]history.Hash]*Delta
}

type content struct {
	state State
	text  []byte
}

// read makes the comparisons for a path. It returns the versions of a resource: of
// each the difference from the next older one that is present.
func (r *reader) read(f *file) ([]Version, error) {
	for i := range f.changes {
		if err := r.readChange(&f.changes[i]); err != nil {
			return nil, err
		}
	}

	versions := make([]Version, len(f.entries))
	var older history.TreeEntry
	var text content
	for i, e := range slices.Backward(f.entries) {
		current, err := r.content(e)
		if err != nil {
			return nil, err
		}

		v := &versions[i]
		v.State = current.state

		if current.state != Present {
			continue
		}

		if text.state == Present {
			v.Delta = r.delta(older, e, text, current)
		}
		older, text = e, current
	}

	newest := slices.IndexFunc(versions, func(v Version) bool { return v.State == Present })
	if newest >= 0 {
		versions[newest].Text = text.text
	}

	return versions, nil
}

func (r *reader) readChange(c *fileChange) error {
	before, err := r.content(c.from)
	if err != nil {
		return err
	}

	after, err := r.content(c.to)
	if err != nil {
		return err
	}

	res := &c.resource
	res.Before, res.After = before.state, after.state
	if before.state == Present && after.state == Present {
		res.Delta = r.delta(c.from, c.to, before, after)
	}
	if res.Kind != route.NodeKind {
		return nil
	}

	last := after
	if after.state != Present {
		last = before
	}
	res.Name = textMember(last.text, "node_name")
	if before.state == Absent || after.state == Absent {
		res.NodeType = textMember(last.text, "node_type")
	}

	return nil
}

// content reads a version of the current path.
func (r *reader) content(e history.TreeEntry) (content, error) {
	e.Name = "" // the cache is per path, and a hash identifies the content
	if c, ok := r.contents[e]; ok {
		return c, nil
	}

	c := content{state: Unreadable}
	switch {
	case e.Mode == 0:
		c.state = Absent
	case e.Regular():
		limits := inventory.FileLimits()
		src, ok, err := r.src.Blob(e.Hash, int64(limits.Bytes))
		if err != nil {
			return c, err
		}
		if !ok {
			break
		}

		if text, err := rawjson.Compact(src, limits); err == nil {
			c = content{Present, bytes.Clone(text)} // without the room that white space had
		}
	}

	r.contents[e] = c
	return c, nil
}

// delta compares two versions of the current path.
func (r *reader) delta(from, to history.TreeEntry, before, after content) *Delta {
	key := [2]history.Hash{from.Hash, to.Hash}
	d, ok := r.deltas[key]
	if !ok {
		d = r.shared.intern(Diff(before.text, after.text))
		r.deltas[key] = d
	}
	return d
}

// deltaSet interns the differences of all paths. Many nodes change in the same way,
// so this saves memory, and callers can use the pointer as a key for caching.
type deltaSet struct {
	mu    sync.Mutex
	known map[deltaKey]*Delta
}

type deltaKey [sha256.Size]byte

// intern returns the delta that equals this one. A new one gets its own copies of
// the values, so that it does not hold on to the files.
func (s *deltaSet) intern(d *Delta) *Delta {
	hash := sha256.New()
	for i := range d.Ops {
		op := &d.Ops[i]
		fmt.Fprintf(hash, "%d %d %d %s%s%s", len(op.Pointer), len(op.Old), len(op.New), op.Pointer, op.Old, op.New)
	}

	key := deltaKey(hash.Sum(nil))
	s.mu.Lock()
	defer s.mu.Unlock()

	if known, ok := s.known[key]; ok {
		return known
	}

	d = &Delta{slices.Clone(d.Ops)}
	for i := range d.Ops {
		op := &d.Ops[i]
		op.Old, op.New = bytes.Clone(op.Old), bytes.Clone(op.New)
	}

	s.known[key] = d
	return d
}

// textMember returns a member of a file that is a string; "" for none.
func textMember(text []byte, name string) string {
	for key, value := range rawjson.Members(text) {
		if decodeString(key) == name {
			s, _ := rawjson.Unquote(value)
			return s
		}
	}
	return ""
}
