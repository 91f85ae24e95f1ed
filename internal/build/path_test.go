package build_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/sample"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// What became of other resources meanwhile shows in no history, as JSON or as a page:
// while a resource has one log, they are the same file with the same time.
func TestHistoriesDependOnTheirOwnPath(t *testing.T) {
	t.Parallel()
	repo, err := sample.Open()
	if err != nil {
		t.Fatal(err)
	}

	compareHistories(t, repo, 50)
	compareHistories(t, treetest.Repo(t, treetest.Moves), 40)
}

// compareHistories compares those at HEAD with those at each earlier commit, of which so
// many are the same at least.
func compareHistories(t *testing.T, repo *gitrepo.Repo, least int) {
	t.Helper()
	head := historiesByLog(t, repo, "")
	common := 0
	for _, c := range treetest.Input(t, repo, "", build.Options{}).History.Commits[1:] {
		for key, f := range historiesByLog(t, repo, c.ID.String()) {
			other, ok := head[key]
			if !ok {
				continue
			}
			if common++; !bytes.Equal(f.Body, other.Body) || !f.Time.Equal(other.Time) {
				t.Errorf("%s is another file at HEAD than at %s", f.Path, c.ID)
			}
		}
	}

	if common < least {
		t.Errorf("only %d histories stay as they were", common)
	}
}

// historiesByLog are the histories of a revision's resources by their paths and logs.
func historiesByLog(t *testing.T, repo *gitrepo.Repo, rev string) map[string]tree.File {
	t.Helper()
	in := treetest.Input(t, repo, rev, build.Options{})
	files := map[string]tree.File{}
	for _, f := range treetest.Files(t, in) {
		files[f.Path] = f
	}

	found := map[string]tree.File{}
	for r := range in.Grid.Resources() {
		if r.Kind == route.GridKind {
			continue
		}

		var log []string
		for _, c := range in.History.Log(r.LogPath()) {
			log = append(log, c.ID.String())
		}

		kind, args := r.Kind.Get(), r.Args()
		for _, p := range []string{kind.ItemHistory.File(args...), kind.HistoryPage.File(args...)} {
			found[fmt.Sprint(p, log)] = files[p]
		}
	}

	// What moved away has a log, too, which its removal ends.
	changes, err := in.Changes()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range changes.Former() {
		if f.Removal == nil {
			continue
		}
		kind, args := f.Kind.Get(), f.Args()
		for _, p := range []string{kind.ItemHistory.File(args...), kind.HistoryPage.File(args...), kind.Page.File(args...)} {
			found[fmt.Sprint(p, f.Removal.ID)] = files[p]
		}
	}

	return found
}
