// Package browsertest runs the real Chromium for tests and keeps what it
// complains of.
package browsertest

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Browser is a tab of a running browser.
type Browser struct {
	ctx      context.Context
	t        testing.TB
	patience int // looks without a change before a wait ends

	mu         sync.Mutex
	complaints []string
	requests   int                        // so far
	open       map[network.RequestID]bool // requests that have no end yet
}

// Start runs a browser until the test ends. Whatever it logs as an error, and
// every request to another machine, fails the test.
func Start(t testing.TB) *Browser {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("chromium is needed: apt-get install chromium, or run `make test`")
	}

	ctx, cancel := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program),
		chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-dev-shm-usage", true),
	)...)

	t.Cleanup(cancel)
	return open(t, ctx)
}

// Tab opens another tab of the same browser.
func (b *Browser) Tab() *Browser {
	b.t.Helper()
	return open(b.t, b.ctx)
}

func open(t testing.TB, ctx context.Context) *Browser {
	t.Helper()
	ctx, cancel := chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 2*longest)
	t.Cleanup(cancel)
	b := &Browser{ctx: ctx, t: t, patience: manyLooks, open: map[network.RequestID]bool{}}
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		t.Fatalf("start chromium: %v", err)
	}

	call(b, network.Enable, network.EnableParams{})
	call(b, log.Enable, cdp.Empty{})
	call(b, runtime.Enable, cdp.Empty{})
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, c := range b.complaints {
			t.Errorf("the browser complains: %s", c)
		}
	})

	return b
}

func call[P, R any](b *Browser, command cdp.Command[P, R], params P) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, command, params); err != nil {
		b.t.Fatal(err)
	}
}

// hear keeps errors and strange requests.
func (b *Browser) hear(event any) {
	complain := func(format string, args ...any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.complaints = append(b.complaints, fmt.Sprintf(format, args...))
	}
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			complain("%s (%s)", e.Entry.Text, e.Entry.URL)
		}

	case *runtime.EventExceptionThrown:
		complain("%s %s", e.ExceptionDetails.Text, thrown(e.ExceptionDetails.Exception))
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" {
			complain("console.error: %s", values(e.Args))
		}

	case *runtime.EventExecutionContextsCleared:
		b.leave()
	case *network.EventResponseReceived:
		if e.Response.Status >= 400 { // pages need not read what errors say
			b.end(e.RequestID)
		}

	case *network.EventLoadingFinished:
		b.end(e.RequestID)
	case *network.EventLoadingFailed:
		b.end(e.RequestID)
	case *network.EventRequestWillBeSent:
		b.begin(e)
		if u, err := url.Parse(e.Request.URL); err != nil || u.Host != "" && u.Hostname() != "127.0.0.1" &&
			u.Hostname() != "localhost" {
			complain("a request to %s", e.Request.URL)
		}
	}
}

// thrown says what an exception is.
func thrown(o *runtime.RemoteObject) string {
	if o == nil {
		return ""
	}
	return o.Description
}

func values(args []*runtime.RemoteObject) string {
	var texts []string
	for _, a := range args {
		texts = append(texts, cmp.Or(string(a.Value), a.Description)) // objects such as errors have no value
	}
	return strings.Join(texts, " ")
}

// Forgive drops the complaints so far that hold a text: the caller expected
// them.
func (b *Browser) Forgive(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.complaints = slices.DeleteFunc(b.complaints, func(c string) bool { return strings.Contains(c, text) })
}

// Device makes the tab as large as a screen, for a reader who likes pages light
// or dark.
func (b *Browser) Device(width, height int64, dark bool) {
	b.t.Helper()
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 600,
	})

	scheme := "light"
	if dark {
		scheme = "dark"
	}

	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
}

// Zone moves the tab's reader to a time zone.
func (b *Browser) Zone(name string) {
	b.t.Helper()
	call(b, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: name})
}

// Get asks the tab for a value.
func Get[T any](b *Browser, ask chromedp.Action[T]) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, ask)
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

// tallest is how much of a page is in a picture, in pixels.
const tallest = 4000

// Screenshot writes a picture of the page for a person to look at, into the folder
// that SCREENSHOTS names; without it nothing is written.
func (b *Browser) Screenshot(name string) {
	b.t.Helper()
	b.picture(name, "Math.max(innerHeight, document.documentElement.scrollHeight)")
}

// Screenful does the same for what fits into the window.
func (b *Browser) Screenful(name string) {
	b.t.Helper()
	b.picture(name, "innerHeight")
}

// picture writes a picture of a height, which is an expression of the page.
func (b *Browser) picture(name, height string) {
	b.t.Helper()
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}

	// Colors that are on their way, after a change of the scheme, are those of no scheme.
	size := Get(b, chromedp.Evaluate[[]float64](
		"Promise.allSettled(document.getAnimations().map((a) => a.finished)).then(() => [document.documentElement.clientWidth, "+height+"])",
		chromedp.EvalAwaitPromise))
	picture, err := chromedp.Call(b.ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Clip:                  &page.Viewport{Width: size[0], Height: min(size[1], tallest), Scale: 1},
		CaptureBeyondViewport: new(true),
	})
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), picture.Data, 0o644); err != nil {
		b.t.Fatal(err)
	}
}
