package inventory_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/chameleoncloud/refapi/internal/inventory"
)

func TestPathsAndCounts(t *testing.T) {
	t.Parallel()
	g, found, err := inventory.Load(inMemory(t, grid("sites/empty/empty.json", `{"uid":"empty"}`)), "data/g")
	if err != nil || len(found) > 0 {
		t.Fatal(err, found)
	}

	want := []string{
		"data/g/sites",
		"data/g/sites/empty", "data/g/sites/empty/clusters", "data/g/sites/empty/flavors",
		"data/g/sites/s", "data/g/sites/s/clusters",
		"data/g/sites/s/clusters/c",
		"data/g/sites/s/clusters/c/nodes/n.json", "data/g/sites/s/clusters/c/nodes/other.json",
		"data/g/sites/s/flavors",
		"data/g/sites/s/flavors/f.json",
	}
	if diff := cmp.Diff(want, slices.Sorted(slices.Values(g.LogPaths()))); diff != "" {
		t.Errorf("Paths (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(inventory.Counts{Sites: 2, Clusters: 1, Nodes: 2, Flavors: 1}, g.Counts()); diff != "" {
		t.Errorf("Counts (-want +got):\n%s", diff)
	}
	if g.UID != "g" || g.Dir != "data/g" || g.File.Path != "data/g/g.json" || string(g.File.Text) != `{"uid":"g"}` {
		t.Errorf("the grid is %+v", g)
	}
}

// Each resource is at its place, and what its file's path says is the same place.
func TestResources(t *testing.T) {
	t.Parallel()
	g, _, err := inventory.Load(inMemory(t, grid()), "data/g")
	if err != nil {
		t.Fatal(err)
	}

	var paths []string
	for r := range g.Resources() {
		paths = append(paths, r.Path())
		if place, ok := g.Place(r.File.Path); !ok || place != r.Place {
			t.Errorf("%s is %+v by its path, and %+v in the grid", r.File.Path, place, r.Place)
		}
	}

	want := []string{
		"/", "/sites/s", "/sites/s/clusters/c",
		"/sites/s/clusters/c/nodes/n", "/sites/s/clusters/c/nodes/other", "/sites/s/flavors/f",
	}
	if diff := cmp.Diff(want, paths); diff != "" {
		t.Errorf("the paths (-want +got):\n%s", diff)
	}

	for range g.Resources() {
		break // without a panic
	}
}

// At the top of the repository paths start with no directory, as git has them.
func TestPathsAtTheTop(t *testing.T) {
	t.Parallel()
	fsys := inMemory(t, tree{"g.json": {content: `{"uid":"g"}`}, "sites/s/s.json": {content: `{"uid":"s"}`}})
	g, found, err := inventory.Load(fsys, ".")
	if err != nil || len(found) > 0 {
		t.Fatal(err, found)
	}

	if diff := cmp.Diff([]string{"sites", "sites/s", "sites/s/clusters", "sites/s/flavors"},
		g.LogPaths()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Which file is the grid's, and what is no data directory.
func TestGridFile(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, dir string
		files     string // that are there beside sites/, unless the name says so
		want      string // the grid's uid
		fails     string
	}{
		{name: "own name", dir: "a/g", files: "g.json", want: "g"},
		{name: "own name among others", dir: "a/g", files: "g.json h.json", want: "g"},
		{name: "only one of another name", dir: "a/g", files: "h.json", want: "h"},
		{name: "several of other names", dir: "a/g", files: "h.json i.json",
			fails: "no grid file: a/g/g.json is missing, and there are h.json, i.json"},
		{name: "none", dir: "a/g", files: "README.md", fails: "no grid file: a/g/g.json is missing"},
		{name: "a directory of its name", dir: "a/g", files: "g.json/x",
			fails: "no grid file: a/g/g.json is missing"},
		{name: "top", dir: ".", files: "h.json", want: "h"},
		{name: "top, several", dir: ".", files: "h.json i.json",
			fails: "no grid file: the top of the repository has several JSON files: h.json, i.json"},
		{name: "top, none", dir: ".", files: "README.md",
			fails: "no grid file: the top of the repository has no JSON file"},
		{name: "no sites", dir: "a/g", files: "g.json", fails: "no data directory: a/g has no directory sites"},
		{name: "no sites at the top", dir: ".", files: "g.json",
			fails: "no data directory: the top of the repository has no directory sites"},
		{name: "sites is a file", dir: "a/g", files: "g.json sites",
			fails: "no data directory: a/g has no directory sites"},
		{name: "no directory", dir: "a/none", fails: "read data directory: open a/none: file does not exist"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			fsys := fstest.MapFS{"a/b": {}}
			prefix := strings.TrimPrefix(tt.dir+"/", "./")

			for name := range strings.FieldsSeq(tt.files) {
				fsys[prefix+name] = &fstest.MapFile{Data: []byte(`{"uid":"` + strings.TrimSuffix(name, ".json") +
					`"}`)}
			}

			if tt.files != "" && !strings.HasPrefix(tt.name, "no sites") && !strings.HasPrefix(tt.name, "sites is") {
				fsys[prefix+"sites/README.md"] = &fstest.MapFile{}
			}

			g, _, err := inventory.Load(fsys, tt.dir)
			switch {
			case tt.fails != "" && (err == nil || err.Error() != tt.fails):
				t.Errorf("error %v\nwant  %s", err, tt.fails)
			case tt.fails == "" && err != nil:
				t.Error(err)
			case tt.fails == "" && g.UID != tt.want:
				t.Errorf("the grid is %q, want %q", g.UID, tt.want)
			}
		})
	}
}

func TestDiagnostics(t *testing.T) {
	t.Parallel()
	at := func(s inventory.Severity, file string, line, col int, rule string) inventory.Diagnostic {
		return inventory.Diagnostic{Severity: s, File: file, Line: line, Col: col, Rule: rule}
	}

	want := inventory.Diagnostics{
		at(inventory.Error, "a", 2, 1, "z"),
		at(inventory.Error, "b", 1, 1, "a"),
		at(inventory.Warning, "a", 0, 0, "a"),
		at(inventory.Warning, "a", 1, 1, "b"),
		at(inventory.Warning, "a", 1, 2, "a"),
		at(inventory.Warning, "a", 1, 2, "b"),
		at(inventory.Warning, "a", 10, 1, "a"),
	}
	for shift := range want {
		got := append(append(inventory.Diagnostics{}, want[shift:]...), want[:shift]...)
		got.Sort()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("sorted (-want +got):\n%s", diff)
		}
	}

	if e, w := want.Count(); e != 2 || w != 5 {
		t.Errorf("Count() = %d, %d, want 2, 5", e, w)
	}

	for _, tt := range []struct {
		d    inventory.Diagnostic
		want string
	}{
		{at(inventory.Error, "a/b.json", 3, 7, ""), "a/b.json:3:7"},
		{at(inventory.Error, "a/ü b.json", 0, 0, ""), "a/ü b.json"},
		{at(inventory.Error, "a/\x1b[2Jb.json", 1, 1, ""), `"a/\x1b[2Jb.json":1:1`},
		{at(inventory.Error, "a/\xff", 0, 0, ""), `"a/\xff"`},
	} {
		if got := tt.d.Place(); got != tt.want {
			t.Errorf("Place() = %s, want %s", got, tt.want)
		}
	}
}
