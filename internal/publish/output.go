package publish

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"github.com/chameleoncloud/refapi/internal/durable"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

const (
	releasesDir = "releases"
	storesDir   = "immutable"
	nextLink    = "." + disk.CurrentLink + tmpSuffix
	lockFile    = ".lock"
	tmpSuffix   = ".tmp"
)

// output is an output directory that this process has locked.
type output struct {
	fs     durable.FS
	root   string
	unlock func() error
	left   []leftover
}

// leftover is something that an interrupted run has left, and why it could not be removed.
type leftover struct {
	path string
	err  error
}

// whyLeft returns why what an interrupted run has left is still there.
func (o *output) whyLeft() (err error) {
	for _, l := range o.left {
		if _, gone := o.fs.Lstat(l.path); !isAbsent(gone) {
			err = errors.Join(err, fmt.Errorf("clean the output directory: %w", l.err))
		}
	}
	return err
}

// openOutput creates and locks an output directory, after checking that it is one.
func openOutput(fsys durable.FS, root string) (*output, error) {
	if !durable.ReplacesLinks {
		return nil, hint.Wrap(fmt.Errorf("publish to %s: a release goes live by replacing a symbolic link, "+
			"which %s cannot do in one step", root, runtime.GOOS),
			"build under Linux, macOS or the Windows Subsystem for Linux; refgen check and refgen diff work here")
	}
	if err := fsys.MkdirAll(root, disk.DirMode); err != nil {
		return nil, fmt.Errorf("make the output directory: %w", err)
	}
	if err := checkOwned(fsys, root); err != nil {
		return nil, err
	}

	unlock, err := durable.TryLock(filepath.Join(root, lockFile), disk.FileMode)
	if errors.Is(err, durable.ErrLocked) {
		return nil, hint.Wrap(fmt.Errorf("output directory %s is %w", root, errLocked), "wait for it to end")
	}
	return newOutput(fsys, root, unlock, err)
}

// waitForOutput opens an output directory that is there. If a build is at work in it, it
// waits for that to end.
func waitForOutput(ctx context.Context, root string, opts Options) (*output, error) {
	if _, err := List(opts.fs(), root); err != nil {
		return nil, err
	}
	if err := checkOwned(opts.fs(), root); err != nil {
		return nil, err
	}

	lock := filepath.Join(root, lockFile)
	unlock, err := durable.TryLock(lock, disk.FileMode)
	if errors.Is(err, durable.ErrLocked) {
		opts.phase("wait for a build to end")
		unlock, err = durable.Lock(ctx, lock, disk.FileMode)
	}
	return newOutput(opts.fs(), root, unlock, err)
}

// newOutput returns an output directory that is locked, unless with an error, and removes
// leftovers of an interrupted run.
func newOutput(fsys durable.FS, root string, unlock func() error, err error) (*output, error) {
	if err != nil {
		return nil, fmt.Errorf("lock the output directory: %w", err)
	}

	out := &output{fs: fsys, root: root, unlock: unlock}
	if err := out.clean(); err != nil {
		out.close()
		return nil, err
	}

	return out, nil
}

var errLocked = errors.New("locked by another build")

// close unlocks the directory.
func (o *output) close() {
	_ = o.unlock() // the lock ends with the process at the latest
}

func (o *output) releases() string { return filepath.Join(o.root, releasesDir) }

// checkOwned rejects a directory that contains anything that refgen does not create,
// because publishing removes files.
func checkOwned(fsys durable.FS, root string) error {
	entries, err := fsys.ReadDir(root)
	if err != nil {
		return fmt.Errorf("read the output directory: %w", err)
	}

	_, err = fsys.Lstat(filepath.Join(root, lockFile))
	known := err == nil
	for _, e := range entries {
		if isVolumeEntry(e.Name()) || e.Name() == disk.CurrentLink && isCopied(fsys, root, known) {
			continue
		}
		want, ours := entryTypes[e.Name()]
		if !ours {
			return notOwned(root, e.Name())
		}
		if e.Type() != want {
			return notOwned(root, fmt.Sprintf("%s, which is not a %s", e.Name(), typeNames[want]))
		}
	}

	if known {
		return nil
	}

	// Other tools have releases and a link to the current one, too.
	releases, err := fsys.ReadDir(filepath.Join(root, releasesDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read the output directory: %w", err)
	}

	for _, e := range releases {
		name := filepath.Join(releasesDir, e.Name())
		if isVolumeEntry(e.Name()) {
			continue
		}
		if _, err := fsys.Lstat(filepath.Join(root, name, tree.ManifestFile)); err != nil {
			return notOwned(root, fmt.Sprintf("%s, which has no %s", name, tree.ManifestFile))
		}
	}

	return nil
}

// entryTypes are what an output directory may hold.
var entryTypes = map[string]fs.FileMode{
	releasesDir:         fs.ModeDir,
	storesDir:           fs.ModeDir,
	disk.CurrentLink:    fs.ModeSymlink,
	nextLink:            fs.ModeSymlink, // left by an interrupted run
	lockFile:            0,
	pinFile:             0,
	pinFile + tmpSuffix: 0, // left by an interrupted run
	".gitignore":        0,
}

var typeNames = map[fs.FileMode]string{0: "file", fs.ModeDir: "directory", fs.ModeSymlink: "symbolic link"}

// isCopied reports whether an entry in place of the link to the live release comes
// from copying an output directory with a tool that does not support links: a copy
// of the release, an empty directory or, if the directory is ours, a short file.
func isCopied(fsys durable.FS, root string, known bool) bool {
	const maxTarget = 4096 // PATH_MAX
	current := filepath.Join(root, disk.CurrentLink)
	info, err := fsys.Lstat(current)
	if err != nil {
		return false
	}
	if !info.IsDir() {
		return known && info.Mode().IsRegular() && info.Size() <= maxTarget
	}

	if _, err := fsys.Lstat(filepath.Join(current, tree.ManifestFile)); err == nil {
		_, err := disk.OpenDirFS(fsys, current) // other tools have files of that name, too
		return known || err == nil
	}

	entries, err := fsys.ReadDir(current)
	return err == nil && len(entries) == 0
}

func notOwned(root, holds string) error {
	return hint.Wrap(fmt.Errorf("the output directory %s is not ours: it holds %s", root, holds),
		"give an empty or a new directory with --out")
}

// Tidy removes leftovers of an interrupted run from an output directory, unless
// another build has locked it. It is for runs that have nothing to publish.
func Tidy(fsys durable.FS, root string) error {
	o := &output{fs: fsys, root: root}
	left, err := o.leftovers()
	unused, lost := o.unusedStores()
	if err = errors.Join(err, lost); err != nil || len(left)+len(unused) == 0 {
		return err
	}

	out, err := openOutput(fsys, root)
	if errors.Is(err, errLocked) {
		return nil
	}
	if err != nil {
		return err
	}

	out.close()
	return out.whyLeft()
}

// leftovers returns the paths of what an interrupted run has left.
func (o *output) leftovers() (paths []string, err error) {
	for _, dir := range []string{o.root, o.releases(), o.stores()} {
		entries, err := o.fs.ReadDir(dir)
		if errors.Is(err, fs.ErrNotExist) && filepath.Base(dir) == storesDir {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read the output directory: %w", err)
		}
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), tmpSuffix) || strings.HasSuffix(e.Name(), journalSuffix) {
				paths = append(paths, filepath.Join(dir, e.Name()))
			}
		}
	}

	return paths, nil
}

// clean removes what an interrupted run has left. What cannot be removed, as a
// directory on NFS with a file that somebody has open, is left for the next run.
func (o *output) clean() error {
	for _, dir := range []string{o.releases(), o.stores()} {
		if err := o.fs.MkdirAll(dir, disk.DirMode); err != nil {
			return fmt.Errorf("make a directory of the output directory: %w", err)
		}
	}
	if err := errors.Join(o.allowReading(o.root), o.allowReading(o.releases()), o.allowReading(o.stores())); err != nil {
		return fmt.Errorf("open the output directory to all readers: %w", err)
	}

	paths, err := o.leftovers()
	for _, p := range paths {
		remove := o.removeAll
		if strings.HasSuffix(p, journalSuffix) {
			remove = o.takeBack
		}
		if err := remove(p); err != nil {
			o.left = append(o.left, leftover{path: p, err: err})
		}
	}
	if err := o.pruneStores(); err != nil {
		o.left = append(o.left, leftover{path: o.stores(), err: err})
	}

	return err
}

// allowReading lets nginx read a directory, whatever the umask. One that is open
// to all already stays as it is: it may be another user's.
func (o *output) allowReading(dir string) error {
	info, err := o.fs.Stat(dir)
	if err != nil || info.Mode()&disk.DirMode == disk.DirMode {
		return err
	}
	return o.fs.Chmod(dir, info.Mode()|disk.DirMode)
}

// removeAll removes a directory and all below it, also where the right to write
// to directories was taken away.
func (o *output) removeAll(name string) error {
	err := o.fs.RemoveAll(name)
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}

	_ = filepath.WalkDir(name, func(p string, e fs.DirEntry, err error) error {
		if e != nil && e.IsDir() {
			_ = o.fs.Chmod(p, disk.DirMode)
		}
		return nil
	})

	return o.fs.RemoveAll(name)
}

// activate gives a finished release its name and makes it the live one. With an error, the
// directory is "" unless the release is live all the same, or may be.
func (o *output) activate(tmp, id string) (dir string, err error) {
	name, err := o.freeName(o.releases(), id)
	if err == nil {
		dir = filepath.Join(o.releases(), name)
		err = o.fs.Rename(tmp, dir)
	}

	if err != nil {
		return "", fmt.Errorf("activate the release: %w", err)
	}

	if isLive, err := o.link(name); err != nil {
		err = fmt.Errorf("activate the release: %w", err)
		if isLive {
			return dir, err
		}
		return "", errors.Join(err, o.fs.RemoveAll(dir))
	}

	return dir, nil
}

// link makes a release the live one. With an error it may be live nevertheless.
func (o *output) link(name string) (isLive bool, err error) {
	// A name must be durable before a link points to it.
	err = o.fs.SyncDir(o.releases())

	// The link is relative, so that the output directory can be moved.
	next, target := filepath.Join(o.root, nextLink), filepath.Join(releasesDir, name)
	if err == nil {
		err = o.fs.Symlink(target, next)
	}
	if err == nil {
		err = o.putLink(next)
	}

	if err != nil {
		// What a network file system reports as failed may have been done.
		live, unknown := o.fs.Readlink(filepath.Join(o.root, disk.CurrentLink))
		switch {
		case unknown != nil && !isAbsent(unknown) && !errors.Is(unknown, syscall.EINVAL):
			return true, errors.Join(err, unknown)
		case live != target:
			return false, errors.Join(err, o.fs.RemoveAll(next))
		}
	}

	if err := o.fs.SyncDir(o.root); err != nil {
		return true, fmt.Errorf("the release is live, but may not survive a power failure: sync %s: %w", o.root, err)
	}

	return true, nil
}

// freeName is a name in a directory for a release, or for its store. Its id is taken when the release
// was published before: that may even be the live one, if it was damaged or
// another is forced. Readers of the old directory keep it until it is pruned.
func (o *output) freeName(dir, id string) (string, error) {
	name := id
	for n := 2; ; n++ {
		_, err := o.fs.Lstat(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			return name, nil
		}
		if err != nil {
			return "", err
		}
		name = fmt.Sprintf("%s.%d", id, n)
	}
}

// putLink puts the link to the live release in its place, in one step unless a
// directory is there.
func (o *output) putLink(next string) error {
	current := filepath.Join(o.root, disk.CurrentLink)
	if info, err := o.fs.Lstat(current); err != nil || !info.IsDir() {
		return o.fs.Rename(next, current)
	}

	aside := filepath.Join(o.releases(), disk.CurrentLink+tmpSuffix)
	if err := o.fs.Rename(current, aside); err != nil {
		return err
	}
	if err := o.fs.Rename(next, current); err != nil {
		return errors.Join(err, o.fs.Rename(aside, current))
	}

	_ = o.removeAll(aside) // or else the next run does
	return nil
}

// prune removes all but the live release, a pinned one, and the newest others.
func (o *output) prune(keep int) (pruned []string, err error) {
	kept, others, err := o.kept(keep)
	if err == nil && findLive(kept) == nil {
		err = errors.New("none is live")
	}
	if err != nil {
		return nil, fmt.Errorf("prune releases: %w", err)
	}

	for _, k := range others {
		if failed := o.removeRenamed(k.dir); failed != nil {
			err = errors.Join(err, fmt.Errorf("prune releases: %w", failed))
			continue
		}

		pruned = append(pruned, k.Name)
	}

	if failed := o.pruneStores(); failed != nil {
		err = errors.Join(err, fmt.Errorf("prune immutable files: %w", failed))
	}

	return pruned, err
}

// removeRenamed removes a release or a store: one that is half removed must not be taken
// for complete, not after a power failure either.
func (o *output) removeRenamed(dir string) error {
	doomed := dir + tmpSuffix
	if err := o.fs.Rename(dir, doomed); err != nil {
		return err
	}
	if err := o.fs.SyncDir(filepath.Dir(dir)); err != nil {
		return err
	}
	return o.removeAll(doomed)
}
