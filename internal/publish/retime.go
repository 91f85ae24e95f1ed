package publish

import (
	"time"

	"github.com/chameleoncloud/refapi/internal/tree"
)

// A server computes a file's ETag from its time and length alone. If a file has the
// same time and length as in the live release, but other content, caches would
// confuse the two. The generator makes times unique as far as it can without knowing
// the live release; what remains are coincidences (one in 3,600 for two commits of
// the same date) and output that changed without its revision. These are corrected
// here: the file's time is moved, for as long as its content stays the same.

// retime moves the times of files that would have the ETag of other content in the
// live release, and returns their paths, without sidecars.
func retime(m, live *tree.Manifest) (moved []string) {
	for i := range m.Files {
		e := &m.Files[i]
		old := live.Lookup(e.Path)
		if tree.IsSidecar(e.Path) || old == nil || old.SHA256 == e.SHA256 ||
			!old.GeneratedTime().Equal(e.GeneratedTime()) {
			continue
		}

		forms := m.WithSidecars(e.Path)

		// If the live file was moved, the one before it may still be in caches.
		if old.Moved == 0 && !shareETag(forms, live.WithSidecars(e.Path)) {
			continue
		}

		for _, form := range forms {
			form.Time, form.Moved = old.Time.Add(-time.Second), old.Moved+1
		}

		moved = append(moved, e.Path)
	}

	return moved
}

// shareETag reports whether a file or sidecar has the same length as one of another
// release, but other content.
func shareETag(forms, others []*tree.Entry) bool {
	for _, a := range forms {
		for _, b := range others {
			if a.Size == b.Size && a.SHA256 != b.SHA256 {
				return true
			}
		}
	}
	return false
}

// entryOf returns the entry of a file to publish. A file that is unchanged keeps the
// time to which it was moved in the live release.
func entryOf(f tree.File, live *tree.Manifest) tree.Entry {
	e := tree.NewEntry(f.Path, f.Body, f.Time)
	old := live.Lookup(f.Path)
	if old != nil && old.Moved > 0 && old.SHA256 == e.SHA256 && old.GeneratedTime().Equal(e.Time) {
		e.Time, e.Moved = old.Time, old.Moved
	}
	return e
}
