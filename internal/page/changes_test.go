package page_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// rows are the texts of a table's cells, without its head.
func (d document) rows(id string) (rows []string) {
	for _, body := range d.all(id, "tbody") {
		for tr := range body.ChildNodes() {
			if tr.Type != html.ElementNode {
				continue
			}
			var cells []string
			for td := range tr.ChildNodes() {
				cells = append(cells, content(td))
			}
			rows = append(rows, strings.Join(cells, " | "))
		}
	}
	return rows
}

// entries are the commits of a list: day, what happened, and the commit's own words.
func (d document) entries() (entries []string) {
	for _, ol := range d.all("main", "ol") {
		for _, li := range (document{ol}).all("", "li") {
			entry := document{li}
			parts := []string{content(entry.all("", "h3")[0])}
			for _, p := range entry.all("", "p")[1:] {
				parts = append(parts, content(p))
			}
			entries = append(entries, fmt.Sprintf("%s: %s %s",
				content(entry.all("", "time")[0]), content(entry.all("", "p")[0]), strings.Join(parts, "; ")))
		}
	}
	return entries
}

// headings are the texts of the headings of a level.
func (d document) headings(name string) (texts []string) {
	for _, h := range d.all("main", name) {
		texts = append(texts, content(h))
	}
	return texts
}

// alternates are the addresses of a page's feeds, by their types. Each is for
// people, too.
func (d document) alternates() map[string]string {
	found := map[string]string{}
	for _, link := range d.all("", "link") {
		href := attribute(link, "href")
		if attribute(link, "rel") == "alternate" &&
			slices.ContainsFunc(d.all("main", "a"), func(a *html.Node) bool { return attribute(a, "href") == href }) {
			found[attribute(link, "type")] = href
		}
	}

	return found
}

const threeCommits = `
-- commit first --
date: 2024-12-31T23:59:59Z

First nodes
-- d/d.json --
{"uid": "d"}
-- d/sites/s/s.json --
{"uid": "s"}
-- d/sites/s/clusters/c/c.json --
{"uid": "c"}
-- d/sites/s/clusters/c/nodes/n1.json --
{"uid": "n1", "node_name": "one", "node_type": "t", "main_memory": {"ram_size": 206158430208}, "storage_devices": [{"device": "sda", "size": 480000000000}]}
-- d/sites/s/clusters/c/nodes/n2.json --
{"uid": "n2", "node_name": "two", "node_type": "t", "main_memory": {"ram_size": 206158430208}, "storage_devices": [{"device": "sda", "size": 480000000000}]}
-- commit second --
date: 2025-03-01T12:00:00Z

More memory, <b>no</b> disk
-- d/sites/s/clusters/c/nodes/n1.json --
{"uid": "n1", "node_name": "one", "node_type": "t", "main_memory": {"ram_size": 412316860416}, "storage_devices": [], "a/b": {"~": true}}
-- d/sites/s/clusters/c/nodes/n2.json --
{"uid": "n2", "node_name": "two", "node_type": "t", "main_memory": {"ram_size": 412316860416}, "storage_devices": [], "a/b": {"~": true}}
-- d/sites/s/flavors/m1.tiny.json --
{"uid": "m1.tiny"}
-- commit third --
date: 2025-03-02T12:00:00Z

Away
-- d/sites/s/clusters/c/nodes/n1.json --
{"node_type": "t", "uid": "n1", "node_name": "one",   "main_memory": {"ram_size": 412316860416}, "storage_devices": [], "a/b": {"~": true}}
-- delete d/sites/s/clusters/c/nodes/n2.json --
`

func TestChangePages(t *testing.T) {
	t.Parallel()
	repo := treetest.Repo(t, threeCommits)
	in := treetest.Input(t, repo, "", build.Options{Base: "/ref"})
	got := pages(t, repo, build.Options{Base: "/ref"})
	commits := in.History.Commits // newest first
	address := func(n int) string { return "/hardware/changes/" + commits[n].ID.String() }

	list := got["/hardware/changes"]
	want := []string{
		"2 Mar: Removed two of type t removed at s; one at s: only white space, key order or file mode; Away",
		"1 Mar: Added Flavor m1.tiny added at s; 2 nodes at s: a/b, main memory and storage devices; More memory, <b>no</b> disk",
		"31 Dec: Added 2 nodes of type t added at s; Site s added; Cluster c added at s; The testbed's own description added; First nodes",
	}
	if rows := list.entries(); !slices.Equal(rows, want) {
		t.Errorf("the list has\n%q\nwant\n%q", rows, want)
	}

	if says := list.paragraphs()[0]; says != "In 2025: 1 flavor added, 1 node removed, 1 node changed in hardware." {
		t.Errorf("of the year the list says %q", says)
	}
	if want := []string{"By site", "By year", "March 2025", "December 2024", "Machine-readable"}; !slices.Equal(list.headings("h2"), want) {
		t.Errorf("the list has the headings %q, want %q", list.headings("h2"), want)
	}

	var years []string
	for _, li := range list.all("main", "li") {
		if text := content(li); strings.HasPrefix(text, "20") {
			years = append(years, text)
		}
	}

	if want := []string{"2025 2", "2024 1"}; !slices.Equal(years, want) {
		t.Errorf("the years are %q, want %q", years, want)
	}
	if rows := got["/hardware/changes/2024"].entries(); len(rows) != 1 {
		t.Errorf("2024 has %q", rows)
	}

	if feeds := list.alternates(); !maps.Equal(feeds,
		map[string]string{"application/atom+xml": "/ref/changes.atom",
			"application/feed+json": "/ref/changes.feed.json"}) {
		t.Errorf("the list has the feeds %q", feeds)
	}

	for _, p := range []string{"/hardware/sites/s", "/hardware/sites/s/history"} {
		if feeds := got[p].alternates(); !maps.Equal(feeds,
			map[string]string{"application/atom+xml": "/ref/sites/s/changes.atom",
				"application/feed+json": "/ref/sites/s/changes.feed.json"}) {
			t.Errorf("%s has the feeds %q", p, feeds)
		}
	}

	second := got[address(1)]
	if want := []string{"Node two of type t removed at s", "Node one changed at s",
		"More"}; !slices.Equal(got[address(0)].headings("h2")[:2], want[:2]) {
		t.Errorf("the third commit has %q", got[address(0)].headings("h2"))
	}

	if want := []string{"Flavor m1.tiny added at s", "2 nodes changed at s",
		"More"}; !slices.Equal(second.headings("h2"), want) {
		t.Errorf("the second commit has %q, want %q", second.headings("h2"), want)
	}

	fields := []string{
		"Main memory › Size | 192\u00a0GiB | 384\u00a0GiB",
		"Storage devices 1 | Device: sda; Size: 480\u00a0GB | –",
		"A/b | – | ~: yes",
	}
	if rows := second.rows("main"); !slices.Equal(rows, fields) {
		t.Errorf("the second commit changed\n%q\nwant\n%q", rows, fields)
	}

	node := got["/hardware/sites/s/clusters/c/nodes/n1/history"]
	if rows := node.rows("main"); !slices.Equal(rows, fields) {
		t.Errorf("the node's history has\n%q\nwant\n%q", rows, fields)
	}
	versions := []string{"Only white space, key order or file mode", "A/b, main memory and storage devices", "Added"}
	if h := node.headings("h2"); !slices.Equal(h[:len(h)-1], versions) {
		t.Errorf("the node's history has the versions %q", h)
	}

	for _, p := range []string{"/hardware/sites/s/history", "/hardware/sites/s/clusters/c/history",
		"/hardware/sites/s/flavors/m1.tiny/history"} {
		if d, ok := got[p]; !ok || len(d.all("main", "time")) == 0 {
			t.Errorf("%s tells of no commit", p)
		}
	}
}

// A commit that changes much in many ways has a page of a bounded size, which
// says what it leaves out.
func TestLargeChange(t *testing.T) {
	t.Parallel()
	var archive strings.Builder
	archive.WriteString(smallGrid)

	for version := range 2 {
		if version == 1 {
			archive.WriteString("-- commit two --\n\nTwo\n")
		}
		for n := range 50 {
			fmt.Fprintf(&archive, "-- d/sites/s/clusters/c/nodes/n%02d.json --\n{\"uid\":\"n%02d\",", n, n)
			for m := range 60 {
				fmt.Fprintf(&archive, "%q:%d,", fmt.Sprintf("m%d", m), version*(n+1))
			}
			archive.WriteString("\"last\":1}\n")
		}
	}

	repo := treetest.Repo(t, archive.String())
	in := treetest.Input(t, repo, "", build.Options{})
	got := pages(t, repo, build.Options{})["/hardware/changes/"+in.History.Head().ID.String()]
	if rows := len(got.rows("main")); rows < 1000 || rows > 1300 {
		t.Errorf("the page has %d rows", rows)
	}

	if !slices.ContainsFunc(got.all("main", "p"),
		func(p *html.Node) bool { return strings.HasPrefix(content(p), "And 30 more with other changes") }) {
		t.Error("the page does not say what it leaves out")
	}
}

// Values are clipped between characters.
func TestLongValues(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", 5000)
	repo := treetest.Repo(t,
		smallGrid+"-- d/sites/s/clusters/c/nodes/n.json --\n{\"uid\":\"n\",\"a\":\"x\",\"b\":null,\"c\":\"\"}\n"+
			"-- commit two --\n\nTwo\n-- d/sites/s/clusters/c/nodes/n.json --\n{\"uid\":\"n\",\"a\":\""+long+
			"\",\"b\":[],\"c\":[{\"x\":1},{}]}\n")

	rows := pages(t, repo, build.Options{})["/hardware/sites/s/clusters/c/nodes/n/history"].rows("main")
	if len(rows) != 3 || rows[2] != "B | null | []" || rows[1] != `C | empty | [{"x":1},{}]` {
		t.Fatalf("the history has %q", rows)
	}

	if want := "A | x | " + long[:400] + "…"; rows[0] != want {
		t.Errorf("a long value is shown as %.60q… of %d bytes", rows[0], len(rows[0]))
	}
}

// One file with many changes has a page of a bounded size, too.
func TestLargeDelta(t *testing.T) {
	t.Parallel()
	var many strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&many, ",%q:%d", fmt.Sprintf("m%d", i), i)
	}

	repo := treetest.Repo(t,
		smallGrid+"-- d/sites/s/clusters/c/nodes/n.json --\n{\"uid\":\"n\"}\n-- commit two --\n\nTwo\n-- d/sites/s/clusters/c/nodes/n.json --\n{\"uid\":\"n\""+many.String()+"}\n")
	got := pages(t, repo, build.Options{})
	for _, p := range []string{"/hardware/sites/s/clusters/c/nodes/n/history",
		"/hardware/changes/" + treetest.Input(t, repo, "", build.Options{}).History.Head().ID.String()} {
		if n := len(got[p].rows("main")); n < 1000 || n > 1300 {
			t.Errorf("%s has %d rows", p, n)
		}
		if !slices.ContainsFunc(got[p].all("main", "p"),
			func(p *html.Node) bool { return content(p) == "And 3800 more, in the JSON only." }) {
			t.Errorf("%s does not say what it leaves out", p)
		}
	}
}

// A list in another order is told as that, not as devices that were replaced, and a number
// that became a text shows.
func TestAnotherOrder(t *testing.T) {
	t.Parallel()
	const node = "-- d/sites/s/clusters/c/nodes/n.json --\n"
	const a, b = `{"device":"sda","serial":"x1"}`, `{"device":"sdb","serial":"x2"}`
	repo := treetest.Repo(t, smallGrid+
		node+`{"uid":"n","storage_devices":[`+a+`,`+b+`],"placement":{"rack":11}}`+"\n-- commit two --\n\nTwo\n"+
		node+`{"uid":"n","storage_devices":[`+b+`,`+a+`],"placement":{"rack":"11"}}`+"\n")

	rows := pages(t, repo, build.Options{})["/hardware/sites/s/clusters/c/nodes/n/history"].rows("main")
	want := []string{"Storage devices | in another order", `Placement › Rack | 11 | "11"`}
	if !slices.Equal(rows, want) {
		t.Errorf("the history has %q, want %q", rows, want)
	}
}

// What was away and came back is told as such.
func TestComings(t *testing.T) {
	t.Parallel()
	const node = "-- d/sites/s/clusters/c/nodes/n.json --\n"
	repo := treetest.Repo(t, smallGrid+node+`{"uid":"n","a":1}`+"\n"+
		"-- commit away --\n\nAway\n-- delete d/sites/s/clusters/c/nodes/n.json --\n"+
		"-- commit back --\n\nBack\n"+node+`{"uid":"n","a":1}`+"\n"+
		"-- commit broken --\n\nBroken\n"+node+"{\n"+
		"-- commit mended --\n\nMended\n"+node+`{"uid":"n","a":2}`+"\n")

	d := pages(t, repo, build.Options{})["/hardware/sites/s/clusters/c/nodes/n/history"]
	var told []string
	for _, li := range (document{d.all("main", "ol")[0]}).all("", "li") {
		version := document{li}
		told = append(told, strings.Join(append([]string{content(version.all("", "h2")[0])}, version.rows("")...), " "))
	}

	want := []string{"Readable again A | 1 | 2", "Unreadable", "Added again", "Removed", "Added"}
	if !slices.Equal(told, want) {
		t.Errorf("the history says %q, want %q", told, want)
	}
}

const smallGrid = "-- commit one --\n\nOne\n-- d/d.json --\n{\"uid\":\"d\"}\n-- d/sites/s/s.json --\n{\"uid\":\"s\"}\n-- d/sites/s/clusters/c/c.json --\n{\"uid\":\"c\"}\n"

// Commits of neighbouring days that did the same are one entry; what did something else
// besides, or is too long ago, is not.
func TestJoinedCommits(t *testing.T) {
	t.Parallel()
	node := func(n int, note, gpu, bios string) string {
		return fmt.Sprintf("-- d/sites/s/clusters/c/nodes/n%d.json --\n{\"uid\": \"n%d\", \"node_type\": \"t\", \"admin_note\": %q, \"gpu\": {\"gpu_count\": %s}, \"main_memory\": {\"ram_size\": %s}}\n", n, n, note, gpu, bios)
	}
	archive := smallGrid
	for n := range 3 {
		archive += node(n, "", "1", "1")
	}
	for i, step := range []struct{ day, files string }{
		{"05", node(0, "SGX", "1", "1")},
		{"08", node(2, "", "1", "2")},
		{"11", node(1, "SGX", "1", "1")},
		{"16", node(2, "", "2", "2")},                               // more than a week later
		{"17", node(0, "SGX", "1", "2")},                            // the next day, and alike
		{"18", node(2, "SGX", "2", "2")},                            // a week after the last
		{"28", node(1, "", "1", "1")},                               // more than a week
		{"29", node(0, "SGX", "2", "2") + node(1, "SGX", "1", "1")}, // something else besides
	} {
		archive += fmt.Sprintf("-- commit c%d --\ndate: 2025-03-%sT12:00:00Z\n\nCommit %d\n%s", i, step.day, i, step.files)
	}

	got := pages(t, treetest.Repo(t, archive), build.Options{})["/hardware/changes"]
	var entries []string
	for _, li := range got.all("main", "li") {
		if attribute(li, "data-facets") == "" {
			continue
		}
		entry := document{li}
		text := content(entry.all("", "time")[0]) + ": " + content(entry.all("", "h3")[0])
		if s := entry.all("", "summary"); len(s) > 0 {
			text += ", " + content(s[0])
		}
		entries = append(entries, text+" "+attribute(li, "data-facets"))
	}

	facets := func(kind string) string { return ` {"kind":["` + kind + `"],"site":["s"],"type":["t"]}` }
	want := []string{
		"29 Mar: n0 at s: GPU" + facets(`Hardware","Note`),
		"28 Mar: n1 at s: another note" + facets("Note"),
		"5–18 Mar: 3 nodes at s: another note, 3 commits, shown as one" + facets("Note"),
		"16–17 Mar: 2 nodes at s: GPU and main memory, 2 commits, shown as one" + facets("Hardware"),
		"8 Mar: n2 at s: main memory" + facets("Hardware"),
	}
	if !slices.Equal(entries[:min(len(want), len(entries))], want) {
		t.Errorf("the entries are\n%s\nwant\n%s", strings.Join(entries, "\n"), strings.Join(want, "\n"))
	}
}

// The sentence on a year counts what came and went within it apart from what was there before.
// A machine that moved was not removed from where it was, and is gone if it was removed there.
func TestSentenceOfAYear(t *testing.T) {
	t.Parallel()
	node := func(uid string) string { return "-- d/sites/s/clusters/c/nodes/" + uid + ".json --\n" }
	machine := func(uid string, n int, more string) string {
		return node(uid) + fmt.Sprintf(`{"uid": %q, "chassis": {"serial": "6M0H51%d"}, "network_adapters": [{"mac": "b4:83:51:11:ea:2%[2]d"}]%s}`+"\n", uid, n, more)
	}
	commit := func(day, files string) string {
		return "-- commit c" + day + " --\ndate: 2025-" + day + "T12:00:00Z\n\nC\n" + files
	}
	gone := func(uid string) string { return "-- delete d/sites/s/clusters/c/nodes/" + uid + ".json --\n" }
	const note = `, "admin_note": "moves soon"`
	start := strings.Replace(smallGrid, "-- commit one --\n", "-- commit one --\ndate: 2024-06-01T12:00:00Z\n", 1) +
		machine("a", 1, "") + machine("b", 2, "")

	for name, tt := range map[string]struct{ files, want string }{
		"added":             {commit("02-01", machine("n", 3, "")), "1 node added, none removed."},
		"came and went":     {commit("02-01", machine("n", 3, "")) + commit("03-01", gone("n")), "1 node added and removed again."},
		"others stay":       {commit("02-01", machine("n", 3, "")+machine("m", 4, "")) + commit("03-01", gone("n")), "1 node added, 1 node added and removed again."},
		"was there before":  {commit("02-01", machine("a", 1, note)) + commit("03-01", gone("a")), "1 node removed."},
		"moved":             {commit("02-01", machine("a", 1, note)) + commit("03-01", gone("a")+machine("n", 1, note)), "1 node moved, none removed."},
		"moved, moved":      {commit("02-01", gone("a")+machine("n", 1, "")) + commit("03-01", gone("n")+machine("m", 1, "")), "1 node moved, none removed."},
		"moved and removed": {commit("02-01", gone("a")+machine("n", 1, "")) + commit("03-01", gone("n")), "1 node removed."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := pages(t, treetest.Repo(t, start+tt.files), build.Options{})["/hardware/changes/2025"]
			if says := got.paragraphs()[0]; says != "In 2025: "+tt.want {
				t.Errorf("the page says %q, want %q", says, tt.want)
			}
		})
	}
}

// What OpenStack names keeps its name.
func TestChangedExtraSpecs(t *testing.T) {
	t.Parallel()
	flavor := func(value string) string {
		return "-- d/sites/s/flavors/f.json --\n{\"uid\":\"f\",\"openstack_properties\":{\"trait:CUSTOM_GPU\":\"" + value + "\"}}\n"
	}
	d := pages(t, treetest.Repo(t, smallGrid+flavor("required")+"-- commit two --\n\nTwo\n"+flavor("forbidden")),
		build.Options{})["/hardware/sites/s/flavors/f/history"]
	if rows, want := d.rows("main"), []string{"OpenStack properties › trait:CUSTOM_GPU | required | forbidden"}; !slices.Equal(rows, want) {
		t.Errorf("the history has %q, want %q", rows, want)
	}
}
