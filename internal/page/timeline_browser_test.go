package page_test

import (
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/nginxconf"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/test/browsertest"
	"github.com/chameleoncloud/refapi/internal/test/nginxtest"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// The timeline has what Blazar said, in the picture as in the table, and can be
// moved with the keyboard alone.
func TestTimelineInABrowser(t *testing.T) {
	t.Parallel()
	now := time.Now().Truncate(time.Minute)
	reserved := []availability.Interval{{Start: days(now, 3), End: days(now, 4)},
		{Start: days(now, -1), End: days(now, 1)}, {Start: days(now, 1), End: days(now, 2)}}
	address := free(t, trees.Publish(t, twoNodes), false, map[string]known{
		"s": {{Node: "n1", Reservations: reserved},
			{Node: "n2", Reservations: []availability.Interval{{Start: days(now, 20), End: days(now, 40)}}}},
	})

	b := browsertest.Start(t)
	b.Device(1280, 844, false)
	b.Zone("America/Chicago")
	b.Do(chromedp.Navigate(address + "/hardware/types/t"))
	b.Until(`document.querySelector(".timeline svg")`)
	looks(b, "free-type")

	if got := texts(b, ".lane > text"); !slices.Equal(got, []string{"two", "one"}) {
		t.Errorf("the lanes are %q, want what is free first", got)
	}

	// The two reservations without a gap are one stretch.
	type stretch struct{ From, To float64 } // as parts of the lane
	blocks := func() []stretch {
		return browsertest.Get(b, chromedp.Evaluate[[]stretch](`(() => {
			const lane = document.querySelector('.lane[data-node="n1"]');
			const number = (e, name) => Number(e.getAttribute(name));
			const whole = lane.querySelector(".available rect");
			return [...lane.querySelectorAll(".reserved > rect:first-child")].map(r => {
				const from = (number(r, "x") - number(whole, "x")) / number(whole, "width");
				return { From: from, To: from + number(r, "width") / number(whole, "width") };
			});
		})()`))
	}

	const past = 1. / 30 // what is shown of the time before now
	near := func(part, day, long float64) bool { return math.Abs(part-past-day/long) < 0.01 }
	if got := blocks(); len(got) != 2 || got[0].From != 0 || !near(got[0].To, 2, 7) || !near(got[1].From, 3, 7) ||
		!near(got[1].To, 4, 7) {
		t.Errorf("the reserved parts of the week are %v", got)
	}

	rows := func(zone string) []string {
		in, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}

		at := func(t availability.Time) string { return t.Std().In(in).Format("Mon, 2 Jan 2006, 15:04") }
		return []string{
			"two|free|" + at(days(now, 20)) + "|" + at(days(now, 40)),
			"one|reserved|" + at(days(now, -1)) + "|" + at(days(now, 2)),
			at(days(now, 3)) + "|" + at(days(now, 4)),
		}
	}

	table := func() []string {
		return browsertest.Get(b,
			chromedp.Evaluate[[]string](`[...document.querySelectorAll(".reservations tbody tr")].map(tr => [...tr.cells].map(c => c.textContent).join("|"))`))
	}
	if got, want := table(), rows("UTC"); !slices.Equal(got, want) {
		t.Errorf("the table has\n%q\nwant\n%q", got, want)
	}

	b.Do(chromedp.Click(chromedp.CSS(`input[name="utc"]`)))
	if got, want := table(), rows("America/Chicago"); !slices.Equal(got, want) {
		t.Errorf("in the reader's zone the table has\n%q\nwant\n%q", got, want)
	}
	if got := text(b, "#timeline [role=status]"); !strings.HasSuffix(got, ", America/Chicago.") {
		t.Errorf("the page says %q", got)
	}

	pressed := func() string { return text(b, `#timeline [aria-pressed="true"]`) }
	b.Do(chromedp.Focus(chromedp.CSS(".timeline")), chromedp.KeyEvent("+"))

	if got := blocks(); pressed() != "3 days" || len(got) != 1 || !near(got[0].To, 2, 3) {
		t.Errorf("after + it shows %s: %v", pressed(), got)
	}

	before := text(b, "#timeline [role=status]")
	b.Do(chromedp.KeyEvent("x")) // a key that means nothing here

	if got := text(b, "#timeline [role=status]"); got != before {
		t.Errorf("another key changes the range to %q", got)
	}

	b.Do(chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent(kb.ArrowRight))
	if got := blocks(); len(got) != 1 || math.Abs(got[0].From-past-0) > 0.01 {
		t.Errorf("three days later are %v", got)
	}

	b.Do(chromedp.KeyEvent("-"), chromedp.KeyEvent("-"), chromedp.KeyEvent("-"), chromedp.KeyEvent("-"))
	if pressed() != "3 months" {
		t.Errorf("after four - it shows %s", pressed())
	}

	looks(b, "free-months")
}

// A portal that the operators name shows the timeline of its nodes in a frame, as nginx serves it;
// another one does not.
func TestTimelineInAFrameInABrowser(t *testing.T) {
	t.Parallel()
	site := trees.Publish(t, twoNodes)
	live := treetest.Live(t, site, treetest.Sources{Hosts: map[string]availability.Source{"s": known{{Node: "n1"}, {Node: "n2"}}}})
	address := nginxtest.FreeAddress(t)
	portal := func() string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprintf(w, `<!doctype html><title>Portal</title><link rel="icon" href="data:,">
				<iframe src="http://%s/hardware/timeline?node_id=n2" width="600" height="300" onload="document.title = 'loaded'"></iframe>`, address)
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	named, other := portal(), portal()
	serveAs(t, nginxconf.Options{Root: site.Dir, Listen: []string{address}, Availapi: []string{live},
		Delivery: route.Delivery{FrameAncestors: named}})

	b := browsertest.Start(t)
	b.Device(1366, 768, false)
	b.Before(`if (window === top) addEventListener("message", ({ data }) => { window.framed = data; });
		else setInterval(() => top.postMessage([...document.querySelectorAll(".lane > text")].map(e => e.textContent).join(), "*"), 50);`)
	b.Do(chromedp.Navigate(named))
	b.Until(`window.framed === "two"`)
	looks(b, "framed")

	b.Do(chromedp.Navigate(other))
	b.Until(`document.title === "loaded"`)
	b.Settle()
	if got := evaluated[string](b, `window.framed ?? ""`); got != "" {
		t.Errorf("a site that is not named shows %q", got)
	}
	b.Forgive("frame-ancestors")
}

// While one reads, time goes on: badges, lanes and their order are those of now.
func TestTimePassesInABrowser(t *testing.T) {
	t.Parallel()
	now := time.Now()
	address := free(t, trees.Publish(t, twoNodes), false,
		map[string]known{"s": {
			{Node: "n1", Reservations: []availability.Interval{{Start: days(now, -1), End: days(now, 1./24)}}},
			{Node: "n2", Reservations: []availability.Interval{{Start: days(now, 2./24), End: days(now, 3)}}},
		}})

	b := browsertest.Start(t)
	b.Clock()
	b.Do(chromedp.Navigate(address + "/hardware/types/t"))
	b.Until(`document.querySelector(".timeline svg")`)
	const states = `[...document.querySelectorAll("#nodes tbody tr")].map(tr => tr.dataset.uid + " " + tr.querySelector(".badge").className).join(", ")`
	look := func(when, badges string, lanes, rows []string) {
		t.Helper()
		if got := evaluated[string](b, states); got != badges {
			t.Errorf("%s: the badges are %q, want %q", when, got, badges)
		}
		if got := texts(b, ".lane > text"); !slices.Equal(got, lanes) {
			t.Errorf("%s: the lanes are %q, want %q", when, got, lanes)
		}
		if got := texts(b, ".reservations tbody tr > :nth-child(-n+2)"); !slices.Equal(got, rows) {
			t.Errorf("%s: the table has %q, want %q", when, got, rows)
		}
	}

	const before, after = "n1 badge reserved, n2 badge available", "n1 badge available, n2 badge reserved"
	look("at first", before, []string{"two", "one"}, []string{"two", "free", "one", "reserved"})

	// Who reads the table is not thrown out of it every minute.
	b.Do(chromedp.Evaluate[chromedp.Void](`window.row = document.querySelector(".reservations tbody tr")`))
	b.Later(time.Minute)
	look("a minute later", before, []string{"two", "one"}, []string{"two", "free", "one", "reserved"})

	if !evaluated[bool](b, `window.row.isConnected`) {
		t.Error("without news the table was made anew")
	}

	b.Later(3 * time.Hour)
	look("hours later", after, []string{"one", "two"}, []string{"one", "free", "two", "reserved"})

	if note := text(b, "#live"); note != "Availability updated 3 hours ago." {
		t.Errorf("hours later the page says %q", note)
	}

	// The list has no reservations, and knows until when each node is reserved.
	b.Do(chromedp.Navigate(address + "/hardware/nodes"))
	b.Until(ready + ` && document.querySelector("#nodes .badge")`)

	if got, want := evaluated[string](b, states), "n3 badge absent, "+before; got != want {
		t.Errorf("at first the list's badges are %q, want %q", got, want)
	}

	b.Later(3 * time.Hour)
	b.Until(fmt.Sprintf("%s === %q", states, "n3 badge absent, "+after)) // it asks again before it shows that
}

// Of many lanes the first show, until one asks for all. Names are text.
func TestManyLanesInABrowser(t *testing.T) {
	t.Parallel()
	const hostile = "<img src=x onerror=alert(1)>\u202e"
	archive := twoNodes
	var hosts known

	for i := range 40 {
		archive += fmt.Sprintf("-- d/sites/s/clusters/c/nodes/m%02d.json --\n{\"uid\": \"m%02d\", \"node_name\": %s}\n", i, i, quoted(hostile+fmt.Sprint(i)))
		hosts = append(hosts, availability.Host{Node: fmt.Sprintf("m%02d", i),
			Reservations: []availability.Interval{{Start: days(time.Now(), -1),
				End: days(time.Now(), float64(i+1))}}})
	}

	address := free(t, treetest.Publish(t, treetest.Repo(t, archive), build.Options{}), false,
		map[string]known{"s": hosts})
	b := browsertest.Start(t)
	b.Do(chromedp.Navigate(address + "/hardware/sites/s"))
	b.Until(`document.querySelector(".timeline svg")`)
	const row = ".reservations tbody th"
	if lanes, rows := len(texts(b, ".lane")), len(texts(b, row)); lanes != 7 || rows != 7 {
		t.Errorf("at first there are %d lanes and %d rows, want 7", lanes, rows)
	}

	b.Do(chromedp.Focus(chromedp.CSS("#timeline .omitted + p button")), chromedp.KeyEvent(kb.Enter))
	if lanes, rows := len(texts(b, ".lane")), len(texts(b, row)); lanes != 43 || rows != 43 {
		t.Errorf("at last there are %d lanes and %d rows, want 43", lanes, rows)
	}

	// What is free soonest comes first, and what cannot be reserved last.
	got := texts(b, row)
	for i := range 40 {
		if want := hostile + fmt.Sprint(i); got[i] != want {
			t.Errorf("lane %d is %q, want %q", i, got[i], want)
		}
	}

	if n := len(texts(b, "img")); n > 0 {
		t.Errorf("%d elements were made from names", n)
	}
}
