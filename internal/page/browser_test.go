package page_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/nginxconf"
	"github.com/chameleoncloud/refapi/internal/test/browsertest"
	"github.com/chameleoncloud/refapi/internal/test/nginxtest"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// serve starts nginx for a tree, and for a live half, if there is one.
func serve(t *testing.T, s treetest.Site, address string, live ...string) {
	t.Helper()
	if live == nil {
		live = []string{"127.0.0.1:1"}
	}

	serveAs(t, nginxconf.Options{Root: s.Dir, Listen: []string{address}, Availapi: live})
}

func serveAs(t *testing.T, opts nginxconf.Options) {
	t.Helper()
	conf, err := nginxconf.Render(nginxconf.Complete, opts)
	if err != nil {
		t.Fatal(err)
	}

	nginxtest.Start(t, string(conf), opts.Listen[0])
}

// tryOut opens an operation of Swagger UI, executes it, and returns what the
// page shows as the answer's body.
func tryOut(b *browsertest.Browser, operation string) string {
	// Not by the mouse: Swagger UI still moves while it draws.
	op := fmt.Sprintf(`document.querySelector('div[id^="operations-"][id$="-%s"]')`, operation)
	b.Until(fmt.Sprintf(`((op) => {
		if (op && !op.classList.contains("is-open")) op.querySelector("button.opblock-summary-control").click();
		return op?.querySelector("button.execute");
	})(%s)`, op))

	b.Do(chromedp.Evaluate[chromedp.Void](op + `.querySelector("button.execute").click()`))
	answer := op + `.querySelector(".live-responses-table .response-col_description .highlight-code code")`
	b.Until(answer)

	return evaluated[string](b, answer+`.textContent`)
}

// Swagger UI works with no network but ours, under nginx's content policy, and
// an answer can be tried out.
func TestDocsInABrowser(t *testing.T) {
	t.Parallel()
	s := trees.Sample(t, build.Options{})
	address := nginxtest.FreeAddress(t)
	serve(t, s, address)
	b := browsertest.Start(t)
	b.Do(chromedp.Navigate("http://" + address + "/docs"))

	if title := browsertest.Get(b,
		chromedp.Text(chromedp.CSS(".info .title"),
			chromedp.NodeVisible)); !strings.HasPrefix(title, "Reference API") {
		t.Errorf("the title is %q", title)
	}

	b.Screenshot("docs")
	if body := tryOut(b, "getTestbed"); !strings.Contains(body, `"uid": "sample"`) {
		t.Errorf("the answer is shown as %q", body)
	}

	b.Screenshot("docs-tried-out")
}

// Behind a path prefix, both pages of the API's documentation work, and stay there.
func TestDocsBehindAPathPrefix(t *testing.T) {
	t.Parallel()
	s := trees.Sample(t, build.Options{Base: "/ref"})
	address := nginxtest.FreeAddress(t)
	serveAs(t, nginxconf.Options{
		Root: s.Dir, Listen: []string{address}, Availapi: []string{"127.0.0.1:1"}, PathPrefix: "/ref", Base: "/ref",
	})

	b := browsertest.Start(t)
	b.Do(chromedp.Navigate("http://" + address + "/ref/docs"))
	if body := tryOut(b, "getTestbed"); !strings.Contains(body, `"href": "/ref/sites"`) {
		t.Errorf("the answer is shown as %q", body)
	}
	if asked := text(b, ".request-url"); !strings.Contains(asked, address+"/ref/") {
		t.Errorf("the request shown is of %q", asked)
	}

	b.Do(chromedp.Navigate("http://"+address+"/ref/redoc"), chromedp.WaitVisible(chromedp.CSS("section.operation")))
	if path := evaluated[string](b, "location.pathname"); path != "/ref/reference" {
		t.Errorf("/redoc leads to %s", path)
	}
}

// A tree may be served at other addresses than the published one: a mirror, a
// preview, a tunnel. Every kind of page then works with what that address
// serves: no request and no link of the site's own leaves it. The browser
// complains of requests to other hosts.
func TestAnotherAddressInABrowser(t *testing.T) {
	t.Parallel()
	const published = "https://api.example.org"
	s := demonstrate(t, treetest.Sample(t, build.Options{Base: published, URL: published}))
	b := browsertest.Start(t)

	for _, k := range kinds(t, s.Site) {
		b.Do(chromedp.Navigate(s.URL + k.Path))
		b.Settle()
		leaving := evaluated[[]string](b, `[...document.querySelectorAll("[href]:not([rel=canonical]), [src], form[action]")]
			.map(e => e.href || e.src || e.action).filter(to => to.startsWith("`+published+`"))`)
		if len(leaving) > 0 {
			t.Errorf("%s: links leave the address: %.3q", k.Path, leaving)
		}
		if styles := evaluated[int](b, `document.styleSheets.length`); styles == 0 {
			t.Errorf("%s has no style", k.Path)
		}
	}

	b.Do(chromedp.Navigate(s.URL + "/docs"))
	if body := tryOut(b, "getTestbed"); !strings.Contains(body, `"href": "`+published+`/sites"`) {
		t.Errorf("the answer is shown as %q", body)
	}
	if asked := text(b, ".request-url"); !strings.Contains(asked, s.URL) {
		t.Errorf("the request shown is of %q, want of %s", asked, s.URL)
	}
}

// The readers' page needs no script, and every link in it leads somewhere.
func TestReferenceInABrowser(t *testing.T) {
	t.Parallel()
	s := trees.Sample(t, build.Options{})
	address := nginxtest.FreeAddress(t)
	serve(t, s, address)
	b := browsertest.Start(t)
	b.Do(chromedp.Navigate("http://"+address+"/reference"), chromedp.WaitVisible(chromedp.CSS("h1")))
	dangling := browsertest.Get(b, chromedp.Evaluate[[]string](
		`[...document.querySelectorAll("a[href^='#']")].map(a => decodeURIComponent(a.hash.slice(1))).filter(id => !document.getElementById(id))`))
	if len(dangling) > 0 {
		t.Errorf("links lead to places that do not exist: %q", dangling)
	}

	if n := browsertest.Get(b,
		chromedp.Evaluate[int](`document.querySelectorAll("main section.operation h3 .method").length`)); n < 30 {
		t.Errorf("only %d operations are shown", n)
	}

	b.Screenshot("reference")
}
