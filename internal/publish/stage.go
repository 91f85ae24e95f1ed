package publish

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/chameleoncloud/refapi/internal/durable"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// Reasons why a file or a release cannot be written.
var (
	errNoFiles   = errors.New("write the release: it has no files")
	errBadPath   = errors.New("the path does not name a file of a release")
	errPathTaken = errors.New("another file has this path, or a path below it")
)

// staging is a release that is being written, or planned.
type staging struct {
	fs      durable.FS
	dir     string // of the release; "" for a plan
	store   string // of its new immutable files, until they go to where they are served from
	live    *disk.Tree
	base    *tree.Manifest // the release that readers have: the live one, or else the earlier one
	earlier taker
	damaged map[string]bool // files of the live release
	opts    Options

	mu     sync.Mutex
	files  tree.Collector
	kept   int                // immutable files of the live release that are in this one too
	staged []string           // paths in the store that is staged
	shared string             // the store of the live release, if this one shares it
	dirs   map[string]bool    // created so far
	times  map[time.Time]bool // that the file system has stored exactly
	links  map[string]string  // with the first file, by name, that has each
	bases  map[string]bool    // what precedes paths in links, and whether it is the base of the site
	report *Report
}

func newStaging(dir, store string, live *disk.Tree, healed string, opts Options) *staging {
	matches := live.StatMatches
	if opts.Force {
		matches = func(f tree.Form) bool { return live.StatMatches(f) && live.ContentMatches(f) }
	}

	base := live.Manifest
	if opts.Earlier != nil && len(base.Parts) == 0 {
		base = opts.Earlier.Manifest
	}

	s := &staging{
		fs:      opts.fs(),
		dir:     dir,
		store:   store,
		live:    live,
		base:    base,
		damaged: live.Damaged(matches),
		opts:    opts,
		dirs:    map[string]bool{},
		times:   map[time.Time]bool{},
		links:   map[string]string{},
		bases:   map[string]bool{},
		report:  &Report{Healed: healed, base: base},
	}
	s.earlier = taker{Earlier: opts.Earlier, staging: s, missed: map[string]bool{}}
	return s
}

// job is a file to write, one of the live release to keep, or one of an earlier release
// to take over.
type job struct {
	file tree.File   // rendered, unless one of the others is set
	keep *tree.Entry // of the live release
	take *tree.Entry // of the earlier release
}

// examine decides what to do with a file of the plan. It renders the file unless
// the live release has it, made from the same inputs and undamaged.
func (s *staging) examine(f tree.File) (job, error) {
	if !tree.ValidPath(f.Path) || tree.IsSidecar(f.Path) {
		return job{}, errBadPath
	}

	old := s.live.Manifest.LookupClass(f.Path, f.Class)
	if old != nil && madeFrom(old, f) && !s.damaged[f.Path] {
		s.addLinks(f)
		return job{keep: old}, nil
	}
	if e := s.earlier.lookup(f); e != nil {
		s.addLinks(f)
		return job{take: e}, nil
	}

	f, err := f.Rendered()
	if err != nil {
		return job{}, err
	}

	s.addLinks(f)
	return job{file: f}, nil
}

// madeFrom reports whether the file of an entry was made from the inputs of a file.
func madeFrom(e *tree.Entry, f tree.File) bool {
	return f.Fingerprint != "" && e.Fingerprint == f.Fingerprint && e.Class == f.Class && e.GeneratedTime().Equal(f.Time)
}

// writeAll writes the files of a plan.
func (s *staging) writeAll(ctx context.Context, files iter.Seq2[tree.File, error]) error {
	if err := s.writePlan(ctx, files); err != nil {
		return err
	}
	return s.renderMissed(ctx, files)
}

// writePlan distributes the files to workers as they are rendered.
func (s *staging) writePlan(ctx context.Context, files iter.Seq2[tree.File, error]) error {
	jobs := s.opts.jobs()
	if s.opts.Earlier != nil {
		jobs = max(jobs, maxReaders)
	}
	work := make(chan job, 2*jobs)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(work)
		for f, err := range files {
			if err != nil {
				return err
			}

			j, err := s.examine(f)
			if err != nil {
				return fmt.Errorf("write %s: %w", f.Path, err)
			}

			select {
			case work <- j:
			case <-ctx.Done():
				return ctx.Err()
			}
		}

		return nil
	})

	for range jobs {
		g.Go(func() error {
			c := newCompressor()
			for j := range work {
				if err := s.do(ctx, j, c); err != nil {
					return err
				}
			}
			return nil
		})
	}

	return g.Wait()
}

func (s *staging) do(ctx context.Context, j job, c *compressor) error {
	verb, path, err := "write", j.file.Path, error(nil)
	switch {
	case j.keep != nil:
		verb, path, err = "keep", j.keep.Path, s.keep(*j.keep)
	case j.take != nil && s.dir == "": // a plan
		s.taken(*j.take)
	case j.take != nil:
		path, err = j.take.Path, s.earlier.take(ctx, *j.take)
	default:
		err = s.writeFile(j.file, c)
	}

	if err != nil {
		return fmt.Errorf("%s %s: %w", verb, path, err)
	}

	return nil
}

// writeFile writes a file with its sidecars, unless the live release has it.
func (s *staging) writeFile(f tree.File, c *compressor) error {
	e := entryOf(f, s.base)
	old := s.live.Manifest.LookupClass(f.Path, f.Class)
	isSame := old != nil && old.Equal(&e)
	if isSame && !s.damaged[f.Path] {
		kept := *old
		kept.Fingerprint = f.Fingerprint
		return s.keep(kept)
	}

	sidecars := map[string][]byte{}
	if s.dir != "" {
		if err := s.write(e.File(), f.Body); err != nil {
			return err
		}

		var err error
		if sidecars, err = c.compress(f); err != nil {
			return err
		}
	}

	e.Gzip, e.Brotli = tree.NewVariant(sidecars[tree.GzipSuffix]), tree.NewVariant(sidecars[tree.BrotliSuffix])
	for form := range e.Forms() {
		if _, suffix := tree.CutSidecar(form.Path); suffix != "" {
			if err := s.write(form, sidecars[suffix]); err != nil {
				return err
			}
		}
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	s.files.Add(e)
	if isSame && e.Class == tree.Immutable { // it was damaged
		s.kept++
	}

	return nil
}

// keep takes a file and its sidecars over from the live release. Immutable files stay
// where they are, unless [staging.fillStore] finds that they cannot.
func (s *staging) keep(e tree.Entry) error {
	if s.dir != "" && e.Class != tree.Immutable {
		if err := s.linkAll(s.live, &e); err != nil {
			return err
		}
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	s.files.Add(e)
	s.report.Linked += e.Count()
	if e.Class == tree.Immutable {
		s.kept++
	}

	return nil
}

// linkAll hard-links a file and its sidecars from a release, mostly the live one. Where the
// file system cannot, it copies them.
func (s *staging) linkAll(from *disk.Tree, e *tree.Entry) error {
	for f := range e.Forms() {
		if err := s.makeParent(f); err != nil {
			return err
		}
		if s.fs.Link(from.Path(f), s.path(f)) == nil {
			continue
		}

		body, err := s.fs.ReadFile(from.Path(f))
		if err == nil && !f.HasContent(body) {
			err = hint.Wrap(errors.New("the live release has other bytes than its manifest says"),
				"publish with --force, which reads every file")
		}
		if err == nil {
			err = s.write(f, body)
		}
		if err != nil {
			return err
		}
	}

	return nil
}

// complete reviews a release whose files are written, or planned, and writes its manifest.
func (s *staging) complete(rel tree.Release) error {
	if err := s.describe(rel); err != nil {
		return err
	}

	// Looking up where links lead takes as long as all the rest, and changes nothing.
	var links errgroup.Group
	links.Go(func() error { return s.checkLinks(s.report.Manifest) })

	err := s.review()
	if err == nil && s.dir != "" {
		err = s.writeManifest()
	}
	return cmp.Or(links.Wait(), err)
}

// writeManifest writes the root of the manifest and its parts.
func (s *staging) writeManifest() error {
	m := s.report.Manifest
	s.report.Written = m.Count() - s.report.Linked - s.report.Taken
	for _, p := range s.report.Retimed {
		for f := range m.Lookup(p).Forms() {
			if err := s.setTime(s.path(f), f.Time); err != nil {
				return fmt.Errorf("write %s: %w", p, err)
			}
		}
	}

	for i := range m.Parts {
		if err := s.writePart(i); err != nil {
			return err
		}
	}

	root, err := m.Encode()
	if err != nil {
		return err
	}

	return s.writeDated(tree.ManifestFile, root, m.Time())
}

// writePart writes a part of the manifest, or links it if it is the live release's.
func (s *staging) writePart(i int) error {
	m := s.report.Manifest
	file := tree.Form{Path: m.Parts[i].File()}
	if m.TakePart(i, s.live.Manifest) && s.makeParent(file) == nil && s.fs.Link(s.live.Path(file), s.path(file)) == nil {
		return nil
	}

	body, err := m.EncodePart(i)
	if err != nil {
		return err
	}

	return s.writeDated(file.Path, body, m.PartTime(i))
}

// writeDated writes a file of the manifest: with a modification time that is a second
// earlier if the live one has other content with the same time and length, and so the
// same ETag.
func (s *staging) writeDated(file string, body []byte, at time.Time) error {
	f := tree.Form{Path: file, Size: int64(len(body)), SHA256: tree.DigestOf(body), Time: at}
	if s.live.Dir != "" && s.live.StatMatches(f) && !s.live.ContentMatches(f) {
		f.Time = at.Add(-time.Second)
	}
	return s.write(f, body)
}
