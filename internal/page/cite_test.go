package page_test

import (
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// A node is cited as the commit has it that changed it last, by URLs that go on meaning that,
// whatever its name has in it.
func TestCitation(t *testing.T) {
	t.Parallel()
	const name = `50% {a}\b_c~^ #1 & "x"`
	repo := treetest.Repo(t, `-- commit all --

All
-- d/d.json --
{"uid": "d"}
-- d/sites/s/s.json --
{"uid": "s"}
-- d/sites/s/clusters/c/c.json --
{"uid": "c"}
-- d/sites/s/clusters/c/nodes/n1.json --
{"uid": "n1", "node_type": "gpu_a", "node_name": `+quoted(name)+`}
-- d/sites/s/clusters/c/nodes/n2.json --
{"uid": "n2"}
-- commit other --

Another node
-- d/sites/s/clusters/c/nodes/n2.json --
{"uid": "n2", "infiniband": true}
`)
	first := treetest.Input(t, repo, "all", build.Options{}).History.Commits[0].ID.String()
	const published = "https://api.example.org"
	got := pages(t, repo, build.Options{URL: published})

	pre := got["/hardware/sites/s/clusters/c/nodes/n1"].all("cite", "pre")
	if len(pre) != 2 {
		t.Fatalf("there are %d citations, want text and BibTeX", len(pre))
	}
	version := published + "/sites/s/clusters/c/nodes/n1/versions/" + first
	shown := published + "/hardware/sites/s/clusters/c/nodes/n1?commit=" + first

	plain := content(pre[0])
	for _, want := range []string{"d, node " + name + " (gpu_a) at s, uid n1. Hardware as of commit " + first, version, shown} {
		if !strings.Contains(plain, want) {
			t.Errorf("the citation is %q, without %q", plain, want)
		}
	}

	bib := content(pre[1])
	for _, want := range []string{
		"@misc{d-50-a-b-c-1-x-" + first[:7] + ",",
		`50\% {\textbraceleft}a{\textbraceright}{\textbackslash}b\_c{\textasciitilde}{\textasciicircum} \#1 \& {\textquotedbl}x{\textquotedbl} (gpu\_a) at s}`,
		`\url{` + version + `}`, `\url{` + shown + `}`, "year = {",
	} {
		if !strings.Contains(bib, want) {
			t.Errorf("BibTeX is\n%s\nwithout %q", bib, want)
		}
	}
	if strings.Count(bib, "{") != strings.Count(bib, "}") {
		t.Errorf("the braces of BibTeX have no partners:\n%s", bib)
	}

	// A site that does not know its address leaves it to the reader's browser.
	unknown := content(pages(t, repo, build.Options{})["/hardware/sites/s/clusters/c/nodes/n1"].all("cite", "pre")[0])
	if strings.Contains(unknown, "://") || !strings.Contains(unknown, " /sites/s/") {
		t.Errorf("without a published URL the citation is %q", unknown)
	}
}
