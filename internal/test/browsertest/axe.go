package browsertest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// AxeSums names axe-core's package, from the root of the project, as sha512sum
// does. `.ci/tools` fetches it.
const AxeSums = ".ci/axe-core.sha512"

// Axe is axe-core, which looks for barriers in a page.
type Axe struct{ source string }

// NewAxe reads axe-core from the user's cache; root is the relative path of the
// project's root. Without axe-core the test ends here: skipped at a desk, failed
// in continuous integration.
func NewAxe(t testing.TB, root string) Axe {
	t.Helper()
	source, err := axeSource(filepath.Join(root, filepath.FromSlash(AxeSums)))
	if err != nil && os.Getenv("CI") != "" {
		t.Fatal(err)
	} else if err != nil {
		t.Skip(err)
	}
	return Axe{source}
}

func axeSource(sums string) (string, error) {
	line, err := os.ReadFile(sums)
	if err != nil {
		return "", err
	}

	sum, name, ok := strings.Cut(strings.TrimSpace(string(line)), "  ")
	if !ok {
		return "", fmt.Errorf("%s is not as sha512sum writes", sums)
	}

	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}

	packed, err := os.ReadFile(filepath.Join(cache, "refapi", name))
	if err != nil {
		return "", fmt.Errorf("pages are not looked at for barriers: %w; `make tools` fetches it", err)
	}
	if got := sha512.Sum512(packed); hex.EncodeToString(got[:]) != sum {
		return "", fmt.Errorf("%s in the cache has another checksum than %s says", name, AxeSums)
	}

	unzipped, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return "", err
	}

	for r := tar.NewReader(unzipped); ; {
		header, err := r.Next()
		if err != nil {
			return "", fmt.Errorf("find axe-core in %s: %w", name, err)
		}
		if header.Name == "package/axe.min.js" {
			source, err := io.ReadAll(r)
			return string(source), err
		}
	}
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
		runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"],
		rules: { "target-size": { enabled: true } },
		resultTypes: ["violations"],
	}).then(({ violations }) => violations.map((v) => ({
		Rule: v.id, Elements: v.nodes.map((n) => n.target.flat().join(" ")), Why: v.nodes[0].failureSummary,
	})))`, chromedp.EvalAwaitPromise))
}
