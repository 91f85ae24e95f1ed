package build_test

import (
	"bytes"
	"path"
	"slices"
	"testing"

	"golang.org/x/net/html"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/sample"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// The links of pages are those that a reader of HTML finds.
func TestPageLinks(t *testing.T) {
	t.Parallel()
	repo, err := sample.Open()
	if err != nil {
		t.Fatal(err)
	}
	pages := 0
	for _, f := range treetest.Files(t, treetest.Input(t, repo, "", build.Options{Base: "/a&b"})) {
		if path.Ext(f.Path) != ".html" {
			continue
		}
		pages++
		root, err := html.Parse(bytes.NewReader(f.Body))
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for e := range root.Descendants() {
			for _, a := range e.Attr {
				if !slices.Contains([]string{"href", "src", "action", "data-openapi", "data-index"}, a.Key) {
					continue
				}
				if target := build.Target("/a&b", a.Val); target != "" {
					want = append(want, target)
				}
			}
		}
		got := build.Targets("/a&b", f)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s leads to %q, want %q", f.Path, got, want)
		}
	}
	if pages < 30 {
		t.Errorf("there are only %d pages", pages)
	}
}
