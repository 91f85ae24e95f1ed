package worktree_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/test/gittest"
	"github.com/chameleoncloud/refapi/internal/worktree"
)

// open opens a work tree with the configuration that the tests' git has.
func open(t *testing.T, dir string) (fs.FS, error) {
	t.Helper()
	repo, err := gitrepo.Open(t.Context(), dir, gitrepo.Options{})
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { repo.Close() })
	env := map[string]string{}
	for _, v := range gittest.Environ() {
		name, value, _ := strings.Cut(v, "=")
		env[name] = value
	}

	return worktree.Open(repo, func(name string) string { return env[name] })
}

// files is what a work tree has, by path: what links lead to is after an arrow.
func files(t *testing.T, fsys fs.FS) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.Type() == fs.ModeSymlink:
			target, err := fs.ReadLink(fsys, p)
			found[p] = "-> " + target
			return err
		case d.IsDir():
			return nil
		}

		data, err := fs.ReadFile(fsys, p)
		found[p] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}

	return found
}

// oracle is what `git add --all` would put into the repository.
func oracle(t *testing.T, dir string) map[string]string {
	t.Helper()
	gitDir := gittest.Run(t, dir, "rev-parse", "--absolute-git-dir")
	index := filepath.Join(gitDir, "index")
	kept, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}

	defer func() {
		if err := os.WriteFile(index, kept, 0o644); err != nil {
			t.Fatal(err)
		}
	}()

	gittest.Run(t, dir, "add", "--sparse", "--all")
	tree := gittest.Run(t, dir, "write-tree")
	found := map[string]string{}

	for line := range strings.SplitSeq(gittest.Run(t, dir, "ls-tree", "-r", "-z", tree), "\x00") {
		if line == "" {
			continue
		}

		about, p, _ := strings.Cut(line, "\t")
		fields := strings.Fields(about)
		switch fields[0] {
		case "160000":
		case "120000":
			found[p] = "-> " + gittest.Run(t, dir, "cat-file", "blob", fields[2])
		default:
			// Run takes the last line end off.
			found[p] = strings.TrimSuffix(gittest.Run(t, dir, "cat-file", "blob", fields[2])+"|", "|")
		}
	}

	return found
}

// same compares what is read with what git would commit.
func same(t *testing.T, dir string) map[string]string {
	t.Helper()
	w, err := open(t, dir)
	if err != nil {
		t.Fatal(err)
	}

	got := files(t, w)
	trimmed := map[string]string{}
	for p, text := range got {
		trimmed[p] = strings.TrimSuffix(text, "\n")
	}

	if diff := cmp.Diff(oracle(t, dir), trimmed); diff != "" {
		t.Errorf("(-git +read)\n%s", diff)
	}

	return got
}

// seed is a repository with some files, all with LF.
func seed(t *testing.T, args ...string) *gittest.Repo {
	t.Helper()
	r := gittest.Init(t, args...)
	for _, name := range []string{"README.md", "data/t/t.json", "data/t/sites/a/a.json", "data/t/sites/a/n1.json",
		"data/t/sites/b/b.json", "other/x.json"} {
		r.Write(name, "{\n\"uid\": \""+name+"\"\n}\n")
	}
	r.Commit("seed")
	return r
}

const (
	n1 = "data/t/sites/a/n1.json"
	b  = "data/t/sites/b/b.json"
)

// What git reads in a work tree is read, in each of these states.
func TestAsGitReads(t *testing.T) {
	t.Parallel()
	crlf := func(r *gittest.Repo, names ...string) {
		for _, n := range names {
			data, err := os.ReadFile(r.Path(n))
			if err != nil {
				t.Error(err)
			}
			r.Write(n, strings.ReplaceAll(string(data), "\n", "\r\n"))
		}
	}

	again := func(r *gittest.Repo) { // checks all out anew
		for _, name := range []string{"README.md", "data", "other"} {
			if err := os.RemoveAll(r.Path(name)); err != nil {
				t.Error(err)
			}
		}
		r.Git("checkout", "--", ".")
	}
	for name, change := range map[string]func(r *gittest.Repo){
		"clean":   func(*gittest.Repo) {},
		"edited":  func(r *gittest.Repo) { r.Write(n1, "{}\n") },
		"new":     func(r *gittest.Repo) { r.Write("data/t/sites/c/c.json", "{}\n") },
		"deleted": func(r *gittest.Repo) { os.Remove(r.Path(n1)) },
		"staged": func(r *gittest.Repo) {
			r.Write(n1, "{}\n")
			r.Git("add", "-A")
			r.Write(n1,
				"[]\n")
		},
		"renamed":                func(r *gittest.Repo) { r.Git("mv", n1, "data/t/sites/a/n2.json") },
		"removed from the index": func(r *gittest.Repo) { r.Git("rm", "-q", "--cached", n1) },
		"intent to add": func(r *gittest.Repo) {
			r.Write("data/new.json", "{}\n")
			r.Git("add", "-N",
				"data/new.json")
		},
		"executable": func(r *gittest.Repo) { os.Chmod(r.Path(n1), 0o755) },
		"version 4 of the index": func(r *gittest.Repo) {
			r.Git("update-index", "--index-version",
				"4")
			r.Write(n1, "{}\n")
		},
		"assume unchanged, edited": func(r *gittest.Repo) {
			r.Git("update-index", "--assume-unchanged",
				n1)
			r.Write(n1, "{}\n")
		},
		"assume unchanged, deleted": func(r *gittest.Repo) {
			r.Git("update-index", "--assume-unchanged",
				n1)
			os.Remove(r.Path(n1))
		},
		"skip-worktree, deleted": func(r *gittest.Repo) {
			r.Git("update-index", "--skip-worktree",
				n1)
			os.Remove(r.Path(n1))
		},
		"skip-worktree, edited": func(r *gittest.Repo) {
			r.Git("update-index", "--skip-worktree",
				n1)
			r.Write(n1, "{}\n")
		},
		"skip-worktree, all": func(r *gittest.Repo) {
			r.Git("update-index", "--skip-worktree", n1, b)
			os.RemoveAll(r.Path("data/t/sites/a"))
			os.RemoveAll(r.Path("data/t/sites/b"))
		},
		"sparse, patterns": func(r *gittest.Repo) {
			r.Git("sparse-checkout", "set", "--no-cone", "/data/t/t.json", "/data/t/sites/a/")
		},
		"sparse, cone": func(r *gittest.Repo) {
			r.Git("sparse-checkout", "set", "--cone",
				"data/t/sites/a")
		},
		"sparse, nothing of it": func(r *gittest.Repo) { r.Git("sparse-checkout", "set", "--cone", "other") },
		"sparse index": func(r *gittest.Repo) {
			r.Git("sparse-checkout", "set", "--cone", "--sparse-index",
				"data/t/sites/a")
		},
		"sparse, but there": func(r *gittest.Repo) {
			r.Git("sparse-checkout", "set", "--cone",
				"data/t/sites/a")
			r.Write(b, "{}\n")
		},
		"sparse, expected": func(r *gittest.Repo) {
			r.Git("config", "sparse.expectFilesOutsideOfPatterns", "true")
			r.Git("sparse-checkout", "set", "--cone", "data/t/sites/a")
			r.Write(b, "{}\n")
		},
		"autocrlf": func(r *gittest.Repo) { r.Git("config", "core.autocrlf", "true"); again(r) },
		"autocrlf, new": func(r *gittest.Repo) {
			r.Git("config", "core.autocrlf", "true")
			r.Write("data/new.json", "{\r\n}\r\n")
		},
		"autocrlf, CRLF committed": func(r *gittest.Repo) {
			crlf(r, n1)
			r.Commit("crlf")
			r.Git("config", "core.autocrlf", "true")
			again(r)
			crlf(r, b)
		},
		"autocrlf input": func(r *gittest.Repo) { r.Git("config", "core.autocrlf", "input"); crlf(r, n1, b) },
		"autocrlf, binary": func(r *gittest.Repo) {
			r.Git("config", "core.autocrlf", "true")
			r.Write("data/z.json", "a\r\n\x00b\r\n")
			r.Write("data/y.json", "a\r\nb\rc\n")
			r.Write("data/x.json", "\r\n\x01\x02\x03")
		},
		"CRLF without settings": func(r *gittest.Repo) { crlf(r, n1) },
		"eol=crlf": func(r *gittest.Repo) {
			r.Write(".gitattributes", "*.json eol=crlf\n")
			r.Commit("attributes")
			again(r)
		},
		"eol=lf": func(r *gittest.Repo) { r.Write(".gitattributes", "*.json text eol=lf\n"); crlf(r, n1) },
		"text=auto": func(r *gittest.Repo) {
			r.Write(".gitattributes", "* text=auto\n")
			crlf(r, n1)
			r.Write("data/z.json", "\x00\r\n")
		},
		"text, also what looks binary": func(r *gittest.Repo) {
			r.Write(".gitattributes", "*.json text\n")
			r.Write("data/z.json", "\x00\r\nb\rc")
		},
		"-text under autocrlf": func(r *gittest.Repo) {
			r.Git("config", "core.autocrlf", "true")
			r.Write(".gitattributes", "n1.json -text\nb.json binary\n")
			crlf(r, n1, b)
		},
		"crlf, the older name": func(r *gittest.Repo) {
			r.Write(".gitattributes", "n1.json crlf\nb.json -crlf\na.json crlf=input\n")
			crlf(r, n1, b, "data/t/sites/a/a.json")
		},
		"attributes that override": func(r *gittest.Repo) {
			r.Write(".gitattributes", "*.json text\n/data/** -text\n")
			r.Write("data/t/.gitattributes", "sites/a/*.json text\nb.json !text\n")
			crlf(r, n1, b, "other/x.json", "data/t/t.json")
		},
		"attributes of the repository": func(r *gittest.Repo) {
			r.Write(".gitattributes", "*.json -text\n")
			r.Write(".git/info/attributes", "n1.json text\n")
			crlf(r, n1, b)
		},
		"attributes of the user": func(r *gittest.Repo) {
			r.Write(".git/mine", "[attr]plain text\n\"n1.json\" plain\n")
			r.Git("config", "core.attributesFile", r.Path(".git/mine"))
			crlf(r, n1, b)
		},
		"attributes not checked out": func(r *gittest.Repo) {
			r.Write("data/.gitattributes", "*.json text\n")
			r.Commit("attributes")
			r.Git("update-index", "--skip-worktree", "data/.gitattributes")
			os.Remove(r.Path("data/.gitattributes"))
			crlf(r, n1)
		},
		"ident": func(r *gittest.Repo) {
			r.Write(".gitattributes", "n1.json ident\n")
			r.Write(n1, "{\"a\": \"$Id: 123 $\", \"b\": \"$Id$\"}\n")
		},
		"encoding": func(r *gittest.Repo) {
			r.Write(".gitattributes",
				"n1.json working-tree-encoding=UTF-16LE-BOM\nb.json working-tree-encoding=ISO-8859-1\n")
			r.Write(n1, "\xff\xfe{\x00}\x00\xfc\x00")
			r.Write(b, "{\"\xfc\"}")
		},
		"ignored": func(r *gittest.Repo) {
			r.Write(".gitignore", "*.tmp.json\n/data/t/sites/draft/\n!keep.tmp.json\n")
			r.Write("data/a.tmp.json", "{}")
			r.Write("data/keep.tmp.json", "{}")
			r.Write("data/t/sites/draft/d.json", "{}")
			r.Write("other/draft/d.json", "{}")
		},
		"ignored, but tracked": func(r *gittest.Repo) {
			r.Write(".gitignore", "data/t/sites/a/\nb.json\n")
			r.Write(n1, "{}")
			r.Write("data/t/sites/a/new.json", "{}")
		},
		"ignored below": func(r *gittest.Repo) {
			r.Write("data/t/.gitignore", "/new.json\nsites/**/n?.json\n**/deep/\n!/sites/b/n9.json\n")
			for _, n := range []string{"new.json", "sites/a/new.json", "sites/a/n9.json", "sites/b/n9.json",
				"sites/x/y/n1.json", "sites/deep/d.json", "sites/n1.json"} {
				r.Write("data/t/"+n, "{}")
			}
		},
		"ignored by the repository": func(r *gittest.Repo) {
			r.Write(".git/info/exclude", "n9.json\n")
			r.Write("data/n9.json", "{}")
			r.Write("data/n8.json", "{}")
		},
		"ignored by the user": func(r *gittest.Repo) {
			r.Write(".git/mine", "*~.json\n[a-c]x.json\n\\!y.json\nz[!0-9].json\ns[[:digit:]].json\ntrail.json  \n"+
				"q[]x].json\nr[a\\-z].json\nt[^]].json\nu[a.json\nv[[:x].json\nw[\\]].json\n")
			r.Git("config", "core.excludesFile", r.Path(".git/mine"))
			for _, n := range []string{"a~.json", "bx.json", "dx.json", "!y.json", "z1.json", "zz.json", "s1.json",
				"sx.json", "trail.json", "q].json", "qx.json", "qy.json", "r-.json", "rb.json", "t].json", "tx.json", "u[a.json",
				"v:.json", "v[.json", "w].json"} {
				r.Write("data/"+n, "{}")
			}
		},
		"re-included in vain": func(r *gittest.Repo) {
			r.Write(".gitignore", "data/d/\n!data/d/keep.json\n/other/*\n!/other/keep.json\n")
			r.Write("data/d/keep.json", "{}")
			r.Write("other/keep.json", "{}")
			r.Write("other/lost.json", "{}")
		},
		"link": func(r *gittest.Repo) { os.Symlink("n1.json", r.Path("data/t/sites/a/link.json")) },
		"link, then a file": func(r *gittest.Repo) {
			os.Symlink("n1.json", r.Path("data/t/sites/a/link.json"))
			r.Commit("link")
			os.Remove(r.Path("data/t/sites/a/link.json"))
			r.Write("data/t/sites/a/link.json", "{}")
		},
		"no links in the file system": func(r *gittest.Repo) {
			os.Symlink("n1.json", r.Path("data/t/sites/a/link.json"))
			r.Commit("link")
			r.Git("config", "core.symlinks", "false")
			again(r)
		},
		"link not checked out": func(r *gittest.Repo) {
			os.Symlink("n1.json", r.Path("data/t/sites/a/link.json"))
			r.Commit("link")
			r.Git("update-index", "--skip-worktree", "data/t/sites/a/link.json")
			os.Remove(r.Path("data/t/sites/a/link.json"))
		},
		"a file became a directory": func(r *gittest.Repo) { os.Remove(r.Path(n1)); r.Write(n1+"/x.json", "{}") },
		"a directory became a file": func(r *gittest.Repo) { os.RemoveAll(r.Path("data/t/sites/b")); r.Write("data/t/sites/b", "{}") },
		"filter without a program": func(r *gittest.Repo) {
			r.Write(".gitattributes",
				"*.json filter=lfs\n")
			r.Write(n1, "{}\n")
		},
		"included settings": func(r *gittest.Repo) {
			r.Write(".git/more", "[core]\n\tautocrlf = input\n")
			r.Git("config", "include.path", "more")
			crlf(r, n1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := seed(t)
			change(r)
			same(t, r.Dir)
		})
	}
}

// A clean checkout reads as its commit, whatever the line ends are on disk.
func TestCleanIsTheCommit(t *testing.T) {
	t.Parallel()
	r := seed(t)
	r.Git("config", "core.autocrlf", "true")

	for _, name := range []string{"README.md", "data", "other"} {
		if err := os.RemoveAll(r.Path(name)); err != nil {
			t.Fatal(err)
		}
	}

	r.Git("checkout", "--", ".")
	raw, err := os.ReadFile(r.Path(n1))
	if err != nil || !strings.Contains(string(raw), "\r\n") {
		t.Fatalf("the checkout has no CRLF: %q, %v", raw, err)
	}
	if status := r.Git("status", "--porcelain"); status != "" {
		t.Fatalf("git sees changes: %s", status)
	}

	if got := same(t, r.Dir)[n1]; strings.Contains(got, "\r") {
		t.Errorf("it is read as %q", got)
	}
}

// A linked work tree has its own index and sparse patterns, and settings of both.
func TestLinkedWorktree(t *testing.T) {
	t.Parallel()
	r := seed(t)
	linked := filepath.Join(t.TempDir(), "linked")
	r.Git("worktree", "add", "-q", linked)
	gittest.Run(t, linked, "sparse-checkout", "set", "--cone", "data/t/sites/a")

	if err := os.WriteFile(filepath.Join(linked, "data/t/sites/a/new.json"), []byte("{}\n"), 0o644); err != nil {
		t.Fatal(err)
	}

	r.Write(".git/info/exclude", "junk.json\n")
	if err := os.WriteFile(filepath.Join(linked, "data/t/junk.json"), []byte("{}\n"), 0o644); err != nil {
		t.Fatal(err)
	}

	got := same(t, linked)
	if got["data/t/sites/a/new.json"] == "" || got[b] == "" || got["data/t/junk.json"] != "" {
		t.Errorf("read are %q", slices.Sorted(maps.Keys(got)))
	}
}

// Repositories inside the work tree are none of its files.
func TestRepositoriesInside(t *testing.T) {
	t.Parallel()
	r, inner := seed(t), seed(t)
	r.Git("submodule", "--quiet", "add", inner.Dir, "data/sub")
	r.Commit("submodule")
	gittest.Run(t, r.Dir, "clone", "-q", inner.Dir, r.Path("data/clone"))
	w, err := open(t, r.Dir)
	if err != nil {
		t.Fatal(err)
	}

	for p := range files(t, w) {
		if strings.HasPrefix(p, "data/sub/") || strings.HasPrefix(p, "data/clone/") || strings.HasPrefix(p, ".git/") {
			t.Errorf("%s is read", p)
		}
	}

	if _, err := fs.Stat(w, "data/sub/README.md"); err == nil {
		t.Error("a file of a submodule is found")
	}
}

// What cannot be read as git would is named.
func TestRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, want, advice string
		change             func(r *gittest.Repo)
	}{
		{
			name:   "conflict",
			want:   "read " + n1 + ": it has merge conflicts",
			advice: "resolve it, then `git add` it",
			change: func(r *gittest.Repo) { conflict(t, r) },
		},
		{
			name:   "filter",
			want:   "read " + n1 + `: git stores it as the filter "lfs" writes it`,
			advice: "take them out of .gitattributes",
			change: func(r *gittest.Repo) {
				r.Git("config", "filter.lfs.clean", "cat")
				r.Write(".gitattributes", "n1.json filter=lfs\n")
			},
		},
		{
			name: "encoding",
			want: "read " + n1 + `: its working-tree-encoding "klingon" is unknown`,
			change: func(r *gittest.Repo) {
				r.Write(".gitattributes", "n1.json working-tree-encoding=klingon\n")
			},
		},
		{
			name:   "split index",
			want:   "the index is split into two files",
			advice: "git update-index --no-split-index",
			change: func(r *gittest.Repo) {
				r.Git("update-index", "--split-index")
			},
		},
		{
			name: "damaged index",
			want: "the index is truncated",
			change: func(r *gittest.Repo) {
				data, err := os.ReadFile(r.Path(".git/index"))
				if err != nil || os.WriteFile(r.Path(".git/index"), data[:len(data)/2], 0o644) != nil {
					t.Error(err)
				}
			},
		},
		{
			name:   "bare",
			want:   "the repository is bare and has none",
			advice: "omit --worktree",
			change: func(r *gittest.Repo) {
				r.Git("config", "core.bare", "true")
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := seed(t)
			tt.change(r)
			w, err := open(t, r.Dir)
			if err == nil {
				_, err = fs.ReadFile(w, n1)
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(hint.Of(err), tt.advice) {
				t.Errorf("error %v (%s), want %s (%s)", err, hint.Of(err), tt.want, tt.advice)
			}
		})
	}
}

// conflict leaves three versions of a file in the index, as a merge does.
func conflict(t *testing.T, r *gittest.Repo) {
	t.Helper()
	base := r.Git("hash-object", "-w", n1)
	var lines strings.Builder

	for stage := 1; stage <= 3; stage++ {
		fmt.Fprintf(&lines, "100644 %s %d\t%s\n", base, stage, n1)
	}

	r.Git("rm", "-q", "--cached", n1)
	r.Feed(lines.String(), "update-index", "--index-info")

	if status := r.Git("status", "--porcelain"); !strings.Contains(status, "AA "+n1) &&
		!strings.Contains(status, "UU "+n1) {
		t.Fatalf("there is no conflict: %s", status)
	}
}

// It is a file system as fs.FS says.
func TestFS(t *testing.T) {
	t.Parallel()
	r := seed(t)
	r.Git("sparse-checkout", "set", "--cone", "data/t/sites/a")
	r.Write(".gitignore", "junk\n")
	r.Write("data/junk", "x")
	w, err := open(t, r.Dir)
	if err != nil {
		t.Fatal(err)
	}

	if err := fstest.TestFS(w, n1, b, "README.md", "other/x.json"); err != nil {
		t.Error(err)
	}

	for _, name := range []string{"data/junk", ".git/HEAD", "nope", "data/t/sites/b/nope"} {
		if _, err := fs.Stat(w, name); err == nil {
			t.Errorf("%s is there", name)
		}
	}
}
