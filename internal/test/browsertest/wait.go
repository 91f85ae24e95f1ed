package browsertest

import (
	"context"
	"fmt"
	"time"

	"github.com/chromedp/chromedp"
)

// What is waited for does not come after so many looks at which nothing has moved in the
// page: 20 seconds, and longer on a machine that is busy, since each look asks the page. It
// says nothing about how fast pages have to be.
const (
	manyLooks = 1000
	eachLook  = 20 * time.Millisecond
	eachText  = 50              // looks, since asking a page for its text takes longer
	grace     = 5 * time.Second // before steps are watched, which would slow down pages that load
	longest   = 5 * time.Minute // whatever moves
	shownText = 500
)

// Until waits until an expression is true in the page, or in the one that comes
// after it.
func (b *Browser) Until(expression string) {
	b.t.Helper()
	w := b.newWait()
	for {
		holds, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](fmt.Sprintf("!!(%s)", expression)))
		if err == nil && holds {
			return
		}
		if why := w.look(); why != "" { // an error alone is for a page that has just gone
			b.t.Fatalf("it does not become true: %s (%v); %s", expression, err, why)
		}
		time.Sleep(eachLook)
	}
}

// Do does something in the tab. Steps wait for the elements that they name.
func (b *Browser) Do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithCancelCause(b.ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case <-ctx.Done():
		case <-time.After(grace):
		}
		w := b.newWait()
		for ctx.Err() == nil {
			time.Sleep(eachLook)
			_, _ = chromedp.Run(ctx, chromedp.Evaluate[bool]("true")) // takes longer on a busy machine
			if why := w.look(); why != "" {
				cancel(fmt.Errorf("a step does not end, perhaps since its element is not there or cannot be seen; %s", why))
			}
		}
	}()

	err := chromedp.Do(ctx, steps...)
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	cancel(nil)
	<-watched
	if err != nil {
		b.t.Fatal(err)
	}
}

// wait tells when it is in vain.
type wait struct {
	b            *Browser
	start        time.Time
	looks, still int // still are those since something moved
	before       string
}

func (b *Browser) newWait() *wait { return &wait{b: b, start: time.Now()} }

// look counts a look at the page. It returns why one more is in vain, "" if it is not.
func (w *wait) look() (why string) {
	w.looks++
	w.still++
	if w.b.ctx.Err() == nil && w.looks%eachText == 0 {
		now, err := chromedp.Run(w.b.ctx, chromedp.Evaluate[string]("`${location.href} ${document.body?.textContent.length}`"))
		w.b.mu.Lock()
		now = fmt.Sprint(w.b.requests, " requests, ", now)
		w.b.mu.Unlock()
		if err != nil || now != w.before {
			w.before, w.still = now, 0
		}
	}

	switch waited := time.Since(w.start).Round(time.Second); {
	case w.b.ctx.Err() != nil:
		return "the test's time with the browser is over"
	case w.still >= w.b.patience, waited > longest:
		text, _ := chromedp.Run(w.b.ctx, chromedp.Evaluate[string](fmt.Sprintf(
			"`${location.href} says \"${document.body?.innerText.slice(0, %d)}\"`", shownText)))
		return fmt.Sprintf("after %v, in which nothing moved for %d looks, %s", waited, w.still, text)
	}
	return ""
}
