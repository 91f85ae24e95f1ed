package change

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/rawjson"
)

// Source reads what files hold.
type Source interface {
	// Blob reads a file's content; false for one of more than limit bytes.
	Blob(id history.Hash, limit int64) (data []byte, ok bool, err error)
}

// Read finds what changed in a history: with each commit, and in each resource
// of the grid. It reads path by path, each version of a file once, and keeps
// the differences and the texts of nodes and flavors, nothing else.
func Read(ctx context.Context, src Source, hist *history.History, files *history.Files, grid *inventory.Grid) (*Log, error) {
	r := &reader{src: src, paths: map[string]*file{}, log: &Log{
		commits:  make([][]Resource, len(hist.Commits)),
		versions: map[string][]Version{},
	}}
	for n := range hist.Commits {
		for _, c := range files.Changed(n) {
			if place, ok := grid.Place(c.Path); ok {
				f := r.file(c.Path)
				f.changes = append(f.changes, fileChange{n, place, c.From, c.To})
			}
		}
	}
	for _, h := range histories(grid) {
		f := r.file(h.file)
		f.log, f.keep = h.log, h.keep
		for _, c := range hist.Log(h.log) {
			e, err := files.At(c, h.file)
			if err != nil {
				return nil, err
			}
			f.versions = append(f.versions, e)
		}
	}
	for _, p := range slices.Sorted(maps.Keys(r.paths)) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := r.read(r.paths[p]); err != nil {
			return nil, fmt.Errorf("read the versions of %s: %w", p, err)
		}
		delete(r.paths, p)
	}
	for _, c := range r.log.commits {
		slices.SortFunc(c, compare)
	}
	return r.log, nil
}

// logged is a resource whose versions are shown.
type logged struct {
	log  string // the git path whose log it is
	file string
	keep bool // texts are shown, too
}

// histories lists the resources whose history the API shows.
func histories(g *inventory.Grid) (all []logged) {
	for _, s := range g.Sites {
		all = append(all, logged{g.SiteDir(s), s.File.Path, false})
		for _, c := range s.Clusters {
			all = append(all, logged{g.ClusterDir(s, c), c.File.Path, false})
			for _, n := range c.Nodes {
				all = append(all, logged{n.File.Path, n.File.Path, true})
			}
		}
		for _, f := range s.Flavors {
			all = append(all, logged{f.File.Path, f.File.Path, true})
		}
	}
	return all
}

// file is what is asked of one path.
type file struct {
	changes  []fileChange
	log      string
	keep     bool
	versions []history.Entry // at the commits of the log
}

type fileChange struct {
	commit   int
	place    inventory.Place
	from, to history.Entry
}

// reader reads files, those of one path after those of another.
type reader struct {
	src   Source
	paths map[string]*file
	log   *Log
	arena []byte

	// Of the path in work:
	contents map[history.Entry]content
	deltas   map[[2]history.Hash]*Delta
}

type content struct {
	state State
	text  []byte
}

func (r *reader) file(path string) *file {
	f := r.paths[path]
	if f == nil {
		f = &file{}
		r.paths[path] = f
	}
	return f
}

// read compares all versions of one path that are to be compared.
func (r *reader) read(f *file) error {
	r.contents, r.deltas = map[history.Entry]content{}, map[[2]history.Hash]*Delta{}
	// Oldest first: git keeps old versions as differences from newer ones, but
	// either way neighbours are read together.
	for _, c := range slices.Backward(f.changes) {
		before, err := r.content(c.from)
		if err != nil {
			return err
		}
		after, err := r.content(c.to)
		if err != nil {
			return err
		}
		res := Resource{Place: c.place, Before: before.state, After: after.state}
		switch {
		case before.state == Present && after.state == Present:
			res.Delta = r.delta(c.from, c.to, before, after)
		case c.place.Kind != inventory.KindNode:
		case before.state == Absent && after.state == Present:
			res.NodeType = nodeType(after.text)
		case before.state == Present && after.state == Absent:
			res.NodeType = nodeType(before.text)
		}
		r.log.commits[c.commit] = append(r.log.commits[c.commit], res)
	}
	if f.log == "" {
		return nil
	}
	return r.readVersions(f)
}

// readVersions describes the versions of a resource of the grid.
func (r *reader) readVersions(f *file) error {
	versions := make([]Version, len(f.versions))
	var older history.Entry
	var text content
	kept := map[history.Hash][]byte{}
	for i, e := range slices.Backward(f.versions) {
		now, err := r.content(e)
		if err != nil {
			return err
		}
		versions[i].State = now.state
		if now.state != Present {
			continue
		}
		if text.state == Present {
			versions[i].Delta = r.delta(older, e, text, now)
		}
		older, text = e, now
		if f.keep {
			if _, ok := kept[e.Hash]; !ok {
				kept[e.Hash] = r.keep(now.text)
			}
			versions[i].Text = kept[e.Hash]
		}
	}
	r.log.versions[f.log] = versions
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
	patch, old := Diff(before.text, after.text)
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
