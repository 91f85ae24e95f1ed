package page_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/openapi"
	"github.com/chameleoncloud/refapi/internal/test/browsertest"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// A link to an operation opens the explorer there. Whoever then presses Execute on
// any operation, without typing, gets a response with something in it, and the code
// that asks for it in four languages.
func TestEveryOperationIsTriedOut(t *testing.T) {
	t.Parallel()
	s := demonstrate(t, treetest.Sample(t, build.Options{}))
	byTag := map[string][]openapi.Operation{}
	for _, op := range openapi.Operations(openapi.Options{}) {
		byTag[op.Tag] = append(byTag[op.Tag], op)
	}

	for tag, operations := range byTag {
		t.Run(tag, func(t *testing.T) {
			t.Parallel()
			b := browsertest.Start(t)
			b.Device(1280, 844, false)

			last := operations[len(operations)-1]
			b.Do(chromedp.Navigate(fmt.Sprintf("%s/docs#/%s/%s", s.URL, tag, last.ID)))
			b.Until(fmt.Sprintf(`(() => {
				const top = document.getElementById("operations-%s-%s")?.querySelector("button.execute")?.getBoundingClientRect().top;
				return top > 0 && top < 2 * innerHeight;
			})()`, tag, last.ID))

			for _, op := range operations {
				execute(t, b, op)
			}
		})
	}
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
