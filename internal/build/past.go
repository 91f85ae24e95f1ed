package build

import (
	"fmt"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/past"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// past yields the packs and indexes of the history's segments. Each depends on its
// segment alone. But a release has only the newest segments, so they are not in the
// store of immutable files: with every second commit one goes, and the store with it.
func (b *builder) past() {
	if b.Source == nil {
		return
	}

	in := past.Input{
		History:   b.History,
		Files:     b.Files,
		Source:    b.Source,
		Rewritten: len(b.Substitutes) > 0 || b.Hidden != "",
		Dir:       b.Grid.Dir,
	}
	segments := b.History.Segments()
	for n, s := range segments {
		// The index comes with the pack: it is kept until it is rendered, too.
		var index []byte
		b.pastFile(s, past.PackSuffix, func() (pack []byte, err error) {
			pack, index, err = in.Pack(segments, n)
			return pack, err
		})

		b.pastFile(s, past.IndexSuffix, func() ([]byte, error) {
			made := index
			index = nil
			if made != nil {
				return made, nil
			}
			_, made, err := in.Pack(segments, n)
			return made, err
		})
	}
}

func (b *builder) pastFile(s history.Segment, suffix string, body content) {
	f := tree.File{
		Path:        past.TreeDir + "/" + s.Name() + suffix,
		Class:       tree.OfPath,
		Fingerprint: b.fingerprint("past", s.Name(), suffix),
		Time:        b.times.Modified(s.Last),
	}
	b.emitBody(f, body)
}

// GridAt reads the resources of a commit from its past, as they are read for a build of
// it. Where is a place that is read alone, with what contains it; nil for all.
func GridAt(p *past.Past, commit history.Hash, where *inventory.Place) (*inventory.Grid, error) {
	var keep func(file string) bool
	if where != nil {
		keep = where.Depends(p.Dir())
	}

	fsys, err := p.FS(commit, keep)
	if err != nil {
		return nil, err
	}

	grid, _, err := inventory.Load(fsys, p.Dir())
	if err != nil {
		return nil, fmt.Errorf("read the resources of commit %s: %w", commit, err)
	}

	return grid, nil
}

// ItemAt returns the body of a resource as of a commit: the bytes that a build of that
// commit has for it, with some options. It is false for one that the commit does not have.
func ItemAt(p *past.Past, commit history.Hash, place inventory.Place, o Options) (body []byte, ok bool, err error) {
	if place.Kind != route.GridKind {
		// Without the file there may be no data directory either.
		if _, there, err := p.Lookup(place.FilePath(p.Dir()), commit); err != nil || !there {
			return nil, false, err
		}
	}

	grid, err := GridAt(p, commit, &place)
	if err != nil {
		return nil, false, err
	}

	committed, err := p.Time(commit)
	if err != nil {
		return nil, false, err
	}

	links := o.links(commit.String())
	for r := range grid.Resources() {
		if r.Place == place {
			return api.Encode(itemOf(links, committed, r)), true, nil
		}
	}

	return nil, false, nil
}
