package past_test

import (
	"bytes"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/past"
	"github.com/chameleoncloud/refapi/internal/test/gittest"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// Every file of every commit of the real repository is in its past, and git reads the
// packs.
func TestRealPast(t *testing.T) {
	t.Parallel()
	repo, ok := treetest.Real(t, "../..")
	if !ok {
		return
	}

	const dir = "data/chameleoncloud"
	head, err := repo.Resolve("")
	if err != nil {
		t.Fatal(err)
	}

	names, packs, indexes := pack(t, repo, head, dir)
	p := open(t, packs, indexes)
	for n, name := range names {
		t.Logf("%s: pack %d bytes, index %d bytes", name, len(packs[n]), len(indexes[n]))
	}
	if total := len(slices.Concat(packs...)); total > 1_300_000 {
		t.Errorf("the packs have %d bytes; git's one has 1,2 million", total)
	}

	h, files, err := history.Walk(t.Context(), repo, head, nil, dir, history.Limits{})
	if err != nil {
		t.Fatal(err)
	}

	compared, ids := 0, map[history.Hash]bool{}
	for _, c := range h.Commits {
		compared += compareCommit(t, repo, files, c, p, ids)
	}
	t.Logf("%d files of %d commits, %d contents", compared, len(h.Commits), len(ids))

	checkGitReads(t, packs, ids)
}

// compareCommit compares the files of a commit with the repository's, and returns how
// many there are. It reads those whose ids it does not have yet, and adds them.
func compareCommit(
	t *testing.T, repo *gitrepo.Repo, files *history.Files, c *history.Commit, p *past.Past, ids map[history.Hash]bool,
) (n int) {
	t.Helper()
	all, err := files.All(c, p.Dir())
	if err != nil {
		t.Fatal(err)
	}

	for _, f := range all {
		if path.Ext(f.Path) != ".json" {
			continue
		}

		n++
		e, ok, err := p.Lookup(f.Path, c.ID)
		if err != nil || !ok || e.ID != f.To.Hash || e.IsLink == f.To.Regular() {
			t.Errorf("%s of %s is %v, %v, %v; want %v", f.Path, c.ID, e, ok, err, f.To)
			continue
		}
		if ids[e.ID] {
			continue
		}

		ids[e.ID] = true
		got, ok, err := p.Read(e)
		if err != nil || !ok {
			t.Errorf("%s of %s: %v, %v", f.Path, c.ID, ok, err)
		}

		want, _, err := repo.Blob(f.To.Hash, 4<<20)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s of %s is %q, want %q, %v", f.Path, c.ID, got, want, err)
		}
	}

	fsys, err := p.FS(c.ID, nil)
	if err != nil {
		t.Fatal(err)
	}

	listed := 0
	if err := fs.WalkDir(fsys, ".", func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			listed++
		}
		return err
	}); err != nil || listed != n {
		t.Errorf("%d files of %s are listed, want %d; %v", listed, c.ID, n, err)
	}

	return n
}

// checkGitReads has git index the packs, one after another, and read all objects.
func checkGitReads(t *testing.T, packs [][]byte, ids map[history.Hash]bool) {
	t.Helper()
	work := gittest.Init(t)
	for _, pack := range packs {
		work.Feed(string(pack), "index-pack", "--stdin", "--fix-thin", "--strict")
	}

	work.Git("fsck", "--full", "--no-dangling")
	lines := strings.Split(work.Git("cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)"), "\n")
	for _, line := range lines {
		id, ok := strings.CutSuffix(line, " blob")
		if !ok || !ids[history.Hash(plumbing.NewHash(id))] {
			t.Errorf("git finds the object %s, which no commit has", line)
		}
	}
	if len(lines) != len(ids) {
		t.Errorf("git finds %d objects, want %d", len(lines), len(ids))
	}
}
