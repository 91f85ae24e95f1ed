package page_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/page"
	"github.com/chameleoncloud/refapi/internal/test/browsertest"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// argv is what a shell makes of a command.
func argv(t *testing.T, command string) []string {
	t.Helper()
	out, err := exec.Command("sh", "-c", "openstack() { printf '%s\\0' \"$@\"; }\n"+command).CombinedOutput()
	if err != nil {
		t.Fatalf("the shell does not read\n%s\n%s", command, out)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}

// blazar is the Python that has Blazar's client.
const blazar = "/usr/bin/python3"

// parsed is the reservation that Blazar's client reads in an argument.
func parsed(t *testing.T, text string) map[string]any {
	t.Helper()
	const program = `
import json, sys
from blazarclient.v1.shell_commands import leases
make = leases.CreateLeaseBase.__new__(leases.CreateLeaseBase)
print(json.dumps(make._parse_params(sys.argv[1], leases.CREATE_RESERVATION_KEYS["physical:host"], "")))
`
	return run(t, program, text)
}

// sent is the body that a program in Python sends to Blazar.
func sent(t *testing.T, text string) map[string]any {
	t.Helper()
	const program = `
import json, sys, types

class Answer:
    status_code = 201
    text = '{"lease": {}}'
    def json(self):
        return json.loads(self.text)

class Session:
    def request(self, url, method, **given):
        print(json.dumps(given["json"]))
        return Answer()

module = types.ModuleType("openstack")
module.connect = lambda cloud: types.SimpleNamespace(session=Session())
sys.modules["openstack"] = module
exec(sys.argv[1])
`
	return run(t, program, text)
}

// run runs a program in Python, which prints an object.
func run(t *testing.T, program, arg string) (answer map[string]any) {
	t.Helper()
	cmd := exec.Command(blazar, "-W", "ignore", "-c", program, arg)
	cmd.Stderr = t.Output()
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("python: %v\n%s", err, arg)
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		t.Fatalf("%v: %s", err, out)
	}

	return answer
}

// hosts is how many of which thing a reservation asks for.
func hosts(reservation map[string]any) string {
	return fmt.Sprintf("%v to %v %v", reservation["min"], reservation["max"], reservation["resource_type"])
}

// wanted is what a reservation's properties ask for.
func wanted(t *testing.T, reservation map[string]any, member string) []string {
	t.Helper()
	var properties []string
	if err := json.Unmarshal([]byte(reservation[member].(string)), &properties); err != nil {
		t.Errorf("%s are %v: %v", member, reservation[member], err)
	}
	return properties
}

// The form finds a time, and what reserves it is right, however hostile the
// type's name is.
func TestSlotsInABrowser(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC().Truncate(time.Minute)
	for _, kind := range []string{"compute_skylake",
		"it's $(touch x) `x` \"a\",min=9,resource_type=x\\ !é\U0001f600\u202e</script>"} {
		archive := strings.ReplaceAll(twoNodes, `"node_type": "t"`, `"node_type": `+quoted(kind))
		address := free(t, treetest.Publish(t, treetest.Repo(t, archive), build.Options{}), false, map[string]known{
			"s": {{Node: "n1", Reservations: []availability.Interval{{Start: days(now, -1), End: days(now, 1)}}},
				{Node: "n2"}, {Node: "n3"}},
		})

		b := browsertest.Start(t)
		b.Device(1280, 844, false)
		b.Zone("America/Chicago")
		b.Do(chromedp.Navigate(address + "/hardware/types/" + url.PathEscape(page.TypeSlug(kind))))
		b.Until(`document.querySelector("#slots form")`)

		// With the keyboard alone.
		b.Do(chromedp.Focus(chromedp.CSS(`#slots [name="count"]`)), chromedp.KeyEvent(kb.ArrowUp),
			chromedp.KeyEvent(kb.Tab),
			chromedp.KeyEvent(kb.ArrowUp), chromedp.KeyEvent(kb.Enter))

		const found = `document.querySelector(".found li")`
		b.Until(found)

		if query := browsertest.Get(b, chromedp.Evaluate[string](`location.search`)); query != "?count=2&hours=25" {
			t.Errorf("the page's query is %q", query)
		}

		b.Do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll(".found details").forEach(e => { e.open = true; })`))
		looks(b, "free-slots")
		b.Do(chromedp.Reload())
		b.Until(found)

		if got := text(b, "#slots [role=status]"); got != "1 slot found for 2 "+kind+" nodes, 25 hours." {
			t.Errorf("the page says %q", got)
		}
		if got := texts(b, ".found .nodes a"); !slices.Equal(got, []string{"one", "two"}) {
			t.Errorf("the nodes are %q", got)
		}

		start, end := now.AddDate(0, 0, 1), now.AddDate(0, 0, 1).Add(25*time.Hour)
		chicago, err := time.LoadLocation("America/Chicago")
		if err != nil {
			t.Fatal(err)
		}

		const form, api = "Mon, 2 Jan 2006, 15:04", "2006-01-02 15:04"
		if got, want := text(b, ".found b"), start.In(chicago).Format(form)+" to "+end.In(chicago).Format(form)+
			", America/Chicago"; !strings.HasPrefix(got, want) {
			t.Errorf("the time is %q, want %q", got, want)
		}

		commands := texts(b, ".found pre")
		if len(commands) != 2 {
			t.Fatalf("there are %d commands", len(commands))
		}

		b.Do(chromedp.Evaluate[chromedp.Void](`Object.defineProperty(navigator, "clipboard", { value: { writeText: async (text) => { document.title = text; } } });
			document.querySelector(".found .tools button").click()`))
		b.Until(`document.querySelector(".found .tools button").textContent === "Copied"`)

		if copied := browsertest.Get(b,
			chromedp.Evaluate[string](`document.querySelector("title").textContent`)); copied != commands[0] {
			t.Errorf("copied is %q", copied)
		}

		args := argv(t, commands[0])
		if want := []string{"reservation", "lease", "create", "--reservation", "", "--start-date",
			start.Format(api), "--end-date", end.Format(api), "my-lease"}; len(args) != len(want) ||
			!slices.Equal(slices.Concat(args[:4], args[5:]), slices.Concat(want[:4], want[5:])) {
			t.Fatalf("the command has\n%q\nwant\n%q", args, want)
		}

		reservation := parsed(t, args[4])
		want := []string{"==", "$node_type", kind}
		if got := wanted(t, reservation, "resource_properties"); !slices.Equal(got, want) ||
			hosts(reservation) != "2 to 2 physical:host" {
			t.Errorf("the client reads the command as %v", reservation)
		}

		lease := sent(t, commands[1])
		reservation = lease["reservations"].([]any)[0].(map[string]any)
		if got := wanted(t, reservation, "resource_properties"); !slices.Equal(got, want) ||
			hosts(reservation) != "2 to 2 physical:host" {
			t.Errorf("the program reserves %v", reservation)
		}

		if lease["start_date"] != start.Format(api) || lease["end_date"] != end.Format(api) {
			t.Errorf("the program's lease is from %v to %v", lease["start_date"], lease["end_date"])
		}
	}
}

// Without a type the very nodes are reserved, and a time that has come is now.
// What the list's filter has counts, and what cannot be asked is said.
func TestSlotsOfTheListInABrowser(t *testing.T) {
	t.Parallel()
	address := free(t, treetest.Publish(t, treetest.Repo(t, twoNodes), build.Options{}), false,
		map[string]known{"s": {{Node: "n1"}, {Node: "n2"}, {Node: "n3"}}})
	b := browsertest.Start(t)
	b.Do(chromedp.Navigate(address + "/hardware/nodes?min_gpus=4&count=1&hours=12"))
	b.Until(`document.querySelector(".found li")`)

	if got := texts(b, ".found .nodes a"); !slices.Equal(got, []string{"one"}) {
		t.Errorf("the nodes with four GPUs are %q", got)
	}

	commands := texts(b, ".found pre")
	args := argv(t, commands[0])
	if slices.Contains(args, "--start-date") {
		t.Errorf("what starts now has a start: %q", args)
	}

	want := []string{"==", "$hypervisor_hostname", "n1"}
	if got := wanted(t, parsed(t, args[4]), "hypervisor_properties"); !slices.Equal(got, want) {
		t.Errorf("the command reserves %q", got)
	}

	lease := sent(t, commands[1])
	if got := wanted(t, lease["reservations"].([]any)[0].(map[string]any),
		"hypervisor_properties"); !slices.Equal(got, want) || lease["start_date"] != "now" {
		t.Errorf("the program reserves %v", lease)
	}

	for query, want := range map[string]string{
		"?min_gpus=4&count=2&hours=12":             "No site has 2 nodes (min_gpus 4) free for 12 hours starting within the next 30 days.",
		"?arch=a&arch=b&count=2&hours=12":          "No site has 2 nodes (arch a or b) free for 12 hours starting within the next 30 days.",
		"?count=3&hours=8784":                      "1 slot found for 3 nodes, 8,784 hours.",
		"?count=%3Cscript%3E&hours=1":              "",
		"?count=1e9&hours=1":                       "",
		"?count=1&hours=1&min_gpus=%22onload%3D()": "min_gpus: Input should be a valid integer, unable to parse string as an integer",
	} {
		b.Do(chromedp.Navigate(address + "/hardware/nodes" + query))
		b.Until(`document.querySelector("#slots form")`)
		if want != "" {
			b.Until(`document.querySelector("#slots [role=status]").textContent.length > 12`)
		}
		if got := text(b, "#slots [role=status]"); got != want {
			t.Errorf("%s: the page says %q, want %q", query, got, want)
		}
	}

	b.Until(`document.readyState === "complete"`)
	b.Forgive("422")
}

// A question is of the filter as it is, and the answer's words are of what was
// asked, however fast one goes on.
func TestHastySlotsInABrowser(t *testing.T) {
	t.Parallel()
	address := free(t, treetest.Publish(t, treetest.Repo(t, twoNodes), build.Options{}), false,
		map[string]known{"s": {{Node: "n1"}, {Node: "n2"}, {Node: "n3"}}})
	b := browsertest.Start(t)
	b.Do(chromedp.Navigate(address + "/hardware/nodes"))
	b.Until(ready + ` && document.querySelector("#slots form")`)
	b.Do(chromedp.Evaluate[chromedp.Void](`{
		const [filter, slots] = [document.querySelector("#facets"), document.querySelector("#slots form")];
		filter.min_gpus.value = "4";
		filter.dispatchEvent(new Event("input"));
		slots.requestSubmit();
		slots.count.value = "3";
	}`))

	b.Until(`document.querySelector(".found li")`)
	if got, want := text(b, "#slots [role=status]"), "1 slot found for 1 node (min_gpus 4), 24 hours."; got != want {
		t.Errorf("the page says %q, want %q", got, want)
	}

	b.Settle()
	if got, want := evaluated[string](b, `location.search`), "?min_gpus=4&count=1&hours=24"; got != want {
		t.Errorf("the page's query is %q, want %q", got, want)
	}
}
