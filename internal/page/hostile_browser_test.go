package page_test

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/chameleoncloud/refapi/internal/page"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/test/browsertest"
)

// Hostile data and hostile addresses are text in a browser, too: nothing runs,
// nothing is wider than a phone, and every link leads to its page.
func TestHostileDataInABrowser(t *testing.T) {
	t.Parallel()
	s := demonstrate(t, trees.Publish(t, hostileData()))
	b := browsertest.Start(t)
	b.Device(360, 844, false)
	var types []string

	for _, text := range hostile {
		types = append(types, url.QueryEscape(text))
	}

	node := func(uid string) string { return route.HardwareNode.Path("s", "c", uid) }
	commits := s.History.Commits
	paths := []string{
		route.HardwareChanges.Path(), route.HardwareChange.Path(commits[0].ID.String()), route.HardwareChange.Path(commits[1].ID.String()),
		route.HardwareNodeHistory.Path("s", "c", "n3"), route.HardwareNodeHistory.Path("s", "c",
			"n11"), route.HardwareNodeHistory.Path("s", "c", "many"),
		route.HardwareSiteHistory.Path("s"), route.HardwareClusterHistory.Path("s",
			"c"), route.HardwareFlavorHistory.Path("s", "<b> &amp;"),
		"/hardware", "/hardware/nodes", "/hardware/sites/s", "/hardware/sites/s/clusters/c", node("n0"), node("n11"), node("n12"), node("many"), node("n b"), node("größe"),
		route.HardwareType.Path(page.TypeSlug(hostile[0])), route.HardwareType.Path(page.TypeSlug(hostile[12])),
		"/hardware/compare?nodes=n0,n12,many,n%20b",
		"/hardware/compare?types=" + strings.ReplaceAll(strings.Join(types[:4], ","), "+", "%20"),
		"/hardware/compare?types=%3Cscript%3Ealert(1)%3C/script%3E,%ff,&nodes=%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E",
		"/hardware/nodes?q=%3Cimg%20src=x%20onerror=alert(1)%3E&node_type=" + types[1] +
			"&sort=__proto__&min_gpus=%3Cscript%3E&storage_media=constructor",
		"/docs?url=https://evil.example/openapi.json&configUrl=https://evil.example/config.json",
	}
	for _, path := range paths {
		b.Do(chromedp.Navigate(s.URL + path))
		b.Settle()

		if over := evaluated[int](b,
			`document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth`); over > 0 {
			t.Errorf("%s is %d px wider than the screen", path, over)
		}

		if n := evaluated[int](b,
			`document.querySelectorAll("main img, main script, main bdi *, #nodes b, main [onclick], main [onerror]").length`); n > 0 {
			t.Errorf("%s: %d elements were made from data", path, n)
		}

		if gone := evaluated[[]string](b, `Promise.all([...new Set([...document.querySelectorAll("main a")].map((a) => a.href).filter((h) => h.startsWith(location.origin)))]
			.map(async (h) => (await fetch(h, { method: "HEAD" })).ok ? "" : h)).then((all) => all.filter(Boolean))`); len(gone) > 0 {
			t.Errorf("%s leads to what does not exist: %q", path, gone)
		}
	}

	b.Do(chromedp.Navigate(s.URL + "/hardware/compare?types=" +
		strings.ReplaceAll(strings.Join(types[:2], ","), "+", "%20")))
	b.Until(`document.querySelector("#compare table")`)

	if got := texts(b, "#compare thead th"); !slices.Equal(got, hostile[:2]) {
		t.Errorf("compared are the types %q, want %q", got, hostile[:2])
	}

	b.Forgive("Request-URI Too Large") // nginx: when nodes of a type with a name of 10 kB are free stays unknown
}

// Programs for tables run no cell.
func TestHostileTable(t *testing.T) {
	t.Parallel()
	s := demonstrate(t, trees.Publish(t, hostileData()))
	answer, err := http.Get(s.URL + route.AllNodesTable.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()

	rows, err := csv.NewReader(answer.Body).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) < len(hostile) {
		t.Fatalf("the table has %d rows", len(rows))
	}

	for _, row := range rows {
		for i, cell := range row {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
				t.Errorf("the column %s has the formula %.40q", rows[0][i], cell)
			}
		}
	}
}
