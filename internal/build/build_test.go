package build_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
	"github.com/chameleoncloud/refapi/internal/tree"
)

func sum(body []byte) string {
	s := sha256.Sum256(body)
	return hex.EncodeToString(s[:])
}

// input reads a repository made from text, at one of its commits.
func input(t *testing.T, archive, rev string, o build.Options) build.Input {
	t.Helper()
	repo := treetest.Repo(t, archive)
	return treetest.Input(t, repo, rev, o)
}

// files renders a repository made from text, at one of its commits.
func files(t *testing.T, archive, rev string, o build.Options) map[string]tree.File {
	t.Helper()
	all := treetest.Files(t, input(t, archive, rev, o))
	byPath := map[string]tree.File{}

	for _, f := range all {
		if _, ok := byPath[f.Path]; ok {
			t.Errorf("%s is written twice", f.Path)
		}
		byPath[f.Path] = f
	}

	return byPath
}

// small is a testbed with odd but acceptable files, and two commits within one
// second.
const small = `
-- commit first --
date: 2025-01-06T09:00:00Z

Start
-- d/d.json --
{"uid": "d", "timestamp": "mine", "version": "mine", "links": [], "z": 1, "a": 2.50}
-- d/sites/s/s.json --
{"version": "mine", "uid": "s", "latitude": 39.978300, "extra": {"b": 1, "a": [1.0, 1e3]}, "links": "mine", "name": "\u00dc <&>"}
-- d/sites/s/clusters/c/c.json --
{"uid": "c", "queues": []}
-- d/sites/s/clusters/empty/empty.json --
{"uid": "empty", "queues": null, "created_at": 41}
-- d/sites/s/clusters/own/own.json --
{"queues": ["q"], "uid": "own"}
-- d/sites/s/clusters/c/nodes/n b.json --
{"uid": "n b", "type": "node"}
-- d/sites/s/flavors/m1.large.json --
{"vcpus": "4", "uid": "m1.large", "x": 1}
-- d/sites/s/flavors/m1.json --
{"uid": "m1"}
-- d/sites/s/flavors/m1-a.json --
{"uid": "m1-a"}
-- commit second --
date: 2025-01-06T09:00:00Z

Second, in the same second
-- d/sites/s/flavors/m1.json --
{"uid": "m1", "new": true}
`

func TestItemsKeepTheFilesText(t *testing.T) {
	t.Parallel()
	got := files(t, small, "second", build.Options{})
	head := `"version":"` + version(t, got) + `"`
	for p, want := range map[string]string{
		"index.json": `{"uid":"d","z":1,"a":2.50,` + head + `,"timestamp":"1736154000","links":[`,
		"sites/s.json": `{"uid":"s","name":"\u00dc <&>","description":null,"email_contact":null,"latitude":39.978300,"longitude":null,"location":null,` +
			`"security_contact":null,"site_class":null,"sys_admin_contact":null,"user_support_contact":null,"web":null,` + head + `,"links":[`,
		"sites/s/clusters/c.json": `{"uid":"c","created_at":null,"queues":["admin","default"],` + head,
		"sites/s/clusters/empty.json": `{"uid":"empty","created_at":41,"queues":["admin","default"],` +
			head,
		"sites/s/clusters/own.json": `{"uid":"own","created_at":null,"queues":["q"],` + head,
		"sites/s/clusters/c/nodes/n b.json": `{"uid":"n b","node_name":null,"node_type":null,` + head +
			`,"links":[{"rel":"self","href":"/sites/s/clusters/c/nodes/n%20b"}`,
		"sites/s/flavors/m1.large.json":          `{"uid":"m1.large","name":null,"vcpus":"4",`,
		"sites/s/clusters/c/nodes.json":          `{"total":1,"offset":0,"items":[{"uid":"n b"`,
		"sites/s/clusters/empty/nodes.json":      `{"total":0,"offset":0,"items":[],` + head,
		"sites/s/flavors/m1.large/versions.json": `{"total":1,"offset":0,"items":[{"uid":"`,
	} {
		if body := string(got[p].Body); !strings.HasPrefix(body, want) {
			t.Errorf("%s is\n%s\nwant it to start with\n%s", p, body, want)
		}
	}

	if body := string(got["sites/s.json"].Body); !strings.HasSuffix(body, `"extra":{"b":1,"a":[1.0,1e3]}}`) {
		t.Errorf("the site's own members are not as in its file: %s", body)
	}

	// Bytewise by uid: "m1" is before "m1-a", though the file "m1-a.json" is
	// before "m1.json".
	flavors := string(got["sites/s/flavors.json"].Body)
	if a, b, c := strings.Index(flavors, `"uid":"m1"`), strings.Index(flavors,
		`"uid":"m1-a"`), strings.Index(flavors, `"uid":"m1.large"`); a < 0 || a > b || b > c {
		t.Errorf("flavors are not sorted by uid: %s", flavors)
	}
}

func version(t *testing.T, files map[string]tree.File) string {
	t.Helper()
	_, rest, ok := strings.Cut(string(files["sites.json"].Body), `],"version":"`)
	if !ok {
		t.Fatal("no version in /sites")
	}
	return rest[:40]
}

// Two commits in one second must not give different bytes the same time.
func TestTimesTellCommitsApart(t *testing.T) {
	t.Parallel()
	first, second := files(t, small, "first", build.Options{}), files(t, small, "second", build.Options{})
	same := 0

	for p, f := range second {
		if !f.Time.Equal(f.Time.UTC().Truncate(time.Second)) {
			t.Errorf("%s has the time %s, which is not in whole seconds", p, f.Time)
		}

		old, ok := first[p]
		if !ok || !old.Time.Equal(f.Time) {
			continue
		}

		same++
		if string(old.Body) != string(f.Body) {
			t.Errorf("%s has other bytes at the same time %s", p, f.Time)
		}
	}

	if same < 10 {
		t.Errorf("only %d files have the same time in both releases", same)
	}

	for _, release := range []map[string]tree.File{first, second} {
		number, err := strconv.ParseInt(version(t, release)[:8], 16, 64)
		if err != nil {
			t.Fatal(err)
		}

		want := time.Date(2025, 1, 6, 9, 0, build.Revision, 0,
			time.UTC).Add(-time.Duration(number%3600) * time.Second)
		if got := release["sites.json"].Time; !got.Equal(want) {
			t.Errorf("HEAD's files have the time %s, want %s", got, want)
		}
	}
}

func TestHeadVersionOfEveryResource(t *testing.T) {
	t.Parallel()
	got := files(t, small, "second", build.Options{})
	head := version(t, got)

	for _, of := range []string{"sites", "sites/s", "sites/s/clusters", "sites/s/clusters/c",
		"sites/s/clusters/c/nodes/n b", "sites/s/flavors", "sites/s/flavors/m1.large"} {
		f, ok := got[of+"/versions/"+head+".json"]
		if !ok {
			t.Errorf("%s has no version HEAD", of)
			continue
		}
		if !strings.Contains(string(f.Body),
			`"rel":"self","href":"/`+strings.ReplaceAll(of, " ", "%20")+`/versions/`+head) {
			t.Errorf("%s: its version HEAD does not link to itself: %s", of, f.Body)
		}
	}
}

func TestBase(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"/ref", "https://api.example.org", "https://api.example.org/ref"} {
		for p, f := range files(t, small, "", build.Options{Base: base}) {
			if !strings.HasSuffix(p, ".json") || strings.HasPrefix(p, api.ProblemDir) || p == "openapi.json" {
				continue
			}
			for _, href := range f.Links {
				if !strings.HasPrefix(href, base+"/") {
					t.Errorf("%s leads to %s, want it to start with %s", p, href, base)
				}
				if route.Target(base, href) == "" {
					t.Errorf("%s: %s leads nowhere", p, href)
				}
			}
		}
	}
}

// Every link of every kind of file leads to a file.
func TestTargetsExist(t *testing.T) {
	t.Parallel()
	all := files(t, small, "",
		build.Options{Security: build.Security{Contacts: []string{"mailto:security@example.org"},
			Expires: time.Unix(2e9, 0)}})

	n := 0
	for _, f := range all {
		for _, target := range treetest.Targets("", f) {
			n++
			if _, ok := all[target]; !ok {
				t.Errorf("%s leads to %s, which does not exist", f.Path, target)
			}
		}
	}

	if n < 100 {
		t.Errorf("only %d links were followed", n)
	}
	if got := string(all[".well-known/security.txt"].Body); got != "Contact: mailto:security@example.org\nExpires: 2033-05-18T03:33:20Z\n" {
		t.Errorf("security.txt is %q", got)
	}
}

func TestReleaseID(t *testing.T) {
	t.Parallel()
	repo := treetest.Repo(t, small)
	head, err := repo.Resolve("")
	if err != nil {
		t.Fatal(err)
	}

	c, err := repo.Commit(head)
	if err != nil {
		t.Fatal(err)
	}

	id := build.ReleaseID(c, "d", "", nil, build.Options{})
	if again := build.ReleaseID(c, "d", "", nil, build.Options{}); again != id {
		t.Errorf("the id is %s, and then %s", id, again)
	}
	if want := "20250106T090000Z-" + head.String()[:12] + "-"; !strings.HasPrefix(id, want) {
		t.Errorf("the id is %s, want it to start with %s", id, want)
	}

	seen := map[string]bool{id: true}
	for _, other := range []string{
		build.ReleaseID(c, "e", "", nil, build.Options{}),
		build.ReleaseID(c, "d", "dirty", nil, build.Options{}),
		build.ReleaseID(c, "d", "", []history.Hash{{1}}, build.Options{}),
		build.ReleaseID(c, "d", "", nil, build.Options{Base: "/ref"}),
		build.ReleaseID(c, "d", "", nil, build.Options{Security: build.Security{Policy: "x"}}),
	} {
		if seen[other] {
			t.Errorf("two different releases are called %s", other)
		}
		seen[other] = true
	}
}
