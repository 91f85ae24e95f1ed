package page_test

import (
	"os"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/test/browsertest"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

type screen struct {
	Name  string
	Width int64
	Dark  bool
}

// screens are those that pages are looked at on.
var screens = []screen{
	{"desk-light", 1280, false}, {"desk-dark", 1280, true}, {"phone-light", 360, false}, {"phone-dark", 360, true},
}

// looks takes pictures of what is in the tab, on all screens.
func looks(b *browsertest.Browser, name string) {
	if os.Getenv("SCREENSHOTS") == "" {
		return
	}
	for _, screen := range screens {
		b.Device(screen.Width, 844, screen.Dark)
		b.Screenshot(name + "-" + screen.Name)
	}
	b.Device(1280, 844, false)
}

// Pictures of every kind of page, of the real repository where it is there.
func TestPictures(t *testing.T) {
	t.Parallel()
	if os.Getenv("SCREENSHOTS") == "" {
		t.Skip("no pictures are wanted: `make screenshots` takes them")
	}

	var s testbed
	if repo, ok := treetest.RealFlavors(t, "../.."); ok {
		s = demonstrate(t, treetest.Publish(t, repo, build.Options{}))
	} else {
		s = demonstrate(t, trees.Sample(t, build.Options{}))
	}

	b := browsertest.Start(t)
	for _, screen := range screens {
		b.Device(screen.Width, 844, screen.Dark)
		for _, k := range kinds(t, s.Site) {
			b.Do(chromedp.Navigate(s.URL + k.Path))
			b.Settle()
			b.Screenshot(k.Name() + "-" + screen.Name)
		}
	}

	// docs/catalogue.png, which README.md shows.
	b.Device(1366, 860, false)
	b.Do(chromedp.Navigate(s.URL + "/hardware"))
	b.Settle()
	b.Until(`document.getElementById("answer").textContent !== ""`)
	b.Screenful("catalogue")
}
