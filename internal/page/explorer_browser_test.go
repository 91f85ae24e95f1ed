package page_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/openapi"
	"github.com/chameleoncloud/refapi/internal/test/browsertest"
)

// A link to an operation opens the explorer there. Whoever then presses Execute,
// without typing, gets a response with something in it, and the code that asks for it
// in four languages: in the last operation of each tag, and in all with a body.
func TestOperationsAreTriedOut(t *testing.T) {
	t.Parallel()
	s := demonstrate(t, trees.Sample(t, build.Options{}))
	var tried []openapi.Operation
	all := openapi.Operations(openapi.Options{})
	for i, op := range all {
		last := !slices.ContainsFunc(all[i+1:], func(o openapi.Operation) bool { return o.Tag == op.Tag })
		if last || op.Method == http.MethodPost {
			tried = append(tried, op)
		}
	}

	b := browsertest.Start(t)
	b.Device(1280, 844, false)
	linked := tried[len(tried)-1]
	b.Do(chromedp.Navigate(fmt.Sprintf("%s/docs#/%s/%s", s.URL, linked.Tag, linked.ID)))
	b.Until(fmt.Sprintf(`(() => {
		const top = document.getElementById("operations-%s-%s")?.querySelector("button.execute")?.getBoundingClientRect().top;
		return top > 0 && top < 2 * innerHeight;
	})()`, linked.Tag, linked.ID))

	for _, op := range tried {
		execute(t, b, op)
	}
}

// What all other operations are tried out with finds something as well: the parameters
// of the path and the body are the document's examples, and the query is empty.
func TestEveryOperationFindsSomething(t *testing.T) {
	t.Parallel()
	s := demonstrate(t, trees.Sample(t, build.Options{}))
	var document struct {
		Paths map[string]map[string]struct {
			Parameters []struct {
				Name, In, Example string
			}
			RequestBody struct {
				Content map[string]struct{ Example json.RawMessage }
			}
		}
	}
	text, err := os.ReadFile(s.Path("openapi.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}

	for path, operations := range document.Paths {
		for method, op := range operations {
			target := path
			for _, p := range op.Parameters {
				if p.In == "path" {
					target = strings.ReplaceAll(target, "{"+p.Name+"}", url.PathEscape(p.Example))
				}
			}

			body := op.RequestBody.Content["application/json"].Example
			status, answer := ask(t, strings.ToUpper(method), s.URL+target, body)
			if status/100 != 2 || strings.Contains(answer, `"total":0`) {
				t.Errorf("%s %s: %d: %.300s", method, target, status, answer)
			}
		}
	}
}

// ask sends a request with a body, nil for none.
func ask(t *testing.T, method, address string, body []byte) (status int, answer string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}

	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// execute tries an operation out, and closes it.
func execute(t *testing.T, b *browsertest.Browser, op openapi.Operation) {
	t.Helper()
	body := tryOut(b, op.ID)
	shown := fmt.Sprintf(`document.querySelector('div[id^="operations-"][id$="-%s"]')`, op.ID)
	status := evaluated[string](b, shown+`.querySelector(".live-responses-table tbody .response-col_status").textContent`)
	asked := evaluated[string](b, shown+`.querySelector(".request-url").innerText`)
	if !strings.HasPrefix(status, "2") {
		t.Errorf("%s: %s for %s: %s", op.ID, status, asked, body)
	}
	if strings.Contains(body, `"total": 0`) {
		t.Errorf("%s: %s finds nothing", op.ID, asked)
	}

	languages := evaluated[[]string](b, `[...`+shown+`.querySelectorAll(".curl-command .btn")].map(e => e.textContent)`)
	if want := []string{"curl", "Python", "JavaScript", "Go"}; !slices.Equal(languages, want) {
		t.Errorf("%s: code is offered in %q, want %q", op.ID, languages, want)
	}

	// What is open slows down what is opened next.
	b.Do(chromedp.Evaluate[chromedp.Void](shown + `.querySelector("button.opblock-summary-control").click()`))
}
