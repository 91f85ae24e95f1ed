package change_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
	"github.com/chameleoncloud/refapi/internal/test/txtarrepo"
)

const flavorPath = "d/sites/s/flavors/m1.json"

// versions makes a repository in which a flavor has these texts, one after the
// other; "" removes it.
func versions(t *testing.T, texts ...string) *gitrepo.Repo {
	t.Helper()
	var b strings.Builder
	b.WriteString("-- commit start --\n\nStart\n-- d/d.json --\n{\"uid\":\"d\"}\n-- d/sites/s/s.json --\n{\"uid\":\"s\"}\n")

	for i, text := range texts {
		fmt.Fprintf(&b, "-- commit v%d --\n\nVersion %d\n", i, i)
		if text == "" {
			fmt.Fprintf(&b, "-- delete %s --\n", flavorPath)
			continue
		}
		fmt.Fprintf(&b, "-- %s --\n%s\n", flavorPath, text)
	}

	repo, err := txtarrepo.Open([]byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}

	return repo
}

// Whatever an old commit has, the versions around it are told.
func TestReadTakesAnything(t *testing.T) {
	t.Parallel()
	limits := inventory.FileLimits()
	deep := `{"a":` + strings.Repeat("[", limits.Depth) + strings.Repeat("]", limits.Depth) + "}"
	large := `{"a":"` + strings.Repeat("x", limits.Bytes) + `"}`
	repo := versions(t, `{"uid":"m1","n":1}`, `[1]`, ``, `{"uid":"m1","n":2}`, large, deep, `{"n":1,"\u006e":2}`,
		"{\"a\":\"\xff\"}", "\xef\xbb\xbf{}", `{"uid":"m1"} x`,
		`{"uid":"m1","n":NaN}`, `{"n":2,"uid":"m1"}`)

	head, err := repo.Resolve("")
	if err != nil {
		t.Fatal(err)
	}

	grid := treetest.Grid(t, repo, head)
	hist, log := treetest.History(t, repo, head, grid)
	var got []string

	versions, err := log.Versions(flavorPath, hist.Log(flavorPath))
	if err != nil {
		t.Fatal(err)
	}

	for _, v := range versions {
		text, err := log.Text(v)
		if err != nil {
			t.Fatal(err)
		}

		d, err := log.Delta(v.Delta)
		if err != nil {
			t.Fatal(err)
		}

		if v.State != change.Present {
			if text != nil || d != nil {
				t.Errorf("a version that is %s has more to tell", v.State)
			}
			text = []byte(v.State)
		}
		if d != nil {
			patch, _ := encode(d)
			text = slices.Concat(text, patch)
		}

		got = append(got, string(text))
	}

	want := []string{`{"n":2,"uid":"m1"}[]`, "unreadable", "unreadable", "unreadable", "unreadable", "unreadable",
		"unreadable", "unreadable",
		`{"uid":"m1","n":2}[{"op":"replace","path":"/n","value":2}]`, "absent", "unreadable", `{"uid":"m1","n":1}`}
	if !slices.Equal(got, want) {
		t.Errorf("the versions are\n%q, want\n%q", got, want)
	}

	for n, c := range hist.Commits {
		if resources := log.Commit(n); len(c.Parents) > 0 && (len(resources) != 1 || resources[0].UID != "m1") {
			t.Errorf("%s has the changes %+v", c.Subject(), resources)
		}
	}
}

// flavor is the resource whose versions are made.
type failing struct{ err error }

func (f failing) Blob(history.Hash, int64) ([]byte, bool, error) { return nil, false, f.err }

// A file that cannot be read at all is another thing than one that says
// nonsense.
func TestReadFails(t *testing.T) {
	t.Parallel()
	repo := versions(t, `{"uid":"m1"}`)
	head, err := repo.Resolve("")
	if err != nil {
		t.Fatal(err)
	}

	grid := treetest.Grid(t, repo, head)
	hist, files, err := history.Walk(t.Context(), repo, head, grid.LogPaths(), grid.Dir, history.Limits{})
	if err != nil {
		t.Fatal(err)
	}

	gone := errors.New("gone")
	in := change.Input{Source: failing{gone}, History: hist, Files: files, Grid: grid}
	if _, err := change.Read(t.Context(), in); !errors.Is(err, gone) ||
		!strings.Contains(err.Error(), "read the versions of d/") {
		t.Errorf("the error is %v", err)
	}
}
