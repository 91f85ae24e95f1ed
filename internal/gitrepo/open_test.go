package gitrepo_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/test/gittest"
)

// grown makes a repository with a little of everything: a merge, an executable
// file, a link, a file too large for a small buffer, and a tag.
func grown(t testing.TB) *gittest.Repo {
	t.Helper()
	r := gittest.Init(t)
	r.Write("README", "one\n")
	r.Write("data/a.json", "{}\n")
	r.Commit("one")
	r.Git("tag", "--annotate", "--message", "the first", "v1")
	r.Git("checkout", "--quiet", "-b", "side")
	r.Write("data/b/b.json", strings.Repeat(`{"b": 1}`, 10_000))
	r.Commit("two")
	r.Git("checkout", "--quiet", "main")
	r.Write("data/a.json", `{"a": 1}`)

	if err := os.Symlink("a.json", r.Path("data/link.json")); err != nil {
		t.Fatal(err)
	}

	r.Write("run.sh", "#!/bin/sh\n")
	if err := os.Chmod(r.Path("run.sh"), 0o755); err != nil {
		t.Fatal(err)
	}

	r.Commit("three")
	r.Git("merge", "--quiet", "--no-edit", "side")
	return r
}

// TestOpen opens a repository in every shape that there is.
func TestOpen(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		// reshape returns the location to open and a directory to ask git in.
		reshape func(t *testing.T, r *gittest.Repo) (location, dir string)
		// worktree says whether there is a checkout.
		worktree bool
	}{
		{"work tree", func(t *testing.T, r *gittest.Repo) (string, string) { return r.Dir, r.Dir }, true},
		{"file URL", func(t *testing.T, r *gittest.Repo) (string, string) { return "file://" + r.Dir, r.Dir }, true},
		{"escaped file URL", func(t *testing.T, r *gittest.Repo) (string, string) {
			dir := filepath.Join(t.TempDir(), "a b")
			gittest.Run(t, r.Dir, "clone", "--quiet", ".", dir)
			return "file://" + strings.ReplaceAll(dir, " ", "%20"), dir
		}, true},
		{".git directory", func(t *testing.T, r *gittest.Repo) (string, string) { return r.Path(".git"), r.Dir },
			false},
		{"bare", func(t *testing.T, r *gittest.Repo) (string, string) {
			dir := filepath.Join(t.TempDir(), "bare.git")
			gittest.Run(t, r.Dir, "clone", "--quiet", "--bare", ".", dir)
			return dir, dir
		}, false},
		{"packed", func(t *testing.T, r *gittest.Repo) (string, string) {
			r.Git("gc", "--quiet", "--aggressive", "--prune=now")
			r.Git("pack-refs", "--all", "--prune")
			if found, _ := filepath.Glob(r.Path(".git/refs/*/*")); len(found) > 0 {
				t.Errorf("loose references are left: %q", found)
			}
			return r.Dir, r.Dir
		}, true},
		{"packed and loose", func(t *testing.T, r *gittest.Repo) (string, string) {
			r.Git("repack", "-a", "-d", "--quiet")
			r.Write("data/c.json", "{}")
			r.Commit("after the pack")
			return r.Dir, r.Dir
		}, true},
		{"two packs", func(t *testing.T, r *gittest.Repo) (string, string) {
			r.Git("repack", "-d", "--quiet")
			r.Write("data/c.json", "{}")
			r.Commit("after the pack")
			r.Git("repack", "-d", "--quiet")
			return r.Dir, r.Dir
		}, true},
		{"pack index version 1", func(t *testing.T, r *gittest.Repo) (string, string) {
			r.Git("-c", "pack.indexVersion=1", "repack", "-a", "-d", "-f", "--quiet")
			if !strings.HasPrefix(oneIndex(t, r), "\x00") {
				t.Error("the index is of another version")
			}
			return r.Dir, r.Dir
		}, true},
		{"pack index version 2 with 64-bit offsets", func(t *testing.T, r *gittest.Repo) (string, string) {
			r.Git("repack", "-a", "-d", "--quiet")
			packs, _ := filepath.Glob(r.Path(".git/objects/pack/*.pack"))
			r.Git("index-pack", "--index-version=2,0x40", packs[0])
			return r.Dir, r.Dir
		}, true},
		{"multi-pack index, bitmap, reverse index and commit graph",
			func(t *testing.T, r *gittest.Repo) (string, string) {
				r.Git("repack", "-d", "--quiet")
				r.Write("data/c.json", "{}")
				r.Commit("after the pack")
				r.Git("-c", "pack.writeReverseIndex=true", "repack", "-d", "--quiet")
				r.Git("multi-pack-index", "write", "--bitmap")
				r.Git("commit-graph", "write", "--reachable")
				return r.Dir, r.Dir
			}, true},
		{"cruft pack and kept pack", func(t *testing.T, r *gittest.Repo) (string, string) {
			r.Feed("of nobody", "hash-object", "-w", "--stdin")
			r.Git("repack", "-d", "--quiet")
			packs, _ := filepath.Glob(r.Path(".git/objects/pack/*.pack"))
			writeFile(t, strings.TrimSuffix(packs[0], ".pack")+".keep", "")
			r.Write("data/c.json", "{}")
			r.Commit("after the pack")
			r.Git("repack", "--cruft", "-d", "--quiet")
			return r.Dir, r.Dir
		}, true},
		{"detached HEAD", func(t *testing.T, r *gittest.Repo) (string, string) {
			r.Git("checkout", "--quiet", "--detach", "HEAD~1")
			return r.Dir, r.Dir
		}, true},
		{"linked work tree", func(t *testing.T, r *gittest.Repo) (string, string) {
			dir := filepath.Join(t.TempDir(), "linked")
			r.Git("worktree", "add", "--quiet", dir, "side")
			return dir, dir
		}, true},
		{"submodule", func(t *testing.T, r *gittest.Repo) (string, string) {
			outer := gittest.Init(t)
			outer.Git("submodule", "--quiet", "add", r.Dir, "inner")
			return outer.Path("inner"), outer.Path("inner")
		}, true},
		{"shared clone", func(t *testing.T, r *gittest.Repo) (string, string) {
			dir := filepath.Join(t.TempDir(), "shared")
			gittest.Run(t, r.Dir, "clone", "--quiet", "--shared", ".", dir)
			return dir, dir
		}, true},
		{"shared clone of a shared clone", func(t *testing.T, r *gittest.Repo) (string, string) {
			r.Git("gc", "--quiet")
			first := filepath.Join(t.TempDir(), "first")
			second := filepath.Join(t.TempDir(), "second")
			gittest.Run(t, r.Dir, "clone", "--quiet", "--shared", ".", first)
			gittest.Run(t, r.Dir, "clone", "--quiet", "--shared", first, second)
			return second, second
		}, true},
		{"relative alternates", func(t *testing.T, r *gittest.Repo) (string, string) {
			dir := r.Path("inside")
			r.Git("clone", "--quiet", "--shared", ".", dir)
			alternates := filepath.Join(dir, ".git/objects/info/alternates")
			if err := os.WriteFile(alternates, []byte("# the repository around\n../../../.git/objects\n"),
				0o644); err != nil {
				t.Fatal(err)
			}
			return dir, dir
		}, true},
		{"sparse checkout", func(t *testing.T, r *gittest.Repo) (string, string) {
			r.Git("sparse-checkout", "set", "data/b")
			if r.Git("config", "extensions.worktreeConfig") != "true" {
				t.Error("git sparse-checkout sets no extension")
			}
			return r.Dir, r.Dir
		}, true},
		{"partial clone with all it needs", func(t *testing.T, r *gittest.Repo) (string, string) {
			dir := partialClone(t, r)
			gittest.Run(t, dir, "checkout", "--quiet")
			return dir, dir
		}, true},
		{"odd configuration", func(t *testing.T, r *gittest.Repo) (string, string) {
			for key, value := range map[string]string{
				"branch.main.rebase": "merges", "remote.origin.prune": "true", "alias.st": "status -s\n", "url.git@example.org:.insteadOf": "x:",
				"core.commentChar": ";", "core.repositoryFormatVersion": "1",
				"extensions.preciousObjects": "true", "extensions.partialClone": "origin", "extensions.noop": "",
			} {
				r.Git("config", key, value)
			}
			return r.Dir, r.Dir
		}, true},
		{"bundle", bundled("--all"), false},
		{"bundle version 3", bundled("--all", "--version=3"), false},
		{"bundle of one branch", bundled("main"), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			location, dir := tt.reshape(t, grown(t))
			repo := open(t, location)
			compare(t, repo, dir)

			if repo.Shallow() {
				t.Error("it is said to be shallow")
			}
			if got := repo.Worktree(); !tt.worktree && got != "" || tt.worktree && got != dir {
				t.Errorf("its work tree is %q", got)
			}
		})
	}
}

// partialClone clones without any file.
func partialClone(t *testing.T, r *gittest.Repo) string {
	r.Git("config", "uploadpack.allowFilter", "true")
	dir := filepath.Join(t.TempDir(), "partial")
	gittest.Run(t, r.Dir, "clone", "--quiet", "--no-checkout", "--filter=blob:none", "file://"+r.Dir, dir)
	return dir
}

// bundled bundles revisions.
func bundled(revs string, options ...string) func(*testing.T, *gittest.Repo) (string, string) {
	return func(t *testing.T, r *gittest.Repo) (string, string) {
		path := filepath.Join(t.TempDir(), "repository.bundle")
		r.Git(slices.Concat([]string{"bundle", "create", "--quiet"}, options, []string{path, revs})...)
		return path, r.Dir
	}
}

func TestOpenShallow(t *testing.T) {
	t.Parallel()
	r := grown(t)
	dir := filepath.Join(t.TempDir(), "shallow")
	gittest.Run(t, r.Dir, "clone", "--quiet", "--depth=2", "file://"+r.Dir, dir)
	repo := open(t, dir)
	if !repo.Shallow() {
		t.Error("it is not said to be shallow")
	}

	compare(t, repo, dir)
	_, err := repo.Resolve("HEAD~2")
	wantError(t, err, "shallow", `unknown revision "HEAD~2"`)
}

func TestGitDirs(t *testing.T) {
	t.Parallel()
	r := grown(t)
	linked := filepath.Join(t.TempDir(), "linked")
	r.Git("worktree", "add", "--quiet", linked, "side")

	for dir, want := range map[string][]string{
		r.Dir:  {r.Path(".git")},
		linked: {r.Path(".git/worktrees/linked"), r.Path(".git")},
	} {
		if got := open(t, dir).GitDirs(); !slices.Equal(got, want) {
			t.Errorf("the git directories of %s are %q, want %q", dir, got, want)
		}
	}
}

// oneIndex is the content of the only index of a pack.
func oneIndex(t *testing.T, r *gittest.Repo) string {
	t.Helper()
	found, _ := filepath.Glob(r.Path(".git/objects/pack/*.idx"))
	if len(found) != 1 {
		t.Fatalf("there are %d indexes", len(found))
	}

	data, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}

	return string(data)
}
