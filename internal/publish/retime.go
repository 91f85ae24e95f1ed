package publish

import (
	"time"

	"github.com/chameleoncloud/refapi/internal/tree"
)

// A server makes a file's ETag of its time and length alone. Where a file has
// other bytes than that of the live release at the same time and length, caches
// would take one for the other. The generator keeps times apart as far as it can
// without knowing what was live: what is left is chance (one in 3,600 where two
// commits have the same date), and output that changed without its revision. It
// is put right here: the file's time is moved, and stays so while its bytes do.

// retime moves the times of files that would have the ETags of the live
// release's, and returns their paths, sidecars left out.
func retime(m, live *tree.Manifest) (moved []string) {
	for i := range m.Files {
		e := &m.Files[i]
		old := live.Lookup(e.Path)
		if tree.IsSidecar(e.Path) || old == nil || old.SHA256 == e.SHA256 ||
			!old.GeneratedTime().Equal(e.GeneratedTime()) {
			continue
		}

		forms := m.WithSidecars(e.Path)

		// The file that the live one was moved away from may still be in caches.
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

// shareETag reports whether any form of a file has other bytes than one of
// another release at the same length.
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

// entryOf describes a file as it will be published. One with the bytes and time
// of the live release's has the time that this was moved to.
func entryOf(f tree.File, live *tree.Manifest) tree.Entry {
	e := tree.NewEntry(f.Path, f.Body, f.Time)
	old := live.Lookup(f.Path)
	if old != nil && old.Moved > 0 && old.SHA256 == e.SHA256 && old.GeneratedTime().Equal(e.Time) {
		e.Time, e.Moved = old.Time, old.Moved
	}
	return e
}
