package publish

import (
	"os"
	"path"
	"slices"

	"github.com/chameleoncloud/refapi/internal/tree"
)

// worker writes files in one goroutine. Its results are merged at the end.
type worker struct {
	*staging
	compressor *compressor
	entries    []tree.Entry
	targets    targets
	damaged    []string
	report     Report
}

// merge adds a worker's results to those of the release.
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

// writeFile hard-links a file and its sidecars from the live release, or writes them.
func (w *worker) writeFile(f tree.File) error {
	if !tree.ValidPath(f.Path) {
		return errBadPath
	}

	if w.opts.Targets != nil {
		for _, t := range w.opts.Targets(f) {
			w.targets.add(t, f.Path)
		}
	}

	e := entryOf(f, manifestOf(w.live))
	w.report.Raw += e.Size
	if w.linkUnchanged(e) {
		return nil
	}
	if err := w.create(e, f.Body); err != nil {
		return err
	}

	sidecars, err := w.compressor.compress(f)
	if err != nil {
		return err
	}

	for suffix, body := range sidecars {
		s := tree.NewEntry(f.Path+suffix, body, e.Time)
		s.Moved = e.Moved
		w.countSidecar(&s)
		if err := w.create(s, body); err != nil {
			return err
		}
	}

	return nil
}

// create writes a new file.
func (w *worker) create(e tree.Entry, body []byte) error {
	w.entries = append(w.entries, e)
	w.report.Written++
	return w.write(e.Path, body, e.Time)
}

// countSidecar adds a sidecar to the sums.
func (w *worker) countSidecar(e *tree.Entry) {
	if path.Ext(e.Path) == tree.GzipSuffix {
		w.report.Gzip += e.Size
	} else {
		w.report.Brotli += e.Size
	}
}

// linkUnchanged hard-links a file and its sidecars from the live release if content
// and time are unchanged and the files are intact. If it cannot, it returns false and
// the file is written instead. Whether a file is intact is judged by length and time;
// only with Options.Force is it read.
func (w *worker) linkUnchanged(e tree.Entry) bool {
	old := manifestOf(w.live).Lookup(e.Path)
	if old == nil || !old.Equal(e) {
		return false
	}

	entries := w.live.Manifest.WithSidecars(e.Path)
	isDamaged := func(v *tree.Entry) bool {
		return !w.live.StatMatches(v) || w.opts.Force && !w.live.ContentMatches(v)
	}
	if slices.ContainsFunc(entries, isDamaged) {
		w.damaged = append(w.damaged, e.Path)
		return false
	}

	if w.makeDir(path.Dir(e.Path)) != nil {
		return false
	}

	for i, v := range entries {
		if os.Link(w.live.Path(v.Path), w.path(v.Path)) != nil {
			for _, linked := range entries[:i] {
				os.Remove(w.path(linked.Path))
			}
			return false
		}
	}

	for i, v := range entries {
		if i > 0 {
			w.countSidecar(v)
		}
		w.entries = append(w.entries, *v)
	}

	w.report.Linked += len(entries)
	return true
}
