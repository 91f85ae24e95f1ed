package browsertest

import (
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
