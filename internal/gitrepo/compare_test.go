package gitrepo_test

import (
	"archive/tar"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/test/gittest"
)

// open opens a repository for the time of the test.
func open(t testing.TB, location string) *gitrepo.Repo {
	t.Helper()
	repo, err := gitrepo.Open(t.Context(), location, gitrepo.Options{CacheDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeRepo(t, repo) })
	return repo
}

func closeRepo(t testing.TB, repo *gitrepo.Repo) {
	t.Helper()
	if err := repo.Close(); err != nil {
		t.Error(err)
	}
}

// resolve resolves a revision that must be there.
func resolve(t testing.TB, repo *gitrepo.Repo, rev string) history.Hash {
	t.Helper()
	id, err := repo.Resolve(rev)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// files opens the files of a revision that must be there.
func files(t testing.TB, repo *gitrepo.Repo, rev string) fs.FS {
	t.Helper()
	fsys, err := repo.FS(resolve(t, repo, rev))
	if err != nil {
		t.Fatal(err)
	}
	return fsys
}

// log is the history of HEAD, as `git log --format=%H` prints it.
func log(t testing.TB, repo *gitrepo.Repo) string {
	t.Helper()
	h, _, err := history.Walk(t.Context(), repo, resolve(t, repo, ""), nil, ".", history.Limits{})
	if err != nil {
		t.Fatal(err)
	}

	ids := make([]string, len(h.Commits))
	for i, c := range h.Commits {
		ids[i] = c.ID.String()
	}

	return strings.Join(ids, "\n")
}

// compare holds HEAD's history and files against what git says in dir.
func compare(t testing.TB, repo *gitrepo.Repo, dir string) {
	t.Helper()
	if got, want := log(t, repo), gittest.Run(t, dir, "log", "--format=%H"); got != want {
		t.Errorf("the log is\n%s\ngit's is\n%s", got, want)
	}
	compareFiles(t, files(t, repo, ""), dir, "HEAD")
}

func compareFiles(t testing.TB, fsys fs.FS, dir, rev string) {
	t.Helper()
	got, want := read(t, fsys), archive(t, dir, rev)
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if g, ok := got[name]; !ok {
			t.Errorf("%q is missing", name)
		} else if g != want[name] {
			t.Errorf("%q is %q, git's is %q", name, g, want[name])
		}
	}

	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%q is one too many", name)
		}
	}
}

// read reads a whole file system: kind, size and content by path.
func read(t testing.TB, fsys fs.FS) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}

		info, err := d.Info()
		if err != nil {
			return err
		}

		content := ""
		switch {
		case d.Type() == fs.ModeSymlink:
			content, err = fs.ReadLink(fsys, name)
		case !d.IsDir():
			var body []byte
			body, err = fs.ReadFile(fsys, name)
			content = string(body)
			if info.Size() != int64(len(body)) {
				t.Errorf("%q has %d bytes, its size says %d", name, len(body), info.Size())
			}
		}

		all[name] = fmt.Sprintf("%v %s", info.Mode(), content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}

	return all
}

// archive is what git says of a revision's files, in the form of read.
func archive(t testing.TB, dir, rev string) map[string]string {
	t.Helper()
	all := map[string]string{}
	in := tar.NewReader(strings.NewReader(gittest.Run(t, dir, "-c", "tar.umask=0022", "archive", "--format=tar",
		rev)))

	for {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}

		body, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}

		mode := h.FileInfo().Mode()
		switch h.Typeflag {
		case tar.TypeXGlobalHeader: // names the commit
			continue
		case tar.TypeSymlink:
			mode, body = fs.ModeSymlink|0o644, []byte(h.Linkname)
		}

		all[strings.TrimSuffix(h.Name, "/")] = fmt.Sprintf("%v %s", mode, body)
	}
}

// wantError checks an error's text and whether it comes with advice.
func wantError(t testing.TB, err error, advice string, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}

	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q has no %q in it", err, part)
		}
	}

	if got := hint.Of(err); !strings.Contains(got, advice) || (advice == "") != (got == "") {
		t.Errorf("error %q comes with the advice %q, want %q", err, got, advice)
	}
}

// hash reads a full hash.
func hash(t testing.TB, s string) history.Hash {
	t.Helper()
	raw, err := hex.DecodeString(s)
	if err != nil || len(raw) != len(history.Hash{}) {
		t.Fatalf("%q is no hash: %v", s, err)
	}
	return history.Hash(raw)
}
