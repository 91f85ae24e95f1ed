package publish

import (
	"slices"
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
	for e, old := range m.Pairs(live) {
		if e == nil || old == nil || old.SHA256 == e.SHA256 || !old.GeneratedTime().Equal(e.GeneratedTime()) {
			continue
		}

		// If the live file was moved, the one before it may still be in caches.
		if old.Moved == 0 && !shareETag(e, old) {
			continue
		}

		e.Time, e.Moved = old.Time.Add(-time.Second), old.Moved+1
		moved = append(moved, e.Path)
	}

	slices.Sort(moved)
	return moved
}

// shareETag reports whether a file or sidecar has the same length as one of another
// release, but other content.
func shareETag(e, other *tree.Entry) bool {
	for a := range e.Forms() {
		for b := range other.Forms() {
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
	e := tree.NewEntry(f)
	old := live.LookupClass(f.Path, f.Class)
	if old != nil && old.Moved > 0 && old.SHA256 == e.SHA256 && old.GeneratedTime().Equal(e.Time) {
		e.Time, e.Moved = old.Time, old.Moved
	}
	return e
}
