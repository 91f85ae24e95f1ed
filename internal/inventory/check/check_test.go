package check_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/inventory/check"
	"github.com/chameleoncloud/refapi/internal/sample"
)

var update = flag.Bool("update", false, "write what is found into the archives of testdata")

// files are a grid with one resource of each kind, by path.
type files map[string]string

// paths are where the kinds of files lie in it.
var paths = map[string]string{
	"grid":    "g/g.json",
	"site":    "g/sites/s/s.json",
	"cluster": "g/sites/s/clusters/c/c.json",
	"node":    "g/sites/s/clusters/c/nodes/n.json",
	"flavor":  "g/sites/s/flavors/f.json",
}

// base reads the good file of each kind, which has every member that the
// kind's schema knows.
func base(t testing.TB) files {
	t.Helper()
	fs := files{}
	for kind, p := range paths {
		archive, err := txtar.ParseFile(filepath.Join("testdata", kind+".txtar"))
		if err != nil {
			t.Fatal(err)
		}
		if archive.Files[0].Name != "good" {
			t.Fatalf("%s.txtar does not start with the good file", kind)
		}
		fs[p] = string(archive.Files[0].Data)
	}

	return fs
}

// checker returns one, of which all tests share the compiled schemas.
func checker(t testing.TB) *check.Checker {
	t.Helper()
	c, err := compiled()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var compiled = sync.OnceValues(check.New)

// load reads a grid whose node has a content; false where its structure is not
// without faults.
func load(fs files, node string) (fstest.MapFS, *inventory.Grid, bool) {
	fsys := fstest.MapFS{}
	for p, content := range fs {
		fsys[p] = &fstest.MapFile{Data: []byte(content)}
	}

	if node != "" {
		fsys[paths["node"]] = &fstest.MapFile{Data: []byte(node)}
	}

	g, found, err := inventory.Load(fsys, "g")
	return fsys, g, err == nil && len(found) == 0
}

// find checks a grid.
func find(t testing.TB, fs files) inventory.Diagnostics {
	t.Helper()
	return findNext(t, nil, fs)
}

// findNext checks a grid, of which some may be known.
func findNext(t testing.TB, known *check.Memo, fs files) inventory.Diagnostics {
	t.Helper()
	fsys, g, ok := load(fs, "")
	if !ok {
		t.Fatal("the grid's structure is faulty")
	}

	odd, err := known.Grid(checker(t), fsys, g)
	if err != nil {
		t.Fatal(err)
	}

	return odd
}

// list writes findings as the archives have them: place below the file, rule,
// pointer and message.
func list(found inventory.Diagnostics) string {
	var b strings.Builder
	for _, d := range found {
		fmt.Fprintf(&b, "%s:%d:%d %s %s %s: %s\n", filepath.Base(d.File), d.Line, d.Col, d.Severity, d.Rule,
			d.Pointer, d.Message)
		if d.Hint != "" {
			fmt.Fprintf(&b, "    hint: %s\n", d.Hint)
		}
	}

	return b.String()
}

func TestGoodFiles(t *testing.T) {
	t.Parallel()
	if got := list(find(t, base(t))); got != "" {
		t.Errorf("good files have findings:\n%s", got)
	}
}

// Each archive starts with a good file. The other sections change it, in lines
// of "- OLD" and "+ NEW", and say what is found then.
func TestFindings(t *testing.T) {
	t.Parallel()
	good := base(t)
	for kind, p := range paths {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			name := filepath.Join("testdata", kind+".txtar")
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}

			var memo check.Memo // of the grids before
			for i, section := range archive.Files[1:] {
				fs := maps.Clone(good)
				var edits, want, old string
				for line := range strings.Lines(string(section.Data)) {
					switch text := strings.TrimSuffix(line, "\n"); {
					case strings.HasPrefix(line, "- "):
						edits, old = edits+line, text[2:]
					case strings.HasPrefix(line, "+ "):
						edits += line
						if n := strings.Count(fs[p], old); n != 1 {
							t.Fatalf("%s: %q stands in the file %d times", section.Name, old, n)
						}
						fs[p] = strings.Replace(fs[p], old, text[2:], 1)
					default:
						want += line
					}
				}

				got := list(find(t, fs))
				if again := list(findNext(t, &memo, fs)); again != got {
					t.Errorf("%s\nwith a memo:\n%swithout:\n%s", section.Name, again, got)
				}
				if *update {
					archive.Files[i+1].Data = []byte(edits + got)
				} else if got != want {
					t.Errorf("%s\ngot:\n%swant:\n%s", section.Name, got, want)
				}
			}

			if *update {
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// The sample is what people copy from.
func TestSampleHasNoFindings(t *testing.T) {
	t.Parallel()
	repo, err := sample.Open()
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

	dir, err := inventory.FindDataDir(fsys)
	if err != nil {
		t.Fatal(err)
	}

	g, found, err := inventory.Load(fsys, dir)
	if err != nil {
		t.Fatal(err)
	}

	odd, err := checker(t).Grid(fsys, g)
	if err != nil {
		t.Fatal(err)
	}

	if got := list(append(found, odd...)); got != "" || g.Counts().Nodes == 0 {
		t.Errorf("%d nodes, and findings:\n%s", g.Counts().Nodes, got)
	}
}
