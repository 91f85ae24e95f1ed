package publish

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// Rollback makes a kept release live again, and pins it. It is given by its name, or by
// the beginning of that or of its commit; "" is the one from before the live release. Every
// byte of it is checked first. A crash leaves one of the two live, and if the pin was
// written, the next run ends what was begun.
func Rollback(ctx context.Context, root, id string, opts Options) (was, now Kept, err error) {
	defer func() { err = withHint(err) }()

	out, err := waitForOutput(ctx, root, opts)
	if err != nil {
		return was, now, err
	}
	defer out.close()

	all, err := List(out.fs, root)
	if err != nil {
		return was, now, err
	}
	if live := findLive(all); live != nil {
		was = *live
	}

	if id == "" {
		now, err = before(all)
	} else {
		now, err = find(all, id)
	}
	if err == nil {
		err = out.goBack(ctx, now, opts)
	}

	now.Live, now.Pinned = true, true
	return was, now, err
}

// goBack makes a kept release the live one, and pins it.
func (o *output) goBack(ctx context.Context, k Kept, opts Options) error {
	opts.phase("check")
	opts.Force = true // that is, compare bytes
	s, err := o.reopen(k, opts)
	if err != nil {
		return err
	}

	if k.Live {
		return o.pin(k.Name)
	}

	opts.phase("link")
	if err := s.separateStore(o, k); err != nil {
		return fmt.Errorf("roll back to %s: %w", k.Name, err)
	}

	opts.phase("activate")
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := o.pin(k.Name); err != nil {
		return err
	}
	if _, err := o.link(k.Name); err != nil {
		return fmt.Errorf("roll back to %s: %w", k.Name, err)
	}

	if err := o.pruneStores(); err != nil {
		return fmt.Errorf("roll back to %s: the release is live, but what it no longer needs is not removed yet: %w",
			k.Name, err)
	}
	return nil
}

// reopen opens a kept release, of which every file must be there.
func (o *output) reopen(k Kept, opts Options) (*staging, error) {
	t, err := disk.OpenDirFS(o.fs, k.dir)
	if err == nil {
		err = t.Manifest.Load()
	}
	if err != nil {
		return nil, hint.Wrap(fmt.Errorf("release %s cannot be read: %w", k.Name, err), "choose another one of `refgen releases`")
	}
	if opts.Accept != nil {
		if err := opts.Accept(&t.Manifest.Release); err != nil {
			return nil, fmt.Errorf("release %s: %w", k.Name, err)
		}
	}

	tmp := filepath.Join(o.stores(), t.Manifest.ID+tmpSuffix)
	s := newStaging("", tmp, t, "", opts)
	s.report.Manifest = t.Manifest
	if len(s.damaged) > 0 {
		var paths []string
		for p := range s.damaged {
			paths = append(paths, p)
		}
		return nil, hint.Wrap(fmt.Errorf("release %s is damaged: %s, for example %s",
			k.Name, countDamaged(len(paths)), slices.Min(paths)), "choose another one of `refgen releases`")
	}
	return s, nil
}

func countDamaged(n int) string {
	if n == 1 {
		return "1 file is missing or has changed"
	}
	return fmt.Sprintf("%d files are missing or have changed", n)
}

// separateStore gives a release a store of its own before it is live again. The one that
// it has may have files of later releases by now, which must not be found through this
// one. A store that a crash leaves without its release is pruned later.
func (s *staging) separateStore(out *output, k Kept) error {
	store, err := out.storeOf(k.dir)
	if err != nil {
		return err
	}
	if store == "" || !s.hasImmutable() {
		return nil // it has all files itself, or there are none
	}
	defer out.fs.RemoveAll(s.store) // does nothing after the rename

	if err := s.fillStore(); err != nil {
		return err
	}
	all, err := List(out.fs, out.root)
	if err == nil {
		err = s.keepAssets(all)
	}
	if err != nil {
		return err
	}

	name, _, err := s.moveStore(out, s.report.Manifest.ID)
	if err == nil {
		err = out.fs.SyncTree(out.stores())
	}
	if err != nil {
		return err
	}

	// The link is replaced in one step, and made where leftovers are looked for. It must be
	// durable there before it moves to another directory.
	next := k.dir + tmpSuffix
	err = out.fs.Symlink(storeLink(name), next)
	if err == nil {
		err = out.fs.SyncDir(out.releases())
	}
	if err == nil {
		err = out.fs.Rename(next, filepath.Join(k.dir, tree.StoreDir))
	}
	if err != nil {
		return errors.Join(err, out.fs.RemoveAll(next))
	}
	return out.fs.SyncDir(k.dir)
}

// restore makes the pinned release live, if a crash came before that.
func (o *output) restore(ctx context.Context, pin string, opts Options) error {
	all, err := List(o.fs, o.root)
	if err != nil {
		return err
	}

	k, err := find(all, pin)
	if err != nil || k.Name != pin {
		return hint.Wrap(fmt.Errorf("the pinned release %s is not kept", pin),
			"`refgen unpin` lets the next build publish, `refgen rollback` goes to another release")
	}
	if k.Live {
		return nil
	}
	return o.goBack(ctx, k, opts)
}

// storeLink is the target of a release's link to its store. It is relative, so that the
// output directory can be moved.
func storeLink(name string) string { return filepath.Join("..", "..", storesDir, name) }

// keepOpenPages keeps what open pages of earlier releases load. A store that is shared has
// it already.
func (s *staging) keepOpenPages(out *output) error {
	if s.shared != "" {
		return nil
	}
	kept, _, err := out.kept(s.opts.Keep)
	if err != nil {
		return err
	}
	return s.keepAssets(kept)
}

// keepAssets links what pages load from the stores of other releases into the release's
// own: pages that were open before it still find it. The generator alone makes these files,
// so nothing that was in a repository can be found through them.
func (s *staging) keepAssets(others []Kept) error {
	for _, k := range others {
		t, err := disk.OpenDirFS(s.fs, k.dir)
		if err != nil {
			continue // what cannot be read does not stop a release
		}

		for i, p := range t.Manifest.Parts {
			if !p.Immutable || p.Prefix != s.opts.AssetDir {
				continue
			}
			entries, _ := t.Manifest.Entries(i)
			for n := range entries {
				if err := s.keepAsset(t, &entries[n]); err != nil {
					return fmt.Errorf("keep %s of release %s: %w", entries[n].Path, k.Name, err)
				}
			}
		}
	}
	return nil
}

// keepAsset links an asset of another release, unless a release has it already.
func (s *staging) keepAsset(from *disk.Tree, e *tree.Entry) error {
	if _, err := s.fs.Lstat(s.path(e.File())); err == nil {
		return nil
	}
	for f := range e.Forms() {
		if !from.StatMatches(f) {
			return nil
		}
	}
	return s.linkAll(from, e)
}
