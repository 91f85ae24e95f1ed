package page_test

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// document is a page as a browser reads it.
type document struct{ root *html.Node }

// all returns the elements that an ancestor's id and a name choose; "" is any.
func (d document) all(id, name string) (found []*html.Node) {
	var walk func(n *html.Node, inside bool)
	walk = func(n *html.Node, inside bool) {
		if n.Type == html.ElementNode && inside && n.Data == name {
			found = append(found, n)
		}
		inside = inside || attribute(n, "id") == id
		for c := range n.ChildNodes() {
			walk(c, inside)
		}
	}

	walk(d.root, id == "")
	return found
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// content is the text below an element.
func content(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(b.String())
}

// facts reads the page's lists of facts.
func (d document) facts() map[string]string {
	facts := map[string]string{}
	for _, dt := range d.all("", "dt") {
		facts[content(dt)] = content(dt.NextSibling)
	}
	return facts
}

// trail are the names of the pages above a page.
func (d document) trail() string {
	var names []string
	for _, nav := range d.all("", "nav") {
		if attribute(nav, "aria-label") == "Breadcrumb" {
			for _, a := range (document{nav}).all("", "a") {
				names = append(names, content(a))
			}
		}
	}
	return strings.Join(names, " ")
}

// wellFormed holds a page against what all pages keep to.
func wellFormed(t *testing.T, path string, d document) {
	t.Helper()
	if n := len(d.all("", "h1")); n != 1 {
		t.Errorf("%s has %d first headings", path, n)
	}

	for e := range d.root.Descendants() {
		for _, a := range e.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" {
				t.Errorf("%s: <%s> has the attribute %s, which the content policy forbids", path, e.Data, a.Key)
			}
		}
		if e.Data == "style" || e.Data == "script" && attribute(e, "src") == "" {
			if e.Type == html.ElementNode {
				t.Errorf("%s has <%s> in it, which the content policy forbids", path, e.Data)
			}
		}
	}
}

// pages renders a repository and parses every page of its hardware browser.
// What holds for all of them is looked at here.
func pages(t *testing.T, repo *gitrepo.Repo, o build.Options) map[string]document {
	t.Helper()
	files := treetest.Files(t, treetest.Input(t, repo, "", o))
	exists := map[string]bool{}
	var links [][2]string
	found := map[string]document{}

	for _, f := range files {
		exists[f.Path] = true
		if !strings.HasPrefix(f.Path, "hardware/") || !strings.HasSuffix(f.Path, ".html") {
			continue
		}

		root, err := html.Parse(strings.NewReader(string(f.Body)))
		if err != nil {
			t.Fatalf("%s: %v", f.Path, err)
		}

		d := document{root}
		found["/"+strings.TrimSuffix(f.Path, "/index.html")] = d

		for _, target := range treetest.Targets(o.Base, f) {
			links = append(links, [2]string{f.Path, target})
		}

		if strings.HasPrefix(f.Path, "hardware/node/") { // only leads on
			continue
		}

		wellFormed(t, f.Path, d)
	}

	for _, l := range links {
		if !exists[l[1]] {
			t.Errorf("%s leads to %s, which does not exist", l[0], l[1])
		}
	}

	return found
}

const twoNodes = `
-- commit all --

All
-- d/d.json --
{"uid": "d"}
-- d/sites/s/s.json --
{"uid": "s", "name": "The Site", "web": "https://s.example"}
-- d/sites/s/clusters/c/c.json --
{"uid": "c"}
-- d/sites/s/clusters/c/nodes/n1.json --
{"uid": "n1", "node_name": "one", "node_type": "t", "admin_note": "Mind the fan", "main_memory": {"ram_size": 206158430208, "humanized_ram_size": "lots"},
 "architecture": {"smt_size": 48, "smp_size": 2}, "processor": {"model": "Xeon", "clock_speed": 2600000000},
 "storage_devices": [{"device": "sda", "size": 480000000000, "humanized_size": "480 GB", "serial": null}], "gpu": {"gpu": true, "gpu_count": 4, "gpu_model": "A100"}, "infiniband": true}
-- d/sites/s/clusters/c/nodes/n2.json --
{"uid": "n2", "node_name": "two", "node_type": "t"}
-- d/sites/s/clusters/c/nodes/n3.json --
{"uid": "n3"}
`

func TestHardwarePages(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"", "/ref", "https://api.example.org"} {
		options := build.Options{Base: base}
		got := pages(t, treetest.Repo(t, twoNodes), options)
		root := options.Root() // pages never name a host
		var rows []string

		for _, tr := range got["/hardware/nodes"].all("nodes", "tr")[1:] {
			var cells []string
			for td := range tr.ChildNodes() {
				cells = append(cells, content(td))
			}
			rows = append(rows, strings.Join(cells, "|"))
		}

		want := []string{"n3||||||||The Site||", "one||4 × A100|48|192\u00a0GiB||480\u00a0GB|RDMA|The Site|t|2 × Xeon", "two||||||||The Site|t|"}
		if !slices.Equal(rows, want) {
			t.Errorf("the list has\n%q\nwant\n%q", rows, want)
		}

		node := got["/hardware/sites/s/clusters/c/nodes/n1"]
		facts := node.facts()
		for name, want := range map[string]string{"Memory": "192\u00a0GiB", "Processor": "2 × Xeon",
			"Clock": "2.6\u00a0GHz", "GPUs and FPGAs": "4 × A100"} {
			if facts[name] != want {
				t.Errorf("the node's %s is %q, want %q", name, facts[name], want)
			}
		}

		if note := node.all("main", "aside")[0]; content(note) != "Mind the fan" {
			t.Error("the operators' note is not shown")
		}

		var cells []string
		for _, td := range node.all("", "td") {
			cells = append(cells, content(td))
		}

		if want := []string{"sda", "480\u00a0GB"}; !slices.Equal(cells, want) {
			t.Errorf("the storage devices are %q, want %q", cells, want)
		}

		hrefs := map[string]bool{}
		for _, a := range node.all("main", "a") {
			hrefs[attribute(a, "href")] = true
		}

		for _, want := range []string{"/hardware/types/t", "/sites/s/clusters/c/nodes/n1",
			"/sites/s/clusters/c/nodes/n1/versions", "/hardware/sites/s/clusters/c/nodes/n1/history", "/reference#getNode"} {
			if !hrefs[root+want] {
				t.Errorf("the node's page does not lead to %s", root+want)
			}
		}

		moved := got["/hardware/node/n1"].all("", "meta")
		if to := attribute(moved[len(moved)-1], "content"); to != "0; url="+root+
			"/hardware/sites/s/clusters/c/nodes/n1" {
			t.Errorf("the old address leads to %q", to)
		}

		icons := slices.DeleteFunc(got["/hardware/node/n1"].all("", "link"),
			func(l *html.Node) bool { return attribute(l, "rel") != "icon" })
		if len(icons) != 1 || !strings.HasPrefix(attribute(icons[0], "href"), root+"/assets/icon.") {
			t.Error("at the old address browsers look for an icon by themselves")
		}
		if _, ok := got["/hardware/types"]; ok || len(got) != 22 {
			t.Errorf("there are %d pages, want 22", len(got))
		}
	}
}

// Pages that depend on HEAD call a site by its name for people; those of nodes and of what
// changed stay as they are when it gets another one, and have its uid.
func TestNamesOfSites(t *testing.T) {
	t.Parallel()
	got := pages(t, treetest.Repo(t, twoNodes+
		"-- d/sites/s/flavors/f.json --\n{\"uid\": \"f\"}\n"+
		"-- d/sites/u/u.json --\n{\"uid\": \"u\"}\n-- d/sites/u/clusters/c/c.json --\n{\"uid\": \"c\"}\n"), build.Options{})
	for p, want := range map[string]struct{ title, trail string }{
		"/hardware/sites/s/clusters/c":          {"Cluster c at The Site", "Catalogue The Site"},
		"/hardware/sites/s/flavors/f":           {"Flavor f at The Site", "Catalogue The Site"},
		"/hardware/sites/u/clusters/c":          {"Cluster c at u", "Catalogue u"},
		"/hardware/sites/s/clusters/c/nodes/n1": {"one at s", "Catalogue s c"},
		"/hardware/sites/s/clusters/c/history":  {"Changes of the cluster c at s", "Catalogue s c"},
	} {
		d := got[p]
		if title := content(d.all("", "title")[0]); title != want.title {
			t.Errorf("%s has the title %q, want %q", p, title, want.title)
		}
		if trail := d.trail(); trail != want.trail {
			t.Errorf("%s is below %q, want %q", p, trail, want.trail)
		}
	}
}
