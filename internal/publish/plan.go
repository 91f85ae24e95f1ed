package publish

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path"

	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// FindLive returns the live release if it is the one of an id and intact, else
// nil.
func FindLive(root, id string) *disk.Tree {
	live, err := disk.Open(root)
	if err != nil || !live.IsIntact(id) {
		return nil
	}
	return live
}

// Plan reports what Publish would change, and changes nothing. Its report counts
// no sidecars, which depend on nothing but the files.
func Plan(ctx context.Context, root string, rel tree.Release, files iter.Seq2[tree.File, error], opts Options) (
	*Report, error,
) {
	if err := checkOwned(root); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}

	live, healed := openLive(root)
	if live.IsIntact(rel.ID) && !opts.Force {
		return &Report{Manifest: live.Manifest, Unchanged: true, Dir: live.Dir}, nil
	}

	opts.phase("render")
	s := &staging{live: live, opts: opts, targets: targets{}, damaged: live.Damaged(),
		report: &Report{Healed: healed}}
	for f, err := range files {
		if err == nil {
			err = ctx.Err()
		}

		if err != nil {
			return nil, err
		}

		s.entries = append(s.entries, entryOf(f, manifestOf(live)))
		s.report.Raw += int64(len(f.Body))
		if opts.Targets != nil {
			for _, t := range opts.Targets(f) {
				s.targets.add(t, f.Path)
			}
		}
	}

	m := tree.NewManifest(rel, s.entries)
	if err := checkPaths(m); err != nil {
		return nil, err
	}

	s.report.Manifest = m
	s.report.Retimed = retime(m, manifestOf(live))
	if err := s.review(m); err != nil {
		return nil, err
	}

	return s.report, nil
}

// checkPaths refuses what writing the files would refuse.
func checkPaths(m *tree.Manifest) error {
	if len(m.Files) == 0 {
		return errNoFiles
	}

	for i := range m.Files {
		p := m.Files[i].Path
		if !tree.ValidPath(p) {
			return fmt.Errorf("write %s: %w", p, errBadPath)
		}

		taken := i > 0 && m.Files[i-1].Path == p
		for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
			taken = taken || m.Lookup(dir) != nil
		}

		if taken {
			return fmt.Errorf("write %s: %w", p, errPathTaken)
		}
	}

	return nil
}
