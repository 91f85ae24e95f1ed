package publish

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/chameleoncloud/refapi/internal/durable"
	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// Immutable files are written once, into a store that releases share: each release has
// a link to its store. A release may only share the live release's store if it has all
// files in it, since a server finds whatever is there. Where it does not, because a node
// was removed or a history rewritten, it gets a store of its own with hard links to what
// stays.

// journalSuffix ends the name of the file that lists what is being added to a store, so
// that the next run can take it back after a crash.
const journalSuffix = ".adding"

func (o *output) stores() string { return filepath.Join(o.root, storesDir) }

// storeOf returns the name of the store of a release's directory; "" if it has none.
func (o *output) storeOf(release string) string {
	to, err := o.fs.Readlink(filepath.Join(release, tree.StoreDir))
	if err != nil {
		return ""
	}

	dir := filepath.Join(release, to)
	if info, err := o.fs.Stat(dir); err != nil || !info.IsDir() {
		return ""
	}

	inside, err := filepath.Rel(o.resolved(o.stores()), o.resolved(dir))
	if err != nil || !filepath.IsLocal(inside) || inside == "." || filepath.Base(inside) != inside {
		return ""
	}

	return inside
}

// resolved is a path without symbolic links, as far as they can be followed.
func (o *output) resolved(dir string) string {
	if real, err := o.fs.EvalSymlinks(dir); err == nil {
		return real
	}
	return dir
}

// fillStore decides whether the release shares the store of the live one, given by its
// name. If it does not, its own store gets links to the immutable files that stay. A
// manifest that cannot be read completely does not tell what the store has.
func (s *staging) fillStore(live string) error {
	inLive := 0
	for e := range s.live.Manifest.Files() {
		if e.Class == tree.Immutable {
			inLive++
		}
	}

	if live != "" && s.live.Manifest.Load() == nil && inLive == s.kept {
		s.shared = live
		return nil
	}

	var g errgroup.Group
	g.SetLimit(s.opts.jobs())
	for e := range s.report.Manifest.Files() {
		if e.Class != tree.Immutable {
			continue
		}
		if _, err := s.fs.Lstat(s.path(e.File())); err == nil {
			continue // it was written
		}

		g.Go(func() error {
			if err := s.linkAll(s.live, e); err != nil {
				return fmt.Errorf("keep %s: %w", e.Path, err)
			}
			return nil
		})
	}

	return g.Wait()
}

// installStore puts the new immutable files where they are served from, and links the
// release to them. Undo takes them away again.
func (s *staging) installStore(out *output, id string) (undo func(), err error) {
	name := s.shared
	switch {
	case !s.hasImmutable():
		return func() {}, nil
	case name != "":
		undo, err = s.addToStore(out, name)
	default:
		name, undo, err = s.moveStore(out, id)
	}

	if err == nil {
		err = s.fs.Symlink(storeLink(name), filepath.Join(s.dir, tree.StoreDir))
	}
	if err == nil {
		err = out.fs.SyncTree(out.stores())
	}

	if err != nil {
		if undo != nil {
			undo()
		}
		return nil, fmt.Errorf("put the immutable files in their place: %w", err)
	}

	return undo, nil
}

// moveStore makes the staged store one of its own.
func (s *staging) moveStore(out *output, id string) (name string, undo func(), err error) {
	if name, err = out.freeName(out.stores(), id); err != nil {
		return "", nil, err
	}

	dir := filepath.Join(out.stores(), name)
	return name, func() { _ = out.removeAll(dir) }, s.fs.Rename(s.store, dir)
}

// addToStore moves the staged files into a store that the live release uses. They appear
// there a moment before the release that names them.
func (s *staging) addToStore(out *output, name string) (undo func(), err error) {
	dir := filepath.Join(out.stores(), name)
	journal := dir + journalSuffix

	paths := slices.Sorted(slices.Values(s.staged))
	err = durable.WriteFile(out.fs, journal, disk.FileMode, func(f durable.File) error {
		_, err := io.WriteString(f, strings.Join(paths, "\x00"))
		return err
	})
	if err != nil {
		return nil, err
	}

	undo = func() { _ = out.takeBack(journal) }
	for _, p := range paths {
		to := filepath.Join(dir, filepath.FromSlash(p))
		if err := out.makeParents(dir, filepath.Dir(to)); err != nil {
			return undo, err
		}
		if err := s.fs.Rename(filepath.Join(s.store, filepath.FromSlash(p)), to); err != nil {
			return undo, err
		}
	}

	return undo, nil
}

// forgetJournal removes the journal of a store: what it lists is live.
func (o *output) forgetJournal(store string) {
	if store != "" {
		_ = o.fs.Remove(filepath.Join(o.stores(), store) + journalSuffix) // or else the next run does
	}
}

// hasImmutable reports whether the release has immutable files.
func (s *staging) hasImmutable() bool {
	isImmutable := func(p tree.Part) bool { return p.Immutable }
	return slices.ContainsFunc(s.report.Manifest.Parts, isImmutable)
}

// makeParents makes a directory below another one, and the directories between them.
func (o *output) makeParents(below, dir string) error {
	err := o.fs.Mkdir(dir, disk.DirMode)
	switch {
	case err == nil:
		return o.fs.Chmod(dir, disk.DirMode)
	case errors.Is(err, fs.ErrExist):
		return nil
	case !errors.Is(err, fs.ErrNotExist) || dir == below:
		return err
	}

	if err := o.makeParents(below, filepath.Dir(dir)); err != nil {
		return err
	}
	return o.makeParents(below, dir)
}

// takeBack removes what a journal lists from its store, but for files of a release, and
// then the journal.
func (o *output) takeBack(journal string) error {
	list, err := o.fs.ReadFile(journal)
	if err != nil {
		return err
	}

	store := strings.TrimSuffix(journal, journalSuffix)
	owners, err := o.owners(filepath.Base(store))
	if err != nil {
		return err
	}

	for p := range strings.SplitSeq(string(list), "\x00") {
		if !tree.ValidPath(p) || isOwned(owners, p) {
			continue
		}

		name := filepath.Join(store, filepath.FromSlash(p))
		if err := o.fs.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for dir := filepath.Dir(name); dir != store && o.fs.Remove(dir) == nil; {
			dir = filepath.Dir(dir) // as far as they are empty
		}
	}

	return o.fs.Remove(journal)
}

// owners returns the manifests of the releases that use a store.
func (o *output) owners(store string) (owners []*tree.Manifest, err error) {
	releases, err := o.fs.ReadDir(o.releases())
	if err != nil {
		return nil, err
	}

	for _, e := range releases {
		dir := filepath.Join(o.releases(), e.Name())
		if strings.HasSuffix(e.Name(), tmpSuffix) || o.storeOf(dir) != store {
			continue
		}
		if t, err := disk.OpenDirFS(o.fs, dir); err == nil {
			owners = append(owners, t.Manifest)
		}
	}

	return owners, nil
}

// isOwned reports whether a release has an immutable file.
func isOwned(owners []*tree.Manifest, p string) bool {
	file, _ := tree.CutSidecar(p)
	for _, m := range owners {
		if m.LookupClass(file, tree.Immutable) != nil {
			return true
		}
	}
	return false
}

// pruneStores removes the stores that no release uses.
func (o *output) pruneStores() error {
	releases, err := o.fs.ReadDir(o.releases())
	if err != nil {
		return err
	}

	used := map[string]bool{}
	for _, e := range releases {
		used[o.storeOf(filepath.Join(o.releases(), e.Name()))] = true
	}

	stores, err := o.fs.ReadDir(o.stores())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}

	for _, e := range stores {
		if e.IsDir() && !used[e.Name()] && !isVolumeEntry(e.Name()) {
			err = errors.Join(err, o.removeRenamed(filepath.Join(o.stores(), e.Name())))
		}
	}

	return err
}
