package publish

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/durable"
	"github.com/chameleoncloud/refapi/internal/hint"
)

// CurrentLink is the name of the link to the live release.
const CurrentLink = "current"

// Modes of what is published, whatever the umask: nginx reads it as another
// user.
const (
	fileMode = 0o644
	dirMode  = 0o755
)

const (
	releasesDir = "releases"
	nextLink    = "." + CurrentLink + tmpSuffix
	lockFile    = ".lock"
	tmpSuffix   = ".tmp"
)

// output is an output directory that this process alone may change.
type output struct {
	root   string
	unlock func() error
	left   error // why something that an interrupted run has left could not be removed
}

// openOutput makes sure that a directory is there, ours and free, and removes
// what an interrupted run has left in it.
func openOutput(root string) (*output, error) {
	if !durable.ReplacesLinks {
		return nil, hint.Wrap(fmt.Errorf("publish to %s: a release goes live by replacing a symbolic link, which %s cannot do in one step",
			root, runtime.GOOS), "build under Linux, macOS or the Windows Subsystem for Linux; refgen check and refgen diff work here")
	}
	if err := os.MkdirAll(root, dirMode); err != nil {
		return nil, fmt.Errorf("make the output directory: %w", err)
	}
	if err := isOurs(root); err != nil {
		return nil, err
	}

	unlock, err := durable.TryLock(filepath.Join(root, lockFile), fileMode)
	if errors.Is(err, durable.ErrLocked) {
		return nil, hint.Wrap(fmt.Errorf("lock the output directory %s: %w", root, errBusy), "wait for it to end")
	}
	if err != nil {
		return nil, fmt.Errorf("lock the output directory: %w", err)
	}

	out := &output{root: root, unlock: unlock}
	if err := out.clean(); err != nil {
		out.close()
		return nil, err
	}
	return out, nil
}

var errBusy = errors.New("another build is at work there")

// close lets the next build in.
func (o *output) close() {
	_ = o.unlock() // the lock ends with the process at the latest
}

func (o *output) releases() string { return filepath.Join(o.root, releasesDir) }

// isOurs refuses a directory that holds what no release puts there.
func isOurs(root string) error {
	entries, err := os.ReadDir(root)
	if err != nil {
		return fmt.Errorf("read the output directory: %w", err)
	}
	kinds := map[string]fs.FileMode{
		releasesDir: fs.ModeDir, CurrentLink: fs.ModeSymlink, lockFile: 0, ".gitignore": 0,
		nextLink: fs.ModeSymlink, // an interrupted run has left it
	}
	_, err = os.Lstat(filepath.Join(root, lockFile))
	known := err == nil
	for _, e := range entries {
		switch kind, ok := kinds[e.Name()]; {
		case isVolumes(e.Name()):
		case !ok:
			return notOurs(root, e.Name())
		case kind != e.Type() && !(e.Name() == CurrentLink && isCopied(root, known)):
			return notOurs(root, fmt.Sprintf("%s, which is no %s", e.Name(),
				map[fs.FileMode]string{fs.ModeDir: "directory", fs.ModeSymlink: "symbolic link", 0: "file"}[kind]))
		}
	}
	if known {
		return nil
	}

	// Other tools have releases and a link to the current one, too.
	releases, err := os.ReadDir(filepath.Join(root, releasesDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read the output directory: %w", err)
	}
	for _, e := range releases {
		if isVolumes(e.Name()) {
			continue
		}
		name := filepath.Join(releasesDir, e.Name())
		if _, err := os.Lstat(filepath.Join(root, name, ManifestFile)); err != nil {
			return notOurs(root, fmt.Sprintf("%s, which has no %s", name, ManifestFile))
		}
	}
	return nil
}

// isCopied reports whether what has the name of the link to the live release, and
// is no link, comes from copying an output directory by something that knows no
// links: a release, an empty directory or, where the rest is ours, a short file.
func isCopied(root string, known bool) bool {
	const longestTarget = 4096 // PATH_MAX
	current := filepath.Join(root, CurrentLink)
	info, err := os.Lstat(current)
	if err != nil || !info.IsDir() {
		return err == nil && known && info.Mode().IsRegular() && info.Size() <= longestTarget
	}
	if _, err := os.Lstat(filepath.Join(current, ManifestFile)); err == nil {
		_, err := OpenDir(current) // others have files of that name, too
		return known || err == nil
	}
	entries, err := os.ReadDir(current)
	return err == nil && len(entries) == 0
}

func notOurs(root, holds string) error {
	return hint.Wrap(fmt.Errorf("the output directory %s is not ours: it holds %s", root, holds), "give an empty or a new directory with --out")
}

// Tidy removes what an interrupted run has left in an output directory, unless
// another is at work there. It is for runs that have nothing to publish.
func Tidy(root string) error {
	left := false
	for _, dir := range []string{root, filepath.Join(root, releasesDir)} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return fmt.Errorf("read the output directory: %w", err)
		}
		left = left || slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return strings.HasSuffix(e.Name(), tmpSuffix) })
	}
	if !left {
		return nil
	}

	out, err := openOutput(root)
	if errors.Is(err, errBusy) {
		return nil
	}
	if err != nil {
		return err
	}
	out.close()
	return out.left
}

// clean removes what an interrupted run has left. What cannot be removed, as a
// directory on NFS with a file that somebody has open, is left for the next run.
func (o *output) clean() error {
	if err := os.MkdirAll(o.releases(), dirMode); err != nil {
		return fmt.Errorf("make the directory of releases: %w", err)
	}
	for _, dir := range []string{o.root, o.releases()} {
		// The umask must not keep nginx out. What is open stays as it is: the
		// directory may be another user's.
		info, err := os.Stat(dir)
		if err == nil && info.Mode()&dirMode != dirMode {
			err = os.Chmod(dir, info.Mode()|dirMode)
		}
		if err != nil {
			return fmt.Errorf("open the output directory to all readers: %w", err)
		}

		entries, err := os.ReadDir(dir)
		if err != nil {
			return fmt.Errorf("read the output directory: %w", err)
		}
		for _, e := range entries {
			if dir == o.root && e.Name() == nextLink || dir == o.releases() && strings.HasSuffix(e.Name(), tmpSuffix) {
				if err := removeAll(filepath.Join(dir, e.Name())); err != nil {
					o.left = errors.Join(o.left, fmt.Errorf("clean the output directory: %w", err))
				}
			}
		}
	}
	return nil
}

// removeAll removes a directory and all below it, also where the right to write
// to directories was taken away.
func removeAll(name string) error {
	err := os.RemoveAll(name)
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}
	_ = filepath.WalkDir(name, func(p string, e fs.DirEntry, err error) error {
		if e != nil && e.IsDir() {
			_ = os.Chmod(p, dirMode)
		}
		return nil
	})
	return os.RemoveAll(name)
}

// activate gives a finished release its name and makes it the live one.
func (o *output) activate(tmp, id string) (dir string, err error) {
	// The name is taken when the release was published before: it may even be
	// the live one, if that was damaged or another is forced. Readers of the
	// old directory keep it until it is pruned.
	name := id
	for n := 2; ; n++ {
		if _, err := os.Lstat(filepath.Join(o.releases(), name)); errors.Is(err, fs.ErrNotExist) {
			break
		} else if err != nil {
			return "", fmt.Errorf("activate the release: %w", err)
		}
		name = fmt.Sprintf("%s.%d", id, n)
	}
	dir = filepath.Join(o.releases(), name)
	if err := os.Rename(tmp, dir); err != nil {
		return "", fmt.Errorf("activate the release: %w", err)
	}
	// The new name must be durable before a link leads to it.
	err = durable.SyncDir(o.releases())
	next := filepath.Join(o.root, nextLink)
	if err == nil {
		// The link is relative, so that the output directory can be moved.
		err = os.Symlink(filepath.Join(releasesDir, name), next)
	}
	if err == nil {
		err = o.putLink(next)
	}
	if err != nil {
		return "", errors.Join(fmt.Errorf("activate the release: %w", err), os.RemoveAll(next), os.RemoveAll(dir))
	}
	if err := durable.SyncDir(o.root); err != nil {
		return dir, fmt.Errorf("the release is live, but may not survive a power failure: sync %s: %w", o.root, err)
	}
	return dir, nil
}

// putLink puts the link to the live release in its place, in one step unless a
// directory is there.
func (o *output) putLink(next string) error {
	current := filepath.Join(o.root, CurrentLink)
	if info, err := os.Lstat(current); err != nil || !info.IsDir() {
		return os.Rename(next, current)
	}

	aside := filepath.Join(o.releases(), CurrentLink+tmpSuffix)
	if err := os.Rename(current, aside); err != nil {
		return err
	}
	if err := os.Rename(next, current); err != nil {
		return errors.Join(err, os.Rename(aside, current))
	}
	_ = removeAll(aside) // or else the next run does
	return nil
}

// prune removes all but the live release and the newest others.
func (o *output) prune(keep int) (pruned []string, err error) {
	live, err := os.Readlink(filepath.Join(o.root, CurrentLink))
	if err != nil {
		return nil, fmt.Errorf("prune releases: %w", err)
	}
	entries, err := os.ReadDir(o.releases())
	if err != nil {
		return nil, fmt.Errorf("prune releases: %w", err)
	}
	var old []fs.FileInfo
	for _, e := range entries {
		if info, err := e.Info(); err == nil && e.IsDir() && e.Name() != filepath.Base(live) && !isVolumes(e.Name()) {
			old = append(old, info)
		}
	}
	slices.SortFunc(old, func(a, b fs.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	for _, info := range old[min(max(keep, 0), len(old)):] {
		// A directory that is half removed must not be taken for a release.
		doomed := filepath.Join(o.releases(), info.Name()+tmpSuffix)
		failed := os.Rename(filepath.Join(o.releases(), info.Name()), doomed)
		if failed == nil {
			failed = removeAll(doomed)
		}
		if failed != nil {
			err = errors.Join(err, fmt.Errorf("prune releases: %w", failed))
			continue
		}
		pruned = append(pruned, info.Name())
	}
	return pruned, err
}
