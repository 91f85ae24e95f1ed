package page_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"golang.org/x/net/html"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/test/browsertest"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// vmHosts is a site with machines to lease, one of which is a host of virtual
// machines of the same type; a site that has nothing but such hosts, and their
// flavors; and a host at a site that has no flavors.
const vmHosts = `
-- commit all --

All
-- d/d.json --
{"uid": "d"}
-- d/sites/s/s.json --
{"uid": "s"}
-- d/sites/s/clusters/c/c.json --
{"uid": "c"}
-- d/sites/s/clusters/c/nodes/n1.json --
{"uid": "n1", "node_type": "t"}
-- d/sites/s/clusters/c/nodes/n2.json --
{"uid": "n2", "node_type": "t"}
-- d/sites/s/clusters/c/nodes/n3.json --
{"uid": "n3", "node_type": "t"}
-- d/sites/s/clusters/c/nodes/vm.json --
{"uid": "vm", "node_type": "t", "lease_mode": "flavor"}
-- d/sites/kvm/kvm.json --
{"uid": "kvm"}
-- d/sites/kvm/clusters/k/k.json --
{"uid": "k"}
-- d/sites/kvm/clusters/k/nodes/k1.json --
{"uid": "k1", "node_type": "t", "node_mode": "vm_only"}
-- d/sites/kvm/clusters/k/nodes/k2.json --
{"uid": "k2", "node_type": "gpu", "lease_mode": "flavor", "node_mode": "vm_only"}
-- d/sites/kvm/flavors/m1.small.json --
{"uid": "m1.small", "name": "m1.small", "type": "vm_flavor", "vcpus": 1, "ram_size": 2147483648, "disk_size": 0, "su_cost_per_hour": null}
-- d/sites/kvm/flavors/g1.slice.json --
{"uid": "g1.slice", "vcpus": 6, "ram_size": 37748736000, "humanized_ram_size": "~35 GiB", "disk_size": 42949672960, "su_cost_per_hour": 2.5,
 "gpu": {"gpu": true, "gpu_count": 1, "gpu_allocation": "mig_slice", "gpu_mig_profile": "1g.12gb"},
 "openstack_properties": {"trait:CUSTOM_GPU": "required", "hw:a": {"b_c": "1"}}}
`

// paragraphs are those of a page.
func (d document) paragraphs() (texts []string) {
	for _, p := range d.all("main", "p") {
		texts = append(texts, strings.Join(strings.Fields(content(p)), " "))
	}
	return texts
}

// Pages say which nodes are leased by flavor alone, and lead to the flavors of
// their site; a page that has no other nodes has nothing that says when they are
// free.
func TestHostsOfVirtualMachines(t *testing.T) {
	t.Parallel()
	got := pages(t, treetest.Repo(t, vmHosts), build.Options{Base: "/ref"})
	for p, want := range map[string]struct {
		says   string
		free   bool
		marked string // nodes in the table
	}{
		"/hardware/nodes":                              {"3 of the 6 nodes are hosts of virtual machines: leased by flavor, not as complete machines. See the flavors of kvm.", true, "k1 k2 vm"},
		"/hardware/sites/s":                            {"One of the 4 nodes is a host of virtual machines: leased by flavor, not as a complete machine. See the flavors of kvm.", true, ""},
		"/hardware/sites/s/clusters/c":                 {"One of the 4 nodes is a host of virtual machines: leased by flavor, not as a complete machine. See the flavors of kvm.", true, "vm"},
		"/hardware/sites/s/clusters/c/nodes/n1":        {"", true, ""},
		"/hardware/sites/s/clusters/c/nodes/vm":        {"This node is a host of virtual machines: leased by flavor, not as a complete machine. For flavors, see the site s.", false, ""},
		"/hardware/sites/kvm":                          {"All 2 nodes are hosts of virtual machines: leased by flavor, not as complete machines. See the flavors below.", false, ""},
		"/hardware/sites/kvm/clusters/k":               {"All 2 nodes are hosts of virtual machines: leased by flavor, not as complete machines. See the flavors of kvm.", false, "k1 k2"},
		"/hardware/sites/kvm/clusters/k/nodes/k1":      {"This node is a host of virtual machines: leased by flavor, not as a complete machine. For flavors, see the site kvm.", false, ""},
		"/hardware/types/t":                            {"2 of the 5 nodes are hosts of virtual machines: leased by flavor, not as complete machines. See the flavors of kvm.", true, "k1 vm"},
		"/hardware/types/gpu":                          {"This node is a host of virtual machines: leased by flavor, not as a complete machine. See the flavors of kvm.", false, "k2"},
		"/hardware/sites/kvm/flavors/m1.small/history": {"", false, ""},
	} {
		d := got[p]
		if d.root == nil {
			t.Fatalf("there is no %s", p)
		}

		said := slices.DeleteFunc(d.paragraphs(),
			func(text string) bool { return !strings.Contains(text, "virtual machines") })
		if strings.Join(said, " ") != want.says {
			t.Errorf("%s says %q, want %q", p, said, want.says)
		}
		if has := d.byID("free") != nil; has != want.free {
			t.Errorf("%s says when nodes are free: %t", p, has)
		}
		if got := strings.Join(marked(d), " "); got != want.marked {
			t.Errorf("%s marks the nodes %q, want %q", p, got, want.marked)
		}
	}

	node := got["/hardware/sites/kvm/clusters/k/nodes/k1"]
	if fact := node.facts()["Leased"]; fact != "by flavor" {
		t.Errorf("the node is leased %q", fact)
	}

	links := node.all("main", "a")
	at := slices.IndexFunc(links, func(a *html.Node) bool { return content(a) == "kvm" })
	if at < 0 || attribute(links[at], "href") != "/ref/hardware/sites/kvm" {
		t.Error("the node does not lead to its site")
	}
	if got["/hardware/sites/kvm"].byID("flavors") == nil {
		t.Error("the site has no place for its flavors")
	}

	// The list and the site have them, each with its page; the site needs no column for itself.
	for p, want := range map[string][]string{
		"/hardware":           {"g1.slice |  | kvm | 6 | ~35 GiB | 40\u00a0GiB | 1 × slice 1g.12gb | 2.5", "m1.small |  | kvm | 1 | 2\u00a0GiB |  |  | not stated"},
		"/hardware/sites/kvm": {"g1.slice |  | 6 | ~35 GiB | 40\u00a0GiB | 1 × slice 1g.12gb | 2.5", "m1.small |  | 1 | 2\u00a0GiB |  |  | not stated"},
	} {
		rows := got[p].rows("main")
		for _, row := range want {
			if !slices.Contains(rows, row) {
				t.Errorf("%s has %q, want the flavor %q", p, rows, row)
			}
		}
	}
	facts := got["/hardware/sites/kvm/flavors/g1.slice"].facts()
	if facts["Memory"] != "~35 GiB" || facts["Cost"] != "2.5 SU per hour" || facts["GPU"] == "" {
		t.Errorf("the page of a flavor has %q", facts)
	}
	if facts["Allocation"] != "mig_slice" || facts["trait:CUSTOM_GPU"] != "required" || facts["hw:a: b_c"] != "1" {
		t.Errorf("the page of a flavor has %q", facts)
	}
	if sections := got["/hardware/sites/kvm/flavors/g1.slice"].headings("h2"); !slices.Contains(sections, "OpenStack properties") {
		t.Errorf("the page of a flavor has the sections %q", sections)
	}
	if fact := got["/hardware/types/t"].facts()["Leased by flavor"]; fact != "2" {
		t.Errorf("of the type's nodes %q are leased by flavor", fact)
	}

	for p, want := range map[string][]string{"/hardware/sites/s": {"t 4 (1 by flavor)"}, "/hardware/sites/kvm": {"gpu 1, by flavor", "t 1, by flavor"}} {
		var types []string
		for _, tr := range got[p].all("main", "tr") {
			if name := attribute(tr, "data-type"); name != "" {
				types = append(types, name+" "+content((document{tr}).all("", "td")[0]))
			}
		}
		if !slices.Equal(types, want) {
			t.Errorf("%s has the types %q, want %q", p, types, want)
		}
	}
}

// marked are the nodes of a page's table that are marked as leased by flavor.
func marked(d document) (uids []string) {
	for _, tr := range d.all("nodes", "tr") {
		if strings.Contains(content(tr), " by flavor") {
			uids = append(uids, attribute(tr, "data-uid"))
		}
	}
	return uids
}

// Without such hosts nothing about them shows.
func TestNoHostsOfVirtualMachines(t *testing.T) {
	t.Parallel()
	for p, d := range pages(t, treetest.Repo(t, twoNodes), build.Options{}) {
		if text := content(d.root); strings.HasPrefix(p, "/hardware") && strings.Contains(text, "flavor") {
			t.Errorf("%s speaks of flavors", p)
		}
	}
}

// The scripts leave hosts of virtual machines out of what is free, of slots and
// of commands, and the list can leave them out, too.
func TestHostsOfVirtualMachinesInABrowser(t *testing.T) {
	t.Parallel()
	address := free(t, trees.Publish(t, vmHosts), false, map[string]known{
		"s":   {{Node: "n1"}, {Node: "n2", Kept: true}, {Node: "n3", Maintenance: true}, {Node: "vm"}},
		"kvm": {{Node: "k1"}},
	})

	b := browsertest.Start(t)

	b.Do(chromedp.Navigate(address + "/hardware"))
	b.Until(`document.querySelector("#legend.on")`)
	for nodeType, want := range map[string]string{"t": "free now, 2 leased by flavor", "gpu": "leased by flavor"} {
		if got := text(b, `.card[data-value="`+nodeType+`"] .lab`); got != want {
			t.Errorf("the card of %s says %q, want %q", nodeType, got, want)
		}
	}

	b.Do(chromedp.Navigate(address + "/hardware/nodes"))
	b.Until(ready + ` && document.querySelector("#nodes .badge.available")`)

	if got, want := texts(b, "#nodes td.live"), []string{"by flavor", "by flavor", "free",
		"free restricted to some projects", "maintenance", "by flavor"}; !slices.Equal(got, want) {
		t.Errorf("the list says %q, want %q", got, want)
	}

	b.Do(chromedp.Evaluate[chromedp.Void](`document.querySelector('input[name="leased_by"][value="node"]').click()`))
	if got := names(b); got != "n1 n2 n3" {
		t.Errorf("leased as complete machines: %s", got)
	}

	if got := texts(b, `[aria-label="Leased"] label:not([hidden])`); !slices.Equal(got,
		[]string{"as a complete machine2/3", "by flavor0/3"}) {
		t.Errorf("one can choose %q", got)
	}

	b.Until(`location.search === "?leased_by=node"`)
	if got := text(b, "#nodes tbody .badge"); strings.Contains(got, "by flavor") {
		t.Errorf("rows that are used again keep their marks: %s", got)
	}

	// Blazar would choose among all hosts of the type.
	b.Do(chromedp.Navigate(address + "/hardware/slots?node_type=t&count=2&hours=4&same_site=true"))
	b.Until(`document.querySelector(".reserve pre")`)

	if got := texts(b, ".reserve .nodes li"); !slices.Equal(got, []string{"n1", "n2 (restricted to some projects)"}) {
		t.Errorf("the slot has the nodes %q", got)
	}

	if command := text(b, ".reserve pre"); !strings.Contains(command, `"$hypervisor_hostname", "n1"`) ||
		strings.Contains(command, "$node_type") {
		t.Errorf("the command is %s", command)
	}

	b.Do(chromedp.Navigate(address + "/hardware/types/t"))
	b.Until(`document.querySelector(".reservations tbody tr")`)
	lanes := browsertest.Get(b,
		chromedp.Evaluate[string](`[...document.querySelectorAll(".reservations tbody tr")].map(tr => tr.cells[0].textContent + " " + tr.cells[1].textContent).join("; ")`))
	if want := "n1 free; n2 free, restricted to some projects; n3 maintenance"; lanes != want {
		t.Errorf("the timeline has %q, want %q", lanes, want)
	}
}

// What the list says is what the other pages say: a node is reserved until
// nothing follows at once. When that is over it is free.
func TestReservedUntilInABrowser(t *testing.T) {
	t.Parallel()
	start := time.Now().Truncate(time.Minute)
	hours := func(n int) availability.Time { return availability.At(start.Add(time.Duration(n) * time.Hour)) }
	address := free(t, trees.Publish(t, twoNodes), false,
		map[string]known{"s": {
			{Node: "n1", Reservations: []availability.Interval{{Start: hours(-1), End: hours(2)},
				{Start: hours(2), End: hours(50)}}},
			{Node: "n2", Reservations: []availability.Interval{{Start: hours(-2), End: hours(30)},
				{Start: hours(-1), End: hours(3)}}},
			{Node: "n3", Reservations: []availability.Interval{{Start: hours(-2), End: hours(1)}}},
		}})

	b := browsertest.Start(t)
	b.Clock()

	until := func(path string) []string {
		b.Do(chromedp.Navigate(address + path))
		b.Until(`document.querySelectorAll("#nodes .badge.reserved, #now .badge.reserved").length > 0`)
		return browsertest.Get(b,
			chromedp.Evaluate[[]string](`[...document.querySelectorAll("#nodes .badge time, #now time")].map(e => e.getAttribute("datetime"))`))
	}

	iso := func(n int) string {
		return start.Add(time.Duration(n) * time.Hour).UTC().Format("2006-01-02T15:04:05.000Z")
	}
	for path, want := range map[string][]string{
		"/hardware/sites/s/clusters/c":          {iso(1), iso(50), iso(30)},
		"/hardware/types/t":                     {iso(50), iso(30)},
		"/hardware/sites/s/clusters/c/nodes/n1": {iso(50)},
		"/hardware/nodes":                       {iso(1), iso(50), iso(30)},
	} {
		if got := until(path); !slices.Equal(got, want) {
			t.Errorf("%s: reserved until %q, want %q", path, got, want)
		}
	}

	// The page asks again, too, but the clock of the live service stands still.
	until("/hardware/nodes")
	for _, step := range []struct {
		later time.Duration
		free  string
		want  []string
	}{
		{3 * time.Hour, "1", []string{"free", "reserved", "reserved"}},
		{28 * time.Hour, "2", []string{"free", "reserved", "free"}},
	} {
		b.Later(step.later)
		b.Until(`document.querySelectorAll("#nodes .badge.available").length === ` + step.free)
		states := browsertest.Get(b,
			chromedp.Evaluate[[]string](`[...document.querySelectorAll("#nodes .badge")].map(e => e.firstChild.textContent)`))
		if !slices.Equal(states, step.want) {
			t.Errorf("%v later the nodes are %q, want %q", step.later, states, step.want)
		}
	}
}
