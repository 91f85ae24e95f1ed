package page_test

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/test/browsertest"
	"github.com/chameleoncloud/refapi/internal/test/nginxtest"
)

// guide serves the sample with nginx, and opens a browser.
func guide(t *testing.T) (b *browsertest.Browser, address string) {
	t.Helper()
	s := trees.Sample(t, build.Options{})
	address = nginxtest.FreeAddress(t)
	serve(t, s, address)
	b = browsertest.Start(t)
	b.Device(1280, 844, false)
	return b, "http://" + address
}

// slash presses the key. The browser's protocol sends the letter even where the
// page has taken the key, as no keyboard does.
func slash(t *testing.T, b *browsertest.Browser) {
	t.Helper()
	if evaluated[bool](b, `document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "/", bubbles: true, cancelable: true }))`) {
		t.Error("the page does not take the key /")
	}
}

// A section is found with the keyboard alone, from any page, and the search has
// an address.
func TestGuideSearchInABrowser(t *testing.T) {
	t.Parallel()
	b, address := guide(t)
	b.Do(chromedp.Navigate(address + "/guide/"))
	b.Until(`!document.querySelector("#search").hidden`)
	looks(b, "guide")
	b.Do(chromedp.Navigate(address + "/guide/api"))
	b.Until(`!document.querySelector("#search").hidden`)
	slash(t, b)
	b.Do(chromedp.KeyEvent("gomaxprocs kernel"))
	b.Until(`document.querySelector("#found").textContent === "1 section"`)

	if got := evaluated[string](b,
		`[...document.querySelectorAll("#hits mark")].map(e => e.textContent).join(" ")`); got != "kernel GOMAXPROCS" {
		t.Errorf("the words %q are marked", got)
	}

	looks(b, "guide-search")
	b.Until(`location.search === "?q=gomaxprocs+kernel"`)
	shared := evaluated[string](b, `location.href`)
	b.Do(chromedp.Navigate("about:blank"), chromedp.Navigate(shared))
	b.Until(`document.querySelector("#hits a")`)
	slash(t, b)
	b.Do(chromedp.KeyEvent(kb.ArrowDown))

	if got := evaluated[string](b, `document.activeElement.textContent`); got != "Architecture: Decisions" {
		t.Errorf("the arrow leads to %q", got)
	}

	b.Do(chromedp.KeyEvent(kb.ArrowUp))
	if got := evaluated[string](b, `document.activeElement.id`); got != "q" {
		t.Errorf("the arrow back leads to %q", got)
	}

	b.Do(chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.Enter),
		chromedp.WaitVisible(chromedp.CSS("h2#decisions")))
	b.Until(`location.pathname === "/guide/architecture" && location.hash === "#decisions"`)
	b.Until(`!document.querySelector("#search").hidden`)
	slash(t, b)
	b.Do(chromedp.KeyEvent("xyzzy gomaxprocs"))
	b.Until(`document.querySelector("#found").textContent === "No sections"`)
	b.Do(chromedp.KeyEvent(kb.Escape))
	b.Until(`document.querySelector("#found").textContent === "" && location.search === ""`)
}

// A query in the address is text, whatever it is.
func TestHostileGuideSearchInABrowser(t *testing.T) {
	t.Parallel()
	b, address := guide(t)
	for query, shown := range map[string]string{
		"%3Cscript%3Ewindow.ran=1%3C/script%3E":             "<script>window.ran=1</script>",
		"%22%3E%3Cimg%20src=x%20onerror=%22window.ran=1%22": `"><img src=x onerror="window.ran=1"`,
		"javascript:window.ran=1":                           "javascript:window.ran=1",
		".*%5B(%5C":                                         `.*[(\`,
	} {
		b.Do(chromedp.Navigate(address + "/guide?q=" + query))
		b.Until(`document.querySelector("#found").textContent !== ""`)
		if got := evaluated[string](b, `document.querySelector("#q").value`); got != shown {
			t.Errorf("the field has %q, want %q", got, shown)
		}
		if evaluated[bool](b, `"ran" in window || document.querySelector("main img, form img") !== null`) {
			t.Errorf("the query %s has run", query)
		}
	}

	// Markup in what is found is text, too.
	b.Do(chromedp.Navigate(address + "/guide?q=END"))
	b.Until(`document.querySelector("#hits a")`)

	if got := evaluated[int](b, `document.querySelectorAll("#hits :not(li, a, p, mark)").length`); got != 0 {
		t.Errorf("%d elements were made from texts", got)
	}
}

// Examples ask the site that they are read on, and can be copied.
func TestGuideExamplesInABrowser(t *testing.T) {
	t.Parallel()
	b, address := guide(t)
	b.Do(chromedp.Navigate(address + "/guide/getting-started"))
	b.Until(`document.querySelector(".head button")`)
	looks(b, "guide-chapter")

	if got, want := evaluated[string](b, `document.querySelector("pre").textContent.trim()`), "curl -fsS "+address+
		"/"; got != want {
		t.Errorf("the first example is %q, want %q", got, want)
	}

	if got := evaluated[int](b,
		`document.querySelectorAll(".head + pre[data-language=text], .head + pre[data-language=json]").length`); got != 0 {
		t.Errorf("%d outputs can be copied", got)
	}

	b.Do(chromedp.Evaluate[chromedp.Void](`navigator.clipboard.writeText = async (text) => { window.copied = text; }`))
	b.Do(chromedp.Focus(chromedp.CSS(".head button")), chromedp.KeyEvent(kb.Enter))
	b.Until(`document.querySelector(".head button").textContent === "Copied"`)

	if got, want := evaluated[string](b, `window.copied`), "curl -fsS "+address+"/\n"; got != want {
		t.Errorf("%q is copied, want %q", got, want)
	}

	b.Until(`document.querySelector(".head button").textContent === "Copy"`)

	// Without TLS the old way is left, and where even that is closed, the reader's.
	b.Do(chromedp.Evaluate[chromedp.Void](`Object.defineProperty(navigator, "clipboard", { value: undefined });
		document.addEventListener("copy", () => { window.copied = getSelection().toString(); })`))
	click(b, ".head button")
	b.Until(`document.querySelector(".head button").textContent === "Copied"`)

	if got, want := evaluated[string](b, `window.copied.trim()`), "curl -fsS "+address+"/"; got != want {
		t.Errorf("%q is copied in the old way, want %q", got, want)
	}

	b.Do(chromedp.Evaluate[chromedp.Void](`document.execCommand = () => false`))
	click(b, ".head button")
	b.Until(`document.querySelector(".head button").textContent === "Selected"`)

	if got, want := evaluated[string](b, `getSelection().toString().trim()`), "curl -fsS "+address+"/"; got != want {
		t.Errorf("%q is selected, want %q", got, want)
	}

	b.Do(chromedp.Navigate(address + "/guide/configuration"))
	b.Until(`document.querySelector(".head button")`)
	looks(b, "guide-tables")
}

// On paper there is nothing to click, and nothing is cut off.
func TestPrintedGuideInABrowser(t *testing.T) {
	t.Parallel()
	b, address := guide(t)
	b.Paper()

	for _, chapter := range []string{"getting-started", "configuration", "operating", "architecture"} {
		b.Do(chromedp.Navigate(address + "/guide/" + chapter))
		b.Until(`document.querySelector("#search:not([hidden])")`)

		if got := evaluated[string](b,
			`[...document.querySelectorAll("nav, form, button, input")].filter(e => e.checkVisibility()).map(e => e.outerHTML).join(" ")`); got != "" {
			t.Errorf("the printed chapter %s has %s", chapter, got)
		}

		if got := evaluated[string](b, `[...document.querySelectorAll("html, pre, .scroll, table")].filter(e => e.scrollWidth > e.clientWidth || e.getBoundingClientRect().right > innerWidth)
			.map(e => e.textContent.slice(0, 80)).join(" | ")`); got != "" {
			t.Errorf("the printed chapter %s is cut off at %s", chapter, got)
		}

		b.Screenshot("guide-paper-" + chapter)
	}
}
