package history_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/test/gittest"
)

// TestLogIsGits compares the logs of drawn histories with those of git itself.
func TestLogIsGits(t *testing.T) {
	t.Parallel()
	work := gittest.Init(t)
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		commits := drawHistory(rt)
		run++
		ref := fmt.Sprintf("refs/drawn/%d", run)
		work.Feed(fastImport(ref, commits), "fast-import", "--quiet")
		h, files, done := open(t, work.Dir, ref, askedPaths)
		defer done()
		if got, want := hashes(h.Commits), work.Git("log", "--format=%H", ref); got != want {
			rt.Errorf("the whole log is\n%s\ngit's is\n%s", got, want)
		}

		// Each costs a process, so ask git for some.
		for _, path := range rapid.SliceOfNDistinct(rapid.SampledFrom(askedPaths), 6, 6, rapid.ID).Draw(rt, "asked") {
			if got, want := hashes(h.Log(path)), work.Git("log", "--format=%H", ref, "--", path); got != want {
				rt.Errorf("the log of %s is\n%s\ngit's is\n%s\n%s", path, got, want,
					work.Git("log", "--graph", "--raw", "--date=unix", ref))
			}
		}

		checkLogs(rt, work, h, files)
		checkMemo(rt, work.Dir, h)
		checkTimes(rt, h)
		checkRemovals(rt, h, files, drawnFiles)
	})
}

// checkLogs holds logs that are looked for after the walk against the walk's, and, as of
// another commit, against git's.
func checkLogs(rt *rapid.T, work *gittest.Repo, h *history.History, files *history.Files) {
	logs, err := h.Logs(files, drawnFiles)
	if err != nil {
		rt.Fatal(err)
	}

	for _, path := range drawnFiles {
		if got, want := hashes(logs.From(0, path)), hashes(h.Log(path)); got != want {
			rt.Errorf("the log of %s is\n%s\nthe walk's is\n%s", path, got, want)
		}
	}

	n := rapid.IntRange(0, len(h.Commits)-1).Draw(rt, "from")
	path := rapid.SampledFrom(drawnFiles).Draw(rt, "path")
	commit := h.Commits[n].ID.String()
	if got, want := hashes(logs.From(n, path)), work.Git("log", "--format=%H", commit, "--", path); got != want {
		rt.Errorf("the log of %s as of %s is\n%s\ngit's is\n%s", path, commit, got, want)
	}
}

// walk reads a repository's history from disk.
func walk(t testing.TB, dir, rev string, paths []string) *history.History {
	t.Helper()
	h, _, done := open(t, dir, rev, paths)
	done()
	return h
}

// open reads a history with its files, which are there until done.
func open(t testing.TB, dir, rev string, paths []string) (h *history.History, files *history.Files, done func()) {
	t.Helper()
	repo, err := gitrepo.Open(t.Context(), dir, gitrepo.Options{})
	if err != nil {
		t.Fatal(err)
	}

	head, err := repo.Resolve(rev)
	if err != nil {
		t.Fatal(err)
	}

	h, files, err = history.Walk(t.Context(), repo, head, paths, ".", history.Limits{})
	if err != nil {
		t.Fatal(err)
	}

	return h, files, func() { repo.Close() }
}

// hashes is a log as `git log --format=%H` prints it.
func hashes(log []*history.Commit) string {
	ids := make([]string, len(log))
	for i, c := range log {
		ids[i] = c.ID.String()
	}
	return strings.Join(ids, "\n")
}

type errorer interface{ Errorf(string, ...any) }

func TestLogOfUnknownPath(t *testing.T) {
	t.Parallel()
	work := gittest.Init(t)
	work.Write("a", "1")
	work.Commit("one")
	h := walk(t, work.Dir, "", []string{"a"})
	if got := h.Log("b"); got != nil {
		t.Errorf("the log of a path that was not asked for is %v, want none", got)
	}
	if got := h.Log("a"); len(got) != 1 || got[0] != h.Head() {
		t.Errorf("the log of a is %v, want the head", got)
	}
}
