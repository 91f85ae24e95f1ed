package past

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/history"
)

// Pack makes the pack and the index of a segment of the history, given by its number.
// It reads the contents path by path, and holds those of two paths at once.
func (in Input) Pack(segments []history.Segment, number int) (pack, index []byte, err error) {
	p := &packer{
		Input:   in,
		segment: segments[number],
		pack:    newPackWriter(),
		objects: map[history.Hash]int{},
		earlier: map[history.Entry]bool{},
		bases:   map[string]history.Entry{},
		ids:     map[history.Entry]history.Hash{},
		outside: map[history.Hash]bool{},
		index:   indexWriter{dir: in.Dir},
	}

	pack, index, err = p.run(segments[:number])
	if err != nil {
		return nil, nil, fmt.Errorf("pack the past of %s: %w", p.segment.Name(), err)
	}

	return pack, index, nil
}

// packer makes the files of one segment.
type packer struct {
	Input
	segment history.Segment

	pack    *packWriter
	objects map[history.Hash]int           // offsets in the pack; 0 of a text that is too large
	earlier map[history.Entry]bool         // contents that earlier segments have
	bases   map[string]history.Entry       // by path: the newest content that earlier segments have
	ids     map[history.Entry]history.Hash // of contents that were read, if texts are rewritten
	outside map[history.Hash]bool          // some objects that earlier segments have
	index   indexWriter
	differ  differ
}

// content identifies what a tree has in the place of a file: texts that are rewritten
// depend on whether they are those of files or of links.
func (in Input) content(e history.Entry) history.Entry {
	switch {
	case !in.Rewritten:
		e.Mode = 0
	case e.Regular():
		e.Mode = 0o100644
	}
	return e
}

// touch is what one commit of the segment did to one path.
type touch struct {
	path   string
	commit int // its number in the segment
	entry  history.Entry
}

// version is an object that was packed for a path.
type version struct {
	commit int
	text   []byte
	offset int
	depth  int
	weight int // bytes of the texts of its chain of deltas
}

func (p *packer) run(before []history.Segment) (pack, index []byte, err error) {
	touches, err := p.touches()
	if err != nil {
		return nil, nil, err
	}
	if err := p.readEarlier(before, touches); err != nil {
		return nil, nil, err
	}

	p.writeCommits()
	var neighbour []version // of the path before, if it is in the same directory
	for len(touches) > 0 {
		name := touches[0].path
		end := slices.IndexFunc(touches, func(t touch) bool { return t.path != name })
		if end < 0 {
			end = len(touches)
		}

		versions, err := p.path(touches[:end], neighbour)
		if err != nil {
			return nil, nil, err
		}

		neighbour, touches = versions, touches[end:]
		if len(touches) > 0 && path.Dir(touches[0].path) != path.Dir(name) {
			neighbour = nil
		}
	}

	pack = p.pack.finish()
	return pack, p.index.finish(p.objects, pack), nil
}

// changes returns the stored files that a commit changed.
func (p *packer) changes(n int, yield func(history.FileChange)) error {
	changed := p.Files.Changed(n)
	if c := p.History.Commits[n]; c.Boundary {
		var err error
		if changed, err = p.Files.All(c, p.Dir); err != nil {
			return err
		}
	}

	for _, c := range changed {
		if isStored(c.Path) {
			yield(c)
		}
	}

	return nil
}

// touches returns what the segment's commits did, by path, the oldest first.
func (p *packer) touches() (all []touch, err error) {
	for commit, n := range p.segment.Commits {
		if err := p.changes(n, func(c history.FileChange) {
			all = append(all, touch{path: c.Path, commit: commit, entry: c.To})
		}); err != nil {
			return nil, err
		}
	}

	slices.SortStableFunc(all, func(a, b touch) int { return strings.Compare(a.path, b.path) })

	// A damaged tree may have a name twice.
	return slices.CompactFunc(all, func(a, b touch) bool { return a.path == b.path && a.commit == b.commit }), nil
}

// readEarlier finds out which of the segment's objects, and of its paths, earlier
// segments have.
func (p *packer) readEarlier(before []history.Segment, touches []touch) error {
	wanted := map[history.Entry]bool{}
	for _, t := range touches {
		wanted[p.content(t.entry)] = true
		p.bases[t.path] = history.Entry{}
	}

	for _, s := range before {
		for _, n := range s.Commits {
			if err := p.changes(n, func(c history.FileChange) {
				if !isBlob(c.To) {
					return
				}
				if e := p.content(c.To); wanted[e] {
					p.earlier[e] = true
				}
				if _, ok := p.bases[c.Path]; ok {
					p.bases[c.Path] = c.To
				}
			}); err != nil {
				return err
			}
		}
	}

	return nil
}

// writeCommits writes the segment's commits to the index.
func (p *packer) writeCommits() {
	numbers := map[history.Hash]int{}
	for n, i := range p.segment.Commits {
		c := p.History.Commits[i]
		numbers[c.ID] = n
		p.index.commits = append(p.index.commits, commitRow{id: c.ID, time: c.Committer.When.Unix(), parent: noParent})
		if len(c.Parents) == 0 {
			continue
		}

		// The first parent is before its child: in this segment, or in an earlier one.
		row := &p.index.commits[n]
		if local, ok := numbers[c.Parents[0]]; ok {
			row.parent = local
		} else {
			row.parent, row.outside = outsideParent, c.Parents[0]
		}
	}
}

// object is a content as it is stored.
type object struct {
	id   history.Hash
	text []byte
	fits bool // false if it is too large
}

// read reads a content.
func (p *packer) read(e history.Entry) (o object, err error) {
	read := p.Source.Blob
	if isLink(e) {
		read = p.Source.Link
	}

	o.text, o.fits, err = read(e.Hash, int64(maxText()))
	switch {
	case !p.Rewritten:
		o.id = e.Hash
	case o.fits:
		o.id = blobID(o.text)
	}
	p.ids[p.content(e)] = o.id

	return o, err
}

// isStored reports whether a content is in the pack or in an earlier one, under its id.
func (p *packer) isStored(e history.Entry, id history.Hash) bool {
	_, ok := p.objects[id]
	return ok || p.outside[id] || p.earlier[p.content(e)]
}

// lookUp returns a content's id if it is stored, and otherwise reads the content.
func (p *packer) lookUp(e history.Entry) (object, error) {
	id, known := e.Hash, true
	if p.Rewritten {
		id, known = p.ids[p.content(e)]
	}
	if known && p.isStored(e, id) {
		return object{id: id}, nil
	}
	return p.read(e)
}

// path packs what a path had in the segment's commits, the oldest first. The versions
// of the path before, a neighbour, serve as bases where these are similar.
func (p *packer) path(touches []touch, neighbour []version) ([]version, error) {
	name := touches[0].path
	p.index.path(name)

	var versions []version
	var base *object // what earlier segments have for the path
	anchor := 0      // the version that later ones are based on when a chain has become too long
	for _, t := range touches {
		if !isBlob(t.entry) {
			p.index.change(t.commit, changeAbsent, history.Hash{})
			continue
		}

		o, err := p.lookUp(t.entry)
		if err == nil && base == nil && !p.isStored(t.entry, o.id) {
			base, err = p.readBase(name)
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}

		kind := changeFile
		if isLink(t.entry) {
			kind = changeLink
		}
		p.index.change(t.commit, kind, o.id)

		if p.isStored(t.entry, o.id) {
			continue
		}
		if !o.fits {
			p.objects[o.id] = 0
			continue
		}

		v := version{commit: t.commit, text: o.text}
		if err := p.write(&v, versions, &anchor, neighbour, base); err != nil {
			return nil, err
		}

		p.objects[o.id] = v.offset
		versions = append(versions, v)
	}

	return versions, nil
}

// readBase reads what earlier segments have for a path; one that does not fit if they
// have nothing.
func (p *packer) readBase(path string) (*object, error) {
	e := p.bases[path]
	if !isBlob(e) {
		return &object{}, nil
	}

	o, err := p.read(e)
	p.outside[o.id] = true
	return &o, err
}

// goodDelta is the length of a delta for which no other base is tried.
const goodDelta = 48

// write writes a version of a path, as a delta of one of the candidates: the version
// before it, which may be in an earlier segment, or that of the neighbour at the
// commit. It is stored whole where no delta is shorter than half of it.
func (p *packer) write(v *version, versions []version, anchor *int, neighbour []version, earlier *object) error {
	var best []byte
	var base *version

	try := func(candidate *version) {
		if candidate.depth >= maxDepth || candidate.weight+len(v.text) > maxWeight {
			return
		}
		delta := p.differ.diff(candidate.text, v.text)
		if limit := len(v.text) / 2; len(delta) < limit && (best == nil || len(delta) < len(best)) {
			best, base = slices.Clone(delta), candidate
		}
	}

	isOutside := false
	switch {
	case len(versions) > 0:
		last := &versions[len(versions)-1]
		if last.depth >= maxDepth {
			last = &versions[*anchor]
			*anchor = len(versions)
		}
		try(last)
	case earlier.fits:
		try(&version{text: earlier.text})
		isOutside = base != nil
	}

	if best == nil || len(best) > goodDelta {
		if n := at(neighbour, v.commit); n != nil {
			before := base
			try(n)
			isOutside = isOutside && base == before
		}
	}

	return p.store(v, best, base, isOutside, earlier.id)
}

// at returns the version that a path had at a commit or last before it, of those that
// were packed; nil if there is none.
func at(versions []version, commit int) *version {
	n, found := slices.BinarySearchFunc(versions, commit, func(v version, c int) int { return v.commit - c })
	switch {
	case found:
		return &versions[n]
	case n > 0:
		return &versions[n-1]
	}
	return nil
}

// store writes a version as it was decided.
func (p *packer) store(v *version, delta []byte, base *version, isOutside bool, earlier history.Hash) (err error) {
	v.weight = len(v.text)
	if base != nil {
		v.depth, v.weight = base.depth+1, base.weight+len(v.text)
	}

	switch {
	case base == nil:
		v.offset, err = p.pack.blob(v.text)
	case isOutside:
		v.offset, err = p.pack.idDelta(delta, earlier)
	default:
		v.offset, err = p.pack.offsetDelta(delta, base.offset)
	}

	return err
}
