package gitrepo_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/test/gittest"
)

func writeFile(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		make func(t *testing.T) string
		// what the error says, and the advice with it
		want, advice string
	}{
		{"nothing", func(t *testing.T) string { return filepath.Join(t.TempDir(), "nothing") },
			"nothing: no such file or directory", "a bare repository or a bundle"},
		{"below a file", func(t *testing.T) string {
			file := filepath.Join(t.TempDir(), "file")
			writeFile(t, file, "")
			return filepath.Join(file, "below")
		}, "not a directory", ""},
		{"bad escape", func(t *testing.T) string { return "file:///a%zz" }, `invalid URL escape "%zz"`, ""},
		{"empty directory", func(t *testing.T) string { return t.TempDir() },
			"not a git repository", "clone the reference repository"},
		{"directory in a work tree", func(t *testing.T) string { return grown(t).Path("data") },
			"data: not a git repository", "clone the reference repository"},
		{"empty .git directory", func(t *testing.T) string {
			dir := t.TempDir()
			if err := os.Mkdir(filepath.Join(dir, ".git"), 0o755); err != nil {
				t.Fatal(err)
			}
			return dir
		}, "not a git repository", "clone the reference repository"},
		{"garbage in .git", func(t *testing.T) string {
			dir := t.TempDir()
			writeFile(t, filepath.Join(dir, ".git"), "garbage\n")
			return dir
		}, "does not name a git directory", ""},
		{"lost linked work tree", func(t *testing.T) string {
			dir := t.TempDir()
			writeFile(t, filepath.Join(dir, ".git"), "gitdir: ../nowhere\n")
			return dir
		}, "nowhere, which is not a git directory", "git worktree repair"},
		{"SHA-256", func(t *testing.T) string { return gittest.Init(t, "--object-format=sha256").Dir },
			"its objects are named by sha256", "git fast-export"},
		{"reftable", configured("extensions.refStorage", "reftable"),
			`its references are stored in the format "reftable"`, "--ref-format=files"},
		{"unknown extension", configured("extensions.sideways", "true"),
			`the unknown extension "sideways"`, "a plain clone or a bundle"},
		{"unknown version", configured("core.repositoryFormatVersion", "2"),
			`its format has the version "2"`, "a bundle"},
		{"garbage in the configuration", func(t *testing.T) string {
			r := gittest.Init(t)
			writeFile(t, r.Path(".git/config"), "[core\n")
			return r.Dir
		}, "config", ""},
		{"index of an unknown version", withIndex(func(data []byte) []byte { data[7] = 3; return data }),
			"unsupported version: v3", "git index-pack"},
		{"index that is cut short", withIndex(func(data []byte) []byte { return data[:len(data)-1] }), ".idx: ", "git index-pack"},
		{"empty index", withIndex(func([]byte) []byte { return nil }), "the file is truncated", "git index-pack"},
		{"damaged index of version 1", withIndex(func(data []byte) []byte { data[len(data)/2] ^= 1; return data }, "-c", "pack.indexVersion=1"),
			"the checksum is wrong", "git index-pack"},
		{"short index of version 1", withIndex(func(data []byte) []byte { return data[:100] }, "-c", "pack.indexVersion=1"),
			"the file is truncated", "git index-pack"},
		{"alternates that go round", func(t *testing.T) string {
			r := gittest.Init(t)
			if err := os.MkdirAll(r.Path(".git/objects/other"), 0o755); err != nil {
				t.Fatal(err)
			}
			writeFile(t, r.Path(".git/objects/info/alternates"), r.Path(".git/objects/other\n"))
			return r.Dir
		}, "read the alternates: ", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			repo, err := gitrepo.Open(t.Context(), tt.make(t), gitrepo.Options{})
			if repo != nil {
				t.Error("a repository came with the error")
			}
			wantError(t, err, tt.advice, tt.want)
		})
	}
}

// withIndex makes a repository of one pack, whose index is changed.
func withIndex(change func([]byte) []byte, options ...string) func(*testing.T) string {
	return func(t *testing.T) string {
		r := grown(t)
		r.Git(append(options, "repack", "-a", "-d", "-f", "--quiet")...)
		found, _ := filepath.Glob(r.Path(".git/objects/pack/*.idx"))
		if err := os.Chmod(found[0], 0o644); err != nil {
			t.Fatal(err)
		}
		writeFile(t, found[0], string(change([]byte(oneIndex(t, r)))))
		return r.Dir
	}
}

// configured makes a repository of the newer format with one more setting.
func configured(key, value string) func(*testing.T) string {
	return func(t *testing.T) string {
		r := gittest.Init(t)
		r.Git("config", "core.repositoryFormatVersion", "1")
		r.Git("config", key, value)
		return r.Dir
	}
}

// TestFormatVersion0 has an extension that counts in newer formats only.
func TestFormatVersion0(t *testing.T) {
	t.Parallel()
	r := gittest.Init(t)
	r.Git("config", "extensions.sideways", "true")
	r.Commit("one")
	compare(t, open(t, r.Dir), r.Dir)
}

func TestNoCommits(t *testing.T) {
	t.Parallel()
	r := gittest.Init(t)
	_, err := open(t, r.Dir).Resolve("")
	wantError(t, err, "commit something first", "the repository has no commits")

	r.Git("checkout", "--quiet", "-b", "other")
	r.Commit("one")
	r.Git("symbolic-ref", "HEAD", "refs/heads/nowhere")
	_, err = open(t, r.Dir).Resolve("")
	wantError(t, err, "name a branch with --rev, for example other", "HEAD names no commit")
}

// TestPartialClone reads what a partial clone has, and not what it lacks.
func TestPartialClone(t *testing.T) {
	t.Parallel()
	r := grown(t)
	repo := open(t, partialClone(t, r))
	if got, want := log(t, repo), r.Git("log", "--format=%H"); got != want {
		t.Errorf("the log is\n%s\ngit's is\n%s", got, want)
	}
	fsys := files(t, repo, "")
	_, err := fs.ReadFile(fsys, "data/a.json")
	wantError(t, err, "without --filter", "read data/a.json: object not found")
	_, err = fs.Stat(fsys, "data/a.json")
	wantError(t, err, "without --filter", "data/a.json: object not found")
	_, err = fs.ReadLink(fsys, "data/link.json")
	wantError(t, err, "without --filter", "data/link.json: object not found")
	if entries, err := fs.ReadDir(fsys, "data"); err != nil || len(entries) != 3 {
		t.Errorf("the directory has the entries %v, %v; want 3", entries, err)
	}
}

func TestMissingObjects(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ rev, want string }{
		{"HEAD", "read commit "},
		{"HEAD~1", ", a parent of "},
		{"HEAD^{tree}", "read tree "},
		{"HEAD:data", "read tree "},
	} {
		t.Run(tt.rev, func(t *testing.T) {
			t.Parallel()
			r := grown(t)
			head := hash(t, r.Head())
			id := r.Git("rev-parse", tt.rev)
			if err := os.Remove(r.Path(".git/objects/" + id[:2] + "/" + id[2:])); err != nil {
				t.Fatal(err)
			}
			_, err := history.Walk(t.Context(), open(t, r.Dir), head, []string{"data/a.json"})
			wantError(t, err, "git fsck", tt.want, id)
		})
	}
}
