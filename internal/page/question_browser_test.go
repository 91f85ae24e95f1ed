package page_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/test/browsertest"
)

// "Two A100s, 80 GB, anywhere, for 24 hours, next week": six interactions lead from the
// catalogue to the command that reserves them, by mouse and by keyboard alone, and the
// page's question is the API's. An interaction is a field that is filled, or a control that
// is activated. Moving the focus is none; how often the tab key is pressed has a bound of
// its own.
func TestQuestionInABrowser(t *testing.T) {
	t.Parallel()
	s := demonstrate(t, trees.Sample(t, build.Options{}))
	b := browsertest.Start(t)
	b.Device(1280, 844, false)
	b.Do(chromedp.Navigate(s.URL + "/hardware"))
	b.Until(`document.querySelector("#ask select[name=after]")`)
	monday := evaluated[string](b, `document.querySelector("#ask select[name=after]").options[2].value`)

	steps := 0
	choose := func(selector, value string) {
		steps++
		enter(b, selector, value, "change")
	}
	choose(`#ask [name="gpu_family"]`, "NVIDIA A100")
	choose(`#ask [name="gpu_memory"]`, "80GiB..")
	choose(`#ask [name="count"]`, "2")
	choose(`#ask [name="after"]`, monday)
	steps++
	click(b, "#ask button")
	b.Until(`document.querySelector(".slot") && document.querySelector(".reserve .set")`)
	steps++
	click(b, ".reserve .set label:nth-of-type(2)")
	byMouse := reservation(t, b, monday)
	if steps > 6 {
		t.Errorf("it takes %d interactions", steps)
	}

	// The page's query is that of the API.
	query := evaluated[string](b, `location.search`)
	want := url.Values{"gpu_family": {"NVIDIA A100"}, "gpu_memory": {"80GiB.."}, "count": {"2"}, "unit": {"gpus"},
		"hours": {"24"}, "after": {monday}, "same_site": {"true"}}
	if got, err := url.ParseQuery(strings.TrimPrefix(query, "?")); err != nil || got.Encode() != want.Encode() {
		t.Errorf("the page asks %s, want %s", query, want.Encode())
	}
	answer, err := http.Get(s.URL + "/nodes/slots" + query)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var found struct {
		Items []struct {
			Start    time.Time
			NodeType string `json:"node_type"`
		}
	}
	if err := json.NewDecoder(answer.Body).Decode(&found); err != nil || len(found.Items) == 0 {
		t.Fatalf("%s: %v", answer.Status, err)
	}
	if first := found.Items[0]; first.NodeType != "gpu_a100_pcie" ||
		!strings.Contains(byMouse, "'"+first.Start.Format("2006-01-02 15:04")+"'") {
		t.Errorf("the first slot is %+v, and reserved is\n%s", first, byMouse)
	}

	b.Do(chromedp.Navigate(s.URL + "/hardware"))
	b.Until(`document.querySelector("#ask select[name=after]")`)
	steps, tabs := 0, 0
	press := func(selector, keys string) {
		tabs += b.TabTo(selector, false)
		steps++
		b.Press(keys)
	}
	press(`#ask [name="gpu_family"]`, "NVIDIA A100")
	press(`#ask [name="gpu_memory"]`, "80")
	press(`#ask [name="count"]`, kb.ArrowUp)
	press(`#ask [name="after"]`, "Next")
	press("#ask button", kb.Enter)
	b.Until(`document.querySelector(".slot") && document.querySelector(".reserve .set")`)
	if got := evaluated[string](b, `document.activeElement.textContent`); !strings.HasPrefix(got, "Yes") {
		t.Errorf("after the question the focus is on %q, want the answer", got)
	}
	press(".reserve .set input", kb.ArrowRight)
	if byKeyboard := reservation(t, b, monday); byKeyboard != byMouse {
		t.Errorf("by keyboard:\n%s\nby mouse:\n%s", byKeyboard, byMouse)
	}
	t.Logf("by keyboard: %d interactions, %d presses of the tab key", steps, tabs)
	if steps > 6 || tabs > 30 {
		t.Errorf("by keyboard it takes %d interactions and %d presses of the tab key", steps, tabs)
	}
}

// enter gives a field a value as a reader does, with the event that follows from it.
func enter(b *browsertest.Browser, selector, value, event string) {
	b.Do(chromedp.SetValue(chromedp.CSS(selector), value), chromedp.Evaluate[chromedp.Void](
		fmt.Sprintf("document.querySelector(%q).dispatchEvent(new Event(%q, { bubbles: true }))", selector, event)))
}

// reservation is the command that reserves the chosen slot, which starts at a day or later.
func reservation(t *testing.T, b *browsertest.Browser, day string) string {
	t.Helper()
	b.Until(`document.querySelector(".reserve .pane.on pre")`)
	command := text(b, ".reserve .pane.on pre")
	_, after, _ := strings.Cut(command, "--start-date '")
	start, _, _ := strings.Cut(after, "'")
	if start < day || !strings.HasPrefix(command, "openstack reservation lease create ") {
		t.Errorf("the command reserves from %q, want %s or later:\n%s", start, day, command)
	}
	return command
}

// The pages of a node, a type, a flavor and a comparison say how to reserve these.
func TestReserveInABrowser(t *testing.T) {
	t.Parallel()
	s := demonstrate(t, trees.Sample(t, build.Options{}))
	b := browsertest.Start(t)
	b.Device(1280, 844, false)

	const nodes = "/hardware/sites/north/clusters/alpha/nodes/"
	const first, second = "2c3d5e74-8f3d-4b2e-9c55-4daf703e6c03", "3d4c6f85-904e-4c3d-8d44-5eb0814f7d04"
	for _, page := range []struct {
		path string
		want []string // parts of the command
	}{
		{nodes + first, []string{`hypervisor_properties='["==", "$hypervisor_hostname", "` + first + `"]'`}},
		{"/hardware/types/gpu_a100_pcie", []string{
			`min=2,max=2,resource_properties='["==", "$node_type", "gpu_a100_pcie"]'`}},
		{"/hardware/sites/south/flavors/m1.large", []string{
			`openstack flavor show -f value -c id -- 'm1.large'`, "amount=2"}},
		{"/hardware/compare?nodes=" + first + "," + second, []string{first, second}},
	} {
		b.Do(chromedp.Navigate(s.URL + page.path))
		b.Until(`document.querySelector("#reserve .set")`)
		if evaluated[bool](b, `Boolean(document.querySelector("#reserve [name=count]"))`) {
			enter(b, `#reserve [name="count"]`, "2", "input")
		}
		click(b, `#reserve .set label:nth-of-type(2)`)
		b.Settle()
		command := text(b, "#reserve .pane.on pre")
		for _, part := range page.want {
			if !strings.Contains(command, part) {
				t.Errorf("%s: the command lacks %s:\n%s", page.path, part, command)
			}
		}
	}

	// The last of them is the comparison.
	if got := text(b, "#reserve [role=status]"); !strings.Contains(got, ": free together from ") {
		t.Errorf("the comparison says %q", got)
	}
}
