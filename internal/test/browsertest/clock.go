package browsertest

import (
	"fmt"
	"time"

	"github.com/chromedp/chromedp"
)

// Clock lets the test move the time of the pages that the tab opens from now on,
// with Later: Date.now, and what setInterval calls. All else has the real time.
func (b *Browser) Clock() {
	b.t.Helper()
	b.Before(clock)
}

// Later lets so much time pass at once for a page with a clock.
func (b *Browser) Later(by time.Duration) {
	b.t.Helper()
	b.Do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf("later(%d)", by.Milliseconds())))
}

const clock = `{
	const real = Date.now;
	const acts = [];
	let passed = 0;
	Date.now = () => real() + passed;
	window.setInterval = (act) => acts.push(act);
	window.later = (by) => {
		passed += by;
		for (const act of acts) act();
	};
}`
