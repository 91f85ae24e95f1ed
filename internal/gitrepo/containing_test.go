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

func TestOpenContaining(t *testing.T) {
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
		{name: "top", dir: r.Dir, top: r.Dir, want: "."},
		{name: "data directory", dir: r.Path("data"), top: r.Dir, want: "data"},
		{name: "deeper", dir: r.Path("data/deep/er"), top: r.Dir, want: "data/deep/er"},
		{name: "with a slash behind", dir: r.Path("data") + "/", top: r.Dir, want: "data"},
		{name: "with dots", dir: r.Path("data") + "/deep/..", top: r.Dir, want: "data"},
		{name: "link to the data directory", dir: symlink(t, r.Path("data")), top: r.Dir, want: "data"},
		{name: "below a link to the top", dir: symlink(t, r.Dir) + "/data", top: r.Dir, want: "data"},
		{name: "linked work tree", dir: filepath.Join(linked, "data"), top: linked, want: "data"},
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

func TestOpenContainingRefuses(t *testing.T) {
	t.Parallel()
	r := grown(t)
	bare := filepath.Join(t.TempDir(), "bare.git")
	gittest.Run(t, r.Dir, "clone", "--quiet", "--bare", ".", bare)
	outside := t.TempDir()
	for _, tt := range []struct{ name, dir, want, advice string }{
		{name: "nothing", dir: r.Path("nothing"), want: "nothing: no such file or directory"},
		{name: "a file", dir: r.Path("data/a.json"), want: "a.json: it is a file"},
		{
			name:   "not in a repository",
			dir:    outside,
			want:   "open " + outside + ": not a git repository",
			advice: "clone the reference repository",
		},
		{
			name:   "link out of the repository",
			dir:    symlink(t, outside),
			want:   "not a git repository",
			advice: "clone the reference repository",
		},
		{name: "bare repository", dir: bare, want: "in a git directory, not in a work tree"},
		{
			name: "in a bare repository",
			dir:  filepath.Join(bare, "refs"),
			want: "in a git directory, not in a work tree",
		},
		{name: "in a .git directory", dir: r.Path(".git/refs"), want: "in a git directory, not in a work tree"},
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
