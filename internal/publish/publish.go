// Package publish writes a release next to the live one, checks it, compares it with
// the live one and activates it atomically, so that readers see the old tree or the
// new one, never a mixture.
//
// An output directory holds releases/<id>/, the link current to the live release,
// immutable/<id>/ with files that releases share, .lock, and, while a release is to stay
// live, pinned.
package publish

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"github.com/chameleoncloud/refapi/internal/durable"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// Options control publishing. The functions may be nil.
type Options struct {
	FS durable.FS // the file system of the output directory; nil for that of the system

	Jobs       int  // files that are written in parallel; 0 means one for each processor
	Force      bool // publish despite the comparison, and even if nothing has changed
	Keep       int  // releases to keep in addition to the live one
	MaxDeletes int  // resources that may vanish; below 0: a tenth of them, at least 20

	// AssetDir is the directory of the immutable files that pages load, which the generator
	// alone makes; "" for none. Those of kept releases can be loaded from later ones, too.
	AssetDir string

	// Accept returns why a kept release must not be live again; nil accepts every one.
	Accept func(*tree.Release) error

	// Earlier is a release elsewhere to take files from; nil for none. It is also what the
	// new one is compared with, if nothing is live yet.
	Earlier *Earlier

	// Known is the manifest of a release that was published before: of the live one only what
	// differs is parsed. nil for none.
	Known *tree.Manifest

	// Target returns the file that a link points to, "" for what is not in the tree. Each
	// that is not "" must be there.
	Target func(link string) string
	// IsResource reports whether a file is a resource for MaxDeletes.
	IsResource func(path string) bool
	// Review may refuse a release that is complete, in place of the one that readers have.
	Review func(before, release *tree.Manifest) error
	// Phase is called with the name of each phase as it starts.
	Phase func(name string)
}

// Report is the result of publishing.
type Report struct {
	Manifest  *tree.Manifest `json:"-"`
	Unchanged bool           `json:"unchanged"` // the release was already live
	// Pinned is the release that stays live, so that this one was not published; "" for none.
	Pinned string `json:"pinned,omitempty"`
	Dir    string `json:"dir,omitempty"` // where the release is stored

	Written int   `json:"written"` // files written, sidecars included
	Linked  int   `json:"linked"`  // files reused from the last release, sidecars included
	Taken   int   `json:"taken"`   // files taken over from an earlier release elsewhere, sidecars included
	Bytes   Bytes `json:"bytes"`

	Changes  // against the last release, or else the earlier one
	base     *tree.Manifest
	Retimed  []string `json:"retimed"`             // files whose times were moved, to have other ETags than before
	NotTaken string   `json:"not_taken,omitempty"` // why no more was taken over from an earlier release, "" for nothing
	Healed   string   `json:"healed,omitempty"`    // what was wrong with the replaced live release, "" for nothing
	Pruned   []string `json:"pruned"`              // releases removed
	PruneErr error    `json:"-"`                   // why old releases or leftovers could not be removed
}

// LiveID identifies the release that is live after publishing.
func (r *Report) LiveID() string { return cmp.Or(r.Pinned, r.Manifest.ID) }

// Published reports whether the release went live.
func (r *Report) Published() bool { return r.Dir != "" && !r.Unchanged }

// Bytes are sums of the sizes of files.
type Bytes struct {
	Raw    int64 `json:"raw"` // without sidecars
	Gzip   int64 `json:"gzip"`
	Brotli int64 `json:"brotli"`
}

// addSizes sums the sizes of the manifest's files.
func (r *Report) addSizes() {
	for e := range r.Manifest.Files() {
		r.Bytes.Raw += e.Size
		if e.Gzip != nil {
			r.Bytes.Gzip += e.Gzip.Size
		}
		if e.Brotli != nil {
			r.Bytes.Brotli += e.Brotli.Size
		}
	}
}

func (o *Options) fs() durable.FS { return cmp.Or[durable.FS](o.FS, durable.OS{}) }

// jobs is the number of workers.
func (o *Options) jobs() int { return max(cmp.Or(o.Jobs, runtime.GOMAXPROCS(0)), 1) }

func (o *Options) phase(name string) {
	if o.Phase != nil {
		o.Phase(name)
	}
}

// FindLive returns the report of a run without changes, nil unless the live release is
// the one of an id, and intact. Of another one it reads only the id.
func FindLive(fsys durable.FS, root, id string) *Report {
	pin, err := Pinned(fsys, root)
	if err != nil {
		return nil
	}
	live, err := disk.OpenFS(fsys, root)
	if err != nil || pin != "" && pin != filepath.Base(live.Dir) || !live.IsIntact(id) {
		return nil
	}
	return unchanged(live, pin)
}

func unchanged(live *disk.Tree, pin string) *Report {
	return &Report{Manifest: live.Manifest, base: live.Manifest, Unchanged: true, Pinned: pin, Dir: live.Dir}
}

// Plan reports what Publish would change, and changes nothing. Its report has no
// sidecars, which depend on nothing but the files.
func Plan(ctx context.Context, root string, rel tree.Release, files iter.Seq2[tree.File, error], opts Options) (
	*Report, error,
) {
	if err := checkOwned(opts.fs(), root); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}

	pin, err := Pinned(opts.fs(), root)
	if err != nil {
		return nil, err
	}
	live, healed, err := openLive(opts.fs(), root, opts.Known)
	if err != nil {
		return nil, err
	}
	if live.IsIntact(rel.ID) && !opts.Force {
		return unchanged(live, pin), nil
	}

	opts.phase("render")
	s := newStaging("", "", live, healed, opts)
	s.report.Pinned = pin
	if err := s.writeAll(ctx, files); err != nil {
		return nil, err
	}

	return s.report, s.complete(rel)
}

// Publish publishes files as the live release of the output directory root. On any
// error, including one from the iterator, the live release stays unchanged. While a release
// is pinned, it is [Plan].
func Publish(ctx context.Context, root string, rel tree.Release, files iter.Seq2[tree.File, error], opts Options) (
	_ *Report, err error,
) {
	defer func() { err = withHint(err) }()

	if id := rel.ID; !tree.ValidPath(id) || strings.ContainsRune(id, '/') || strings.HasSuffix(id, tmpSuffix) {
		return nil, fmt.Errorf("publish release %q: not a valid name of a directory", id)
	}

	out, err := openOutput(opts.fs(), root)
	if err != nil {
		return nil, err
	}
	defer out.close()

	if pin, err := Pinned(out.fs, root); err != nil {
		return nil, err
	} else if pin != "" {
		if err := out.restore(ctx, pin, opts); err != nil {
			return nil, err
		}
		return Plan(ctx, root, rel, files, opts)
	}

	live, healed, err := openLive(opts.fs(), root, opts.Known)
	if err != nil {
		return nil, err
	}
	if live.IsIntact(rel.ID) && !opts.Force {
		report := unchanged(live, "")
		report.PruneErr = out.whyLeft()
		return report, nil
	}

	tmp, store := filepath.Join(out.releases(), rel.ID+tmpSuffix), filepath.Join(out.stores(), rel.ID+tmpSuffix)
	for _, dir := range []string{tmp, store} {
		if _, err := out.fs.Lstat(dir); err == nil {
			if err := out.whyLeft(); err != nil {
				return nil, err
			}
		}
		defer out.fs.RemoveAll(dir) // does nothing after the rename
	}

	opts.phase("write")
	s := newStaging(tmp, store, live, healed, opts)
	if err := s.writeAll(ctx, files); err != nil {
		return nil, err
	}

	opts.phase("check")
	if err := s.complete(rel); err != nil {
		return nil, err
	}
	if err := s.shareStore(out); err != nil {
		return nil, err
	}
	if err := s.keepOpenPages(out); err != nil {
		return nil, err
	}

	opts.phase("sync")
	if err := out.fs.SyncTree(tmp); err != nil {
		return nil, err
	}
	if len(s.staged) > 0 {
		if err := out.fs.SyncTree(store); err != nil {
			return nil, err
		}
	}

	opts.phase("activate")
	if err := ctx.Err(); err != nil {
		return nil, err
	}

	undo, err := s.installStore(out, rel.ID)
	if err != nil {
		return nil, err
	}
	if s.report.Dir, err = out.activate(tmp, rel.ID); err != nil {
		if s.report.Dir == "" { // or else it is live
			undo()
		}
		return nil, err
	}

	out.forgetJournal(s.shared)
	_ = out.fs.RemoveAll(store) // pruning may need the name, for an old store of the same release
	s.report.Pruned, s.report.PruneErr = out.prune(opts.Keep)
	s.report.PruneErr = errors.Join(out.whyLeft(), s.report.PruneErr)
	return s.report, nil
}

// openLive reads the live release; one without files if there is none. One that cannot
// be read, for example after a power failure, is replaced without a comparison; then
// healed describes what was wrong.
func openLive(fsys durable.FS, root string, known *tree.Manifest) (live *disk.Tree, healed string, err error) {
	link := filepath.Join(root, disk.CurrentLink)
	info, missing := fsys.Lstat(link)
	live, err = readLive(fsys, root, known)
	if errors.Is(err, syscall.EIO) {
		live, err = readLive(fsys, root, known) // it may have been chance, and a release is to be compared
	}

	switch {
	case isPassing(missing), isPassing(err):
		return nil, "", fmt.Errorf("read the live release: %w", err)
	case errors.Is(missing, fs.ErrNotExist):
		live = &disk.Tree{FS: fsys, Manifest: &tree.Manifest{}}
	case live == nil:
		live = &disk.Tree{FS: fsys, Manifest: &tree.Manifest{}}
		healed = fmt.Sprintf("the live release cannot be read, and is replaced without a comparison: %v", err)
	case err != nil:
		healed = fmt.Sprintf("parts of the live release's manifest cannot be read, and their files are written anew: %v",
			err)
	case missing == nil && info.IsDir():
		healed = fmt.Sprintf("%s was a directory and not a link to a release", link)
	}

	return live, healed, nil
}

// readLive reads the live release and its complete manifest. With an error it is nil, or
// lacks parts.
func readLive(fsys durable.FS, root string, known *tree.Manifest) (*disk.Tree, error) {
	live, err := disk.OpenFS(fsys, root)
	if err != nil {
		return nil, err
	}
	if known != nil {
		live.Share(known)
	}
	return live, live.Manifest.Load()
}

// isPassing reports whether an error is about the process or the machine, so that it says
// nothing of the file that was to be read.
func isPassing(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) || errors.Is(err, syscall.ENOMEM)
}

// withHint adds what to do about a full or read-only disk.
func withHint(err error) error {
	switch {
	case hint.Of(err) != "":
		return err
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return hint.Wrap(err, "free some space: a release needs its own next to the live one")
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return hint.Wrap(err, "give a directory that you may write with --out")
	}
	return err
}
