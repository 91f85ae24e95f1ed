package main

import (
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/chameleoncloud/refapi/internal/test/browsertest"
)

// manyTabs is more than the six connections that a browser opens to a host.
const manyTabs = 8

// Pages that listen for news leave connections for others: one tab listens for
// all, and another takes over when it is closed.
func TestServeManyTabs(t *testing.T) {
	t.Parallel()
	repo := testbed(t)
	r := serve(t, "--repo", repo.Dir, "--worktree", "--path-prefix", "/ref", "--out", t.TempDir())
	tabs := openTabs(t)
	defer leave(tabs)

	for _, b := range tabs {
		b.Do(chromedp.Navigate(r.address + "/ref/hardware/sites/s"))
		b.Until(shows("one"))
	}

	writeSite(repo, "two")
	for _, b := range tabs {
		b.Until(shows("two"))
	}

	// The tab that came first listens; it leaves.
	tabs[0].Do(chromedp.Navigate("about:blank"))
	writeSite(repo, "three")

	for _, b := range tabs[1:] {
		b.Until(shows("three"))
	}

	// What went wrong is shown in all tabs, also in one that comes later.
	repo.Write(siteFile, "{")
	tabs[0].Do(chromedp.Navigate(r.address + "/ref/hardware"))

	for _, b := range tabs {
		b.Until(`document.querySelector("pre[role=alert]")?.textContent.includes("s.json:1:")`)
	}
}

// Where the page is no secure context there are no Web Locks: tabs that nobody
// looks at do not listen, and look what they have missed when they are seen.
func TestServeManyTabsWithoutLocks(t *testing.T) {
	t.Parallel()
	repo := testbed(t)
	r := serve(t, "--repo", repo.Dir, "--worktree", "--out", t.TempDir())
	tabs := openTabs(t)
	defer leave(tabs)

	for i, b := range tabs {
		b.Before(insecure)
		b.Do(chromedp.Navigate(r.address + "/hardware/sites/s"))
		b.Until(shows("one"))
		if i < len(tabs)-1 {
			b.Do(chromedp.Evaluate[chromedp.Void](`hide(true)`))
		}
	}

	writeSite(repo, "two")
	last := tabs[len(tabs)-1]
	last.Until(shows("two"))
	tabs[0].Until(shows("one"))
	last.Do(chromedp.Evaluate[chromedp.Void](`hide(true)`))
	tabs[0].Do(chromedp.Evaluate[chromedp.Void](`hide(false)`))
	tabs[0].Until(shows("two"))
}

func openTabs(t *testing.T) []*browsertest.Browser {
	t.Helper()
	tabs := []*browsertest.Browser{browsertest.Start(t)}
	for len(tabs) < manyTabs {
		tabs = append(tabs, tabs[0].Tab())
	}
	return tabs
}

// leave goes away from the server, which ends before the browser does.
func leave(tabs []*browsertest.Browser) {
	for _, b := range tabs {
		b.Do(chromedp.Navigate("about:blank"))
	}
}

// shows asks whether a page of the site is that of its name.
func shows(name string) string {
	return `document.querySelector("main")?.innerText.includes("` + name + `")`
}

// insecure makes a page be without what plain HTTP from another machine lacks,
// and lets the test hide it.
const insecure = `
	Object.defineProperty(Navigator.prototype, "locks", { get: () => undefined });
	let hidden = false;
	Object.defineProperty(Document.prototype, "hidden", { get: () => hidden });
	window.hide = (now) => {
		hidden = now;
		document.dispatchEvent(new Event("visibilitychange"));
	};`
