package private

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/test/gittest"
)

// people are names and addresses of commits; each name has each address.
var (
	names  = []string{"Jane Doe", "jane doe", "JANE", "J.", "Ünal Ö", "ünal ö", "x y", "Jane  Doe"}
	emails = []string{"jane@example.org", "Jane@Example.ORG", "j@b", "j@bc", "", "no address", "é@b", "É@b"}
)

// authors makes a repository with a commit of each author, and returns these by commit.
func authors(t *testing.T) (*gittest.Repo, []history.Signature, []string) {
	t.Helper()
	r := gittest.Init(t)
	var stream strings.Builder
	for _, name := range names {
		for _, email := range emails {
			fmt.Fprintf(&stream, "commit refs/heads/main\nauthor %s <%s> 1700000000 +0000\n"+
				"committer c <c@d> 1700000000 +0000\ndata 1\nx\n", name, email)
		}
	}
	r.Feed(stream.String(), "fast-import", "--quiet", "--force")

	repo, err := gitrepo.Open(t.Context(), r.Dir, gitrepo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { repo.Close() })

	var all []history.Signature
	ids := strings.Fields(r.Git("log", "--format=%H"))
	for _, id := range ids {
		h, err := repo.Resolve(id)
		if err != nil {
			t.Fatal(err)
		}
		c, err := repo.Commit(h)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c.Author)
	}

	return r, all, ids
}

// Whatever a .mailmap says, people have the names that git gives them.
func TestMailmapAsGit(t *testing.T) {
	t.Parallel()
	r, all, ids := authors(t)

	piece := rapid.SampledFrom(append([]string{"<", ">", " ", "\t", "\r", "#", "Proper Name", "A. B.", "<a@b>", "<>", "< >",
		"\x00", "\xff", "\v"}, names...))
	address := rapid.Map(rapid.SampledFrom(emails), func(e string) string { return "<" + e + ">" })
	name := rapid.SampledFrom(append([]string{"", "", "Proper Name", " Other\t", "Ana"}, names...))
	form := rapid.Custom(func(t *rapid.T) string {
		draw := func(g *rapid.Generator[string]) string { return g.Draw(t, "part") }
		switch rapid.IntRange(0, 4).Draw(t, "form") {
		case 0:
			return draw(name) + draw(address)
		case 1:
			return draw(name) + " <new@x> " + draw(address)
		case 2, 3:
			return draw(name) + " <new@x> " + draw(name) + " " + draw(address) + " more"
		}
		return strings.Join(rapid.SliceOfN(rapid.OneOf(piece, address), 0, 7).Draw(t, "parts"), "")
	})

	rapid.Check(t, func(rt *rapid.T) {
		text := strings.Join(rapid.SliceOfN(form, 0, 12).Draw(rt, "lines"), rapid.SampledFrom([]string{"\n", "\r\n"}).
			Draw(rt, "line end"))
		blob := r.Feed(text, "hash-object", "-w", "--stdin")
		want := strings.Split(r.Git("-c", "mailmap.blob="+blob, "log", "--use-mailmap", "--format=%aN"), "\n")

		m := parseMailmap(text)
		for i, s := range all {
			if got := m.nameOf(s); got != strings.ToValidUTF8(want[i], "\ufffd") {
				rt.Fatalf("with %q, %s <%s> of %s is %q, want %q", text, s.Name, s.Email, ids[i], got, want[i])
			}
		}
	})
}

func FuzzMailmap(f *testing.F) {
	f.Add("A <a@b>\n# c\n<new@b> <a@b>\nB <b@b> C <a@b>\r\n", "C", "A@b")
	f.Fuzz(func(t *testing.T, text, name, email string) {
		if got := parseMailmap(text).nameOf(history.Signature{Name: name, Email: email}); got == "" && name != "" {
			t.Fatalf("with %q, %s <%s> has no name", text, name, email)
		}
	})
}

// The mailmap is that of the commit that is published, in whatever form the repository
// is; and it counts for the complete history.
func TestMailmapOfHead(t *testing.T) {
	t.Parallel()
	r := gittest.Init(t)
	r.Write("a", "1")
	r.Commit("one")
	r.Write(MailmapFile, "New <ada@example.org>\n")
	mapped := r.Commit("two")
	r.Write(MailmapFile, "Newer <ada@example.org>\n")
	r.Commit("three")
	r.Write(MailmapFile, "Not committed <ada@example.org>\n")

	bare := t.TempDir()
	gittest.Run(t, bare, "clone", "--quiet", "--bare", r.Dir, "r.git")
	for rev, want := range map[string]string{mapped: "New", "HEAD": "Newer", "HEAD~2": "Ada Lovelace"} {
		for _, dir := range []string{r.Dir, bare + "/r.git"} {
			repo, err := gitrepo.Open(t.Context(), dir, gitrepo.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer repo.Close()

			id, err := repo.Resolve(rev)
			if err != nil {
				t.Fatal(err)
			}
			v, err := NewView(repo, id, Rules{})
			if err != nil {
				t.Fatal(err)
			}

			h, err := history.Commits(t.Context(), v, id, history.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range h.Commits {
				if c.Author.Name != want {
					t.Errorf("seen from %s, the author of %s is %q, want %q", rev, c.ID, c.Author.Name, want)
				}
			}
		}
	}
}
