package gitrepo_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/test/gittest"
)

// TestReplaced reads what git reads in place of what is there.
func TestReplaced(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		replace func(t *testing.T, r *gittest.Repo)
		same    bool // nothing differs from what is there
	}{
		{"nothing", func(*testing.T, *gittest.Repo) {}, true},
		{"history cut", func(_ *testing.T, r *gittest.Repo) { r.Git("replace", "--graft", "HEAD") }, false},
		{"history cut further back", func(_ *testing.T, r *gittest.Repo) { r.Git("replace", "--graft", "HEAD~1") },
			false},
		{"older history joined", func(_ *testing.T, r *gittest.Repo) {
			root := r.Git("rev-list", "--max-parents=0", "HEAD")
			r.Git("replace", "--graft", root, r.Git("commit-tree", "-m", "older", "HEAD^{tree}"))
		}, false},
		{"packed", func(_ *testing.T, r *gittest.Repo) {
			r.Git("replace", "--graft", "HEAD")
			r.Git("gc", "--quiet")
			r.Git("pack-refs", "--all")
		}, false},
		{"commit", func(_ *testing.T, r *gittest.Repo) { r.Git("replace", "HEAD", "side") }, false},
		{"chain", func(_ *testing.T, r *gittest.Repo) {
			for i := range 4 {
				from := r.Git("commit-tree", "-m", strings.Repeat("x", i), "HEAD^{tree}")
				r.Git("replace", from, r.Git("commit-tree", "-m", strings.Repeat("x", i+1), "HEAD^{tree}"))
			}
			first := r.Git("commit-tree", "-m", "", "HEAD^{tree}")
			r.Git("update-ref", "refs/heads/main", first)
		}, false},
		{"directory in a directory", func(_ *testing.T, r *gittest.Repo) {
			r.Write("deep/er/c", "1")
			r.Commit("deeper")
			r.Write("deep/er/c", "2")
			r.Commit("deeper again")
			r.Git("replace", "HEAD:deep/er", "HEAD~1:deep/er")
		}, false},
		{"directory", func(_ *testing.T, r *gittest.Repo) { r.Git("replace", "HEAD:data", "side:data") }, false},
		{"file", func(_ *testing.T, r *gittest.Repo) { r.Git("replace", "HEAD:data/a.json", "HEAD:README") }, false},
		{"target of a tag", func(_ *testing.T,
			r *gittest.Repo) {
			r.Git("replace", "--force", "v1^{commit}", "side")
		}, false},
		{"turned off", func(_ *testing.T, r *gittest.Repo) {
			r.Git("replace", "--graft", "HEAD")
			r.Git("config", "core.useReplaceRefs", "false")
		}, true},
		{"names that replace nothing", func(t *testing.T, r *gittest.Repo) {
			writeFile(t, r.Path(".git/refs/replace/garbage"), r.Head()+"\n")
		}, true},
		{"grafts", func(t *testing.T, r *gittest.Repo) {
			writeFile(t, r.Path(".git/info/grafts"), "# imported\n\n"+r.Head()+" "+r.Git("rev-parse", "HEAD~1")+"\n"+
				r.Head()+"\ngarbage\n"+r.Git("rev-parse", "HEAD^2")+"\n")
		}, false},
		{"graft of a replaced commit", func(t *testing.T, r *gittest.Repo) {
			r.Git("replace", "HEAD", "side")
			writeFile(t, r.Path(".git/info/grafts"), r.Head()+" "+r.Git("rev-parse", "v1^{commit}")+"\n")
		}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := grown(t)
			for _, dir := range []string{"info", "refs/replace"} {
				if err := os.MkdirAll(r.Path(".git/"+dir), 0o755); err != nil {
					t.Fatal(err)
				}
			}

			tt.replace(t, r)
			repo := open(t, r.Dir)
			compare(t, repo, r.Dir)
			compareFiles(t, files(t, repo, "v1"), r.Dir, "v1")

			for _, path := range []string{"data", "data/a.json", "README", "deep/er", "deep/er/c"} {
				if got, want := logOf(t, repo, path), r.Git("log", "--format=%H", "--", path); got != want {
					t.Errorf("the log of %s is\n%s\ngit's is\n%s", path, got, want)
				}
			}

			if got := len(repo.Substitutes()) == 0; got != tt.same {
				t.Errorf("nothing is replaced: %v, want %v", got, tt.same)
			}
		})
	}
}

// logOf is a path's log.
func logOf(t *testing.T, repo *gitrepo.Repo, path string) string {
	t.Helper()
	h, _, err := history.Walk(t.Context(), repo, resolve(t, repo, ""), []string{path}, ".", history.Limits{})
	if err != nil {
		t.Fatal(err)
	}

	var ids []string
	for _, c := range h.Log(path) {
		ids = append(ids, c.ID.String())
	}

	return strings.Join(ids, "\n")
}

// TestReplacedElsewhere has what is replaced in a bundle, a linked work tree
// and a shallow clone, and turned off.
func TestReplacedElsewhere(t *testing.T) {
	t.Parallel()
	r := grown(t)
	r.Git("replace", "--graft", "HEAD", "HEAD~1")
	want := r.Git("log", "--format=%H")

	bundle := filepath.Join(t.TempDir(), "replaced.bundle")
	r.Git("bundle", "create", "--quiet", bundle, "--all")
	linked := filepath.Join(t.TempDir(), "linked")
	r.Git("worktree", "add", "--quiet", "--detach", linked)

	for _, location := range []string{bundle, linked} {
		if got := log(t, open(t, location)); got != want {
			t.Errorf("the log of %s is\n%s\ngit's is\n%s", location, got, want)
		}
	}

	for _, location := range []string{bundle, linked, r.Dir} {
		repo, err := gitrepo.Open(t.Context(), location, gitrepo.Options{NoReplace: true})
		if err != nil {
			t.Fatal(err)
		}
		defer closeRepo(t, repo)
		if got, want := log(t, repo), r.Git("--no-replace-objects", "log", "--format=%H"); got != want {
			t.Errorf("without replacements the log of %s is\n%s\ngit's is\n%s", location, got, want)
		}
	}

	shallow := filepath.Join(t.TempDir(), "shallow")
	gittest.Run(t, r.Dir, "--no-replace-objects", "clone", "--quiet", "--depth=2", "file://"+r.Dir, shallow)
	writeFile(t, filepath.Join(shallow, ".git/info/grafts"),
		r.Git("rev-parse", "side")+" "+r.Git("rev-parse", "HEAD")+"\n")
	compare(t, open(t, shallow), shallow)
}

// TestReplacedInACircle has what git refuses.
func TestReplacedInACircle(t *testing.T) {
	t.Parallel()
	r := grown(t)
	one, other := r.Git("rev-parse", "HEAD"), r.Git("rev-parse", "side")
	r.Git("replace", one, other)

	if err := os.WriteFile(r.Path(".git/refs/replace/"+other), []byte(one+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}

	_, err := open(t, r.Dir).Resolve("")
	wantError(t, err, "git replace --delete", "object "+one+" is replaced by one that is replaced itself")

	r = grown(t)
	fsys := files(t, open(t, r.Dir), "")
	r.Git("replace", "HEAD:data/a.json", "HEAD:README")

	if got, err := fs.ReadFile(fsys, "data/a.json"); err != nil || string(got) != `{"a": 1}` {
		t.Errorf("a file that is replaced after opening is %q, %v", got, err)
	}
}
