package synthetic

import (
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/inventory/check"
	"github.com/chameleoncloud/refapi/internal/test/gittest"
)

// A change of what is made changes what was measured: the names of commits are held.
func TestSameOptionsMakeTheSameCommits(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "repo")
	Repository(t, dir, Options{Nodes: 300, Commits: 50, Seed: 1})

	const want = "366580f9ec4c7b61675957e6d10452ff76b1dc9f"
	if got := gittest.Run(t, dir, "rev-parse", "HEAD"); got != want {
		t.Errorf("HEAD is %s, want %s", got, want)
	}
	if got := gittest.Run(t, dir, "rev-list", "--count", "HEAD"); got != "50" {
		t.Errorf("%s commits, want 50", got)
	}
	if got := gittest.Run(t, dir, "fsck", "--strict"); got != "" {
		t.Errorf("git fsck: %s", got)
	}
}

// What is made is what a testbed has: no findings, many types, merges, and nodes
// that came, changed and went.
func TestRepositoryIsSound(t *testing.T) {
	t.Parallel()
	file := Bundle(t, Options{Nodes: 600, Commits: 200, Seed: 2})
	repo, err := gitrepo.Open(t.Context(), file, gitrepo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer repo.Close()

	head, err := repo.Resolve("")
	if err != nil {
		t.Fatal(err)
	}
	fsys, err := repo.FS(head)
	if err != nil {
		t.Fatal(err)
	}
	grid, found, err := inventory.Load(fsys, DataDir)
	if err != nil {
		t.Fatal(err)
	}

	checker, err := check.New()
	if err != nil {
		t.Fatal(err)
	}
	more, err := checker.Grid(fsys, grid)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range append(found, more...) {
		t.Errorf("a finding: %v", d)
	}

	nodes := grid.Counts().Nodes
	if nodes < 590 || nodes > 610 {
		t.Errorf("%d nodes, want about 600", nodes)
	}

	dir := t.TempDir()
	gittest.Run(t, dir, "clone", "--quiet", file, ".")
	for what, args := range map[string][]string{
		"merges":         {"rev-list", "--merges", "HEAD"},
		"added nodes":    {"log", "--format=", "--diff-filter=A", "--name-only", "HEAD~100.."},
		"removed nodes":  {"log", "--format=", "--diff-filter=D", "--name-only"},
		"corrected type": {"log", "--format=%H", "-G", "node_type", "--diff-filter=M"},
	} {
		if lines := strings.Count(gittest.Run(t, dir, args...), "\n"); lines < 3 {
			t.Errorf("%s: git %v has %d lines", what, args, lines)
		}
	}
}

// A failure of git or of the writer ends both.
func TestWriteFails(t *testing.T) {
	t.Parallel()
	if err := Write(full{}, Options{Nodes: 100, Commits: 2}); err != io.ErrShortWrite {
		t.Errorf("a writer that is full: %v", err)
	}
	if err := Write(io.Discard, Options{Nodes: 1}); err == nil {
		t.Error("a repository without commits was made")
	}
}

// full is a writer that takes nothing.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }
