package publish

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

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

// storeOf returns the name of the store of a release's directory; "" if it has none. An
// error means that this is not known, so that nothing may be removed from any store.
func (o *output) storeOf(release string) (string, error) {
	link := filepath.Join(release, tree.StoreDir)
	_, err := o.fs.Readlink(link)
	if err == nil {
		link, err = o.fs.EvalSymlinks(link)
	}

	switch {
	case isAbsent(err), errors.Is(err, syscall.EINVAL): // in a copy, it may be a directory
		return "", nil
	case err != nil:
		return "", err
	}

	stores, err := o.fs.EvalSymlinks(o.stores())
	if err != nil {
		return "", err
	}

	inside, err := filepath.Rel(stores, link)
	if err != nil || !filepath.IsLocal(inside) || inside == "." || filepath.Base(inside) != inside {
		return "", nil
	}

	return inside, nil
}

// isAbsent reports whether an error means that there is nothing of a name.
func isAbsent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// users returns, by store, the directories of the releases that use it.
func (o *output) users() (map[string][]string, error) {
	releases, err := o.fs.ReadDir(o.releases())
	if err != nil && !isAbsent(err) {
		return nil, err
	}

	users := map[string][]string{}
	for _, e := range releases {
		dir := filepath.Join(o.releases(), e.Name())
		if strings.HasSuffix(dir, tmpSuffix) {
			continue
		}

		store, err := o.storeOf(dir)
		if err != nil {
			return nil, err
		}
		users[store] = append(users[store], dir)
	}

	return users, nil
}

// shareStore decides whether the release shares the store of the live one; if it does not,
// its own store is filled. A manifest that cannot be read completely does not tell what
// the store has. One in which an interrupted run has left files, that could not be taken
// back, is not shared either.
func (s *staging) shareStore(out *output) error {
	live, err := out.storeOf(s.live.Dir)
	if err != nil {
		return err
	}

	inLive := 0
	for e := range s.live.Manifest.Files() {
		if e.Class == tree.Immutable {
			inLive++
		}
	}

	if live != "" && s.live.Manifest.Load() == nil && inLive == s.kept {
		if _, err := s.fs.Lstat(filepath.Join(out.stores(), live) + journalSuffix); isAbsent(err) {
			s.shared = live
			return nil
		}
	}

	return s.fillStore()
}

// fillStore links the immutable files that stay into the release's own store.
func (s *staging) fillStore() error {
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
		err = errors.Join(s.fs.SyncDir(s.dir), out.fs.SyncTree(out.stores()))
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

	// Sidecars come before their files: a server looks for them once it has found a file.
	undo = func() { _ = out.takeBack(journal) }
	for _, p := range slices.Backward(paths) {
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
// then the journal. While a release of the store cannot be read, nothing is removed.
func (o *output) takeBack(journal string) error {
	list, err := o.fs.ReadFile(journal)
	if err != nil {
		return err
	}

	store := strings.TrimSuffix(journal, journalSuffix)
	owners, err := o.owners(filepath.Base(store))
	if err != nil {
		return fmt.Errorf("what an interrupted run has added to %s/%s stays until %w",
			storesDir, filepath.Base(store), err)
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
	users, err := o.users()
	if err != nil {
		return nil, err
	}

	for _, dir := range users[store] {
		t, err := disk.OpenDirFS(o.fs, dir)
		if err == nil {
			err = t.Manifest.Load()
		}
		if err != nil {
			return nil, fmt.Errorf("release %s is pruned, whose own files are not known: %w", filepath.Base(dir), err)
		}
		owners = append(owners, t.Manifest)
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

// unusedStores returns the paths of the stores that no release uses.
func (o *output) unusedStores() (paths []string, err error) {
	users, err := o.users()
	if err != nil {
		return nil, err
	}

	stores, err := o.fs.ReadDir(o.stores())
	if err != nil && !isAbsent(err) {
		return nil, err
	}

	for _, e := range stores {
		isStore := e.IsDir() && !strings.HasSuffix(e.Name(), tmpSuffix) && !isVolumeEntry(e.Name())
		if isStore && users[e.Name()] == nil {
			paths = append(paths, filepath.Join(o.stores(), e.Name()))
		}
	}

	return paths, nil
}

// pruneStores removes the stores that no release uses, and the lists of what was being
// added to them.
func (o *output) pruneStores() error {
	unused, err := o.unusedStores()
	for _, dir := range unused {
		failed := o.removeRenamed(dir)
		if failed == nil {
			failed = o.fs.RemoveAll(dir + journalSuffix)
		}
		err = errors.Join(err, failed)
	}
	return err
}
