package verify

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// dir is a tree on disk.
type dir struct {
	path string
	tree *disk.Tree // once the manifest was read
}

// Dir is a directory to check: a release, or an output directory, of which the
// live release is meant.
func Dir(path string) Source {
	if _, err := os.Lstat(filepath.Join(path, disk.CurrentLink)); err == nil {
		path = filepath.Join(path, disk.CurrentLink)
	}
	return &dir{path: path}
}

// Manifest implements [Source].
func (d *dir) Manifest(context.Context) (*tree.Manifest, error) {
	t, err := disk.OpenDir(d.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, hint.Wrap(fmt.Errorf("%s is not a published tree: it has no %s", d.path, tree.ManifestFile),
			"give the output directory of refgen build, or one of its releases")
	}
	if err != nil {
		return nil, err
	}

	// Without it, thousands of files would be missing, one by one.
	store := filepath.Join(d.path, tree.StoreDir)
	if to, err := os.Readlink(store); err == nil {
		if _, err := os.Stat(store); errors.Is(err, fs.ErrNotExist) {
			return nil, hint.Wrap(fmt.Errorf("%s points to %s, which does not exist", store, to),
				"copy the complete output directory, or a release together with its store")
		}
	}

	d.tree = t
	return t.Manifest, nil
}

// Read implements [Source].
func (d dir) Read(_ context.Context, f tree.Form) (*Document, error) {
	name := d.tree.Path(f)
	info, err := os.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errors.New("the file does not exist")
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("it is not a regular file")
	case !info.ModTime().Equal(f.Time):
		return nil, fmt.Errorf("the modification time is %s, not %s as in the manifest, so ETags differ between servers",
			info.ModTime().UTC().Format(time.RFC3339), f.Time.Format(time.RFC3339))
	}

	body, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}

	return &Document{Body: body}, nil
}

// Redirects implements [Source]. Files do not redirect.
func (d *dir) Redirects(context.Context) []Link { return nil }

// Resolve implements [Source]. Links are resolved as on the published site.
func (d *dir) Resolve(m *tree.Manifest, l Link) (file, outside string) {
	return route.Target(m.Published(), l.Href), ""
}

// Others implements [Source]. A store may also have files of other releases.
func (d *dir) Others(context.Context, *tree.Manifest) (others []string, err error) {
	err = fs.WalkDir(os.DirFS(d.path), ".", func(p string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case p == tree.StoreDir && e.IsDir(): // in a copy
			return fs.SkipDir
		case !e.IsDir() && p != tree.StoreDir && !d.tree.Lists(p):
			others = append(others, p)
		}
		return nil
	})

	return others, err
}
