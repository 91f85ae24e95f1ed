package browsertest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/chameleoncloud/refapi/internal/test/npmtest"
)

// Axe is axe-core, which looks for barriers in a page.
type Axe struct {
	source string
}

// rules are those for WCAG 2.2 AA and those for good practice.
const rules = `["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]`

// NewAxe reads axe-core; root is the relative path of the project's root.
func NewAxe(t testing.TB, root string) Axe {
	t.Helper()
	source, err := os.ReadFile(filepath.Join(npmtest.Modules(t, root), "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	return Axe{source: string(source)}
}

// Barrier is a rule that elements of a page break.
type Barrier struct {
	Rule     string   // axe-core's name for it
	Elements []string // selectors
	Why      string   // of the first
}

// Barriers looks at the page in the tab by the rules for WCAG 2.2 AA and by those
// for good practice. What is folded is unfolded first.
func (b *Browser) Barriers(a Axe) []Barrier {
	b.t.Helper()
	b.Do(chromedp.Evaluate[chromedp.Void](a.source +
		`; document.querySelectorAll("details").forEach((e) => { e.open = true; })`))
	return Get(b, chromedp.Evaluate[[]Barrier](`axe.run(document, {
		runOnly: `+rules+`,
		rules: { "target-size": { enabled: true } },
		resultTypes: ["violations"],
	}).then(({ violations }) => violations.map((v) => ({
		Rule: v.id, Elements: v.nodes.map((n) => n.target.flat().join(" ")), Why: v.nodes[0].failureSummary,
	})))`, chromedp.EvalAwaitPromise))
}
