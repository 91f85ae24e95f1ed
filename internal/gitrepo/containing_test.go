package gitrepo_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/test/gittest"
)

func symlink(t testing.TB, to string) string {
	t.Helper()
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(to, link); err != nil {
		t.Fatal(err)
	}
	return link
}

func TestAround(t *testing.T) {
	t.Parallel()
	r := grown(t)
	r.Write("data/deep/er/c.json", "{}")
	r.Commit("deeper")
	linked := filepath.Join(t.TempDir(), "linked")
	r.Git("worktree", "add", "--quiet", linked, "side")
	// A directory called .git that is no repository hides none.
	if err := os.MkdirAll(r.Path("data/deep/.git"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, dir, top, want string }{
		{"top", r.Dir, r.Dir, "."},
		{"data directory", r.Path("data"), r.Dir, "data"},
		{"deeper", r.Path("data/deep/er"), r.Dir, "data/deep/er"},
		{"with a slash behind", r.Path("data") + "/", r.Dir, "data"},
		{"with dots", r.Path("data") + "/deep/..", r.Dir, "data"},
		{"link to the data directory", symlink(t, r.Path("data")), r.Dir, "data"},
		{"below a link to the top", symlink(t, r.Dir) + "/data", r.Dir, "data"},
		{"linked work tree", filepath.Join(linked, "data"), linked, "data"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			repo, got, err := gitrepo.OpenContaining(tt.dir, gitrepo.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer closeRepo(t, repo)
			if got != tt.want || repo.Worktree() != tt.top {
				t.Errorf("it is %q in %q, want %q in %q", got, repo.Worktree(), tt.want, tt.top)
			}
			compare(t, repo, tt.top)
		})
	}
}

// TestAroundRelative does without t.Parallel, for it changes the working
// directory.
func TestAroundRelative(t *testing.T) {
	r := grown(t)
	t.Chdir(r.Path("data"))
	for dir, want := range map[string]string{".": "data", "b": "data/b", "..": "."} {
		repo, got, err := gitrepo.OpenContaining(dir, gitrepo.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer closeRepo(t, repo)
		if got != want || repo.Worktree() != r.Dir {
			t.Errorf("%s is %q in %q, want %q in %q", dir, got, repo.Worktree(), want, r.Dir)
		}
	}
	compare(t, open(t, ".."), r.Dir)
}

func TestAroundRefuses(t *testing.T) {
	t.Parallel()
	r := grown(t)
	bare := filepath.Join(t.TempDir(), "bare.git")
	gittest.Run(t, r.Dir, "clone", "--quiet", "--bare", ".", bare)
	outside := t.TempDir()
	for _, tt := range []struct{ name, dir, want, advice string }{
		{"nothing", r.Path("nothing"), "nothing: no such file or directory", ""},
		{"a file", r.Path("data/a.json"), "a.json: it is a file", ""},
		{"not in a repository", outside, "open " + outside + ": not a git repository", "clone the reference repository"},
		{"link out of the repository", symlink(t, outside), "not a git repository", "clone the reference repository"},
		{"bare repository", bare, "in a git directory, not in a work tree", ""},
		{"in a bare repository", filepath.Join(bare, "refs"), "in a git directory, not in a work tree", ""},
		{"in a .git directory", r.Path(".git/refs"), "in a git directory, not in a work tree", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			repo, _, err := gitrepo.OpenContaining(tt.dir, gitrepo.Options{})
			if repo != nil {
				t.Error("a repository came with the error")
			}
			wantError(t, err, tt.advice, tt.want)
		})
	}
	if _, _, err := gitrepo.OpenContaining(r.Path("nothing"), gitrepo.Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no directory gives %v, want %v", err, fs.ErrNotExist)
	}
}
