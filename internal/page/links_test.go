package page_test

import (
	"io/fs"
	"regexp"
	"testing"

	"github.com/chameleoncloud/refapi/templates"
)

// Templates print what they link to by the functions that record it.
func TestTemplatesRecordLinks(t *testing.T) {
	t.Parallel()
	names, err := fs.Glob(templates.FS, "*.tmpl")
	if err != nil {
		t.Fatal(err)
	}

	link := regexp.MustCompile(` (?:href|src|action|data-index|data-openapi|data-compare|data-snippets)="(.*?)"[ >]`)
	// What is not of this site is an operator's link (.Href), or the whole URL of the page (.).
	recorded := regexp.MustCompile(`^(\{\{(href|asset) .*|#.*|\{\{\.Href\}\}|\{\{\.\}\})$`)
	found := 0

	for _, name := range names {
		text, err := fs.ReadFile(templates.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllSubmatch(text, -1) {
			found++
			if !recorded.Match(m[1]) {
				t.Errorf("%s has the link %s, which is not recorded", name, m[0])
			}
		}
	}

	if found < 50 {
		t.Errorf("only %d links are found", found)
	}
}
