// Package publish writes a release next to the live one, checks it, compares it with
// the live one and activates it atomically, so that readers see the old tree or the
// new one, never a mixture.
//
// An output directory holds releases/<id>/, the link current to the live release,
// and .lock.
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

	"github.com/chameleoncloud/refapi/internal/durable"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// Options control publishing. The functions may be nil.
type Options struct {
	Jobs       int  // files that are written in parallel, at least 1
	Force      bool // publish despite the comparison, and even if nothing has changed
	Keep       int  // releases to keep in addition to the live one
	MaxDeletes int  // resources that may vanish; below 0: a tenth of them, at least 20

	// Targets returns the paths that a file's links point to. Each must be in
	// the tree.
	Targets func(tree.File) []string
	// IsResource reports whether a file is a resource for MaxDeletes.
	IsResource func(path string) bool
	// Phase is called with the name of each phase as it starts.
	Phase func(name string)
}

// Report is the result of publishing.
type Report struct {
	Manifest  *tree.Manifest
	Unchanged bool   // the release was already live
	Dir       string // where the release is stored

	Written int   // files written, sidecars included
	Linked  int   // files reused from the last release, sidecars included
	Raw     int64 // bytes of all files without sidecars
	Gzip    int64 // bytes of the gzip sidecars
	Brotli  int64 // bytes of the brotli sidecars

	Changes  Changes  // against the last release
	Retimed  []string // files whose times were moved, so that other content does not have the same ETag
	Healed   string   // what was wrong with the replaced live release, "" for nothing
	Pruned   []string // releases removed
	PruneErr error    // why old releases or leftovers could not be removed; the new release is live
}

func (o *Options) phase(name string) {
	if o.Phase != nil {
		o.Phase(name)
	}
}

// Publish publishes files as the live release of the output directory root. On any
// error, including one from the iterator, the live release stays unchanged.
func Publish(ctx context.Context, root string, rel tree.Release, files iter.Seq2[tree.File, error], opts Options) (
	_ *Report, err error,
) {
	defer func() { err = withHint(err) }()

	if id := rel.ID; !tree.ValidPath(id) || strings.ContainsRune(id, '/') || strings.HasSuffix(id, tmpSuffix) {
		return nil, fmt.Errorf("publish release %q: not a valid name of a directory", id)
	}

	out, err := openOutput(root)
	if err != nil {
		return nil, err
	}
	defer out.close()

	live, healed := openLive(root)
	if live.IsIntact(rel.ID) && !opts.Force {
		return &Report{Manifest: live.Manifest, Unchanged: true, Dir: live.Dir, PruneErr: out.left}, nil
	}

	tmp := filepath.Join(out.releases(), rel.ID+tmpSuffix)
	if _, err := os.Lstat(tmp); err == nil && out.left != nil {
		return nil, out.left
	}
	defer os.RemoveAll(tmp) // does nothing after the rename

	opts.phase("write")
	staged, err := stage(ctx, tmp, live, files, opts)
	if err != nil {
		return nil, err
	}

	report := staged.report
	report.Healed = healed

	if err := staged.complete(rel); err != nil {
		return nil, err
	}

	opts.phase("sync")
	if err := durable.SyncTree(tmp); err != nil {
		return nil, err
	}

	opts.phase("activate")
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if report.Dir, err = out.activate(tmp, rel.ID); err != nil {
		return nil, err
	}

	report.Pruned, report.PruneErr = out.prune(opts.Keep)
	report.PruneErr = errors.Join(out.left, report.PruneErr)
	return report, nil
}

// openLive reads the live release, nil if there is none. One that cannot be read, for
// example after a power failure, is replaced without a comparison; then healed
// describes what was wrong.
func openLive(root string) (live *disk.Tree, healed string) {
	link := filepath.Join(root, disk.CurrentLink)
	live, err := disk.Open(root)
	if err != nil {
		if _, missing := os.Lstat(link); errors.Is(missing, fs.ErrNotExist) {
			return nil, ""
		}
		return nil, fmt.Sprintf("the live release cannot be read, and is replaced without a comparison: %v", err)
	}

	if info, err := os.Lstat(link); err == nil && info.IsDir() {
		healed = fmt.Sprintf("%s was a directory and not a link to a release", link)
	}

	return live, healed
}

// manifestOf returns a release's manifest, nil for no release.
func manifestOf(live *disk.Tree) *tree.Manifest {
	if live == nil {
		return nil
	}
	return live.Manifest
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
