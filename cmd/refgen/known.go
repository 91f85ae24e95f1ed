package main

import (
	"maps"
	"os"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// knownChanges reads what the live release of an output directory tells of the changes of
// commits. What is damaged, or was made in another way, is left out: it is computed again.
func knownChanges(out string, in build.Input) map[history.Hash][]change.Row {
	known := map[history.Hash][]change.Row{}
	live, err := disk.Open(out)
	if err != nil {
		return known
	}

	for i, part := range live.Manifest.Parts {
		if part.Prefix != build.SegmentPart {
			continue
		}

		entries, _ := live.Manifest.Entries(i)
		for e := range entries {
			if !build.HasChanges(in, &entries[e]) {
				continue
			}
			if rows, err := change.DecodeRows(readIntact(live, &entries[e])); err == nil {
				maps.Copy(known, rows)
			}
		}
	}

	return known
}

// readIntact reads a file that is as the manifest says; nil for any other.
func readIntact(t *disk.Tree, e *tree.Entry) []byte {
	file := e.File()
	if !t.StatMatches(file) {
		return nil
	}

	body, err := os.ReadFile(t.Path(file))
	if err != nil || !file.HasContent(body) {
		return nil
	}

	return body
}
