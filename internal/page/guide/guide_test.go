package guide_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/net/html"

	"github.com/chameleoncloud/refapi/docs"
	"github.com/chameleoncloud/refapi/internal/page/guide"
)

// files makes a guide of names and texts in turn.
func files(texts ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(texts); i += 2 {
		fsys[texts[i]] = &fstest.MapFile{Data: []byte(texts[i+1])}
	}
	return fsys
}

// elements returns the attributes and the text of a chapter's elements.
func elements(t *testing.T, c guide.Chapter, name string) (found []map[string]string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(string(c.HTML)))
	if err != nil {
		t.Fatal(err)
	}

	for n := range root.Descendants() {
		if n.Type != html.ElementNode || n.Data != name {
			continue
		}

		e := map[string]string{}
		for _, a := range n.Attr {
			e[a.Key] = a.Val
		}

		for d := range n.Descendants() {
			if d.Type == html.TextNode {
				e["text"] += d.Data
			}
		}

		found = append(found, e)
	}

	return found
}

func TestOurGuideIsWhole(t *testing.T) {
	t.Parallel()
	g, err := guide.Read(docs.FS, "")
	if err != nil {
		t.Fatal(err)
	}

	if len(g.Chapters) < 10 || g.Chapters[0].Name != "researchers" {
		t.Errorf("there are %d chapters, and the first is %s", len(g.Chapters), g.Chapters[0].Name)
	}

	for _, c := range g.Chapters {
		level := 1
		for _, s := range c.Sections {
			if s.Level > level+1 {
				t.Errorf("docs/%s.md: %q is a heading of level %d below one of level %d", c.Name, s.Title, s.Level,
					level)
			}
			level = s.Level
		}
	}
}

func TestFaultsOfGuides(t *testing.T) {
	t.Parallel()
	const top = "# Guide\n\n[A](a.md)\n"
	for want, fsys := range map[string]fstest.MapFS{
		"README.md is missing":                             files("a.md", "# A"),
		"README.md does not link to b.md":                  files("README.md", top, "a.md", "# A", "b.md", "# B"),
		"README.md: the link a.md points out of the guide": files("README.md", top),
		"a.md: it does not begin with a title":             files("README.md", top, "a.md", "## A"),
		"a.md: the link ../main.go points out of the guide": files("README.md", top, "a.md",
			"# A\n\n[x](../main.go)"),
		"a.md: the link http://x points out of the guide": files("README.md", top, "a.md", "# A\n\n[x](http://x)"),
		"a.md: the link javascript:alert(1) points out": files("README.md", top, "a.md",
			"# A\n\n[x](javascript:alert(1))"),
		"a.md: the link #b points to no heading": files("README.md", top, "a.md",
			"# A\n\n[x](#b)\n\n## C"),
		"README.md: the link a.md#none points to no heading": files("README.md", top+"[N](a.md#none)", "a.md", "# A"),
	} {
		if _, err := guide.Read(fsys, ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want %s", err, want)
		}
	}
}

// Links between files become addresses, and lead to the ids that GitHub makes.
func TestLinks(t *testing.T) {
	t.Parallel()
	const text = "# A\n\n[b](b.md) [c](b.md#the-snake_case-key-is-it) [d](#same-1) [e](README.md) [f](https://example.org/)\n\n## Same\n\n## Same\n"
	fsys := files("README.md", "# Guide\n\n[A](a.md) [B](b.md)", "a.md", text, "b.md",
		"# B\n\n## The `snake_case` key: is it?\n")

	for _, base := range []string{"", "/ref", "https://api.example.org"} {
		g, err := guide.Read(fsys, base)
		if err != nil {
			t.Fatal(err)
		}

		var got []string
		for _, a := range elements(t, g.Chapters[0], "a") {
			got = append(got, a["href"])
		}

		want := []string{base + "/guide/b", base + "/guide/b#the-snake_case-key-is-it", "#same-1", base + "/guide",
			"https://example.org/"}
		if !slices.Equal(got, want) {
			t.Errorf("the links lead to\n%q\nwant\n%q", got, want)
		}
	}
}

// What is wide scrolls by itself, also with the keyboard; markup in Markdown is
// left out, and styles, which the content policy forbids, are never there.
func TestHTML(t *testing.T) {
	t.Parallel()
	const text = "# A\n\n<script>alert(1)</script>\n\n## Wide\n\n| n | m |\n|--:|---|\n| 1 | `<b>` |\n\n```sh\necho '<&>'\n```\n\n```\na -> b\n```\n"
	g, err := guide.Read(files("README.md", "# Guide\n\n[A](a.md)", "a.md", text), "")
	if err != nil {
		t.Fatal(err)
	}

	a := g.Chapters[0]
	if n := len(elements(t, a, "script")) + len(elements(t, a, "b")); n > 0 {
		t.Errorf("%d elements were made from text", n)
	}

	boxes := append(elements(t, a, "div"), elements(t, a, "pre")...)
	var labels []string
	for _, b := range boxes {
		if b["tabindex"] != "0" || b["role"] != "group" {
			t.Errorf("the keyboard does not reach %v", b)
		}
		labels = append(labels, b["aria-label"])
	}

	if want := []string{"Wide", "Shell", "Drawing"}; !slices.Equal(labels, want) {
		t.Errorf("what scrolls is called %q, want %q", labels, want)
	}
	if got := elements(t, a, "code")[1]["text"]; got != "echo '<&>'\n" {
		t.Errorf("the example is %q", got)
	}

	for _, th := range elements(t, a, "th") {
		if th["scope"] != "col" || th["style"] != "" || th["align"] != "" {
			t.Errorf("a column's heading is %v", th)
		}
	}
}

// The search reads what people read.
func TestIndex(t *testing.T) {
	t.Parallel()
	const text = "# A & b\n\nFirst *words*\nof it.\n\n## Table `x`\n\n| n | m |\n|---|---|\n| one | [two](#table-x) |\n\n```sh\nls -l\n```\n\n### Below\n"
	g, err := guide.Read(files("README.md", "# Guide\n\n[A](a.md)", "a.md", text), "/ref")
	if err != nil {
		t.Fatal(err)
	}

	type section struct{ Chapter, Title, Page, Text string }
	var got struct{ Sections []section }
	if err := json.Unmarshal(g.Index("/ref"), &got); err != nil {
		t.Fatal(err)
	}

	want := []section{
		{Chapter: "A & b", Title: "A & b", Page: "/ref/guide/a", Text: "First words of it."},
		{Chapter: "A & b", Title: "Table x", Page: "/ref/guide/a#table-x", Text: "n m one two ls -l"},
		{Chapter: "A & b", Title: "Below", Page: "/ref/guide/a#below"},
	}
	if !slices.Equal(got.Sections, want) {
		t.Errorf("the index has\n%q\nwant\n%q", got.Sections, want)
	}
}
