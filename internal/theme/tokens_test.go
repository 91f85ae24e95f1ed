package theme

import (
	"regexp"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/templates"
)

// The colors that those of a site are compared with are the style sheet's.
func TestTokensAreTheStyleSheets(t *testing.T) {
	t.Parallel()
	css, err := templates.FS.ReadFile("site.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark, _ := strings.Cut(string(css), "prefers-color-scheme: dark")
	for _, token := range []token{surface, page, text, accent, accentBg, onAccent} {
		for i, scheme := range []string{light, dark} {
			found := regexp.MustCompile(`--` + token.Name + `: (#[0-9a-f]+);`).FindStringSubmatch(scheme)
			if found == nil || found[1] != token.Value[i] {
				t.Errorf("%s: the style sheet has %q, not %s", token.Name, found, token.Value[i])
			}
		}
	}
}
