package page_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/test/browsertest"
	"github.com/chameleoncloud/refapi/internal/test/nginxtest"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// known is a site's Blazar that always says the same; nil fails.
type known []availability.Host

func (k known) Hosts(context.Context) (*availability.Report, error) {
	if k == nil {
		return nil, availability.Failf(availability.ReasonNetwork, "nobody is there")
	}
	return &availability.Report{Hosts: slices.Clone(k)}, nil
}

// free serves a tree with the real live half behind it, which asks these of each
// site, and returns the tree's address.
func free(t *testing.T, s treetest.Site, madeUp bool, sites map[string]known) string {
	t.Helper()
	sources := treetest.Sources{Hosts: map[string]availability.Source{}, Simulated: madeUp}
	for name, hosts := range sites {
		sources.Hosts[name] = hosts
	}
	return serveLive(t, s, sources)
}

// serveLive serves a tree with nginx and the real live half, and returns the tree's
// address.
func serveLive(t *testing.T, s treetest.Site, of treetest.Sources) string {
	t.Helper()
	address := nginxtest.FreeAddress(t)
	serve(t, s, address, treetest.Live(t, s, of))
	return "http://" + address
}

// days are so many days after a time.
func days(from time.Time, n float64) availability.Time {
	return availability.At(from.Add(time.Duration(n * 24 * float64(time.Hour))))
}

// texts are those of all elements that a selector finds.
func texts(b *browsertest.Browser, selector string) []string {
	return browsertest.Get(b,
		chromedp.Evaluate[[]string](fmt.Sprintf(`[...document.querySelectorAll(%q)].map(e => e.textContent)`,
			selector)))
}

func text(b *browsertest.Browser, selector string) string {
	return strings.Join(texts(b, selector), " ")
}

// A node's page has one lane; a site's has what it can, and says what it cannot.
func TestStatesInABrowser(t *testing.T) {
	t.Parallel()
	archive := twoNodes
	for _, n := range []string{"n4", "n5"} {
		archive += "-- d/sites/s/clusters/c/nodes/" + n + ".json --\n{\"uid\": \"" + n + "\"}\n"
	}

	archive += "-- d/sites/z/z.json --\n{\"uid\": \"z\"}\n-- d/sites/z/clusters/c/c.json --\n{\"uid\": \"c\"}\n-- d/sites/z/clusters/c/nodes/z1.json --\n{\"uid\": \"z1\", \"node_type\": \"t\"}\n"
	address := free(t, treetest.Publish(t, treetest.Repo(t, archive), build.Options{}), true, map[string]known{
		"s": {{Node: "n1"}, {Node: "n2",
			Reservations: []availability.Interval{{Start: days(time.Now(), -1),
				End: days(time.Now(), 3)}}}, {Node: "n3", Maintenance: true}},
		"z": nil,
	})

	b := browsertest.Start(t)
	b.Do(chromedp.Navigate(address + "/hardware/sites/s"))
	b.Until(`document.querySelector(".timeline svg")`)
	b.Screenshot("free-site")
	states := browsertest.Get(b,
		chromedp.Evaluate[string](`[...document.querySelectorAll(".reservations tbody tr")].map(tr => tr.cells[0].textContent + " " + tr.cells[1].textContent).join(", ")`))
	if want := "one free, two reserved, n3 maintenance, n4 not reservable, n5 not reservable"; states != want {
		t.Errorf("the site's nodes are %q, want %q", states, want)
	}
	if note := text(b, "#live"); note != "Demo data: these reservations are not real. Availability updated just now." {
		t.Errorf("the page says %q", note)
	}

	for _, tt := range []struct{ page, want, note string }{
		{"sites/s/clusters/c/nodes/n3", "In maintenance", "Availability updated just now."},
		{"sites/s/clusters/c/nodes/n4", "Not reservable", "Availability updated just now."},
		{"sites/z/clusters/c/nodes/z1", "Unknown", "No data yet for the nodes at z."},
	} {
		b.Do(chromedp.Navigate(address + "/hardware/" + tt.page))
		b.Until(`document.querySelector("#now .badge")`)

		if got := text(b, "#now .badge"); got != tt.want {
			t.Errorf("%s is %q, want %q", tt.page, got, tt.want)
		}
		if note := text(b, "#live"); !strings.HasSuffix(note, tt.note) {
			t.Errorf("%s says %q, want %q", tt.page, note, tt.note)
		}
	}

	b.Do(chromedp.Navigate(address + "/hardware/nodes"))
	b.Until(ready + ` && document.querySelector("#nodes .badge")`)

	if asked := browsertest.Get(b,
		chromedp.Evaluate[[]string](`performance.getEntriesByType("resource").map(e => e.name).filter(name => name.includes("/nodes/"))`)); !slices.Equal(asked, []string{address + "/nodes/availability?limit=10000&reservations=false"}) {
		t.Errorf("the list asks for %q", asked)
	}

	if got := text(b, "#nodes .badge.available, #nodes .badge.maintenance, #nodes .badge.unknown"); got != "maintenance free unknown" {
		t.Errorf("the list's badges are %q", got)
	}
}

// Without the live service pages say so, and nothing else is amiss.
func TestNobodyLiveInABrowser(t *testing.T) {
	t.Parallel()
	s := trees.Publish(t, twoNodes)
	address := nginxtest.FreeAddress(t)
	serve(t, s, address)
	b := browsertest.Start(t)

	for _, p := range []string{"/hardware/nodes", "/hardware/types/t", "/hardware/sites/s",
		"/hardware/sites/s/clusters/c", "/hardware/sites/s/clusters/c/nodes/n1"} {
		b.Do(chromedp.Navigate("http://" + address + p))
		b.Until(`document.querySelector("#live").textContent`)
		if note := text(b, "#live"); !strings.HasSuffix(note, "the live service is not responding.") {
			t.Errorf("%s says %q", p, note)
		}
		if n := len(texts(b, ".timeline, .big-tl, #free form:not(aside *), .badge, #free svg")); n > 0 {
			t.Errorf("%s shows %d things that it cannot know", p, n)
		}
	}

	b.Until(`document.readyState === "complete"`)
	b.Forgive("Failed to load resource")
}

// More nodes than an answer holds are asked for in turn, and data that is old
// is said to be.
func TestManyAnswersInABrowser(t *testing.T) {
	t.Parallel()
	s := trees.Publish(t, twoNodes)
	states := []string{"available", "reserved", "maintenance"}
	live := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var offset int
		_, _ = fmt.Sscan(cmp.Or(r.URL.Query().Get("offset"), "0"), &offset)
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{
			"total": len(states), "offset": offset,
			"sites": []map[string]any{{"site_id": "s", "last_synced": time.Now().Add(-3 * time.Hour), "stale": true}},
			"items": []map[string]any{{"node_id": fmt.Sprintf("n%d", offset+1), "site_id": "s", "cluster_id": "c",
				"availability": states[offset], "availability_until": nil}},
		})
	}))

	t.Cleanup(live.Close)
	address := nginxtest.FreeAddress(t)
	serve(t, s, address, strings.TrimPrefix(live.URL, "http://"))
	b := browsertest.Start(t)
	b.Do(chromedp.Navigate("http://" + address + "/hardware/sites/s/clusters/c"))
	b.Until(`document.querySelectorAll("#nodes .badge").length === 3`)

	if got := text(b, "#nodes .badge"); got != "maintenance free reserved" {
		t.Errorf("the badges are %q", got)
	}
	if note := text(b, "#live"); note != "Data for s is stale: last updated 3 hours ago." {
		t.Errorf("the page says %q", note)
	}
}
