package change

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/rawjson"
)

// Source reads what files hold.
type Source interface {
	// Blob reads a file's content; false for one of more than limit bytes.
	Blob(id history.Hash, limit int64) (data []byte, ok bool, err error)
}

// readers is how many paths are in work at once. The source may read for one
// after the other; what is read is compared beside that.
const readers = 4

// Read finds what changed in a history: with each commit, and in each resource
// of the grid. It reads path by path, each version of a file once, and keeps
// the differences and the texts of nodes and flavors, nothing else. The source
// must serve several goroutines.
func Read(ctx context.Context, src Source, hist *history.History, files *history.Files, grid *inventory.Grid) (*Log, error) {
	paths, err := wanted(hist, files, grid)
	if err != nil {
		return nil, err
	}
	log := &Log{commits: make([][]Resource, len(hist.Commits)), versions: map[string][]Version{}}
	var mu sync.Mutex // of the log
	queue := make(chan string)
	g, ctx := errgroup.WithContext(ctx)
	for range readers {
		g.Go(func() error {
			r := &reader{src: src}
			for p := range queue {
				f := paths[p]
				if err := r.read(f); err != nil {
					return fmt.Errorf("read the versions of %s: %w", p, err)
				}
				mu.Lock()
				f.enter(log)
				mu.Unlock()
				*f = file{}
			}
			return nil
		})
	}
	g.Go(func() error {
		defer close(queue)
		for _, p := range slices.Sorted(maps.Keys(paths)) {
			select {
			case queue <- p:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	if err := g.Wait(); err != nil {
		return nil, err
	}
	for _, c := range log.commits {
		slices.SortFunc(c, compare)
	}
	return log, nil
}

// file is what is asked of one path, and the answers.
type file struct {
	changes  []fileChange
	log      string
	keep     bool
	entries  []history.Entry // at the commits of the log
	versions []Version
}

type fileChange struct {
	commit   int
	from, to history.Entry
	resource Resource
}

// enter puts the answers into the log.
func (f *file) enter(l *Log) {
	for i := range f.changes {
		n := f.changes[i].commit
		l.commits[n] = append(l.commits[n], f.changes[i].resource)
	}
	if f.log != "" {
		l.versions[f.log] = f.versions
	}
}

// reader reads files, those of one path after those of another.
type reader struct {
	src    Source
	differ differ
	arena  []byte

	// Of the path in work:
	contents map[history.Entry]content
	deltas   map[[2]history.Hash]*Delta
}

type content struct {
	state State
	text  []byte
}

// read compares all versions of one path that are to be compared.
func (r *reader) read(f *file) error {
	r.contents, r.deltas = map[history.Entry]content{}, map[[2]history.Hash]*Delta{}
	for i := range f.changes {
		c := &f.changes[i]
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
		switch {
		case before.state == Present && after.state == Present:
			res.Delta = r.delta(c.from, c.to, before, after)
		case res.Kind != inventory.KindNode:
		case before.state == Absent && after.state == Present:
			res.NodeType = nodeType(after.text)
		case before.state == Present && after.state == Absent:
			res.NodeType = nodeType(before.text)
		}
	}
	if f.log == "" {
		return nil
	}
	return r.readVersions(f)
}

// readVersions describes the versions of a resource of the grid.
func (r *reader) readVersions(f *file) error {
	f.versions = make([]Version, len(f.entries))
	var older history.Entry
	var text content
	kept := map[history.Hash][]byte{}
	for i, e := range slices.Backward(f.entries) {
		now, err := r.content(e)
		if err != nil {
			return err
		}
		v := &f.versions[i]
		v.State = now.state
		if now.state != Present {
			continue
		}
		if text.state == Present {
			v.Delta = r.delta(older, e, text, now)
		}
		older, text = e, now
		if f.keep {
			if _, ok := kept[e.Hash]; !ok {
				kept[e.Hash] = r.keep(now.text)
			}
			v.Text = kept[e.Hash]
		}
	}
	return nil
}

// content reads a version of the path in work.
func (r *reader) content(e history.Entry) (content, error) {
	e.Name = "" // it is in the path, and a hash is enough to tell files apart
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
			c = content{Present, text}
		}
	}
	r.contents[e] = c
	return c, nil
}

// delta compares two versions of the path in work.
func (r *reader) delta(from, to history.Entry, before, after content) *Delta {
	key := [2]history.Hash{from.Hash, to.Hash}
	if d, ok := r.deltas[key]; ok {
		return d
	}
	patch, old := r.differ.diff(before.text, after.text)
	d := &Delta{r.keep(patch), r.keep(old)}
	r.deltas[key] = d
	return d
}

// arenaSize is how much memory is taken at once for what is kept.
const arenaSize = 256 << 10

// keep copies a text to where it takes no more room than it has bytes.
func (r *reader) keep(text []byte) []byte {
	if len(text) > cap(r.arena)-len(r.arena) {
		r.arena = make([]byte, 0, max(arenaSize, len(text)))
	}
	n := len(r.arena)
	r.arena = append(r.arena, text...)
	return r.arena[n:len(r.arena):len(r.arena)]
}

func nodeType(text []byte) string {
	for k, v := range rawjson.MembersOf(text) {
		if name(k) == "node_type" {
			s, _ := rawjson.Unquote(v)
			return s
		}
	}
	return ""
}
