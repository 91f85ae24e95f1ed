package nginxconf

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/api"
)

// ownCodes are those for which nginx has a page of its own (1.22 to 1.29,
// ngx_http_special_response.c), but for redirects; without the five that no module
// of this configuration gives: 402, 406 and 410 that nothing in nginx gives, 409
// of WebDAV, and 415 of WebDAV and of filters for images.
var ownCodes = []int{400, 401, 403, 404, 405, 408, 411, 412, 413, 414, 416, 421, 429, 494, 495, 496, 497, 500, 501, 502, 503, 504, 505, 507}

// Wherever nginx answers by itself with an error, it answers with one of ours. A
// location that has an error page of its own inherits none.
func TestEveryCodeHasAnErrorPage(t *testing.T) {
	t.Parallel()
	conf, err := Render(Whole, options())
	if err != nil {
		t.Fatal(err)
	}
	_, server, _ := strings.Cut(string(conf), "    server {\n")
	top := regexp.MustCompile(`(?s)location [^\n]*\{.*?\n        \}`).ReplaceAllString(server, "")
	_, hot, _ := strings.Cut(server, "        location / {\n")
	hot, _, _ = strings.Cut(hot, "\n        }\n")

	problems := map[string]bool{}
	for _, p := range api.Problems() {
		problems[p.File()] = true
	}
	for name, block := range map[string]string{"server": top, "location /": hot} {
		codes := map[int]string{}
		for _, m := range regexp.MustCompile(`(?m)^ *error_page ([0-9 ]+) (?:=\d* )?(\S+);$`).FindAllStringSubmatch(block, -1) {
			for code := range strings.FieldsSeq(m[1]) {
				n, err := strconv.Atoi(code)
				if err != nil {
					t.Fatal(err)
				}
				if codes[n] != "" {
					t.Errorf("%s: %d has two error pages", name, n)
				}
				codes[n] = m[2]
			}
		}
		for _, code := range ownCodes {
			to, ok := codes[code]
			if file, isFile := strings.CutPrefix(to, "/"); !ok || isFile && !strings.Contains(file, "$") && !problems[file] {
				t.Errorf("%s: the error page of %d is %q, which is no problem document", name, code, to)
			}
		}
		// Codes of our own must never come from nginx.
		for code, to := range codes {
			if strings.HasPrefix(to, "@") && code != 404 && code != 405 && slices.Contains(ownCodes, code) {
				t.Errorf("%s: %d leads to %s, and nginx gives it too", name, code, to)
			}
		}
	}
}
