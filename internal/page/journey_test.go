package page_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/test/browsertest"
)

// evaluated is the value of an expression in the tab.
func evaluated[T any](b *browsertest.Browser, expression string) T {
	return browsertest.Get(b, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// click clicks on an element that can be seen.
func click(b *browsertest.Browser, selector string) {
	b.Do(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// A reader goes through the whole of the site, with nginx and the live half as
// they are in production. The browser must complain of nothing: no error, no
// breach of the content policy, no request to elsewhere.
func TestJourneyInABrowser(t *testing.T) {
	t.Parallel()
	s := demonstrate(t, trees.Sample(t, build.Options{}))
	b := browsertest.Start(t)
	b.Device(1280, 844, false)
	gpus := []string{"na03", "na04"}
	var shared string // the address of what was found
	rows := func(b *browsertest.Browser) []string { return texts(b, "#nodes tbody th") }
	for _, step := range []struct {
		name string
		do   func()
	}{
		{"filter", func() {
			b.Do(chromedp.Navigate(s.URL + "/hardware/nodes"))
			b.Settle()
			click(b, `input[name="gpu_family"]`)
			click(b, `details details:has(input[name="storage_media"]) summary`)
			click(b, `input[name="storage_media"][value="SSD"]`)
			if got := rows(b); !slices.Equal(got, gpus) {
				t.Errorf("the nodes found are %q, want %q", got, gpus)
			}
		}},
		{"share", func() {
			b.Until(`new URLSearchParams(location.search).get("storage_media")`)
			other := b.Tab()
			shared = evaluated[string](b, `location.href`)
			other.Do(chromedp.Navigate(shared))
			other.Settle()

			if got := rows(other); !slices.Equal(got, gpus) {
				t.Errorf("a colleague sees %q, want %q", got, gpus)
			}
			if n := len(texts(other, "#facets [type=checkbox]:checked")); n != 2 {
				t.Errorf("a colleague sees %d things chosen, want 2", n)
			}
		}},
		{"who is free", func() {
			if got := texts(b, "#nodes tbody .badge"); len(got) != len(gpus) {
				t.Errorf("the states shown are %q", got)
			}
		}},
		{"follow to a node", func() {
			click(b, "#nodes tbody th a")
			b.Until(`document.querySelector("#now .badge")`)
			if got := texts(b, "h1"); !slices.Equal(got, gpus[:1]) {
				t.Errorf("the link leads to %q", got)
			}
			b.Until(`document.querySelector("#equal .tl")`)
			if got := texts(b, "#equal .tl a"); !slices.Equal(got, gpus[1:]) {
				t.Errorf("equal to it are %q, want %q", got, gpus[1:])
			}
			if bars := evaluated[int](b, `document.querySelectorAll("#fortnight .bar, #equal .bar").length`); bars != 2 {
				t.Errorf("%d bars show the next two weeks, want 2", bars)
			}
		}},
		{"compare nodes", func() {
			b.Do(chromedp.Navigate(shared))
			b.Settle()
			click(b, "#nodes tbody tr:nth-child(1) input")
			click(b, "#nodes tbody tr:nth-child(2) input")
			click(b, comparison)
			b.Until(`document.querySelector("#compare table")`)

			if got := texts(b, "#compare thead th"); !slices.Equal(got, gpus) {
				t.Errorf("compared are %q", got)
			}
		}},
		{"compare types", func() {
			b.Do(chromedp.Navigate(s.URL + "/hardware/sites/north"))
			b.Settle()
			click(b, `tr[data-type="arm_thunder"] input`)
			click(b, `tr[data-type="storage_nvme"] input`)
			click(b, ".picked a")
			b.Until(`document.querySelector("#compare table")`)

			if got := texts(b, "#compare thead th"); !slices.Equal(got, []string{"arm_thunder", "storage_nvme"}) {
				t.Errorf("compared are %q", got)
			}

			if got := texts(b, "#compare .differs th"); !slices.ContainsFunc(got,
				func(s string) bool { return strings.HasPrefix(s, "Architecture") }) {
				t.Errorf("marked as different are %q", got)
			}

			b.Screenshot("compare-types")
		}},
		{"read when they are free", func() {
			b.Do(chromedp.Navigate(s.URL + "/hardware/types/gpu_a100_pcie"))
			b.Until(`document.querySelector(".timeline svg")`)
			if got := texts(b, ".lane > text"); len(got) != len(gpus) {
				t.Errorf("the timeline has the lanes %q", got)
			}
			if n := len(texts(b, ".reservations tbody th")); n < len(gpus) {
				t.Errorf("the same as a table has %d nodes", n)
			}
		}},
		{"find a slot", func() {
			click(b, "#slots")
			b.Until(`document.querySelector("#ask [name=after]")`)
			b.Do(chromedp.SetValue(chromedp.CSS(`#ask [name="count"]`), "2"),
				chromedp.SetValue(chromedp.CSS(`#ask [name="hours"]`), "4"))
			click(b, "#ask button")
			b.Until(`location.search.includes("count=2") && document.querySelector(".reserve .nodes")`)
			got := texts(b, ".reserve .nodes a")
			if slices.Sort(got); !slices.Equal(got, gpus) {
				t.Errorf("the first slot is on %q", got)
			}
		}},
		{"read a change", func() {
			click(b, `header a[href="/hardware/changes"]`)
			b.Until(`document.querySelector(".chg")`)
			click(b, `.chg a[aria-label$=": north: double the memory of na01"]`)
			b.Until(`document.querySelector("main ins")`)
			b.Screenshot("change")
			click(b, "main section a")
			b.Settle()
			click(b, `main a[href$="/history"]`)
			b.Until(`document.querySelectorAll(".hist > li").length > 1`)
		}},
		{"try the API out", func() {
			b.Do(chromedp.Navigate(s.URL + "/docs"))
			for operation, want := range map[string]string{"getTestbed": `"uid": "sample"`, "searchNodes": `"total": `} {
				if body := tryOut(b, operation); !strings.Contains(body, want) {
					t.Errorf("%s is answered with %q", operation, body)
				}
			}
		}},
	} {
		t.Log(step.name)
		if step.do(); t.Failed() {
			return // the next step begins where this one should have ended
		}
	}
}

// Every kind of page has the content policy, which allows nothing that stands in
// a page itself.
func TestContentPolicy(t *testing.T) {
	t.Parallel()
	s := demonstrate(t, trees.Sample(t, build.Options{}))
	for _, k := range kinds(t, s.Site) {
		answer, err := http.Get(s.URL + k.Path)
		if err != nil {
			t.Fatal(err)
		}

		answer.Body.Close()
		policy := answer.Header.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: %s, with the content policy %q", k.Path, answer.Status, policy)
		}
	}
}

// With the keyboard alone a reader filters, compares, and goes to a node. The
// focus is always to be seen.
func TestKeyboardInABrowser(t *testing.T) {
	t.Parallel()
	s := demonstrate(t, trees.Sample(t, build.Options{}))
	b := browsertest.Start(t)
	b.Device(1280, 844, false)
	open := func(path string) {
		b.Do(chromedp.Navigate(s.URL + path))
		b.Settle()
	}

	open("/hardware/nodes")
	b.TabTo(".skip", false)
	b.Press(kb.Enter)
	b.TabTo(`input[name="gpus-at least"]`, false)
	b.Press("4")
	b.TabTo(`details details:has(input[name="arch"]) summary`, false)
	b.Press(kb.Enter)
	b.TabTo(`input[name="arch"][value="x86_64"]`, false)
	b.Press(" ")

	if got := texts(b, "#nodes tbody th"); !slices.Equal(got, []string{"na03", "na04"}) {
		t.Fatalf("the nodes found are %q", got)
	}

	b.TabTo(`th[data-sort="name"] button`, false)
	b.Press(kb.Enter)

	if got := texts(b, "#nodes tbody th"); !slices.Equal(got, []string{"na04", "na03"}) {
		t.Fatalf("sorted, the nodes are %q", got)
	}

	b.TabTo("#nodes tbody tr:nth-child(1) input", false)
	b.Press(" ")
	b.TabTo("#nodes tbody tr:nth-child(2) input", false)
	b.Press(" ")
	b.TabTo(comparison, false)
	b.Press(kb.Enter)
	b.Until(`document.querySelector("#compare table")`)
	b.TabTo(`#compare input`, false)
	b.Press(" ")

	if same := evaluated[int](b,
		`[...document.querySelectorAll("#compare .same")].filter((e) => e.checkVisibility()).length`); same != 0 {
		t.Errorf("%d rows without a difference are shown", same)
	}

	b.TabTo("#compare thead a", false)
	b.Press(kb.Enter)
	b.Until(`document.querySelector("#now .badge")`)

	if got := texts(b, "h1"); !slices.Equal(got, []string{"na04"}) {
		t.Errorf("the link leads to %q", got)
	}

	b.TabTo(`main a[href*="/types/"]`, false)
	b.Press(kb.Enter)
	b.Until(`document.querySelector(".timeline svg")`)
	b.TabTo(`#slots`, false)
	b.Press(kb.Enter)
	b.Until(`document.querySelector(".slot")`)
	b.TabTo(`.slot input`, false)
	b.TabTo(`.reserve .set input`, false)
	b.Press(kb.ArrowRight)
	b.TabTo(".reserve .pane.on pre", false)
	open("/hardware/nodes")
	b.TabTo(`header a[href="/hardware/changes"]`, false)
	b.Press(kb.Enter)
	b.Until(`document.querySelector(".chg")`)
	b.TabTo(`.chg a[aria-label$=": north: double the memory of na01"]`, false)
	b.Press(kb.Enter)
	b.Until(`document.querySelector("main ins")`)
	b.TabTo(`footer a[href="/docs"]`, false)
	b.Press(kb.Enter)
	b.Until(`document.querySelector("#operations-testbed-getTestbed")`)

	for _, selector := range []string{"#operations-testbed-getTestbed .opblock-summary-control",
		"#operations-testbed-getTestbed .execute"} {
		b.TabTo(selector, false)
		b.Press(kb.Enter)
		b.Settle()
	}

	b.Until(`document.querySelector("#operations-testbed-getTestbed .live-responses-table .response-col_status")`)
}
