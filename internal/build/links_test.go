package build_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"iter"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/publish"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/sample"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// The links that a build knows are those that readers of HTML, XML and JSON find.
func TestLinksAreThoseOfTheText(t *testing.T) {
	t.Parallel()
	repo, err := sample.Open()
	if err != nil {
		t.Fatal(err)
	}
	compareLinks(t, treetest.Input(t, repo, "", build.Options{Base: "/a&b"}))
	compareLinks(t, treetest.Input(t, repo, "",
		build.Options{Base: "https://api.example/r", URL: "https://api.example/r"}))
}

// The same of machines that moved, and that keep their histories.
func TestLinksOfMovesAreThoseOfTheText(t *testing.T) {
	t.Parallel()
	compareLinks(t, treetest.Input(t, treetest.Repo(t, treetest.Moves), "", build.Options{}))
}

// The same of real data: every page with all that a template can show.
func TestRealLinksAreThoseOfTheText(t *testing.T) {
	t.Parallel()
	if s, ok := ofFlavors.get(t); ok {
		compareLinksOf(t, s.in, s.made)
	}
}

func compareLinks(t *testing.T, in build.Input) {
	t.Helper()
	compareLinksOf(t, in, treetest.Files(t, in))
}

func compareLinksOf(t *testing.T, in build.Input, files []tree.File) {
	t.Helper()
	base := in.Options.Published()
	inDocuments := map[string]bool{}

	for _, f := range files {
		if path.Ext(f.Path) == ".json" {
			addAll(inDocuments, treetest.Targets(base, f))
		}
	}

	pages, documents, feeds := 0, 0, 0
	for _, f := range files {
		var read []string
		switch {
		case f.Path == route.OpenAPI.File(), strings.HasPrefix(f.Path, "schemas/answer-"):
			continue // their links are those of examples
		case path.Ext(f.Path) == ".html":
			pages++
			read = htmlLinks(t, f.Body)

		case strings.HasSuffix(f.Path, route.AtomSuffix):
			feeds++
			read = xmlLinks(t, f.Body)

		case path.Ext(f.Path) == ".json":
			documents++
			// A collection has the links of its items, which have files of their own.
			for _, target := range targetsOf(base, jsonLinks(t, f.Body)) {
				if !inDocuments[target] {
					t.Errorf("%s links to %s, which the build does not know", f.Path, target)
				}
			}
			continue

		default:
			continue
		}

		got, want := map[string]bool{}, map[string]bool{}
		addAll(got, treetest.Targets(base, f))
		addAll(want, targetsOf(base, read))

		if !maps.Equal(got, want) {
			t.Errorf("%s links to %q, the build knows %q", f.Path, slices.Sorted(maps.Keys(want)),
				slices.Sorted(maps.Keys(got)))
		}
	}

	if pages < 30 || documents < 100 || feeds < 2 {
		t.Errorf("there are only %d pages, %d documents and %d feeds", pages, documents, feeds)
	}
}

func addAll(set map[string]bool, list []string) {
	for _, s := range list {
		set[s] = true
	}
}

func targetsOf(base string, links []string) (targets []string) {
	for _, link := range links {
		if target := route.Target(base, link); target != "" {
			targets = append(targets, target)
		}
	}
	return targets
}

func htmlLinks(t *testing.T, body []byte) (links []string) {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}

	attributes := []string{"href", "src", "action", "data-openapi", "data-index", "data-compare", "data-snippets"}
	for e := range root.Descendants() {
		for _, a := range e.Attr {
			// Pages link to the site by paths alone.
			if slices.Contains(attributes, a.Key) && !strings.Contains(a.Val, "://") {
				links = append(links, a.Val)
			}
		}
	}

	return links
}

func xmlLinks(t *testing.T, body []byte) (links []string) {
	t.Helper()
	for d := xml.NewDecoder(bytes.NewReader(body)); ; {
		token, err := d.Token()
		if err == io.EOF {
			return links
		}
		if err != nil {
			t.Fatal(err)
		}

		if e, ok := token.(xml.StartElement); ok {
			for _, a := range e.Attr {
				if a.Name.Local == "href" {
					links = append(links, a.Value)
				}
			}
		}
	}
}

// jsonLinks finds links wherever they may be.
func jsonLinks(t *testing.T, body []byte) (links []string) {
	t.Helper()
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		t.Fatal(err)
	}

	var walk func(any)
	walk = func(value any) {
		switch v := value.(type) {
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			for _, name := range []string{"href", "url", "home_page_url", "feed_url"} {
				if link, ok := v[name].(string); ok {
					links = append(links, link)
				}
			}
			for _, m := range v {
				walk(m)
			}
		}
	}

	walk(value)
	return links
}

// A link to what is not there ends a build, whatever has the link.
func TestBrokenLinks(t *testing.T) {
	t.Parallel()
	repo, err := sample.Open()
	if err != nil {
		t.Fatal(err)
	}

	in := treetest.Input(t, repo, "", build.Options{Base: "/ref", URL: "https://api.example/ref"})
	files := treetest.Files(t, in)
	head := in.History.Head().ID.String()
	site := slices.Collect(in.Grid.In(inventory.Place{}, route.SiteKind))[0]
	for _, tt := range []struct{ from, to string }{
		{from: route.HardwareChanges.File(), to: route.HardwareChange.File(head)},
		{from: route.HardwareSite.File(site.UID), to: route.Site.File(site.UID)},
		{from: route.Reference.File(), to: route.OpenAPI.File()},
		{from: route.Docs.File(), to: route.Reference.File()},
		{from: route.Guide.File(), to: route.GuideChapter.File("api")},
		{from: route.GuideChapter.File("getting-started"), to: route.GuideChapter.File("python")},
		{from: route.Site.File(site.UID), to: route.SiteVersion.File(site.UID, head)},
		{from: route.Changes.File(), to: route.Root.File()},
		{from: route.ChangesAtom.File(), to: route.HardwareChange.File(head)},
		{from: route.ChangesFeed.File(), to: route.HardwareChange.File(head)},
		{from: route.SiteChangesAtom.File(site.UID), to: route.HardwareSiteHistory.File(site.UID)},
		{from: route.APICatalogFile, to: route.Guide.File()},
	} {
		// No other file has links, so that only this one can be at fault.
		broken := func(yield func(tree.File, error) bool) {
			for _, f := range files {
				if f.Path != tt.from {
					f.Links = nil
				}
				if f.Path != tt.to && !yield(f, nil) {
					return
				}
			}
		}
		_, err := publish.Plan(t.Context(), t.TempDir(), tree.Release{ID: "r"}, iter.Seq2[tree.File, error](broken),
			publish.Options{
				Target: func(link string) string { return route.Target(in.Options.Published(), link) },
			})
		if err == nil || !strings.Contains(err.Error(), tt.from) || !strings.Contains(err.Error(), tt.to) {
			t.Errorf("without %s, to which %s links, the error is %v", tt.to, tt.from, err)
		}
	}
}
