package page_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/test/browsertest"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// Without a script the catalogue says of each type what it is, what its nodes have and how
// many there are, and counts the nodes of each site, by its name, by what they have.
func TestCatalogue(t *testing.T) {
	t.Parallel()
	node := func(uid, more string) string {
		return fmt.Sprintf("-- d/sites/s/clusters/c/nodes/%s.json --\n{\"uid\":%[1]q,%s}\n", uid, more)
	}
	gpu := `"node_type":"g","architecture":{"platform_type":"x86_64"},"gpu":{"gpu":true,"gpu_count":4,"gpu_vendor":"NVIDIA",` +
		`"gpu_model":"GA100 [A100 PCIe 80GB]"},"main_memory":{"ram_size":%d}`
	d := pages(t, treetest.Repo(t, "-- commit all --\n\nAll\n-- d/d.json --\n{\"uid\":\"d\"}\n-- d/sites/s/s.json --\n{\"uid\":\"s\",\"name\":\"Hall@S\"}\n"+
		"-- d/sites/s/clusters/c/c.json --\n{\"uid\":\"c\"}\n"+
		node("n1", fmt.Sprintf(gpu, 1<<38))+node("n2", fmt.Sprintf(gpu, 1<<38))+node("n3", fmt.Sprintf(gpu, 1<<37))+
		node("n4", `"node_type":"p","processor":{"model":"Intel(R) Xeon(R) Gold 6126 CPU @ 2.60GHz"}`)), build.Options{})["/hardware"]

	cards := cardsOf(d)
	want := []string{
		"g: 4 × NVIDIA A100 80GB PCIeg 3 nodes Memory256 GiB *SiteHall@S 3",
		"p: Xeon Gold 6126p 1 node ProcessorXeon Gold 6126SiteHall@S 1",
	}
	if !slices.Equal(cards, want) {
		t.Errorf("the cards are %q, want %q", cards, want)
	}

	var rows []string
	for _, row := range d.all("main", "tr") {
		rows = append(rows, strings.Join(strings.Fields(content(row)), " "))
	}
	if want := []string{"WhatHall@SAll", "GPU", "NVIDIA A10033", "Architecture", "x86_6433", "All nodes44"}; !slices.Equal(rows, want) {
		t.Errorf("the matrix is %q, want %q", rows, want)
	}
}

// cardsOf are the catalogue's cards: what the live service calls each, and its text.
func cardsOf(d document) (cards []string) {
	for _, item := range d.all("main", "li") {
		if attribute(item, "class") == "card" {
			cards = append(cards, attribute(item, "data-value")+": "+strings.Join(strings.Fields(content(item)), " "))
		}
	}
	return cards
}

// Where no node has a type the catalogue is of clusters: one nowhere else is what the live
// service counts by, one of two sites is not.
func TestCatalogueOfClusters(t *testing.T) {
	t.Parallel()
	cluster := func(site, uid string, nodes int) (text string) {
		text = fmt.Sprintf("-- d/sites/%[1]s/clusters/%[2]s/%[2]s.json --\n{\"uid\":%[2]q}\n", site, uid)
		for i := range nodes {
			text += fmt.Sprintf("-- d/sites/%s/clusters/%s/nodes/%[1]s-%[2]s-%[3]d.json --\n{\"uid\":\"%[1]s-%[2]s-%[3]d\"}\n", site, uid, i+1)
		}
		return text
	}
	d := pages(t, treetest.Repo(t, "-- commit all --\n\nAll\n-- d/d.json --\n{\"uid\":\"d\"}\n-- d/sites/r/r.json --\n{\"uid\":\"r\"}\n"+
		"-- d/sites/s/s.json --\n{\"uid\":\"s\"}\n-- d/sites/t/t.json --\n{\"uid\":\"t\"}\n"+
		cluster("s", "one", 3)+cluster("s", "two", 1)+cluster("r", "two", 2)+cluster("s", "none", 0)), build.Options{})["/hardware"]

	if got, want := cardsOf(d), []string{": two 2 nodes Siter 2", "one: one 3 nodes Sites 3", ": two 1 node Sites 1"}; !slices.Equal(got, want) {
		t.Errorf("the cards are %q, want %q", got, want)
	}
	if text := content(d.byID("main")); !strings.Contains(text, "6 nodes, 3 clusters, 2 sites") {
		t.Errorf("the catalogue does not count clusters: %.200s", text)
	}
	if capacity := attribute(d.byID("main"), "data-capacity"); !strings.Contains(capacity, "by=cluster_id") {
		t.Errorf("the live service is asked for %s", capacity)
	}
}

// A description from the repository is on the card of its type, and whole on its page. It
// cannot be more than text.
func TestDescriptionsOfTypes(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("word ", 100)
	all := pages(t, treetest.Repo(t, "-- commit all --\n\nAll\n-- d/d.json --\n{\"uid\":\"d\"}\n-- d/sites/s/s.json --\n{\"uid\":\"s\"}\n"+
		"-- d/sites/s/clusters/c/c.json --\n{\"uid\":\"c\"}\n"+
		"-- d/sites/s/clusters/c/nodes/n1.json --\n{\"uid\":\"n1\",\"node_type\":\"g\"}\n"+
		"-- d/sites/s/clusters/c/nodes/n2.json --\n{\"uid\":\"n2\",\"node_type\":\"long\"}\n"+
		"-- d/node_types/g.md --\n# G\n\nFor *learning* <script>x()</script> & [more](https://example.org/).\n\nAlso [this](javascript:x).\n"+
		"-- d/node_types/long.md --\n"+long+"\n-- d/node_types/none.md --\nNobody.\n"), build.Options{})

	var leads []string
	for _, p := range all["/hardware"].all("main", "p") {
		if attribute(p, "class") == "what" {
			leads = append(leads, content(p))
		}
	}
	if want := []string{"For learning x() & more.", strings.TrimSpace(long[:240]) + "…"}; !slices.Equal(leads, want) {
		t.Errorf("the cards say %q, want %q", leads, want)
	}

	var about string
	for _, section := range all["/hardware/types/g"].all("main", "section") {
		if attribute(section, "class") == "about" {
			about = strings.Join(strings.Fields(content(section)), " ")
		}
	}
	if want := "About this type G For learning x() & more. Also this."; about != want {
		t.Errorf("the page of the type says %q, want %q", about, want)
	}
	for _, a := range all["/hardware/types/g"].all("main", "a") {
		if strings.HasPrefix(attribute(a, "href"), "javascript:") {
			t.Error("a description has a script")
		}
	}
}

// The page of a type, and the list of nodes, name the commit that last changed, added or removed
// such nodes, or described them.
func TestPagesOfNodesNameTheirNewestCommit(t *testing.T) {
	t.Parallel()
	node := func(uid, nodeType, more string) string {
		return fmt.Sprintf("-- d/sites/s/clusters/c/nodes/%s.json --\n{\"uid\":%[1]q,\"node_type\":%q%s}\n", uid, nodeType, more)
	}
	repo := treetest.Repo(t, "-- commit all --\n\nAll\n-- d/d.json --\n{\"uid\":\"d\"}\n-- d/sites/s/s.json --\n{\"uid\":\"s\"}\n"+
		"-- d/sites/s/clusters/c/c.json --\n{\"uid\":\"c\"}\n"+
		node("a1", "a", "")+node("a2", "a", "")+node("b1", "b", "")+node("c1", "c", "")+node("d1", "d", "")+
		"-- commit c --\n\nDescribe c\n-- d/node_types/c.md --\nMany.\n"+
		"-- commit b --\n\nChange b\n"+node("b1", "b", `,"gpu":{"gpu":true}`)+
		"-- commit a --\n\nRemove a\n-- delete d/sites/s/clusters/c/nodes/a2.json --\n"+
		"-- commit site --\n\nRename the site\n-- d/sites/s/s.json --\n{\"uid\":\"s\",\"name\":\"S\"}\n")
	all := pages(t, repo, build.Options{})

	for address, want := range map[string]string{
		"/hardware/types/a": "Remove a", "/hardware/types/b": "Change b", "/hardware/types/c": "Describe c",
		"/hardware/types/d": "All", "/hardware/nodes": "Remove a", "/hardware/sites/s": "Rename the site", "/hardware/slots": "",
	} {
		var got string
		for _, a := range all[address].all("", "a") {
			if strings.HasPrefix(content(a.Parent), "Last changed by") {
				got = content(all[attribute(a, "href")].all("main", "h1")[0])
			}
		}
		if got != want {
			t.Errorf("%s was last changed by %q, want %q", address, got, want)
		}
	}
}

// The catalogue shows what is free by one request, and answers its question; what comes
// later moves nothing.
func TestCatalogueInABrowser(t *testing.T) {
	t.Parallel()
	s := demonstrate(t, trees.Sample(t, build.Options{}))
	b := browsertest.Start(t)
	b.Device(1366, 768, false)
	b.Before(`window.shift = 0; new PerformanceObserver((list) => {
		for (const e of list.getEntries()) if (!e.hadRecentInput) window.shift += e.value;
	}).observe({ type: "layout-shift", buffered: true });`)
	b.Do(chromedp.Navigate(s.URL + "/hardware"))
	b.Until(`document.querySelector("#answer").textContent && document.querySelector(".strip .t")`)
	b.Settle()

	if site := evaluated[string](b, `[...document.querySelectorAll("#answer bdi")].at(-1).textContent`); !strings.HasPrefix(site, "Sample@") {
		t.Errorf("the answer is about the site %q, want its name", site)
	}

	cards := evaluated[int](b, `document.querySelectorAll(".card").length`)
	drawn := evaluated[int](b, `[...document.querySelectorAll(".card .strip")].filter((s) => s.getAttribute("aria-label")).length`)
	if cards == 0 || drawn != cards {
		t.Errorf("%d of %d types have a strip", drawn, cards)
	}
	cells := evaluated[int](b, `document.querySelectorAll("#matrix [data-of]").length`)
	counted := evaluated[int](b, `document.querySelectorAll("#matrix .fa [data-of] strong").length`)
	if cells < 10 || counted < cells*3/4 { // hosts of virtual machines are not counted
		t.Errorf("%d of %d numbers of the matrix say how many are free", counted, cells)
	}
	if shift := evaluated[float64](b, `window.shift`); shift >= 0.1 {
		t.Errorf("the layout shifts by %.3f, want less than 0.1", shift)
	}
	asked := evaluated[[]string](b, `performance.getEntriesByType("resource").map((e) => new URL(e.name).pathname).filter((p) => p.startsWith("/nodes"))`)
	if len(asked) != 2 || asked[0] != "/nodes/capacity" || asked[1] != "/nodes/slots" {
		t.Errorf("the page asks %q, want the capacity, and then the slots", asked)
	}

	// Sites are asked about flavors only for those who look.
	const isAsked = `performance.getEntriesByType("resource").some((e) => new URL(e.name).pathname === "/flavors/availability")`
	if evaluated[bool](b, isAsked) {
		t.Error("the page asks about flavors that are out of view")
	}
	b.Do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#flavor-list").scrollIntoView()`))
	b.Until(`document.querySelectorAll("#flavor-list td.live strong").length === document.querySelectorAll("#flavor-list tbody tr").length`)
	if shift := evaluated[float64](b, `window.shift`); shift >= 0.1 {
		t.Errorf("with flavors, the layout shifts by %.3f, want less than 0.1", shift)
	}
}

// Of the sites of a type, the one with most of its nodes is the first to choose.
func TestSitesToReserveATypeAt(t *testing.T) {
	t.Parallel()
	archive := "-- commit all --\n\nAll\n-- d/d.json --\n{\"uid\":\"d\"}\n"
	for _, site := range []struct {
		uid, name string
		nodes     int
	}{{"a", "Z", 1}, {"b", "B", 1}, {"c", "C", 3}, {"n", "None", 0}} {
		archive += fmt.Sprintf("-- d/sites/%[1]s/%[1]s.json --\n{\"uid\":%[1]q,\"name\":%q}\n-- d/sites/%[1]s/clusters/k/k.json --\n{\"uid\":\"k\"}\n", site.uid, site.name)
		for n := range site.nodes {
			archive += fmt.Sprintf("-- d/sites/%[1]s/clusters/k/nodes/%[1]s%d.json --\n{\"uid\":\"%[1]s%[2]d\",\"node_type\":\"t\"}\n", site.uid, n)
		}
	}

	var sites []string
	for _, option := range pages(t, treetest.Repo(t, archive), build.Options{})["/hardware/types/t"].all("reserve-site", "option") {
		sites = append(sites, attribute(option, "value")+" "+content(option))
	}
	if want := []string{"c C", "b B", "a Z"}; !slices.Equal(sites, want) {
		t.Errorf("one can choose %q, want %q", sites, want)
	}
}
