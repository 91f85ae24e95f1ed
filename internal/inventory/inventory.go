// Package inventory reads the grid from a file system: sites, clusters, nodes and
// flavors, with diagnostics about their files.
package inventory

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// File is one JSON file of the reference repository.
type File struct {
	Path   string            // slash-separated, below the root of the repository
	Digest [sha256.Size]byte // of its source, white space included
	rawjson.Object
}

// Grid is the complete inventory.
type Grid struct {
	UID       string
	File      File
	Dir       string     // the data directory, below the root of the repository
	resources []Resource // all but the grid itself, in the order of Resources

	Descriptions []Description // of node types, by name
}

// FindDataDir finds the data directory of a repository: one that contains sites/ and
// a grid file with the directory's name. It searches four levels deep.
func FindDataDir(fsys fs.FS) (string, error) {
	var found, submodules []string
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrPermission) && p != ".":
			return fs.SkipDir // such as lost+found, if the work tree is the root of a volume
		case err != nil:
			return err
		case !d.IsDir():
			return nil
		case p != "." && (strings.HasPrefix(d.Name(), ".") || strings.Count(p, "/") >= 4):
			return fs.SkipDir
		case p != "." && isSubmodule(fsys, p):
			submodules = append(submodules, p)
			return fs.SkipDir
		}

		if isDataDir(fsys, p) {
			found = append(found, p)
			return fs.SkipDir
		}
		return nil
	})

	switch {
	case err != nil:
		return "", fmt.Errorf("look for the data directory: %w", err)
	case len(found) == 0 && len(submodules) > 0:
		return "", &SubmoduleError{Dir: submodules[0]}
	case len(found) == 0:
		return "", fmt.Errorf("no data directory: none holds sites/ and a JSON file of the directory's own name")
	case len(found) > 1:
		return "", fmt.Errorf("several data directories: %s", strings.Join(found, ", "))
	}

	return found[0], nil
}

func isDataDir(fsys fs.FS, dir string) bool {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil || !slices.ContainsFunc(entries,
		func(e fs.DirEntry) bool { return e.IsDir() && e.Name() == route.SiteKind.Get().Segment }) {
		return false
	}
	_, err = gridFile(entries, dir)
	return err == nil
}

// gridFile chooses the grid's file among the entries of a data directory: the
// one of the directory's own name, else the only JSON file there.
func gridFile(entries []fs.DirEntry, dir string) (string, error) {
	var files []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ".json"); ok && !e.IsDir() {
			if name == path.Base(dir) {
				return e.Name(), nil
			}
			files = append(files, e.Name())
		}
	}

	missing := path.Join(dir, path.Base(dir)+".json") + " is missing"
	several := missing + ", and there are "
	if dir == "." {
		missing = displayDir(dir) + " has no JSON file"
		several = displayDir(dir) + " has several JSON files: "
	}

	switch len(files) {
	case 0:
		return "", fmt.Errorf("no grid file: %s", missing)
	case 1:
		return files[0], nil
	}

	return "", fmt.Errorf("no grid file: %s%s", several, strings.Join(files, ", "))
}

// displayDir returns the name of a directory in messages.
func displayDir(dir string) string {
	if dir == "." {
		return "the top of the repository"
	}
	return dir
}
