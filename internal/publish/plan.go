package publish

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path"
	"slices"
	"strings"
)

// Current returns the live release if it is the one of an id and whole, else
// nil.
func Current(root, id string) *Tree {
	live, err := Open(root)
	if err != nil || !live.isIntact(id) {
		return nil
	}
	return live
}

// Plan says what Publish would change, and changes nothing. Its report counts
// no variants, which depend on nothing but the files.
func Plan(ctx context.Context, root string, rel Release, files iter.Seq2[File, error], o Options) (*Report, error) {
	if err := isOurs(root); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	live, healed := openLive(root)
	if live.isIntact(rel.ID) && !o.Force {
		return &Report{Manifest: live.Manifest, Unchanged: true, Dir: live.Dir}, nil
	}
	o.phase("render")
	s := &staging{targets: targets{}}
	m := &Manifest{Release: rel}
	report := &Report{Manifest: m, Healed: healed}
	for f, err := range files {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(f.Body)
		e := Entry{Path: f.Path, Size: int64(len(f.Body)), SHA256: hex.EncodeToString(sum[:]), Time: f.Time}
		e.keepMoved(live.manifest())
		m.Files = append(m.Files, e)
		report.Raw += int64(len(f.Body))
		if o.Targets != nil {
			for _, t := range o.Targets(f) {
				s.targets.add(t, f.Path)
			}
		}
	}
	slices.SortFunc(m.Files, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) })
	m.index()
	if err := m.checkPaths(); err != nil {
		return nil, err
	}
	if err := s.checkTargets(m); err != nil {
		return nil, err
	}
	report.Retimed = m.retime(live.manifest())
	report.Changes = compare(live.manifest(), m, live.damaged())
	if !o.Force {
		if err := report.Changes.allowed(live.manifest(), o); err != nil {
			return nil, err
		}
	}
	return report, nil
}

// checkPaths refuses what writing the files would refuse.
func (m *Manifest) checkPaths() error {
	if len(m.Files) == 0 {
		return errNoFiles
	}
	for i := range m.Files {
		p := m.Files[i].Path
		if !validPath(p) {
			return fmt.Errorf("write %s: %w", p, errBadPath)
		}
		if i > 0 && m.Files[i-1].Path == p {
			return fmt.Errorf("write %s: %w", p, errPathTaken)
		}
		for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
			if m.Lookup(dir) != nil {
				return fmt.Errorf("write %s: %w", p, errPathTaken)
			}
		}
	}
	return nil
}
