package browsertest

import (
	"fmt"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// farthest is how many presses of the tab key lead to anything.
const farthest = 200

// TabTo presses the tab key until the element that a selector names has the
// focus, from where the focus is, and with the shift key if back is true. At
// every stop the reader must see where the focus is. It returns how many presses it took.
func (b *Browser) TabTo(selector string, back bool) int {
	b.t.Helper()
	var options []chromedp.KeyOption
	if back {
		options = append(options, chromedp.KeyModifiers(chromedp.ModifierShift))
	}

	for n := range farthest {
		b.Do(chromedp.KeyEvent(kb.Tab, options...))
		stop := Get(b, chromedp.Evaluate[focus](fmt.Sprintf(focused, selector)))
		if stop.Hidden != "" {
			b.t.Errorf("the focus on %s is not to be seen: %s", stop.Element, stop.Hidden)
		}
		if stop.There {
			return n + 1
		}
	}

	b.t.Fatalf("%d presses of the tab key do not lead to %s", farthest, selector)
	return 0
}

// focus is where the focus is.
type focus struct {
	Element string
	There   bool   // it is the element that was looked for
	Hidden  string // why it is not to be seen
}

// focused has the rules of WCAG 2.4.7, 2.4.11 and 2.4.13 as far as they can be
// measured: a line of two pixels at least, within the window, with nothing upon
// it.
const focused = `((e) => {
	const { outlineStyle, outlineWidth } = getComputedStyle(e);
	const box = e.getBoundingClientRect();
	const x = Math.max(0, box.left) / 2 + Math.min(innerWidth, box.right) / 2;
	const y = Math.max(0, box.top) / 2 + Math.min(innerHeight, box.bottom) / 2;
	const top = document.elementFromPoint(x, y);
	const here = e !== document.body;
	return {
		Element: e.outerHTML.slice(0, 120),
		There: e.matches(%q),
		Hidden: here && (outlineStyle === "none" || parseFloat(outlineWidth) < 2) ? "it has no outline" :
			here && !(top && (e.contains(top) || top.contains(e))) ? "it is outside of the window, or under something" : "",
	};
})(document.activeElement)`

// Press presses keys where the focus is.
func (b *Browser) Press(keys string) {
	b.t.Helper()
	b.Do(chromedp.KeyEvent(keys))
}
