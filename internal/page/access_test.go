package page_test

import (
	"slices"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/test/browsertest"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// look holds what is in the tab against what every page must be: it has no
// barrier that axe-core knows, and is no wider than the screen.
func look(t *testing.T, b *browsertest.Browser, axe browsertest.Axe, name string) {
	t.Helper()
	if over := browsertest.Get(b,
		chromedp.Evaluate[int](`document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth`)); over > 0 {
		t.Errorf("%s: the page is %d px wider than the screen", name, over)
	}

	for _, found := range b.Barriers(axe) {
		t.Errorf("%s: %s: %d elements, as %s: %s", name, found.Rule, len(found.Elements), found.Elements[0],
			found.Why)
	}
}

// No kind of page keeps anybody out, light or dark, on a desk or on a phone.
func TestAccess(t *testing.T) {
	t.Parallel()
	axe := browsertest.NewAxe(t, "../..")
	s := demonstrate(t, treetest.Sample(t, build.Options{}))
	all := kinds(t, s.Site)

	for _, p := range patterns() {
		if !slices.ContainsFunc(all, func(k kind) bool { return k.Pattern == p }) {
			t.Errorf("the sample has no page like %s", p)
		}
	}

	b := browsertest.Start(t)
	for _, screen := range screens {
		b.Device(screen.Width, 844, screen.Dark)
		rules := axe
		if screen.Dark { // the same page in other colors
			rules = axe.Colors()
		}
		for _, k := range all {
			b.Do(chromedp.Navigate(s.URL + k.Path))
			b.Settle()
			look(t, b, rules, k.Name()+"-"+screen.Name)
		}
	}
}

// Nor does Swagger UI with what one opens in it.
func TestAccessOfDocs(t *testing.T) {
	t.Parallel()
	axe := browsertest.NewAxe(t, "../..")
	s := demonstrate(t, treetest.Sample(t, build.Options{}))
	b := browsertest.Start(t)

	for _, screen := range screens[1:3] { // dark on a desk, light on a phone
		b.Device(screen.Width, 844, screen.Dark)
		b.Do(chromedp.Navigate("about:blank"), chromedp.Navigate(s.URL+route.Docs.Path()))
		b.Settle()

		for _, operation := range []string{"searchNodes", "getTestbed"} {
			tryOut(b, operation)
		}

		b.Settle()
		b.Screenshot("docs-open-" + screen.Name)
		look(t, b, axe, "docs-open-"+screen.Name)
	}
}
