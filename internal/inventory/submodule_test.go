package inventory_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/test/gittest"
)

// withSubmodules is a grid in which other repositories are at paths.
func withSubmodules(t *testing.T, paths ...string) *gittest.Repo {
	t.Helper()
	other := gittest.Init(t)
	other.Write("uid.json", "{}")
	other.Commit("other")
	r := gittest.Init(t)

	for _, file := range []string{"d/d", "d/sites/s/s", "d/sites/s/clusters/c/c", "d/sites/s/clusters/c/nodes/n",
		"d/sites/s/flavors/f"} {
		r.Write(file+".json", fmt.Sprintf(`{"uid": %q}`, file[strings.LastIndex(file, "/")+1:]))
	}

	for _, p := range paths {
		r.Git("submodule", "--quiet", "add", other.Dir, p)
	}

	r.Commit("all")
	return r
}

// TestSubmodules has submodules where resources are looked for, and elsewhere: a
// commit and a work tree say the same.
func TestSubmodules(t *testing.T) {
	t.Parallel()
	want := []string{
		"error submodule d/sites/s/clusters/c/nodes/m.json",
		"error submodule d/sites/s/clusters/x",
		"error submodule d/sites/s/flavors/g.json",
		"error submodule d/sites/x",
		"warning submodule d/docs",
		"warning submodule d/sites/s/docs/more",
	}

	var paths []string
	for _, w := range want {
		paths = append(paths, strings.Fields(w)[2])
	}

	r := withSubmodules(t, paths...)
	repo, err := gitrepo.Open(t.Context(), r.Dir, gitrepo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer repo.Close()

	id, err := repo.Resolve("")
	if err != nil {
		t.Fatal(err)
	}

	committed, err := repo.FS(id)
	if err != nil {
		t.Fatal(err)
	}

	for name, fsys := range map[string]fs.FS{"commit": committed, "work tree": os.DirFS(r.Dir)} {
		g, found, err := inventory.Load(fsys, "d")
		if err != nil {
			t.Fatal(err)
		}

		var got []string
		for _, d := range found {
			got = append(got, fmt.Sprintf("%s %s %s", d.Severity, d.Rule, d.File))
		}

		if !slices.Equal(got, want) {
			t.Errorf("in the %s is found\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if got, want := g.Counts(), (inventory.Counts{Sites: 1, Clusters: 1, Nodes: 1, Flavors: 1}); got != want {
			t.Errorf("the %s has %+v, want %+v", name, got, want)
		}
	}
}

// TestDataDirectoryInSubmodule names the submodule.
func TestDataDirectoryInSubmodule(t *testing.T) {
	t.Parallel()
	r := withSubmodules(t, "d/sites/s/docs")
	outer := gittest.Init(t)
	outer.Git("submodule", "--quiet", "add", r.Dir, "data/inner")
	outer.Commit("all")
	repo, err := gitrepo.Open(t.Context(), outer.Dir, gitrepo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer repo.Close()

	id, err := repo.Resolve("")
	if err != nil {
		t.Fatal(err)
	}

	committed, err := repo.FS(id)
	if err != nil {
		t.Fatal(err)
	}

	for name, fsys := range map[string]fs.FS{"commit": committed, "work tree": os.DirFS(outer.Dir)} {
		_, missing := inventory.FindDataDir(fsys)
		for _, err := range []error{missing, inventory.CheckSubmodule(fsys, "data/inner"),
			inventory.CheckSubmodule(fsys, "data/inner/d")} {
			var sub *inventory.SubmoduleError
			if !errors.As(err, &sub) || sub.Dir != "data/inner" {
				t.Errorf("the %s says %v, want that data/inner is a submodule", name, err)
			}
		}

		for _, dir := range []string{".", "data", "nowhere/at/all"} {
			if err := inventory.CheckSubmodule(fsys, dir); err != nil {
				t.Errorf("the %s says of %s: %v", name, dir, err)
			}
		}
	}

	if dir, err := inventory.FindDataDir(os.DirFS(r.Dir)); dir != "d" || err != nil {
		t.Errorf("the data directory of the inner repository is %q, %v", dir, err)
	}
}

// TestNamesThatAreOne has names that some file systems cannot hold side by side.
func TestNamesThatAreOne(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ a, b, want string }{
		{"\u00e9", "e\u0301", "unicode-collision"},
		{"\u00e9", "E\u0301", "case-collision"},
		{"\u212b", "\u00c5", "unicode-collision"},               // the sign of Ångström, and the letter
		{"a\u0323\u0307", "a\u0307\u0323", "unicode-collision"}, // marks in another order
		{"\u1100\u1161", "\uac00", "unicode-collision"},         // Hangul
		{"strasse", "stra\u00dfe", "case-collision"},
		{"k", "\u212a", "case-collision"}, // the sign of Kelvin folds, and is K in NFC
		{"n", "N", "case-collision"},
		{"\ufb01x", "fix", "case-collision"}, // a ligature folds to its letters
		{"a", "\u00e4", ""},
		{"a", "\uff41", ""}, // wide letters are others
		{"i", "\u0131", ""},
	} {
		for _, dir := range []string{"d/sites/s/clusters/c/nodes/%s.json", "d/sites/s/flavors/%s.json",
			"d/sites/s/clusters/%[1]s/%[1]s.json", "d/sites/%[1]s/%[1]s.json"} {
			files := map[string]string{"d/d.json": `{"uid": "d"}`, "d/sites/s/s.json": `{"uid": "s"}`,
				"d/sites/s/clusters/c/c.json": `{"uid": "c"}`}
			for _, name := range []string{tt.a, tt.b} {
				files[fmt.Sprintf(dir, name)] = fmt.Sprintf(`{"uid": %q}`, name)
			}

			fsys := fstest.MapFS{}
			for p, content := range files {
				fsys[p] = &fstest.MapFile{Data: []byte(content)}
			}

			_, found, err := inventory.Load(fsys, "d")
			if err != nil {
				t.Fatal(err)
			}

			got := ""
			if len(found) > 0 {
				got = found[0].Rule
			}
			if got != tt.want || len(found) > 1 || got != "" && found[0].Severity != inventory.Error {
				t.Errorf("%+q and %+q in %s: %q, want %q (%v)", tt.a, tt.b, dir, got, tt.want, found)
			}
		}
	}
}

// TestNodesThatLookTheSame are in two clusters.
func TestNodesThatLookTheSame(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{}
	for p, uid := range map[string]string{
		"d/d": "d", "d/sites/s/s": "s", "d/sites/s/clusters/c/c": "c", "d/sites/s/clusters/e/e": "e",
		"d/sites/s/clusters/c/nodes/\u00e9": "\u00e9", "d/sites/s/clusters/e/nodes/e\u0301": "e\u0301",
	} {
		fsys[p+".json"] = &fstest.MapFile{Data: []byte(fmt.Sprintf(`{"uid": %q}`, uid))}
	}

	_, found, err := inventory.Load(fsys, "d")
	if err != nil {
		t.Fatal(err)
	}

	if len(found) != 1 || found[0].Rule != "duplicate-uid" {
		t.Errorf("it is found %v, want duplicate-uid", found)
	}
}

// TestDirectoryCalledAsAFile is told of, even if there is nothing in it.
func TestDirectoryCalledAsAFile(t *testing.T) {
	t.Parallel()
	r := withSubmodules(t)
	if err := os.Mkdir(r.Path("d/sites/s/clusters/c/nodes/m.json"), 0o755); err != nil {
		t.Fatal(err)
	}

	_, found, err := inventory.Load(os.DirFS(r.Dir), "d")
	if err != nil {
		t.Fatal(err)
	}

	if len(found) != 1 || found[0].Rule != "no-file" || found[0].Severity != inventory.Error {
		t.Errorf("it is found %v, want no-file", found)
	}
}
