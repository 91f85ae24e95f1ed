package inventory_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/chameleoncloud/refapi/internal/test/txtarrepo"
)

// tree is what a test reads, whatever file system it is put into: path → file.
type tree map[string]treeFile

type treeFile struct {
	content string // a link's target
	link    bool
}

// parseTree reads the sections of an archive. "PATH" is a file and "link PATH"
// a symbolic link. A path or a content in Go's quotes is unquoted, for what an
// archive cannot hold as it is.
func parseTree(t *testing.T, files []txtar.File) tree {
	t.Helper()
	unquote := func(s string) string {
		if !strings.HasPrefix(s, `"`) {
			return s
		}
		u, err := strconv.Unquote(strings.TrimSuffix(s, "\n"))
		if err != nil {
			t.Fatalf("unquote %s: %v", s, err)
		}
		return u
	}

	tr := tree{}
	for _, f := range files {
		name, isLink := strings.CutPrefix(f.Name, "link ")
		content := unquote(string(f.Data))
		if isLink {
			content = strings.TrimSuffix(content, "\n")
		}
		tr[unquote(name)] = treeFile{content, isLink}
	}

	return tr
}

// fileSystem makes a file system that holds a tree.
type fileSystem struct {
	name string
	of   func(*testing.T, tree) fs.FS
}

// fileSystems are those that a grid may be read from; all must give the same.
var fileSystems = []fileSystem{{"memory", inMemory}, {"disk", onDisk}, {"commit", inCommit}}

func inMemory(_ *testing.T, tr tree) fs.FS {
	fsys := fstest.MapFS{}
	for p, f := range tr {
		mode := fs.FileMode(0o644)
		if f.link {
			mode = fs.ModeSymlink | 0o777
		}
		fsys[p] = &fstest.MapFile{Data: []byte(f.content), Mode: mode}
	}

	return fsys
}

// onDisk is a work tree, as refgen reads it with --worktree.
func onDisk(t *testing.T, tr tree) fs.FS {
	t.Helper()
	return writeTree(t, t.TempDir(), tr)
}

func writeTree(t *testing.T, dir string, tr tree) fs.FS {
	t.Helper()
	for p, f := range tr {
		name := filepath.Join(dir, filepath.FromSlash(p))
		err := os.MkdirAll(filepath.Dir(name), 0o755)
		if err == nil && f.link {
			err = os.Symlink(f.content, name)
		} else if err == nil {
			err = os.WriteFile(name, []byte(f.content), 0o644)
		}

		if err != nil {
			t.Fatal(err)
		}
	}

	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { root.Close() })
	return root.FS()
}

// inCommit is a commit of a git repository.
func inCommit(t *testing.T, tr tree) fs.FS {
	t.Helper()
	var archive bytes.Buffer
	archive.WriteString("-- commit only --\n\n")

	for p, f := range tr {
		if f.link {
			p = "link " + p
		}
		if !strings.HasSuffix(f.content, "\n") {
			f.content += "\n" // the archive would add it
		}
		fmt.Fprintf(&archive, "-- %s --\n%s", p, f.content)
	}

	repo, err := txtarrepo.Open(archive.Bytes())
	if err != nil {
		t.Fatal(err)
	}

	id, err := repo.Resolve("")
	if err != nil {
		t.Fatal(err)
	}

	fsys, err := repo.FS(id)
	if err != nil {
		t.Fatal(err)
	}

	return fsys
}

// grid is a small grid without faults below data/g: a site, a cluster, a node
// and a flavor. The changes are pairs of path below it and content.
func grid(changes ...string) tree {
	tr := tree{
		"data/g/g.json":                              {content: `{"uid":"g"}`},
		"data/g/sites/s/s.json":                      {content: `{"uid":"s"}`},
		"data/g/sites/s/clusters/c/c.json":           {content: `{"uid":"c"}`},
		"data/g/sites/s/clusters/c/nodes/n.json":     {content: `{"uid":"n"}`},
		"data/g/sites/s/flavors/f.json":              {content: `{"uid":"f"}`},
		"data/g/sites/s/clusters/c/nodes/other.json": {content: `{"uid":"other"}`},
	}
	for i := 0; i < len(changes); i += 2 {
		tr[path.Join("data/g", changes[i])] = treeFile{content: changes[i+1]}
	}

	return tr
}
