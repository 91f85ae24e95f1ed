package history_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/test/txtarrepo"
)

const branched = `
-- commit root --
date: 2025-01-06T09:00:00Z

Root
-- README --
hello
-- d/x.json --
1
-- d/e/y.json --
1
-- commit side --
parents: root
date: 2025-01-06T10:00:00Z

Side
-- d/e/z/deep.json --
1
-- commit main --
parents: root
date: 2025-01-06T11:00:00Z

Main
-- README --
changed
-- d/x.json --
2
-- commit merge --
parents: main side
date: 2025-01-06T12:00:00Z

Merge
-- README --
changed
-- d/x.json --
2
-- d/e/z/deep.json --
1
`

func TestFiles(t *testing.T) {
	t.Parallel()
	repo, err := txtarrepo.Open([]byte(branched))
	if err != nil {
		t.Fatal(err)
	}

	head, err := repo.Resolve("merge")
	if err != nil {
		t.Fatal(err)
	}

	for dir, want := range map[string][]string{
		"d": {"Merge:+d/e/z/deep.json", "Main:~d/x.json", "Side:+d/e/z/deep.json", "Root:+d/e/y.json +d/x.json"},
		".": {"Merge:+d/e/z/deep.json", "Main:~README ~d/x.json", "Side:+d/e/z/deep.json",
			"Root:+README +d/e/y.json +d/x.json"},
	} {
		for _, paths := range [][]string{nil, {"d", "d/e", "d/e/z/deep.json", "other/path"}} {
			h, files, err := history.Walk(t.Context(), repo, head, paths, dir, history.Limits{})
			if err != nil {
				t.Fatal(err)
			}

			var got []string
			for i, c := range h.Commits {
				var changes []string
				for _, f := range files.Changed(i) {
					sign := "~"
					if f.From.Mode == 0 {
						sign = "+"
					} else if f.To.Mode == 0 {
						sign = "-"
					}
					changes = append(changes, sign+f.Path)
				}

				got = append(got, c.Subject()+":"+strings.Join(changes, " "))
			}

			if !slices.Equal(got, want) {
				t.Errorf("below %s, with the paths %q:\n got %q\nwant %q", dir, paths, got, want)
			}

			plain, _, err := history.Walk(t.Context(), repo, head, paths, "nowhere", history.Limits{})
			if err != nil {
				t.Fatal(err)
			}

			for _, p := range paths {
				if a, b := subjects(h.Log(p)), subjects(plain.Log(p)); a != b {
					t.Errorf("the log of %s is %s, and without files %s", p, a, b)
				}
			}

			checkAll(t, files, h, dir)
			for i, c := range h.Commits {
				deep, err := files.At(c, "d/e/z/deep.json")
				if err != nil {
					t.Fatal(err)
				}

				if there := i == 0 || i == 2; (deep.Mode != 0) != there {
					t.Errorf("at %s the deep file is there: %v", c.Subject(), !there)
				}
				if dir, err := files.At(c, "d/e"); err != nil || dir.Mode != 0 {
					t.Errorf("at %s the directory d/e is a file: %v, %v", c.Subject(), dir, err)
				}
			}
		}
	}
}

// checkAll compares what a commit has with what was changed since the root.
func checkAll(t *testing.T, files *history.Files, h *history.History, dir string) {
	t.Helper()
	want := map[string]history.Hash{}
	for _, i := range []int{3, 1, 0} { // the root, Main and Merge
		for _, f := range files.Changed(i) {
			want[f.Path] = f.To.Hash
		}

		all, err := files.All(h.Commits[i], dir)
		if err != nil {
			t.Fatal(err)
		}

		got := map[string]history.Hash{}
		for _, f := range all {
			got[f.Path] = f.To.Hash
		}
		if !maps.Equal(got, want) || len(all) != len(got) {
			t.Errorf("below %s, %s has the files %v, want %v", dir, h.Commits[i].Subject(), all, want)
		}
	}

	if none, err := files.All(h.Head(), "d/none"); err != nil || len(none) > 0 {
		t.Errorf("a directory that is not there has the files %v, %v", none, err)
	}
}

func subjects(commits []*history.Commit) string {
	var all []string
	for _, c := range commits {
		all = append(all, c.Subject())
	}
	return strings.Join(all, " ")
}
