package page_test

import (
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/page"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
	"github.com/chameleoncloud/refapi/templates"
)

// byID returns an element of a page, nil for none.
func (d document) byID(id string) *html.Node {
	for n := range d.root.Descendants() {
		if attribute(n, "id") == id {
			return n
		}
	}
	return nil
}

// Each page asks for its own nodes and no others. Without a script nothing of
// that shows.
func TestLiveAddresses(t *testing.T) {
	t.Parallel()
	const kind = `a&b="c" d`
	archive := strings.ReplaceAll(twoNodes, `"node_type": "t"`, `"node_type": `+quoted(kind))
	got := pages(t, treetest.Repo(t, archive), build.Options{Base: "/ref"})

	for p, want := range map[string]struct{ reservations, slots string }{
		"/hardware/nodes": {"limit=10000&reservations=false", "count=1&hours=24&same_site=true"},
		"/hardware/types/" + page.TypeSlug(kind): {"node_type=" + url.QueryEscape(kind),
			"count=1&hours=24&node_type=" + url.QueryEscape(kind) + "&same_site=true"},
		"/hardware/sites/s":                     {"site_id=s", "count=1&hours=24&same_site=true&site_id=s"},
		"/hardware/sites/s/clusters/c":          {"cluster_id=c&site_id=s", "none"},
		"/hardware/sites/s/clusters/c/nodes/n1": {"cluster_id=c&node_id=n1&site_id=s", "none"},
	} {
		free, slots := got[p].byID("free"), got[p].byID("slots")
		if free == nil || attribute(free, "data-live") != "/ref/nodes/availability?"+want.reservations {
			t.Errorf("%s does not ask for its nodes", p)
			continue
		}

		// What only a script fills: the whole of it, or parts of the page of a type.
		filled := []*html.Node{got[p].byID("timeline"), got[p].byID("capacity"), got[p].byID("past")}
		if filled = slices.DeleteFunc(filled, func(n *html.Node) bool { return n == nil }); len(filled) == 0 {
			filled = append(filled, free)
		}
		for _, n := range filled {
			if !isHidden(n) {
				t.Errorf("%s shows %q, which needs a script", p, attribute(n, "id"))
			}
		}

		switch {
		case want.slots == "none":
			if slots != nil {
				t.Errorf("%s links to slots", p)
			}
		case slots == nil || attribute(slots, "href") != "/ref/hardware/slots?"+want.slots:
			t.Errorf("%s does not link to slots of its nodes", p)
		}
	}

	if got["/hardware/compare"].byID("free") != nil {
		t.Error("the comparison asks who is free")
	}
}

// isHidden reports whether an element, or one around it, is not shown.
func isHidden(n *html.Node) bool {
	for ; n != nil; n = n.Parent {
		if slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "hidden" }) {
			return true
		}
	}
	return false
}

// Where nodes are, a script shows when they are free. Pages of what changed have
// no script.
func TestScripts(t *testing.T) {
	t.Parallel()
	const empty = "-- d/sites/e/e.json --\n{\"uid\": \"e\"}\n-- d/sites/e/clusters/c/c.json --\n{\"uid\": \"c\"}\n"
	live, still := 0, 0

	for p, d := range pages(t, treetest.Repo(t, threeCommits+empty), build.Options{}) {
		var entry string
		names := d.scripts()
		if len(names) > 0 {
			entry, _, _ = strings.Cut(names[0], ".")
		}

		switch {
		case p == route.HardwareNodes.Path():
			live++
			if len(names) != 1 || entry != "nodes" {
				t.Errorf("%s loads %q", p, names)
			}
		case d.byID("free") != nil:
			live++
			want := "group"
			switch {
			case p == route.HardwareTimeline.Path():
				want = "embed"
			case strings.HasPrefix(p, "/hardware/types/"):
				want = "type"
			case strings.Contains(p, "/nodes/"):
				want = "node"
			}
			if len(names) != 1 || entry != want {
				t.Errorf("%s shows when nodes are free, and loads %q", p, names)
			}
		case strings.HasPrefix(p, "/hardware/changes") && len(path.Base(p)) < 40: // the list, and those of years
			if len(names) != 1 || entry != "changes" {
				t.Errorf("%s loads %q", p, names)
			}
		case strings.Contains(p, "/changes") || strings.HasSuffix(p, "/history"):
			if still++; len(names) > 0 {
				t.Errorf("%s loads %q", p, names)
			}
		}
	}

	if live == 0 || still == 0 {
		t.Errorf("of the pages %d show when nodes are free, and %d what changed", live, still)
	}
}

// scripts are the names of the files that a page runs, beside the one of all pages.
func (d document) scripts() (names []string) {
	for n := range d.root.Descendants() {
		if n.Data == "script" && !strings.HasPrefix(path.Base(attribute(n, "src")), "page.") {
			names = append(names, path.Base(attribute(n, "src")))
		}
	}
	return names
}

// What modules import is published, under the name that they import.
func TestModules(t *testing.T) {
	t.Parallel()
	assets, err := page.Assets(page.Site{})
	if err != nil {
		t.Fatal(err)
	}

	published := map[string]bool{}
	for _, a := range assets {
		published[path.Base(a.Path)] = true
	}

	imports := regexp.MustCompile(`(?m)^import .* from "\./([^"]+)";$`)
	found := 0
	for _, a := range assets {
		for _, m := range imports.FindAllSubmatch(a.Body, -1) {
			found++
			if !published[string(m[1])] {
				t.Errorf("%s imports %s, which is not published", a.Name, m[1])
			}
		}
	}

	written := 0
	modules, err := fs.Glob(templates.FS, "*.js")
	if err != nil {
		t.Fatal(err)
	}

	for _, name := range modules {
		body, err := templates.FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		written += len(regexp.MustCompile(`(?m)^import [{*]`).FindAll(body, -1))
	}

	if found != written || found == 0 {
		t.Errorf("%d of %d imports were found", found, written)
	}
}
