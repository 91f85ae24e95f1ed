package gitrepo_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/test/gittest"
)

// named makes a repository with names of all kinds.
func named(t testing.TB) *gittest.Repo {
	t.Helper()
	r := grown(t)
	r.Git("tag", "light", "HEAD~1")
	r.Git("tag", "--annotate", "--message", "a tag of a tag", "nested", "v1")
	r.Git("tag", "ofTree", "HEAD^{tree}")
	r.Git("branch", "feature/x", "side")
	r.Git("branch", "config", "side") // as a file in .git is called
	r.Git("tag", "side2", "side")
	r.Git("branch", "side2", "main") // tags go first
	r.Git("branch", "cafe", "side")  // hexadecimal
	r.Git("update-ref", "refs/remotes/origin/only", "side")
	r.Git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/only")
	r.Git("update-ref", "ORIG_HEAD", "HEAD~1")
	r.Git("branch", r.Git("rev-parse", "--short=7", "HEAD"), "side") // a branch before a short hash

	// An octopus.
	for _, name := range []string{"arm1", "arm2"} {
		r.Git("checkout", "--quiet", "-b", name, "v1")
		r.Write(name, name)
		r.Commit(name)
	}

	r.Git("checkout", "--quiet", "main")
	r.Git("merge", "--quiet", "--no-edit", "arm1", "arm2")
	return r
}

// TestResolve compares with git rev-parse.
func TestResolve(t *testing.T) {
	t.Parallel()
	r := named(t)
	head, octopus := r.Head(), r.Git("rev-parse", "HEAD~1")
	revs := []string{
		"HEAD", "@", "main", "heads/main", "refs/heads/main", "side", "feature/x", "config", "cafe", "side2",
		"v1", "tags/v1", "refs/tags/v1", "light", "nested", "origin", "origin/only", "refs/remotes/origin/HEAD", "ORIG_HEAD",
		"HEAD~1", "HEAD~", "HEAD~0", "HEAD~2", "@~1", "HEAD^", "HEAD^1", "HEAD^2", "HEAD^3", "HEAD^0", "HEAD~1^2", "HEAD~^2~1", "v1^{commit}", "nested^{}", "HEAD^^", "HEAD^2^{commit}~1",
		head, head[:8], head[:9], head[:39], strings.ToUpper(head), strings.ToUpper(head[:11]), octopus[:7], head[:12] + "~1", r.Git("rev-parse", "v1"), r.Git("rev-parse", "--short=10", "v1"),
	}

	for _, form := range []string{"loose", "packed", "shared", "bundle"} {
		location := r.Dir
		switch form {
		case "packed":
			r.Git("gc", "--quiet")
		case "shared":
			location = filepath.Join(t.TempDir(), "shared")
			r.Git("clone", "--quiet", "--mirror", "--shared", ".", location)
		case "bundle":
			location = filepath.Join(t.TempDir(), "bundle")
			r.Git("bundle", "create", "--quiet", location, "--all")
		}

		repo := open(t, location)
		for _, rev := range revs {
			if strings.Contains(rev, "ORIG_HEAD") && form != "loose" && form != "packed" {
				continue // it is of one repository only
			}
			want := r.Git("rev-parse", "--verify", "--quiet", rev+"^{commit}")
			if got, err := repo.Resolve(rev); err != nil || got.String() != want {
				t.Errorf("%s: %s is %v, %v; want %s", form, rev, got, err, want)
			}
		}

		if got, err := repo.Resolve(""); err != nil || got.String() != head {
			t.Errorf("%s: nothing is %v, %v; want HEAD, %s", form, got, err, head)
		}
	}
}

func TestResolveUnknown(t *testing.T) {
	t.Parallel()
	r := named(t)
	repo := open(t, r.Dir)
	head := r.Head()
	for _, tt := range []struct{ rev, want string }{
		{"nothing", "reference not found"},
		{"main/below", "reference not found"},
		{"heads", "reference not found"},
		{"refs/heads", "reference not found"},
		{"description", "reference not found"},
		{"../config", "reference not found"},
		{"refs/heads/../heads/main", "reference not found"},
		{head[:3], "reference not found"},
		{head[:20] + strings.Repeat("0", 20), "object not found"},
		{head[:20] + strings.Repeat("0", 19), "reference not found"},
		{head + "0", "reference not found"},
		{r.Git("rev-parse", "HEAD:README"), "it names a blob"},
		{r.Git("rev-parse", "--short", "HEAD^{tree}"), "reference not found"},
		{"ofTree", "it names a tree"},
		{"HEAD~99", "has 0 parents"},
		{"HEAD^4", "has 3 parents"},
		{"HEAD~1^99999999999999999999", "value out of range"},
		{"~1", "reference not found"},
		{"^", "reference not found"},
		{"^main", "reference not found"},
		{"HEAD^{tree}", `"{tree}" is not supported`},
		{"HEAD^{/fix}", `"{/fix}" is not supported`},
		{"HEAD~x", `"x" is not supported`},
		{"HEAD:README", "reference not found"},
		{"main@{yesterday}", "reference not found"},
		{"@{1}", "reference not found"},
		{":/three", "reference not found"},
		{"v1..main", "reference not found"},
		{"--all", "reference not found"},
		{" main", "reference not found"},
		{"main\n", "reference not found"},
		{"main\x00", "reference not found"},
	} {
		_, err := repo.Resolve(tt.rev)
		wantError(t, err, "give a branch, a tag or a commit", fmt.Sprintf("unknown revision %q", tt.rev), tt.want)
	}
}

// TestResolveAmbiguous makes commits until two begin with the same digits.
func TestResolveAmbiguous(t *testing.T) {
	t.Parallel()
	r := gittest.Init(t)
	var in strings.Builder

	for i := range 1500 { // a few hundred would do
		fmt.Fprintf(&in, "commit refs/heads/main\ncommitter Ada <ada@example.org> %d +0000\ndata 0\n", i)
	}

	r.Feed(in.String(), "fast-import", "--quiet")
	seen := map[string]bool{}
	for id := range strings.SplitSeq(r.Git("log", "--format=%H"), "\n") {
		prefix := id[:4]
		if !seen[prefix] {
			seen[prefix] = true
			continue
		}
		_, err := open(t, r.Dir).Resolve(prefix)
		wantError(t, err, "give a branch", "short hash is ambiguous")
		return
	}

	t.Error("no two commits begin the same")
}

// TestResolveDamagedHead has a HEAD whose commit is not there.
func TestResolveDamagedHead(t *testing.T) {
	t.Parallel()
	r := grown(t)
	id := r.Head()
	if err := os.Remove(r.Path(".git/objects/" + id[:2] + "/" + id[2:])); err != nil {
		t.Fatal(err)
	}

	repo, err := gitrepo.Open(t.Context(), r.Dir, gitrepo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer closeRepo(t, repo)

	_, err = repo.Resolve("")
	wantError(t, err, "git fsck", "object not found in the repository")
}
