package page_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/page"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/test/browsertest"
	"github.com/chameleoncloud/refapi/internal/test/nginxtest"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// names are the nodes that the table shows.
func names(b *browsertest.Browser) string {
	return browsertest.Get(b,
		chromedp.Evaluate[string](`[...document.querySelectorAll("#nodes tbody th")].map(e => e.textContent).join(" ")`))
}

const ready = `document.querySelector("#facets")?.hidden === false`

// On the real repository, nodes with at least four GPUs and InfiniBand are two
// interactions away. The view has an address, and leads to the node.
func TestRealHardwareInABrowser(t *testing.T) {
	t.Parallel()
	repo, ok := treetest.Real(t, "../..")
	if !ok {
		return
	}

	s := treetest.Publish(t, repo, build.Options{})
	address := nginxtest.FreeAddress(t)
	serve(t, s, address)
	b := browsertest.Start(t)
	b.Device(1280, 844, false)
	b.Do(chromedp.Navigate("http://" + address + "/hardware/nodes/"))
	b.Until(ready)
	b.Until(`document.querySelector("#live").textContent !== ""`)
	looks(b, "hardware")

	// With the keyboard alone.
	b.Do(chromedp.Focus(chromedp.CSS(`input[name="gpus-at least"]`)), chromedp.KeyEvent("4"))
	b.Do(chromedp.Focus(chromedp.CSS(`input[name="infiniband"][value="true"]`)), chromedp.KeyEvent(" "))

	if status := browsertest.Get(b,
		chromedp.Evaluate[string](`document.querySelector("#count").textContent`)); status != "1 of 500 nodes" {
		t.Errorf("the page says %q", status)
	}

	const want = "F1BG3Q3"
	if got := names(b); got != want {
		t.Errorf("the nodes found are %q, want %q", got, want)
	}

	looks(b, "hardware-found")
	b.Until(`location.search.includes("infiniband")`)
	shared := browsertest.Get(b, chromedp.Evaluate[string](`location.href`))
	if !strings.HasSuffix(shared, "/hardware/nodes?infiniband=true&gpus=4..") {
		t.Errorf("the view's address is %s", shared)
	}

	b.Do(chromedp.Navigate("about:blank"), chromedp.Navigate(shared))
	b.Until(ready)

	if got := names(b); got != want {
		t.Errorf("at the view's address are %q, want %q", got, want)
	}

	b.Do(chromedp.Click(chromedp.CSS("#nodes tbody th a")))
	b.Until(`!document.querySelector("#browser") && document.querySelector("#live")?.textContent`) // on the next page

	if h := browsertest.Get(b, chromedp.Evaluate[string](`document.querySelector("h1").textContent`)); h != want {
		t.Errorf("the link leads to %q", h)
	}

	looks(b, "hardware-node")
	b.Do(chromedp.Navigate("http://"+address+"/hardware/types/gpu_rtx_6000"),
		chromedp.WaitVisible(chromedp.CSS("h1")))
	looks(b, "hardware-type")
	b.Do(chromedp.Navigate("http://"+address+"/hardware/sites/tacc"), chromedp.WaitVisible(chromedp.CSS("h1")))
	looks(b, "hardware-site")
	b.Until(`document.readyState === "complete"`)

	// The live half is down, and the browser says so in its log.
	b.Settle()
	b.Forgive("Failed to load resource")
}

// A query in the address is text, and so is the data. Links from when the first page had
// the list lead to it.
func TestHostileHardwareInABrowser(t *testing.T) {
	t.Parallel()
	repo := treetest.Repo(t,
		strings.ReplaceAll(twoNodes, `"node_name": "two"`,
			`"node_name": "<img src=x onerror=alert(1)>", "architecture": {"platform_type": "<b>"}`))

	s := treetest.Publish(t, repo, build.Options{})
	address := nginxtest.FreeAddress(t)
	serve(t, s, address)
	b := browsertest.Start(t)
	b.Do(chromedp.Navigate("http://" + address +
		`/hardware/nodes?q=%3Cimg%3E&min_gpus=%22%3E%3Cscript%3E&site_id=%3Cscript%3Ealert(1)%3C/script%3E&sort=%22%5D`))
	b.Until(ready)

	if got := names(b); got != "" {
		t.Errorf("the nodes found are %q, want none", got)
	}

	b.Do(chromedp.Evaluate[chromedp.Void](`location.href = "/hardware?min_gpus=3&sort=-name"`))
	b.Until(`location.pathname === "/hardware/nodes" && location.search.startsWith("?min_gpus=3") && ` + ready)

	if got := names(b); got != "one" {
		t.Errorf("the nodes with three GPUs are %q, want one", got)
	}

	b.Do(chromedp.Navigate("http://" + address + `/hardware/nodes?arch=%3Cb%3E`))
	b.Until(ready)

	if got := names(b); got != "<img src=x onerror=alert(1)>" {
		t.Errorf("the nodes found are %q", got)
	}
	if n := browsertest.Get(b, chromedp.Evaluate[int](`document.querySelectorAll("img, bdi *, #nodes b").length`)); n != 0 {
		t.Errorf("%d elements were made from data", n)
	}

	b.Settle()
	b.Forgive("Failed to load resource")
}

// Nodes that are chosen in the list stand side by side, and what differs is
// marked.
func TestComparisonInABrowser(t *testing.T) {
	t.Parallel()
	s := trees.Sample(t, build.Options{})
	address := nginxtest.FreeAddress(t)
	serve(t, s, address)
	b := browsertest.Start(t)
	b.Device(1280, 844, false)
	b.Do(chromedp.Navigate("http://" + address + "/hardware/compare?nodes=%3Cscript%3E,%ff"))
	b.Until(`document.querySelector("#compare p").textContent.startsWith("Select two")`)
	b.Do(chromedp.Navigate("http://" + address + "/hardware/nodes"))
	b.Until(ready)
	b.Do(chromedp.Evaluate[chromedp.Void](`[...document.querySelectorAll("#nodes tbody input")].slice(0, 4).forEach(e => e.click())`))
	click(b, comparison)
	b.Until(`document.querySelector("#compare table")`)

	if n := browsertest.Get(b,
		chromedp.Evaluate[int](`document.querySelectorAll("#compare thead th").length`)); n != 4 {
		t.Errorf("%d nodes are compared, want 4", n)
	}

	wrong := browsertest.Get(b, chromedp.Evaluate[int](`[...document.querySelectorAll("#compare tbody tr:not(.section)")].filter(tr =>
		tr.classList.contains("differs") !== (new Set([...tr.querySelectorAll("td")].map(e => e.textContent)).size > 1)).length`))
	if n := browsertest.Get(b,
		chromedp.Evaluate[int](`document.querySelectorAll("#compare .differs").length`)); n == 0 || wrong > 0 {
		t.Errorf("%d rows are marked as different, and %d wrongly", n, wrong)
	}

	looks(b, "hardware-compare")
	b.Settle()
	b.Forgive("Failed to load resource")
}

// comparison leads from the basket to the page that compares what is picked.
const comparison = `#basket a[href*="/compare?"]`

// What is picked is in the URL, and the basket says where it is, and when all of it is
// free together. Four are compared, five are too many.
func TestBasketInABrowser(t *testing.T) {
	t.Parallel()
	reserved := func(from, to float64) []availability.Interval {
		return []availability.Interval{{Start: days(time.Now(), from), End: days(time.Now(), to)}}
	}
	address := free(t, treetest.Publish(t, treetest.Repo(t, twoNodes), build.Options{}), false, map[string]known{
		"s": {{Node: "n1", Reservations: reserved(-1, 2)}, {Node: "n2", Reservations: reserved(2, 3)}, {Node: "n3", Maintenance: true}},
	})
	b := browsertest.Start(t)
	b.Device(1280, 844, false)
	b.Do(chromedp.Navigate(address + "/hardware/nodes?picked=n1,nope"))
	b.Until(ready)
	says := func(want string) {
		t.Helper()
		b.Until(fmt.Sprintf(`document.querySelector("#basket [role=status]").textContent.startsWith(%q)`, want))
	}

	says("1 node selected, at The Site. Free from ")
	click(b, `tr[data-uid="n2"] input`)
	says("2 nodes selected, all at The Site. Free together from ")
	b.Until(`location.search === "?picked=n1,n2"`)

	if got := evaluated[string](b, `document.querySelector("#basket .primary").search`); got !=
		"?node_id=n1,n2&count=2&hours=24&same_site=true" {
		t.Errorf("to reserve leads to %q", got)
	}
	if got := evaluated[string](b, fmt.Sprintf(`document.querySelector(%q).search`, comparison)); got != "?nodes=n1,n2" {
		t.Errorf("to compare leads to %q", got)
	}

	looks(b, "hardware-basket")
	click(b, `tr[data-uid="n3"] input`)
	says("3 nodes selected, all at The Site. n3 cannot be reserved now.")
	click(b, "#basket button.quiet")
	b.Until(`document.querySelector("#basket").hidden && location.search === ""`)
}

// removeIndex takes the file that the browser's scripts read out of a tree, and
// returns its name.
func removeIndex(t *testing.T, s treetest.Site) string {
	t.Helper()
	index := filepath.Join(s.Dir, filepath.FromSlash(route.HardwareIndex))
	for _, f := range []string{index, index + ".gz", index + ".br"} {
		if err := os.Remove(f); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	return index
}

// What cannot be loaded is another matter than what was not chosen.
func TestComparisonWithoutDataInABrowser(t *testing.T) {
	t.Parallel()
	b := browsertest.Start(t)
	for want, remove := range map[string]func(treetest.Site) error{
		"The list of nodes could not be loaded. Try reloading the page.": func(s treetest.Site) error {
			removeIndex(t, s)
			return nil
		},
		"Some of these nodes could not be loaded. Try reloading the page.": func(s treetest.Site) error {
			return os.RemoveAll(filepath.Join(s.Dir, filepath.FromSlash(route.HardwareNode.Path("s", "c", "n2"))))
		},
	} {
		s := treetest.Publish(t, treetest.Repo(t, twoNodes), build.Options{})
		if err := remove(s); err != nil {
			t.Fatal(err)
		}

		address := nginxtest.FreeAddress(t)
		serve(t, s, address)
		b.Do(chromedp.Navigate("http://" + address + "/hardware/compare?nodes=n1,n2"))
		b.Settle()

		if got := text(b, "#compare [role=status]"); got != want {
			t.Errorf("the page says %q, want %q", got, want)
		}
	}

	b.Forgive("Failed to load resource")
}

// Without its index the list cannot be filtered, and the page says so. When nodes
// are free shows anyway.
func TestListWithoutDataInABrowser(t *testing.T) {
	t.Parallel()
	s := treetest.Publish(t, treetest.Repo(t, twoNodes), build.Options{})
	removeIndex(t, s)
	address := free(t, s, false, map[string]known{"s": {{Node: "n1"}}})
	b := browsertest.Start(t)
	b.Do(chromedp.Navigate(address + "/hardware/nodes"))
	b.Until(`document.querySelector("#browser > [role=alert]")`)
	b.Settle()

	if got, want := text(b, "#browser > [role=alert]"), "This part of the page failed: the list of nodes could not be loaded. Try reloading the page."; got != want {
		t.Errorf("the page says %q, want %q", got, want)
	}

	b.Forgive("the list of nodes could not be loaded")
	b.Forgive("Failed to load resource")
}

// Where nothing is found the list is empty, whatever else comes, and fills again.
func TestNothingFoundInABrowser(t *testing.T) {
	t.Parallel()
	address := free(t, treetest.Publish(t, treetest.Repo(t, twoNodes), build.Options{}), false,
		map[string]known{"s": {{Node: "n1"}}})
	b := browsertest.Start(t)
	look := func(when, want, status string) {
		t.Helper()
		if got, said := names(b), text(b, "#count"); got != want || said != status {
			t.Errorf("%s: the nodes are %q, and the page says %q", when, got, said)
		}
	}

	search := func(words string) {
		b.Do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector("#facets").q.value = %q; document.querySelector("#facets").dispatchEvent(new Event("input"))`, words)))
	}

	b.Do(chromedp.Navigate(address + "/hardware/nodes?q=zzz"))
	b.Until(ready + ` && document.querySelector("#nodes th.live.on")`) // the states are there
	look("at first", "", "0 of 3 nodes, 0 free now")
	click(b, `#empty button`)
	look("without it", "n3 one two", "3 nodes, 1 free now")
	search("zzz")
	search("two")
	look("found", "two", "1 of 3 nodes, 0 free now")
	search("zzz")
	look("lost", "", "0 of 3 nodes, 0 free now")
	search("")
	click(b, `th[data-sort="name"] button`)
	look("all", "two one n3", "3 nodes, 1 free now")
}

// Filtering 10,000 nodes takes at most three times as long as the same browser
// needs to parse their index, which on two slow processors is 7 ms: less than a
// frame of 16 ms. Rows come as one scrolls.
func TestManyNodesInABrowser(t *testing.T) {
	t.Parallel()
	s := treetest.Publish(t, treetest.Repo(t, twoNodes), build.Options{})
	if err := os.WriteFile(removeIndex(t, s), many(t, 10000), 0o644); err != nil {
		t.Fatal(err)
	}

	address := nginxtest.FreeAddress(t)
	serve(t, s, address)
	b := browsertest.Start(t)
	b.Do(chromedp.Navigate("http://" + address + "/hardware/nodes"))
	b.Until(ready)
	steps := []string{
		`form.q.value = "node-1"`, `form.q.value = "node-12 gpu"`, `form["gpus-at least"].value = "4"`, `form.infiniband[0].click()`, `form.q.value = ""`,
		`form["ram-at least"].value = "128GiB"`, `form.q.value = "x"`, `form["gpus-at least"].value = "2"`, `form.q.value = ""`, `form.infiniband[0].click()`,
	}
	for _, step := range steps {
		// The two take turns, and the best of some rounds counts: others share the
		// machine, and the browser compiles what it has seen often.
		filter, parse := math.Inf(1), math.Inf(1)
		for n := 0; n < 3 || n < 70 && filter > 3*parse; n++ {
			took := browsertest.Get(b,
				chromedp.Evaluate[[2]float64](fmt.Sprintf(timedStep, step), chromedp.EvalAwaitPromise))
			filter, parse = min(filter, took[0]), min(parse, took[1])
		}

		t.Logf("%-30s filters in %.1f ms; the index is parsed in %.1f ms", step, filter, parse)
		if filter > 3*parse {
			t.Errorf("filtering takes %.1f ms at %s, want at most three times the %.1f ms that parsing the index takes", filter, step, parse)
		}
	}

	// Back restores the rows, and the place among them.
	b.Device(1280, 844, false)
	b.Do(chromedp.Navigate("http://" + address + "/hardware/nodes?sort=-ram&columns=state,ram"))
	b.Until(ready)
	click(b, "#more")
	const place = `document.querySelectorAll("#nodes tbody tr").length >= 300 && document.querySelector(".scroll").scrollTop === 5000`
	b.Do(chromedp.Evaluate[chromedp.Void](`document.querySelector(".scroll").scrollTop = 5000`))
	b.Until(place + ` && history.state?.place?.top === 5000`)
	b.Do(chromedp.Evaluate[chromedp.Void](`location.href = "/hardware/compare"`))
	b.Until(`document.querySelector("#compare")`)
	b.Do(chromedp.Evaluate[chromedp.Void](`history.back()`))
	b.Until(place)

	b.Settle()
	b.Forgive("Failed to load resource")
}

// timedStep takes a step in the form. Its value is how long the list was filtered
// after it, and how long the same browser needs to parse the index, in ms.
const timedStep = `(async () => {
	const form = document.querySelector("#facets");
	const input = () => form.dispatchEvent(new Event("input"));
	form.q.value = "node"; input(); %s; input();
	const filter = performance.getEntriesByName("filter").at(-1).duration;
	window.indexText ??= await (await fetch("/hardware/columns.json")).text();
	const began = performance.now();
	JSON.parse(window.indexText);
	return [filter, performance.now() - began];
})()`

// many is the index of so many nodes.
func many(t *testing.T, n int) []byte {
	t.Helper()
	var nodes []hardware.Node
	for i := range n {
		uid := fmt.Sprintf("%08x-2c11-426d-8421-9b79427312cb", i)
		file, err := rawjson.Parse(fmt.Appendf(nil,
			`{"uid":%q,"node_name":"node-%d","node_type":"type-%d","architecture":{"platform_type":"x86_64","smt_size":%d},`+
				`"gpu":{"gpu":%t,"gpu_count":%d,"gpu_model":"model-%d"},"infiniband":%t,"main_memory":{"ram_size":%d},"processor":{"model":"cpu-%d"},"storage_devices":[{"size":%d}]}`,
			uid, i, i%60, 8<<(i%5), i%3 == 0, 1<<(i%4), i%20, i%7 == 0, int64(32<<30)<<(i%6), i%25, int64(480e9)<<(i%4)), rawjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}

		nodes = append(nodes, hardware.ReadNode(hardware.Place{Site: "s", Cluster: "c", UID: uid}, file))
	}

	assets, err := page.Assets(page.Site{})
	if err != nil {
		t.Fatal(err)
	}

	r, err := page.New(page.Options{}, assets)
	if err != nil {
		t.Fatal(err)
	}

	h, err := r.Hardware(&inventory.Grid{UID: "g"}, nodes)
	if err != nil {
		t.Fatal(err)
	}

	return h.Index()
}
