package page_test

import (
	"encoding/json"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// everyPage parses every page of a small tree, by file, and returns the text of
// the file that the guide's script searches.
func everyPage(t *testing.T, base string) (pages map[string]document, index []byte) {
	t.Helper()
	pages = map[string]document{}
	files := map[string][]byte{}

	for _, f := range treetest.Files(t,
		treetest.Input(t, treetest.Repo(t, twoNodes), "", build.Options{Base: base})) {
		files[f.Path] = f.Body
		if strings.HasSuffix(f.Path, ".html") {
			root, err := html.Parse(strings.NewReader(string(f.Body)))
			if err != nil {
				t.Fatalf("%s: %v", f.Path, err)
			}
			pages[f.Path] = document{root}
		}
	}

	form := pages[route.Guide.File()].all("", "form")
	if len(form) != 1 {
		t.Fatalf("the guide has %d forms, want that of the search", len(form))
	}

	return pages, files[route.Target(base, attribute(form[0], "data-index"))]
}

// Links to places on pages lead to them, in all of the site.
func TestFragments(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"", "/ref", "https://api.example.org"} {
		pages, index := everyPage(t, base)
		follow := func(from, href string) {
			to, fragment, ok := strings.Cut(href, "#")
			if !ok {
				return
			}

			target := from
			if to != "" {
				target = route.Target(base, to)
			}

			d, ok := pages[target]
			if !ok || target == route.Docs.File() { // which a script fills
				return
			}

			for e := range d.root.Descendants() {
				if attribute(e, "id") == fragment {
					return
				}
			}

			t.Errorf("%s leads to %s, which has no such place", from, href)
		}

		for file, d := range pages {
			for _, a := range d.all("", "a") {
				follow(file, attribute(a, "href"))
			}
		}

		var found struct{ Sections []struct{ Page, Text string } }
		if err := json.Unmarshal(index, &found); err != nil {
			t.Fatal(err)
		}

		for _, s := range found.Sections {
			page, _, _ := strings.Cut(s.Page, "#")
			if _, ok := pages[route.Target(base, page)]; !ok {
				t.Errorf("the search leads to %s, which does not exist", s.Page)
			}
			follow("the search", s.Page)
		}

		if len(found.Sections) < 50 {
			t.Errorf("the search knows %d sections only", len(found.Sections))
		}
	}
}

// Chapters lead to each other in the order of the contents, and can be read
// without a script.
func TestGuidePages(t *testing.T) {
	t.Parallel()
	pages, _ := everyPage(t, "/ref")
	contents := pages[route.Guide.File()]
	wellFormed(t, route.Guide.File(), contents)
	var order []string

	for _, a := range contents.all("main", "a") {
		order = append(order, attribute(a, "href"))
	}

	if len(order) < 10 {
		t.Fatalf("the contents lead to %q", order)
	}

	for i, address := range order {
		file := route.Target("/ref", address)
		d, ok := pages[file]
		if !ok {
			t.Errorf("the contents lead to %s, which does not exist", address)
			continue
		}

		wellFormed(t, file, d)
		turns := map[string]string{}
		for _, a := range d.all("main", "a") {
			turns[attribute(a, "rel")] = attribute(a, "href")
		}

		if i > 0 && turns["prev"] != order[i-1] || i+1 < len(order) && turns["next"] != order[i+1] {
			t.Errorf("%s is between %q and %q", address, turns["prev"], turns["next"])
		}

		inside := 0
		for _, a := range d.all("main", "a") {
			if a.Parent.Data == "li" && a.Parent.Parent.Parent.Data == "nav" {
				inside++
			}
		}

		if headings := len(d.all("", "h2")); inside != headings || headings < 2 {
			t.Errorf("%s lists %d of its %d sections", address, inside, headings)
		}
	}

	// People get from any page to the others.
	for _, file := range []string{route.Guide.File(), route.HardwareList.File(), route.Reference.File()} {
		hrefs := map[string]bool{}
		for _, a := range pages[file].all("", "a") {
			hrefs[attribute(a, "href")] = true
		}

		for _, want := range []string{"/ref/hardware", "/ref/guide", "/ref/reference"} {
			if !hrefs[want] {
				t.Errorf("%s does not lead to %s", file, want)
			}
		}
	}
}
