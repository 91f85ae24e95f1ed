package browsertest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// vain is a test whose failures are expected.
type vain struct {
	testing.TB
	said string
}

func (v *vain) Helper() {}

func (v *vain) Fatal(args ...any) { v.Fatalf("%v", args...) }

func (v *vain) Fatalf(format string, args ...any) {
	v.said = fmt.Sprintf(format, args...)
	panic(v)
}

// A wait for what is not there ends, and says what it was for and what the page shows.
func TestWaitsEnd(t *testing.T) {
	t.Parallel()
	b := Start(t)
	b.Do(chromedp.Navigate("data:text/html,<p>nothing else"))
	for name, wait := range map[string]func(*Browser){
		"until": func(b *Browser) { b.Until(`document.querySelector("#gone")`) },
		"do":    func(b *Browser) { b.Do(chromedp.Click(chromedp.CSS("#gone"))) },
	} {
		tab := b.Tab()
		tab.Do(chromedp.Navigate("data:text/html,<p>nothing else"))
		v := &vain{TB: t}
		tab.t, tab.patience = v, 100
		func() {
			defer func() { _ = recover() }()
			wait(tab)
		}()
		if !strings.Contains(v.said, "nothing else") || !strings.Contains(v.said, "looks") {
			t.Errorf("%s: it says %q", name, v.said)
		}
	}
}
