package browsertest

import (
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Slow gives the tab a slow connection, as a phone has: so many bits a second,
// and so long from a request to its answer. Nothing is kept from page to page.
func (b *Browser) Slow(bits float64, latency time.Duration) {
	b.t.Helper()
	call(b, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true})
	call(b, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{
			Latency: float64(latency.Milliseconds()), DownloadThroughput: bits / 8, UploadThroughput: bits / 8,
		}},
	})
}

// FirstPaint is how long after the start of its navigation the page in the tab
// has shown something.
func (b *Browser) FirstPaint() time.Duration {
	b.t.Helper()
	ms := Get(b, chromedp.Evaluate[float64](`new Promise((done) => new PerformanceObserver((list) => {
		for (const e of list.getEntriesByName("first-contentful-paint")) done(e.startTime);
	}).observe({ type: "paint", buffered: true }))`, chromedp.EvalAwaitPromise))
	return time.Duration(ms * float64(time.Millisecond))
}
