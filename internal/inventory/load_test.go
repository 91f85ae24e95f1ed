package inventory_test

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/chameleoncloud/refapi/internal/inventory"
)

var update = flag.Bool("update", false, "write what is found into the archives of testdata")

// Each archive of testdata is a tree with one kind of fault. Its section "want"
// has the findings, "grid" the resources that are left.
func TestLoad(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no archives", err)
	}

	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}

			var files []txtar.File
			want := map[string]string{}
			for _, f := range archive.Files {
				if f.Name == "want" || f.Name == "grid" {
					want[f.Name] = string(f.Data)
				} else {
					files = append(files, f)
				}
			}

			tr := parseTree(t, files)
			for i, system := range fileSystems {
				got := load(t, system, tr)
				if *update && i == 0 {
					want = got
					archive.Files = append(files, txtar.File{Name: "want", Data: []byte(got["want"])},
						txtar.File{Name: "grid", Data: []byte(got["grid"])})
					if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
						t.Fatal(err)
					}
				}

				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("read from %s (-want +got):\n%s", system.name, diff)
				}
			}
		})
	}
}

// load reads a tree and writes what it found as the archives have it.
func load(t *testing.T, system fileSystem, tr tree) map[string]string {
	t.Helper()
	fsys := system.of(t, tr)
	var findings, resources strings.Builder
	dir, err := inventory.FindDataDir(fsys)
	var grid *inventory.Grid
	var found inventory.Diagnostics

	if err == nil {
		grid, found, err = inventory.Load(fsys, dir)
	}

	if err != nil {
		fmt.Fprintf(&findings, "fails: %v\n", err)
		return map[string]string{"want": findings.String(), "grid": ""}
	}

	for _, d := range found {
		fmt.Fprintf(&findings, "%s %s %s %s\n", d.Severity, d.Rule, d.Place(), d.Message)
		if d.Resource+d.Pointer != "" {
			fmt.Fprintf(&findings, "    of: %s\n", strings.TrimSpace(d.Resource+" "+d.Pointer))
		}
		if d.Hint != "" {
			fmt.Fprintf(&findings, "    hint: %s\n", d.Hint)
		}
	}

	for r := range grid.Resources() {
		if r.Path() != "/" {
			fmt.Fprintf(&resources, "%s\n", r.File.Path)
		}
	}

	for _, d := range grid.Descriptions {
		fmt.Fprintf(&resources, "%s: %q is %q\n", d.Path, d.Type, d.Text)
	}

	return map[string]string{"want": findings.String(), "grid": resources.String()}
}

// Every rule must have an archive: a rule that no test shows is not held.
func TestEveryRuleHasAnArchive(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}

	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			if f.Name == "want" {
				all.Write(f.Data)
			}
		}
	}

	// file-too-large and no-file need files that no archive can hold.
	for _, rule := range []string{
		"error invalid-json", "error missing-uid", "error uid-type", "error uid-mismatch", "error unsafe-name", "error duplicate-uid",
		"error reserved-name", "error case-collision", "error symbolic-link",
		"warning reserved-member", "warning misplaced-file", "warning missing-file",
		"warning description-too-long", "warning description-encoding", "warning description-empty",
	} {
		if !strings.Contains(all.String(), rule+" ") {
			t.Errorf("no archive shows %q", rule)
		}
	}
}

// locked is a file system with a directory that may not be read.
type locked struct {
	fstest.MapFS
	dir string
}

func (l locked) ReadDir(name string) ([]fs.DirEntry, error) {
	if name == l.dir {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return l.MapFS.ReadDir(name)
}

// A work tree may be the root of a volume, whose lost+found is root's.
func TestFindDataDirBesideLostAndFound(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{"d/d.json": {Data: []byte("{}")}, "d/sites/s/s.json": {Data: []byte("{}")},
		"lost+found/x": {}}
	if dir, err := inventory.FindDataDir(locked{files, "lost+found"}); dir != "d" || err != nil {
		t.Errorf("found %q, %v", dir, err)
	}
	if dir, err := inventory.FindDataDir(locked{files, "."}); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("where nothing may be read: %q, %v", dir, err)
	}
}
