package publish

import "time"

// A server makes a file's ETag of its time and length alone. Where a file has
// other bytes than that of the live release at the same time and length, caches
// would take one for the other. The generator keeps times apart as far as it can
// without knowing what was live: what is left is chance (one in 3,600 where two
// commits have the same date), and output that changed without its revision. It
// is put right here: the file's time is moved, and stays so while its bytes do.

// retime moves the times of files that would have the ETags of the live
// release's, and returns their paths, variants left out.
func (m *Manifest) retime(live *Manifest) (moved []string) {
	for i := range m.Files {
		e := &m.Files[i]
		old := live.Lookup(e.Path)
		if IsVariant(e.Path) || old == nil || old.SHA256 == e.SHA256 || !old.made().Equal(e.made()) {
			continue
		}
		forms := m.forms(e.Path)
		// The file that the live one was moved away from may still be in caches.
		if old.Moved == 0 && !confusable(forms, live.forms(e.Path)) {
			continue
		}

		for _, form := range forms {
			form.Time, form.Moved = old.Time.Add(-time.Second), old.Moved+1
		}
		moved = append(moved, e.Path)
	}
	return moved
}

// forms returns a file and its variants, as far as they are there.
func (m *Manifest) forms(p string) (forms []*Entry) {
	for _, suffix := range []string{"", gzipSuffix, brotliSuffix} {
		if e := m.Lookup(p + suffix); e != nil {
			forms = append(forms, e)
		}
	}
	return forms
}

// confusable reports whether any form of a file has other bytes than one of
// another release at the same length.
func confusable(forms, others []*Entry) bool {
	for _, a := range forms {
		for _, b := range others {
			if a.Size == b.Size && a.SHA256 != b.SHA256 {
				return true
			}
		}
	}
	return false
}

// made is the time that the generator gave a file.
func (e *Entry) made() time.Time { return e.Time.Add(time.Duration(e.Moved) * time.Second) }

// keepMoved gives a file with the bytes and time of the live release's the time
// that this was moved to.
func (e *Entry) keepMoved(live *Manifest) {
	old := live.Lookup(e.Path)
	if old != nil && old.Moved > 0 && old.SHA256 == e.SHA256 && old.made().Equal(e.Time) {
		e.Time, e.Moved = old.Time, old.Moved
	}
}
