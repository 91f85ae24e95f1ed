package publish

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/chameleoncloud/refapi/internal/durable"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// pinFile has the name of the release that is to stay live. While it is there, nothing is
// published. It is written before the release goes live, so that the next run can end what
// a crash interrupted. Programs from before there were pins refuse a directory with a file
// that they do not know, and so leave the release live, too.
const pinFile = "pinned"

// Pinned returns the name of the release that is pinned; "" for none.
func Pinned(fsys durable.FS, root string) (string, error) {
	text, err := fsys.ReadFile(filepath.Join(root, pinFile))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}

	name := strings.TrimSpace(string(text))
	if err == nil && (!tree.ValidPath(name) || strings.ContainsRune(name, '/')) {
		err = fmt.Errorf("%q is not the name of a release", name)
	}
	if err != nil {
		return "", hint.Wrap(fmt.Errorf("read the pin of %s: %w", root, err), "`refgen unpin` removes it")
	}
	return name, nil
}

// Pin pins the live release: nothing is published until [Unpin]. An id that is not "" must
// be that of the live release.
func Pin(ctx context.Context, root, id string, opts Options) (_ Kept, err error) {
	out, err := waitForOutput(ctx, root, opts)
	if err != nil {
		return Kept{}, err
	}
	defer out.close()

	all, err := List(out.fs, root)
	if err != nil {
		return Kept{}, err
	}

	live := findLive(all)
	if live == nil {
		return Kept{}, fmt.Errorf("%s has no live release to pin", root)
	}
	if id != "" {
		k, err := find(all, id)
		if err != nil {
			return Kept{}, err
		}
		if !k.Live {
			return Kept{}, hint.Wrap(fmt.Errorf("release %s is not live", k.Name),
				"`refgen rollback %s` makes it live and pins it", k.Name)
		}
	}

	return *live, out.pin(live.Name)
}

// Unpin removes the pin, and returns the name of the release that was pinned; "" for none.
func Unpin(ctx context.Context, root string, opts Options) (was string, err error) {
	out, err := waitForOutput(ctx, root, opts)
	if err != nil {
		return "", err
	}
	defer out.close()

	was, _ = Pinned(out.fs, root) // one that cannot be read goes, too
	err = out.fs.Remove(filepath.Join(root, pinFile))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err == nil {
		err = out.fs.SyncDir(root)
	}
	if err != nil {
		return "", fmt.Errorf("remove the pin: %w", err)
	}
	return was, nil
}

// pin writes the pin.
func (o *output) pin(name string) error {
	err := durable.WriteFile(o.fs, filepath.Join(o.root, pinFile), disk.FileMode, func(f durable.File) error {
		_, err := io.WriteString(f, name+"\n")
		return err
	})
	if err != nil {
		return fmt.Errorf("pin release %s: %w", name, err)
	}
	return nil
}
