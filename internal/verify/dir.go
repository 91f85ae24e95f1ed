package verify

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/publish"
)

// dir is a tree on disk.
type dir struct{ path string }

// Dir checks a directory: a release, or an output directory, whose live release
// is meant.
func Dir(path string) Source {
	if _, err := os.Lstat(filepath.Join(path, publish.CurrentLink)); err == nil {
		path = filepath.Join(path, publish.CurrentLink)
	}
	return dir{path}
}

func (d dir) Manifest(context.Context) (*publish.Manifest, error) {
	t, err := publish.OpenDir(d.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, hint.Wrap(fmt.Errorf("%s is no published tree: it has no %s", d.path, publish.ManifestFile),
			"give the output directory of refgen build, or one of its releases")
	}
	if err != nil {
		return nil, err
	}
	return t.Manifest, nil
}

func (d dir) Read(_ context.Context, e *publish.Entry) (*Document, error) {
	name := filepath.Join(d.path, filepath.FromSlash(e.Path))
	info, err := os.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errors.New("the file does not exist")
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("it is not a regular file")
	case !info.ModTime().Equal(e.Time):
		return nil, fmt.Errorf("the modification time is %s, the manifest says %s, so ETags differ between servers",
			info.ModTime().UTC().Format(time.RFC3339), e.Time.Format(time.RFC3339))
	}
	body, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return &Document{Body: body}, nil
}

// Redirects implements [Source]. Files redirect nobody.
func (d dir) Redirects(context.Context) []Link { return nil }

// Resolve implements [Source]. Links are as those of the published site.
func (d dir) Resolve(m *publish.Manifest, l Link) Target {
	return Target{File: build.Target(m.Published(), l.Href)}
}

func (d dir) Others(_ context.Context, m *publish.Manifest) ([]string, error) {
	var others []string
	root, err := filepath.EvalSymlinks(d.path)
	if err != nil {
		return nil, err
	}
	err = filepath.WalkDir(root, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		p := filepath.ToSlash(strings.TrimPrefix(name, root+string(filepath.Separator)))
		if p != publish.ManifestFile && m.Lookup(p) == nil {
			others = append(others, p)
		}
		return nil
	})
	return others, err
}
