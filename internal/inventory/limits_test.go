package inventory_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/sys/unix"

	"github.com/chameleoncloud/refapi/internal/inventory"
)

const nodeFile = "sites/s/clusters/c/nodes/n.json"

// only fails the test unless there is one finding, and returns it.
func only(t *testing.T, found inventory.Diagnostics, err error) inventory.Diagnostic {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 1 {
		t.Fatalf("%d findings, want 1: %v", len(found), found)
	}
	return found[0]
}

func TestHugeFileIsNotRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fsys := writeTree(t, dir, grid())

	if err := os.Truncate(filepath.Join(dir, "data/g", nodeFile), 100<<20); err != nil {
		t.Fatal(err)
	}

	counted := &countingFS{FS: fsys.(fullFS)}
	g, found, err := inventory.Load(counted, "data/g")
	d := only(t, found, err)
	if d.Rule != "file-too-large" || d.Severity != inventory.Error || d.File != "data/g/"+nodeFile {
		t.Errorf("got %+v", d)
	}
	if want := "the file has 104857600 bytes, the limit is 4194304"; d.Message != want {
		t.Errorf("message %q, want %q", d.Message, want)
	}
	if counted.read > 1<<10 {
		t.Errorf("%d bytes were read", counted.read)
	}
	if c := g.Counts(); c.Nodes != 1 {
		t.Errorf("%d nodes are left, want 1", c.Nodes)
	}
	if _, err := inventory.Source(counted, "data/g", d.File); err == nil || counted.read > 1<<10 {
		t.Errorf("Source read it: %v", err)
	}
}

// fullFS is what a file system on disk can do.
type fullFS interface {
	fs.ReadFileFS
	fs.ReadDirFS
	fs.ReadLinkFS
}

// countingFS counts the bytes of files that are read.
type countingFS struct {
	FS   fullFS
	read int
}

func (c *countingFS) Open(name string) (fs.File, error)          { return c.FS.Open(name) }
func (c *countingFS) ReadDir(name string) ([]fs.DirEntry, error) { return c.FS.ReadDir(name) }
func (c *countingFS) ReadLink(name string) (string, error)       { return c.FS.ReadLink(name) }
func (c *countingFS) Lstat(name string) (fs.FileInfo, error)     { return c.FS.Lstat(name) }
func (c *countingFS) ReadFile(name string) ([]byte, error) {
	b, err := c.FS.ReadFile(name)
	c.read += len(b)
	return b, err
}

func TestDeepNesting(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name        string
		open, close string
		levels      int
		ok          bool
	}{
		{name: "arrays", open: "[", close: "]", levels: 10_000},
		{name: "objects", open: `{"a":`, close: "}", levels: 10_000},
		{name: "never closed", open: "[", levels: 1 << 20},
		{name: "arrays within the limit", open: "[", close: "]", levels: 63, ok: true},
		{name: "arrays beyond it", open: "[", close: "]", levels: 64},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			body := "{\n\"uid\": \"n\",\n\"x\": " + strings.Repeat(tt.open, tt.levels) + "1" +
				strings.Repeat(tt.close, tt.levels) + "}"
			fsys := inMemory(t, grid(nodeFile, body))
			g, found, err := inventory.Load(fsys, "data/g")

			if tt.ok {
				if err != nil || len(found) != 0 || g.Counts().Nodes != 2 {
					t.Fatalf("got %v, %v and %d nodes", err, found, g.Counts().Nodes)
				}
				return
			}

			d := only(t, found, err)
			if d.Rule != "invalid-json" || d.Line != 3 || d.Message != "nested deeper than 64 levels" {
				t.Errorf("got %s: %s [%s]", d.Place(), d.Message, d.Rule)
			}
		})
	}
}

func TestFileThatIsNone(t *testing.T) {
	t.Parallel()
	onlyNoFile := func(t *testing.T, fsys fs.FS, file string) {
		t.Helper()
		_, found, err := inventory.Load(fsys, "data/g")
		d := only(t, found, err)
		if d.Rule != "no-file" || d.Severity != inventory.Error || d.File != file {
			t.Errorf("got %s: %s [%s]", d.Place(), d.Message, d.Rule)
		}
	}

	t.Run("directory", func(t *testing.T) {
		t.Parallel()
		tr := grid("sites/s/clusters/c/c.json/README", "a directory in the place of the cluster's file")
		delete(tr, "data/g/sites/s/clusters/c/c.json")
		for _, system := range fileSystems {
			onlyNoFile(t, system.of(t, tr), "data/g/sites/s/clusters/c/c.json")
		}
	})

	t.Run("pipe", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		fsys := writeTree(t, dir, grid())
		pipe := "data/g/sites/s/clusters/c/nodes/pipe.json"
		if err := unix.Mkfifo(filepath.Join(dir, pipe), 0o644); err != nil {
			t.Fatal(err)
		}
		onlyNoFile(t, fsys, pipe)
	})
}

// What cannot be listed or read at all is no finding about a file: the grid
// may lack anything.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	for _, p := range []string{"data/g/sites", "data/g/sites/s/clusters/c/nodes", "data/g/" + nodeFile,
		"data/g/g.json"} {
		t.Run(p, func(t *testing.T) {
			t.Parallel()
			_, _, err := inventory.Load(brokenFS{inMemory(t, grid()).(fstest.MapFS), p}, "data/g")
			if err == nil || !strings.HasPrefix(err.Error(), "read data directory: ") ||
				!strings.Contains(err.Error(), p) {
				t.Errorf("error %v, want one that names %s", err, p)
			}
		})
	}
}

// brokenFS fails at one path.
type brokenFS struct {
	fstest.MapFS
	bad string
}

func (b brokenFS) Open(name string) (fs.File, error) {
	if name == b.bad {
		return nil, &fs.PathError{Op: "open", Path: name, Err: unix.EIO}
	}
	return b.MapFS.Open(name)
}

func (b brokenFS) ReadFile(name string) ([]byte, error) {
	if _, err := b.Open(name); err != nil {
		return nil, err
	}
	return b.MapFS.ReadFile(name)
}

func (b brokenFS) ReadDir(name string) ([]fs.DirEntry, error) {
	if _, err := b.Open(name); err != nil {
		return nil, err
	}
	return b.MapFS.ReadDir(name)
}
