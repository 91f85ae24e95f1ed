// Package publish owns the published tree: it writes a release beside the live
// one, checks it, compares it with the live one and puts it in its place in
// one step, so that readers see the old tree or the new one, and never a part.
//
// Below the output directory lie releases/<id>/, the link current to the live
// one, and .lock. Open reads a tree back, and so checks what was written.
package publish

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/chameleoncloud/refapi/internal/durable"
	"github.com/chameleoncloud/refapi/internal/hint"
)

// File is one file to publish.
type File struct {
	Path string // slash-separated, below the tree's root
	Body []byte
	Gzip []byte    // the body compressed, where that is at hand
	Time time.Time // whole seconds, UTC
}

// Files hands over the files of a generator that has a type of its own for them.
func Files[F ~struct {
	Path string
	Body []byte
	Gzip []byte
	Time time.Time
}](files iter.Seq2[F, error]) iter.Seq2[File, error] {
	return func(yield func(File, error) bool) {
		for f, err := range files {
			if !yield(File(f), err) {
				return
			}
		}
	}
}

// Options are how to publish. The functions may be nil.
type Options struct {
	Jobs       int  // files in work at once, at least 1
	Force      bool // publish what the comparison would refuse, and what is live already
	Keep       int  // releases to keep beside the live one
	MaxDeletes int  // resources that may vanish; below 0: a tenth of them, at least 20

	// Targets returns the paths that a file's links lead to. Each must be in
	// the tree.
	Targets func(File) []string
	// IsResource reports whether a file is a resource for MaxDeletes.
	IsResource func(path string) bool
	// Phase hears the name of each phase as it starts.
	Phase func(name string)
}

// Report says what was done.
type Report struct {
	Manifest  *Manifest
	Unchanged bool   // the release was live already
	Dir       string // where the release lies

	Written int   // files written, variants included
	Linked  int   // files taken over from the last release, variants included
	Raw     int64 // bytes of all files without variants
	Gzip    int64 // bytes of the gzip variants
	Brotli  int64 // bytes of the brotli variants

	Changes  Changes  // against the last release
	Retimed  []string // resources whose times were moved, because they had the ETags of others' bytes
	Healed   string   // what was wrong with the live release that was replaced, "" for nothing
	Pruned   []string // releases removed
	PruneErr error    // why old releases, or what a run has left, could not be removed; the new one is live
}

func (o *Options) phase(name string) {
	if o.Phase != nil {
		o.Phase(name)
	}
}

// Publish makes files the live release of the output directory root. On any
// error, also one that comes with a file, the live release stays as it was.
func Publish(ctx context.Context, root string, rel Release, files iter.Seq2[File, error], o Options) (_ *Report, err error) {
	defer func() { err = advise(err) }()
	if id := rel.ID; !validPath(id) || strings.ContainsRune(id, '/') || strings.HasSuffix(id, tmpSuffix) {
		return nil, fmt.Errorf("publish release %q: this cannot be the name of a directory", id)
	}
	out, err := openOutput(root)
	if err != nil {
		return nil, err
	}
	defer out.close()

	live, healed := openLive(root)
	if live.isIntact(rel.ID) && !o.Force {
		return &Report{Manifest: live.Manifest, Unchanged: true, Dir: live.Dir, PruneErr: out.left}, nil
	}

	tmp := filepath.Join(out.releases(), rel.ID+tmpSuffix)
	if _, err := os.Lstat(tmp); err == nil && out.left != nil {
		return nil, out.left
	}
	defer os.RemoveAll(tmp) // what was renamed is not there any more
	o.phase("write")
	staged, err := stage(ctx, tmp, live, files, o)
	if err != nil {
		return nil, err
	}
	report := staged.report
	report.Healed = healed
	if err := staged.complete(rel); err != nil {
		return nil, err
	}

	o.phase("sync")
	if err := durable.SyncTree(tmp); err != nil {
		return nil, err
	}
	o.phase("activate")
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if report.Dir, err = out.activate(tmp, rel.ID); err != nil {
		return nil, err
	}
	report.Pruned, report.PruneErr = out.prune(o.Keep)
	report.PruneErr = errors.Join(out.left, report.PruneErr)
	return report, nil
}

// complete compares a release whose files are written with the live one, and
// writes its manifest.
func (s *staging) complete(rel Release) error {
	live := s.live.manifest()
	m := &Manifest{Release: rel, Files: s.entries}
	m.index()
	s.report.Manifest = m

	s.report.Retimed = m.retime(live)
	for _, p := range s.report.Retimed {
		if err := s.setTimes(m.forms(p)); err != nil {
			return fmt.Errorf("write %s: %w", p, err)
		}
	}

	s.o.phase("check")
	if err := s.checkTargets(m); err != nil {
		return err
	}
	s.report.Changes = compare(live, m, s.damaged)
	if !s.o.Force {
		if err := s.report.Changes.allowed(live, s.o); err != nil {
			return err
		}
	}

	body, err := m.encode()
	if err != nil {
		return err
	}
	return s.write(ManifestFile, body, s.live.otherTime(body, m.time()))
}

// openLive reads the release that will be replaced, nil where there is none. One
// that cannot be read, as after a power failure, is replaced without a comparison;
// then healed says what was wrong.
func openLive(root string) (live *Tree, healed string) {
	live, err := Open(root)
	if err != nil {
		if _, missing := os.Lstat(filepath.Join(root, CurrentLink)); errors.Is(missing, fs.ErrNotExist) {
			return nil, ""
		}
		return nil, fmt.Sprintf("the live release cannot be read, and is replaced without a comparison: %v", err)
	}
	if info, err := os.Lstat(filepath.Join(root, CurrentLink)); err == nil && info.IsDir() {
		healed = fmt.Sprintf("%s was a directory and no link to a release", filepath.Join(root, CurrentLink))
	}
	return live, healed
}

// advise says what to do about a disk that refuses.
func advise(err error) error {
	switch {
	case hint.Of(err) != "":
		return err
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return hint.Wrap(err, "free some space: a release needs its own beside the live one")
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return hint.Wrap(err, "give a directory that you may write with --out")
	}
	return err
}
