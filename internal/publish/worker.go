package publish

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path"
)

// worker writes files for one goroutine and keeps its results to itself.
type worker struct {
	*staging
	compress *compressor
	entries  []Entry
	targets  targets
	damaged  []string
	report   Report
}

// merge hands a worker's results over.
func (w *worker) merge() {
	w.staging.mu.Lock()
	defer w.staging.mu.Unlock()
	w.staging.entries = append(w.staging.entries, w.entries...)
	for target, from := range w.targets {
		w.staging.targets.add(target, from)
	}
	w.staging.damaged = append(w.staging.damaged, w.damaged...)
	r := w.staging.report
	r.Written += w.report.Written
	r.Linked += w.report.Linked
	r.Raw += w.report.Raw
	r.Gzip += w.report.Gzip
	r.Brotli += w.report.Brotli
}

// file takes a file over from the live release, or writes it.
func (w *worker) file(f File) error {
	if !validPath(f.Path) {
		return errBadPath
	}
	if w.o.Targets != nil {
		for _, t := range w.o.Targets(f) {
			w.targets.add(t, f.Path)
		}
	}
	sum := sha256.Sum256(f.Body)
	e := Entry{Path: f.Path, Size: int64(len(f.Body)), SHA256: hex.EncodeToString(sum[:]), Time: f.Time}
	e.keepMoved(w.live.manifest())
	if w.takeOver(f, e) {
		return nil
	}
	w.report.Raw += e.Size
	if err := w.put(e, f.Body); err != nil {
		return err
	}
	variants, err := w.compress.variants(f)
	if err != nil {
		return err
	}
	for suffix, body := range variants {
		sum := sha256.Sum256(body)
		v := Entry{Path: f.Path + suffix, Size: int64(len(body)), SHA256: hex.EncodeToString(sum[:]), Time: e.Time, Moved: e.Moved}
		w.count(v)
		if err := w.put(v, body); err != nil {
			return err
		}
	}
	return nil
}

func (w *worker) put(e Entry, body []byte) error {
	w.entries = append(w.entries, e)
	w.report.Written++
	return w.write(e.Path, body, e.Time)
}

// count adds a variant to the sums.
func (w *worker) count(v Entry) {
	if path.Ext(v.Path) == gzipSuffix {
		w.report.Gzip += v.Size
	} else {
		w.report.Brotli += v.Size
	}
}

// takeOver links a file and its variants from the live release where bytes and
// time are the same and the disk still has them. Anything else is no failure:
// the file is written. That the disk has the bytes of the manifest is judged by
// length and time, and by reading them only when told to force.
func (w *worker) takeOver(f File, e Entry) bool {
	old := w.live.manifest().Lookup(f.Path)
	if old == nil || !old.Equal(e) {
		return false
	}
	entries := []*Entry{old}
	for _, suffix := range []string{gzipSuffix, brotliSuffix} {
		if v := w.live.Manifest.Lookup(f.Path + suffix); v != nil {
			entries = append(entries, v)
		}
	}
	for _, v := range entries {
		if !w.live.has(v) || w.o.Force && !w.live.holds(v) {
			w.damaged = append(w.damaged, f.Path)
			return false
		}
	}
	if w.makeDir(path.Dir(f.Path)) != nil {
		return false
	}
	for i, v := range entries {
		if os.Link(w.live.path(v.Path), w.path(v.Path)) != nil {
			for _, done := range entries[:i] {
				os.Remove(w.path(done.Path))
			}
			return false
		}
	}
	for _, v := range entries[1:] {
		w.count(*v)
	}
	for _, v := range entries {
		w.entries = append(w.entries, *v)
	}
	w.report.Raw += e.Size
	w.report.Linked += len(entries)
	return true
}
