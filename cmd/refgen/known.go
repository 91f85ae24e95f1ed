package main

import (
	"context"
	"io/fs"
	"maps"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/durable"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/publish"
	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// knownChanges returns what the live release of an output directory, or else an earlier
// one, tells of the changes of commits. What is damaged, or was made in another way, is
// left out: it is computed again. Out may be "", and earlier nil.
func knownChanges(
	ctx context.Context, fsys durable.FS, out string, earlier *publish.Earlier, in build.Input,
) map[history.Hash][]change.Row {
	known := map[history.Hash][]change.Row{}
	if out != "" {
		if live, err := disk.OpenFS(fsys, out); err == nil {
			addKnown(known, live.Manifest, in, func(f tree.Form) ([]byte, error) { return readIntact(live, f) })
		}
	}

	if len(known) == 0 && earlier != nil {
		addKnown(known, earlier.Manifest, in, func(f tree.Form) ([]byte, error) { return earlier.Read(ctx, f) })
	}

	return known
}

// addKnown adds the changes that a release tells of.
func addKnown(
	known map[history.Hash][]change.Row, m *tree.Manifest, in build.Input, read func(tree.Form) ([]byte, error),
) {
	for i, part := range m.Parts {
		if part.Prefix != build.SegmentPart {
			continue
		}

		entries, _ := m.Entries(i)
		for e := range entries {
			if !build.HasChanges(in, &entries[e]) {
				continue
			}

			file := entries[e].File()
			body, err := read(file)
			if err != nil || !file.HasContent(body) {
				continue
			}
			if rows, err := change.DecodeRows(body); err == nil {
				maps.Copy(known, rows)
			}
		}
	}
}

// readIntact reads a file that has the length and time of the manifest.
func readIntact(t *disk.Tree, f tree.Form) ([]byte, error) {
	if !t.StatMatches(f) {
		return nil, fs.ErrInvalid
	}
	return t.FS.ReadFile(t.Path(f))
}
