package gitrepo_test

import (
	"io/fs"
	"testing"
	"testing/fstest"
	"time"

	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/test/gittest"
	"github.com/chameleoncloud/refapi/internal/test/txtarrepo"
)

const everyVerb = `What stands before the first section does not count.
-- commit one --
author: Zoë Ünal <zoe@example.org>
date: 2025-03-01T10:00:00+02:00

The first

With a body.
-- a --
1
-- dir/b.json --
{}
-- dir/deep/c --
3
-- dir.txt --
sorts before dir
-- link a link --
dir/b.json
-- commit two --

A minute later
-- delete dir/deep --
-- a --
-- dir/b.json/now/a directory --
was a file
-- commit side --
parents: one
commit-date: 2025-03-01T09:00:00Z
date: 2025-02-01T00:00:00Z

Out of order
-- dir --
was a directory
-- commit root --
parents: none

Another root
-- r --
r
-- commit octopus --
parents: two side root

All
-- delete a link --
`

// everyVerbImport makes the same with git itself.
const everyVerbImport = `feature done
commit refs/heads/main
mark :1
author Zoë Ünal <zoe@example.org> 1740816000 +0200
committer Zoë Ünal <zoe@example.org> 1740816000 +0200
data <<.
The first

With a body.
.
M 644 inline a
data 2
1
M 644 inline dir/b.json
data 3
{}
M 644 inline dir/deep/c
data 2
3
M 644 inline dir.txt
data 17
sorts before dir
M 120000 inline "a link"
data 10
dir/b.json
commit refs/heads/main
mark :2
author Ada Lovelace <ada@example.org> 1740816060 +0200
committer Ada Lovelace <ada@example.org> 1740816060 +0200
data 15
A minute later
from :1
D dir/deep
M 644 inline a
data 0
D dir/b.json
M 644 inline "dir/b.json/now/a directory"
data 11
was a file
commit refs/heads/side
mark :3
author Ada Lovelace <ada@example.org> 1738368000 +0000
committer Ada Lovelace <ada@example.org> 1740819600 +0000
data 13
Out of order
from :1
D dir
M 644 inline dir
data 16
was a directory
commit refs/heads/root
mark :4
author Ada Lovelace <ada@example.org> 1738368060 +0000
committer Ada Lovelace <ada@example.org> 1738368060 +0000
data 13
Another root
M 644 inline r
data 2
r
commit refs/heads/main
author Ada Lovelace <ada@example.org> 1738368120 +0000
committer Ada Lovelace <ada@example.org> 1738368120 +0000
data 4
All
from :2
merge :3
merge :4
D "a link"
done
`

func TestTxtar(t *testing.T) {
	t.Parallel()
	repo, err := txtarrepo.Open([]byte(everyVerb))
	if err != nil {
		t.Fatal(err)
	}

	r := gittest.Init(t)
	r.Feed(everyVerbImport, "fast-import", "--quiet")

	for rev, want := range map[string]string{
		"one": "main~2", "two": "main~1", "side": "side", "root": "root", "octopus": "main",
		"HEAD": "main", "main": "main", "tags/two": "main~1", "HEAD^3": "root",
	} {
		if got, want := resolve(t, repo, rev).String(), r.Git("rev-parse", want); got != want {
			t.Errorf("%s is %s, git makes %s", rev, got, want)
		}
	}

	compareFiles(t, files(t, repo, "two"), r.Dir, "main~1")
	compareFiles(t, files(t, repo, "side"), r.Dir, "side")

	if err := fstest.TestFS(files(t, repo, ""), "dir.txt", "dir/b.json/now/a directory"); err != nil {
		t.Error(err)
	}
}

func TestTxtarSmallest(t *testing.T) {
	t.Parallel()
	for _, archive := range []string{"-- commit x --\n", "-- commit x --\n\n",
		"-- commit x --\ndate: 2025-01-06T09:00:00Z\n"} {
		repo, err := txtarrepo.Open([]byte(archive))
		if err != nil {
			t.Errorf("%q: %v", archive, err)
			continue
		}

		c, err := repo.Commit(resolve(t, repo, "x"))
		if err != nil {
			t.Fatal(err)
		}

		if c.Message != "" || len(c.Parents) > 0 || c.Author.Name != "Ada Lovelace" ||
			!c.Committer.When.Equal(time.Date(2025, 1, 6, 9, 0, 0, 0, time.UTC)) {
			t.Errorf("%q is %+v", archive, c)
		}

		if entries, err := fs.ReadDir(files(t, repo, ""), "."); err != nil || len(entries) > 0 {
			t.Errorf("%q holds %v, %v", archive, entries, err)
		}
	}
}

func TestTxtarRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, archive, want string }{
		{"empty", "", "the archive has no commit"},
		{"no section", "a comment\n", "the archive has no commit"},
		{"section without a name", "-- --\n", "the archive has no commit"},
		{"file first", "-- a --\n-- commit x --\n", `section "a": a commit must come first`},
		{"delete first", "-- delete a --\n", `section "delete a": a commit must come first`},
		{"nameless commit", "-- commit --\n\nx\n", `section "commit": a commit must come first`},
		{"unknown parent", "-- commit x --\nparents: y\n\nx\n",
			`section "commit x": no earlier commit is called "y"`},
		{"its own parent", "-- commit x --\nparents: x\n\nx\n", `no earlier commit is called "x"`},
		{"bad date", "-- commit x --\ndate: yesterday\n\nx\n", `section "commit x": parsing time "yesterday"`},
		{"bad commit date", "-- commit x --\ncommit-date: 2025-01-06\n\nx\n",
			`section "commit x": parsing time "2025-01-06"`},
		{"bad author", "-- commit x --\nauthor: nobody\n\nx\n", `section "commit x": mail: `},
		{"no header", "-- commit x --\na message\n", `section "commit x": malformed`},
		{"unknown header", "-- commit x --\nautor: Ada <a@b>\n\nx\n", `section "commit x": unknown header "Autor"`},
		{"twice", "-- commit x --\n-- commit x --\n", `section "commit x": duplicate commit name`},
		{"delete nothing", "-- commit x --\n-- a --\n-- delete b --\n", `section "delete b": there is no such file`},
		{"delete without a path", "-- commit x --\n-- delete --\n", `section "delete": there is no such file`},
		{"link without a path", "-- commit x --\n-- link --\na\n", `section "link": "" is not a path`},
		{"path outside", "-- commit x --\n-- ../a --\n", `section "../a": "../a" is not a path`},
		{"absolute path", "-- commit x --\n-- link /a --\nb\n", `"/a" is not a path`},
		{"the top", "-- commit x --\n-- . --\n", `"." is not a path`},
		{"slash behind", "-- commit x --\n-- a/ --\n", `"a/" is not a path`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			repo, err := txtarrepo.Open([]byte(tt.archive))
			if repo != nil {
				t.Error("a repository came with the error")
			}
			wantError(t, err, "", tt.want)
		})
	}
}

func FuzzTxtar(f *testing.F) {
	f.Add([]byte(everyVerb))
	f.Add([]byte("-- commit x --\n\n-- a/b --\n-- a --\n-- link a/c --\nx\n-- delete a --\n"))
	f.Add([]byte("-- commit x --\nparents: none\n\n\xff-- commit y --\nparents: x x\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		repo, err := txtarrepo.Open(data)
		if err != nil {
			return
		}

		h, _, err := history.Walk(t.Context(), repo, resolve(t, repo, ""), []string{"a", "a/b"}, ".", history.Limits{})
		if err != nil {
			t.Fatal(err)
		}

		for _, c := range h.Commits {
			fsys := files(t, repo, c.ID.String())
			err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
				if err == nil && !d.IsDir() {
					_, err = fs.ReadFile(fsys, name)
				}
				return err
			})
			if err != nil {
				t.Errorf("commit %s: %v", c.ID, err)
			}
		}
	})
}
