package history_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/test/gittest"
	"github.com/chameleoncloud/refapi/internal/test/txtarrepo"
)

// checkRemovals holds the removals of paths, none of which is ever a directory, against
// their logs.
func checkRemovals(t errorer, h *history.History, files *history.Files, paths []string) (found int) {
	removals, err := h.Removals(files, paths)
	if err != nil {
		t.Errorf("find what removed %q: %v", paths, err)
		return 0
	}

	for _, p := range paths {
		var want *history.Commit
		if e, err := files.At(h.Head(), p); err != nil {
			t.Errorf("%v", err)
		} else if log := h.Log(p); e.Mode == 0 && len(log) > 0 {
			want = log[0]
		}

		if got := removals[p]; got != want {
			t.Errorf("%s was removed by %v, want %v", p, got, want)
		}
	}

	return len(removals)
}

// A merge chooses a side, or removes the file itself; what happened on the other side
// is in no log.
func TestRemovals(t *testing.T) {
	t.Parallel()
	const start = "-- commit root --\n\nRoot\n-- keep --\n1\n-- f --\n1\n"
	for name, tt := range map[string]struct{ rest, want string }{
		"never there":      {rest: "", want: ""},
		"on the line":      {rest: "-- commit away --\n\nAway\n-- delete f --\n-- commit next --\n\nNext\n-- keep --\n2\n", want: "away"},
		"twice":            {rest: "-- commit away --\n\nAway\n-- delete f --\n-- commit back --\n\nBack\n-- f --\n1\n-- commit again --\n\nAgain\n-- delete f --\n", want: "again"},
		"there again":      {rest: "-- commit away --\n\nAway\n-- delete f --\n-- commit back --\n\nBack\n-- f --\n1\n", want: ""},
		"by the side":      {rest: "-- commit away --\nparents: root\n\nAway\n-- delete f --\n-- commit main --\nparents: root\n\nMain\n-- keep --\n2\n-- commit merge --\nparents: main away\n\nMerge\n-- delete f --\n", want: "away"},
		"by the merge":     {rest: "-- commit side --\nparents: root\n\nSide\n-- x --\n1\n-- commit main --\nparents: root\n\nMain\n-- keep --\n2\n-- commit merge --\nparents: main side\n\nMerge\n-- delete f --\n", want: "merge"},
		"undone by merge":  {rest: "-- commit away --\nparents: root\n\nAway\n-- delete f --\n-- commit main --\nparents: root\n\nMain\n-- keep --\n2\n-- commit merge --\nparents: main away\n\nMerge\n-- x --\n1\n", want: ""},
		"and by the other": {rest: "-- commit away --\nparents: root\n\nAway\n-- delete f --\n-- commit later --\nparents: root\n\nLater\n-- delete f --\n-- commit merge --\nparents: away later\n\nMerge\n-- keep --\n3\n", want: "away"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			archive := start + tt.rest
			if name == "never there" {
				archive = strings.Replace(archive, "-- f --\n1\n", "", 1)
			}

			repo, err := txtarrepo.Open([]byte(archive))
			if err != nil {
				t.Fatal(err)
			}
			head, err := repo.Resolve("")
			if err != nil {
				t.Fatal(err)
			}

			h, files, err := history.Walk(t.Context(), repo, head, []string{"f"}, ".", history.Limits{})
			if err != nil {
				t.Fatal(err)
			}

			checkRemovals(t, h, files, []string{"f"})
			removals, err := h.Removals(files, []string{"f"})
			if err != nil {
				t.Fatal(err)
			}

			got := ""
			if c := removals["f"]; c != nil {
				got = strings.ToLower(c.Subject())
			}
			if got != tt.want {
				t.Errorf("the file was removed by %q, want %q", got, tt.want)
			}
		})
	}
}

// What was added on a side that the merge did not take was never there.
func TestRemovalOfWhatNoMergeTook(t *testing.T) {
	t.Parallel()
	repo, err := txtarrepo.Open([]byte("-- commit root --\n\nRoot\n-- keep --\n1\n" +
		"-- commit side --\nparents: root\n\nSide\n-- f --\n1\n-- commit main --\nparents: root\n\nMain\n-- keep --\n2\n" +
		"-- commit merge --\nparents: main side\n\nMerge\n-- keep --\n3\n"))
	if err != nil {
		t.Fatal(err)
	}
	head, err := repo.Resolve("")
	if err != nil {
		t.Fatal(err)
	}

	h, files, err := history.Walk(t.Context(), repo, head, []string{"f"}, ".", history.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if n := checkRemovals(t, h, files, []string{"f"}); n != 0 {
		t.Errorf("%d removals are found", n)
	}
}

// All files that the real repository once had were removed by the newest commit of
// their logs.
func TestRealRemovals(t *testing.T) {
	t.Parallel()
	dir, ok := cloneReal(t, realBundle)
	if !ok {
		return
	}

	gone := map[string]bool{}
	for p := range strings.Lines(gittest.Run(t, dir, "log", "--diff-filter=D", "--no-renames", "--name-only", "-m",
		"--format=", "HEAD", "--", "data")) {
		gone[strings.TrimSpace(p)] = true
	}

	paths := slices.Sorted(maps.Keys(gone))
	h, files, done := open(t, dir, "", paths)
	defer done()

	n := checkRemovals(t, h, files, paths)
	if t.Logf("%d of %d paths were removed", n, len(paths)); n < 10 {
		t.Errorf("only %d paths were removed", n)
	}
}
