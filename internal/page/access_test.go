package page_test

import (
	"cmp"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/test/browsertest"
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

// No kind of page keeps anybody out, light or dark, on a desk or on a phone. Every page
// is looked at in both sizes and in both colors, by turns in either order: no style is
// for a size and a color at once. Swagger UI, which takes longest, has a test of its own.
func TestAccess(t *testing.T) {
	t.Parallel()
	axe := browsertest.NewAxe(t, "../..")
	s := demonstrate(t, trees.Sample(t, build.Options{}))
	all := kinds(t, s.Site)

	for _, p := range patterns() {
		if !slices.ContainsFunc(all, func(k kind) bool { return k.Pattern == p }) {
			t.Errorf("the sample has no page like %s", p)
		}
	}

	b := browsertest.Start(t)
	looked := map[string]string{} // which page leads there, by address
	for i, k := range all {
		if k.Path == route.Docs.Path() {
			continue
		}

		for _, screen := range []screen{screens[i%2], screens[3-i%2]} {
			b.Device(screen.Width, 844, screen.Dark)
			b.Do(chromedp.Navigate(s.URL + k.Path))
			b.Settle()
			at := evaluated[string](b, `location.href`)
			looked[at] = cmp.Or(looked[at], k.Path)
			if looked[at] == k.Path {
				look(t, b, axe, k.Name()+"-"+screen.Name)
			}
		}
	}

	// The sample describes no type.
	described := demonstrate(t, trees.Publish(t, describedType))
	for _, screen := range []screen{screens[0], screens[3]} {
		b.Device(screen.Width, 844, screen.Dark)
		b.Do(chromedp.Navigate(described.URL + route.HardwareType.Path("g")))
		b.Settle()
		look(t, b, axe, "described-type-"+screen.Name)
	}
}

// describedType is a repository with a type whose description has all that Markdown has.
const describedType = `-- commit all --

All
-- d/d.json --
{"uid":"d"}
-- d/sites/s/s.json --
{"uid":"s"}
-- d/sites/s/clusters/c/c.json --
{"uid":"c"}
-- d/sites/s/clusters/c/nodes/n1.json --
{"uid":"n1","node_type":"g","gpu":{"gpu":true,"gpu_model":"A100"}}
-- d/sites/s/clusters/c/nodes/n2.json --
{"uid":"n2","node_type":"g"}
-- d/node_types/g.md --
# G

For *learning*, with **two** [GPUs](https://example.org/) and ` + "`nvlink`" + `.

## What to know

1. First
   - a longer-than-usual-word-without-a-place-to-break-it-in-the-middle-of-it

> Quoted.

    nvidia-smi --query-gpu=name,memory.total,driver_version,pci.bus_id --format=csv

---

### More

Nothing.
`

// Nor does Swagger UI with what one opens in it.
func TestAccessOfDocs(t *testing.T) {
	t.Parallel()
	axe := browsertest.NewAxe(t, "../..")
	s := demonstrate(t, trees.Sample(t, build.Options{}))
	b := browsertest.Start(t)

	b.Do(chromedp.Navigate(s.URL + route.Docs.Path()))
	for _, operation := range []string{"searchNodes", "getTestbed"} {
		tryOut(b, operation)
	}

	for _, screen := range screens[1:3] { // dark on a desk, light on a phone
		b.Device(screen.Width, 844, screen.Dark)
		b.Settle()
		b.Screenshot("docs-open-" + screen.Name)
		look(t, b, axe, "docs-open-"+screen.Name)
	}
}
