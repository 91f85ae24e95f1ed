package publish

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"

	"github.com/chameleoncloud/refapi/internal/tree"
)

// Earlier is a release that is published elsewhere. Its files are taken over, instead
// of rendering them, where the manifest has their fingerprints.
type Earlier struct {
	Manifest *tree.Manifest
	// Read returns the content of a file, or an error: ErrNotServed for one that is not to
	// be had by itself, and any other means that no more files can be read. What it returns is compared with
	// the manifest, so it need not be trusted. It may be called by several goroutines.
	Read func(context.Context, tree.Form) ([]byte, error)
}

// ErrNotServed means that a file of an earlier release is not to be had by itself.
var ErrNotServed = errors.New("it is not served by itself")

// maxReaders is how many files of an earlier release are read at once.
const maxReaders = 8

// taker takes files over from an earlier release.
type taker struct {
	*Earlier
	staging *staging

	mu     sync.Mutex
	failed error           // why no more files are taken over
	missed map[string]bool // files that have to be rendered after all
}

// lookup returns the entry of a file that can be taken over, nil if there is none.
func (t *taker) lookup(f tree.File) *tree.Entry {
	if t.Earlier == nil || f.Fingerprint == "" {
		return nil
	}

	t.mu.Lock()
	defer t.mu.Unlock()
	if t.failed != nil || t.missed[f.Path] {
		return nil
	}

	e := t.Manifest.LookupClass(f.Path, f.Class)
	if e == nil || !madeFrom(e, f) {
		return nil
	}

	return e
}

// take writes a file of the earlier release with its sidecars. If one of them cannot be
// read, or has other bytes than its manifest says, the file has to be rendered. An
// error is one of writing.
func (t *taker) take(ctx context.Context, e tree.Entry) error {
	if t.hasFailed() {
		t.miss(e.Path, nil)
		return nil
	}

	bodies := map[string][]byte{}
	for f := range e.Forms() {
		body, err := t.Read(ctx, f)
		if err == nil && !f.HasContent(body) {
			err = errors.New("it has other bytes than the manifest says")
		}
		if errors.Is(err, ErrNotServed) {
			t.miss(e.Path, nil)
			return nil
		}
		if err != nil {
			t.miss(e.Path, fmt.Errorf("read %s of the earlier release: %w", f.Path, err))
			return ctx.Err()
		}
		bodies[f.Path] = body
	}

	for f := range e.Forms() {
		if err := t.staging.write(f, bodies[f.Path]); err != nil {
			return err
		}
	}

	t.staging.taken(e)
	return nil
}

// miss notes that a file has to be rendered. After an error no other is asked for: a
// server that fails once would keep the build waiting for each of thousands of files.
func (t *taker) miss(path string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()

	if t.failed == nil {
		t.failed = err
	}
	t.missed[path] = true
}

func (t *taker) hasFailed() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.failed != nil
}

// taken records a file that was taken over from the earlier release.
func (s *staging) taken(e tree.Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.files.Add(e)
	s.report.Taken += e.Count()
}

// renderMissed renders the files that could not be taken over.
func (s *staging) renderMissed(ctx context.Context, files iter.Seq2[tree.File, error]) error {
	if len(s.earlier.missed) == 0 {
		return nil
	}
	if err := s.earlier.failed; err != nil {
		s.report.NotTaken = fmt.Sprintf("the earlier release is used no further: %v", err)
	}

	return s.writePlan(ctx, func(yield func(tree.File, error) bool) {
		for f, err := range files {
			if (err != nil || s.earlier.missed[f.Path]) && !yield(f, err) {
				return
			}
		}
	})
}
