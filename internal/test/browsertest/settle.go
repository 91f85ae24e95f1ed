package browsertest

import (
	"fmt"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// begin, end and leave count requests. When the tab leaves a page, nobody tells of
// the end of that page's requests.
func (b *Browser) begin(e *network.EventRequestWillBeSent) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.requests++
	b.open[e.RequestID] = true
}

func (b *Browser) end(id network.RequestID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.open, id)
}

func (b *Browser) leave() {
	b.mu.Lock()
	defer b.mu.Unlock()
	clear(b.open)
}

// quietRounds is for how many rounds a page must be quiet to be settled: what has
// arrived is not in the page's hands at once.
const quietRounds = 4

// Settle waits until the page has loaded, or the one it leads to at once, and has
// done what it does by itself: for some frames no request is under way.
func (b *Browser) Settle() {
	b.t.Helper()
	before := -1
	for quiet := 0; quiet < quietRounds; quiet++ {
		complete, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() =>
			done(document.readyState === "complete" && !document.querySelector("meta[http-equiv=refresh]")))))`, chromedp.EvalAwaitPromise))
		if b.ctx.Err() != nil {
			b.t.Fatalf("the page does not settle: %v", err)
		}

		b.mu.Lock()
		if err != nil || !complete || b.requests != before ||
			len(b.open) > 0 { // an error is for a page that has just gone
			quiet = -1
		}

		before = b.requests
		b.mu.Unlock()
	}
}

// hang is after how long a page counts as one that hangs. It says nothing about
// how fast pages have to be, since others share the machine.
const hang = 5 * time.Minute

// Until waits until an expression is true in the page, or in the one that comes
// after it.
func (b *Browser) Until(expression string) {
	b.t.Helper()
	deadline := time.Now().Add(hang)
	for range time.Tick(20 * time.Millisecond) {
		holds, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](fmt.Sprintf("!!(%s)", expression)))
		switch {
		case err == nil && holds:
			return
		case time.Now().After(deadline) || b.ctx.Err() != nil: // an error alone is for a page that has just gone
			b.t.Fatalf("it does not become true: %s (%v); the page says %q", expression, err,
				Get(b, chromedp.Evaluate[string](`document.body.innerText.slice(0, 500)`)))
		}
	}
}
