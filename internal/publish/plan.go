package publish

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"iter"
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
func Plan(ctx context.Context, root string, rel Release, files iter.Seq[File], o Options) (*Report, error) {
	live, err := Open(root)
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !o.Force {
		return nil, fmt.Errorf("read the live release: %w", err)
	}
	o.phase("render")
	s := &staging{targets: map[string]string{}}
	m := &Manifest{Release: rel}
	report := &Report{Manifest: m}
	for f := range files {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		sum := sha256.Sum256(f.Body)
		m.Files = append(m.Files, Entry{Path: f.Path, Size: int64(len(f.Body)), SHA256: hex.EncodeToString(sum[:]), Time: f.Time})
		report.Raw += int64(len(f.Body))
		if o.Targets != nil {
			for _, t := range o.Targets(f) {
				s.targets[t] = f.Path
			}
		}
	}
	slices.SortFunc(m.Files, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) })
	m.index()
	if err := s.checkTargets(m); err != nil {
		return nil, err
	}
	report.Changes = compare(live.manifest(), m)
	if !o.Force {
		if err := report.Changes.allowed(live.manifest(), o); err != nil {
			return nil, err
		}
	}
	return report, nil
}
