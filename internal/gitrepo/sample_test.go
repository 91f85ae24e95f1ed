package gitrepo_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/sample"
)

// TestSample holds the sample repository against its archive.
func TestSample(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../sample/testbed.txtar")
	if err != nil {
		t.Fatal(err)
	}

	repo, err := sample.Open()
	if err != nil {
		t.Fatal(err)
	}

	h, _, err := history.Walk(t.Context(), repo, resolve(t, repo, ""), nil, ".", history.Limits{})
	if err != nil {
		t.Fatal(err)
	}

	names := map[history.Hash]string{} // of commits
	held := map[string]string{}        // files of the last commit, by path
	for _, f := range txtar.Parse(data).Files {
		verb, name, _ := strings.Cut(f.Name, " ")
		switch verb {
		case "commit":
			id := resolve(t, repo, name)
			names[id] = name
			c, err := repo.Commit(id)
			if err != nil {
				t.Fatal(err)
			}

			header, message, _ := strings.Cut(string(f.Data), "\n\n")
			if c.Message != message {
				t.Errorf("the message of %s is %q, want %q", name, c.Message, message)
			}

			for _, line := range []string{"author: " + c.Author.Name + " <",
				"date: " + c.Author.When.Format(time.RFC3339)} {
				if !strings.Contains(header, line) {
					t.Errorf("the header of %s has no %q", name, line)
				}
			}
		case "delete":
			delete(held, name)
		default:
			held[f.Name] = string(f.Data)
		}
	}

	if len(names) < 2 || len(h.Commits) != len(names) || names[h.Head().ID] != names[h.Commits[0].ID] {
		t.Errorf("HEAD reaches %d commits of %d", len(h.Commits), len(names))
	}

	got := map[string]string{}
	for name, text := range read(t, files(t, repo, "")) {
		if body, ok := strings.CutPrefix(text, "-rw-r--r-- "); ok {
			got[name] = body
		}
	}

	if !maps.Equal(got, held) {
		t.Errorf("the files are %q, want %q", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(held)))
	}
}

func TestSampleFS(t *testing.T) {
	t.Parallel()
	repo, err := sample.Open()
	if err != nil {
		t.Fatal(err)
	}

	if err := fstest.TestFS(files(t, repo, ""), "data/sample/sample.json",
		"data/sample/sites/north/north.json"); err != nil {
		t.Error(err)
	}
}
