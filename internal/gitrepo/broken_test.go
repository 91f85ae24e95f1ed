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
		{
			name:   "nothing",
			make:   func(t *testing.T) string { return filepath.Join(t.TempDir(), "nothing") },
			want:   "nothing: no such file or directory",
			advice: "a bare repository or a bundle",
		},
		{
			name: "below a file",
			make: func(t *testing.T) string {
				file := filepath.Join(t.TempDir(), "file")
				writeFile(t, file, "")
				return filepath.Join(file, "below")
			},
			want: "not a directory",
		},
		{
			name: "bad escape",
			make: func(t *testing.T) string { return "file:///a%zz" },
			want: `invalid URL escape "%zz"`,
		},
		{
			name:   "empty directory",
			make:   func(t *testing.T) string { return t.TempDir() },
			want:   "not a git repository",
			advice: "clone the reference repository",
		},
		{
			name:   "directory in a work tree",
			make:   func(t *testing.T) string { return grown(t).Path("data") },
			want:   "data: not a git repository",
			advice: "clone the reference repository",
		},
		{
			name: "empty .git directory",
			make: func(t *testing.T) string {
				dir := t.TempDir()
				if err := os.Mkdir(filepath.Join(dir, ".git"), 0o755); err != nil {
					t.Fatal(err)
				}
				return dir
			},
			want:   "not a git repository",
			advice: "clone the reference repository",
		},
		{
			name: "garbage in .git",
			make: func(t *testing.T) string {
				dir := t.TempDir()
				writeFile(t, filepath.Join(dir, ".git"), "garbage\n")
				return dir
			},
			want: "does not name a git directory",
		},
		{
			name: "lost linked work tree",
			make: func(t *testing.T) string {
				dir := t.TempDir()
				writeFile(t, filepath.Join(dir, ".git"), "gitdir: ../nowhere\n")
				return dir
			},
			want:   "nowhere, which is not a git directory",
			advice: "git worktree repair",
		},
		{
			name:   "SHA-256",
			make:   func(t *testing.T) string { return gittest.Init(t, "--object-format=sha256").Dir },
			want:   "its objects are named by sha256",
			advice: "git fast-export",
		},
		{
			name:   "reftable",
			make:   configured("extensions.refStorage", "reftable"),
			want:   `its references are stored in the format "reftable"`,
			advice: "--ref-format=files",
		},
		{
			name:   "unknown extension",
			make:   configured("extensions.sideways", "true"),
			want:   `the unknown extension "sideways"`,
			advice: "a plain clone or a bundle",
		},
		{
			name:   "unknown version",
			make:   configured("core.repositoryFormatVersion", "2"),
			want:   `its format has the version "2"`,
			advice: "a bundle",
		},
		{
			name: "garbage in the configuration",
			make: func(t *testing.T) string {
				r := gittest.Init(t)
				writeFile(t, r.Path(".git/config"), "[core\n")
				return r.Dir
			},
			want: "config",
		},
		{
			name:   "index of an unknown version",
			make:   withIndex(func(data []byte) []byte { data[7] = 3; return data }),
			want:   "unsupported version: v3",
			advice: "git index-pack",
		},
		{
			name:   "index that is cut short",
			make:   withIndex(func(data []byte) []byte { return data[:len(data)-1] }),
			want:   ".idx: ",
			advice: "git index-pack",
		},
		{
			name:   "empty index",
			make:   withIndex(func([]byte) []byte { return nil }),
			want:   "the file is truncated",
			advice: "git index-pack",
		},
		{
			name: "damaged index of version 1",
			make: withIndex(func(data []byte) []byte { data[len(data)/2] ^= 1; return data }, "-c",
				"pack.indexVersion=1"),
			want:   "the checksum is wrong",
			advice: "git index-pack",
		},
		{
			name:   "short index of version 1",
			make:   withIndex(func(data []byte) []byte { return data[:100] }, "-c", "pack.indexVersion=1"),
			want:   "the file is truncated",
			advice: "git index-pack",
		},
		{
			name: "alternates that go round",
			make: func(t *testing.T) string {
				r := gittest.Init(t)
				if err := os.MkdirAll(r.Path(".git/objects/other"), 0o755); err != nil {
					t.Fatal(err)
				}
				writeFile(t, r.Path(".git/objects/info/alternates"), r.Path(".git/objects/other\n"))
				return r.Dir
			},
			want: "read the alternates: ",
		},
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

			_, _, err := history.Walk(t.Context(), open(t, r.Dir), head, []string{"data/a.json"}, ".", history.Limits{})
			wantError(t, err, "git fsck", tt.want, id)
		})
	}
}
