package page_test

import (
	"slices"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/chameleoncloud/refapi/internal/test/browsertest"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// The list of changes shows what is selected, by its URL as by its form, and what that
// did together.
func TestChangesInABrowser(t *testing.T) {
	t.Parallel()
	address := free(t, trees.Publish(t, treetest.Moves), false, map[string]known{})

	b := browsertest.Start(t)
	b.Device(1280, 844, false)
	b.Do(chromedp.Navigate(address + "/hardware/changes?kind=Moved&site=t"))
	b.Until(`document.querySelector("#facets:not([hidden])")`)
	expect := func(what string, want ...string) {
		t.Helper()
		visible := `[...document.querySelectorAll("li[data-facets]")].filter(e => e.checkVisibility()).map(e => e.querySelector("h3").textContent)`
		if got := browsertest.Get(b, chromedp.Evaluate[[]string](visible)); !slices.Equal(got, want) {
			t.Errorf("%s, the list has %q, want %q", what, got, want)
		}
	}
	expect("by its URL", "c01 added at s")

	b.Do(chromedp.Click(`#facets input[value="t"]`))
	expect("without the site", "one of type gpu_h100 moved from c to b at s", "one of type gpu_a100 moved from b to c at s",
		"c01 added at s", "two moved from a to b at s", "one of type gpu_a100 moved from a to b at s")

	b.Do(chromedp.Evaluate[chromedp.Void](`{const since = document.getElementById("since"); since.value = "2025-01-04";
		since.dispatchEvent(new Event("change", { bubbles: true }))}`))
	if query := browsertest.Get(b, chromedp.Evaluate[string](`location.search`)); query != "?kind=Moved&since=2025-01-04" {
		t.Errorf("the query is %q", query)
	}
	b.Do(chromedp.Click(`#facets button`))
	b.Until(`document.querySelector("#sum h3")`)
	want := []string{
		"4 commits together", "Added", "node n9 at CHI@S", "Moved", "node n2 from s/clusters/a at CHI@S",
		"node n3 from s/clusters/a at t: node_name", "Changed", "node n1 of type gpu_h100 at CHI@S: node_type",
	}
	if got := texts(b, "#sum :is(h2, h3, li)"); !slices.Equal(got, want) {
		t.Errorf("the sum is %q, want %q", got, want)
	}
}
