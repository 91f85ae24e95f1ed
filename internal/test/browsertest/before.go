package browsertest

import "github.com/chromedp/cdproto/page"

// Before runs a script in every page that the tab opens from now on, before the
// page's own.
func (b *Browser) Before(script string) {
	b.t.Helper()
	call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
}
