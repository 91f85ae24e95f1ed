package page_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/test/browsertest"
)

// The page for slots asks what its query says, shows the ways to have it, and how to
// reserve the chosen one. The form asks again.
func TestFinderInABrowser(t *testing.T) {
	t.Parallel()
	address := free(t, trees.Publish(t, twoNodes), false,
		map[string]known{"s": {{Node: "n1"}, {Node: "n2", Reservations: []availability.Interval{}}, {Node: "n3"}}})
	b := browsertest.Start(t)
	b.Device(1280, 844, false)
	b.Do(chromedp.Navigate(address + "/hardware/slots"))
	b.Until(`document.querySelector("#ask [name=after]")`)
	if got := text(b, "#finder [role=status]"); got != "Choose what you need and for how long." {
		t.Errorf("without a question the page says %q", got)
	}

	b.Do(chromedp.SetValue(chromedp.CSS(`#ask [name="node_type"]`), "t"),
		chromedp.SetValue(chromedp.CSS(`#ask [name="count"]`), "2"))
	click(b, "#ask button")
	b.Until(`document.querySelector(".slot")`)
	if got, want := evaluated[string](b, `location.search`),
		"?count=2&unit=nodes&hours=24&same_site=true&node_type=t"; got != want {
		t.Errorf("the form asks %q, want %q", got, want)
	}
	if got := text(b, "#finder h2 .st"); got != "Yes" {
		t.Errorf("the answer is %q", got)
	}
	if got := texts(b, ".reserve .nodes a"); !slices.Equal(got, []string{"one", "two"}) {
		t.Errorf("the nodes to reserve are %q", got)
	}
	if got := texts(b, ".reserve .set label"); !slices.Equal(got,
		[]string{"Dashboard", "CLI", "python-chi", "EnOSlib", "Terraform"}) {
		t.Errorf("the ways to reserve are %q", got)
	}
	click(b, ".reserve .set label:nth-of-type(2)")
	if got := text(b, ".reserve .pane.on pre"); !strings.HasPrefix(got, "openstack reservation lease create ") ||
		!strings.Contains(got, `min=2,max=2,resource_properties='["==", "$node_type", "t"]'`) {
		t.Errorf("the command is %s", got)
	}
	if got := texts(b, ".menu pre"); len(got) != 4 || !strings.HasPrefix(got[0], address+"/nodes/slots?count=2&") {
		t.Errorf("the question can be copied as %q", got)
	}

	if got := evaluated[string](b, `document.querySelector("#tell a:last-child").href`); got !=
		address+"/nodes/slots.ics?count=2&unit=nodes&hours=24&same_site=true&node_type=t" {
		t.Errorf("the calendar of the question is %s", got)
	}

	if got := text(b, "#finder .slot .fa"); got != "2/2 free" {
		t.Errorf("the slot has %q", got)
	}
	if got := texts(b, ".tl .bar .hit"); len(got) != 1 {
		t.Errorf("%d slots are chosen in the picture", len(got))
	}
	if got := texts(b, "[aria-labelledby=most] tbody th"); !slices.Equal(got, []string{"up to 2 nodes", "3 nodes"}) {
		t.Errorf("how many at most: %q", got)
	}

	// Two keys: one is for an address to cite, which shows the same, one for the search.
	b.Until(`document.getElementById("permanent")`)
	b.Press("y")
	cited := evaluated[string](b, `location.search`)
	if !strings.Contains(cited, "&commit=") || len(cited) < 80 {
		t.Errorf("the permanent URL is %s", cited)
	}
	b.Do(chromedp.Reload())
	b.Until(`document.querySelector(".slot") && document.getElementById("permanent")`)
	if got := text(b, "#finder [role=status]"); got != "2 nodes (Type: t) for 24 hours. Times in UTC." {
		t.Errorf("at the permanent URL the page says %q", got)
	}
	b.Do(chromedp.Navigate(address + "/hardware/slots?node_type=t&commit=0123456789abcdef0123456789abcdef01234567"))
	b.Until(`document.querySelector("main > .notice")`)
	if got := text(b, "main > .notice"); !strings.Contains(got, "made for commit 0123456; the page shows newer data") {
		t.Errorf("at a permanent URL of another commit: %q", got)
	}
	b.Press("/")
	if got := evaluated[string](b, `document.activeElement.id`); got != "find" {
		t.Errorf("the key / leads to %q", got)
	}
	b.Press("y") // is text there, after the slash that only a driven browser types
	if got := evaluated[string](b, `document.activeElement.value`); !strings.HasSuffix(got, "y") {
		t.Errorf("the search has %q", got)
	}

	// Times are in UTC until the reader wants their own.
	b.Zone("Asia/Tokyo")
	b.Do(chromedp.Navigate(address + "/hardware/slots?node_type=t&after=2099-01-05"))
	b.Until(`document.querySelector(".slot")`)
	inUTC := text(b, ".slot .t")
	click(b, "#finder .row > button")
	b.Until(`document.querySelector("#finder [role=status]")?.textContent.endsWith("Asia/Tokyo.")`)
	if local := text(b, ".slot .t"); !strings.HasPrefix(inUTC, "Mon 5 Jan 2099 00:00 – ") ||
		!strings.HasPrefix(local, "Mon 5 Jan 2099 09:00 – ") {
		t.Errorf("the slot is at %s in UTC, and at %s in Tokyo", inUTC, local)
	}
	b.Do(chromedp.Navigate(address + "/hardware"))
	b.Until(`document.getElementById("zone")`)
	if got := text(b, "#zone"); got != "Show times in UTC" {
		t.Errorf("another page offers %q", got)
	}
	click(b, "#zone")
	b.Until(`document.getElementById("zone")?.textContent === "Show times in Asia/Tokyo"`)
	b.Do(chromedp.Navigate(address + "/hardware/slots?node_type=t&count=2&hours=24&same_site=true"))
	b.Until(`document.querySelector(".slot")`)

	// A second line makes it a mixture while it is open.
	click(b, ".also summary")
	b.Do(chromedp.SetValue(chromedp.CSS(`#ask [name="2.node_type"]`), "t"))
	b.Do(chromedp.Focus(chromedp.CSS(`#ask [name="2.count"]`)))
	b.Press(kb.Enter) // asks from any field
	b.Until(`location.search.includes("2.count=1&2.unit=nodes&2.node_type=t")`)
	b.Until(`document.querySelector("#finder h2 .st")`)
	if got := text(b, "#finder [role=status]"); !strings.Contains(got, "2 nodes (Type: t) and 1 node (Type: t) for 24 hours") {
		t.Errorf("of a mixture the page says %q", got)
	}
	click(b, ".also summary")
	click(b, "#ask button")
	b.Until(`document.readyState === "complete" && !location.search.includes("2.") && document.querySelector(".slot")`)

	for query, want := range map[string]string{
		"?node_type=t&count=9&hours=1":                   "No site has 9 nodes (Type: t) for 1 hour in the time that was searched: there are 2.",
		"?min_gpus=%22onload%3D()&count=1&hours=1":       "GPUs: Input should be a valid integer, unable to parse string as an integer",
		"?site_id=s,x%5C,y&count=3&hours=2&min_gpus=999": "No site has 3 nodes (Site: s or x,y, GPUs: 999) for 2 hours in the time that was searched.",
	} {
		b.Do(chromedp.Navigate(address + "/hardware/slots" + query))
		b.Until(`document.querySelector("#finder [role=status]").textContent.length > 12`)
		if got := text(b, "#finder [role=status]"); got != want {
			t.Errorf("%s: the page says %q, want %q", query, got, want)
		}
	}

	b.Until(`document.readyState === "complete"`)
	b.Forgive("422")
}
