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
var ownCodes = []int{
	400, 401, 403, 404, 405, 408, 411, 412, 413, 414, 416, 421, 429, 494, 495, 496, 497,
	500, 501, 502, 503, 504, 505, 507,
}

// Every error that nginx gives is one of ours. A location that has an error page of
// its own inherits none: only the one of the problem documents may.
func TestEveryCodeHasAnErrorPage(t *testing.T) {
	t.Parallel()
	conf, err := Render(Complete, options())
	if err != nil {
		t.Fatal(err)
	}

	_, server, _ := strings.Cut(string(conf), "    server {\n")

	codes := map[int]bool{}
	errorPage := regexp.MustCompile(`(?m)^ {8}error_page ([0-9 ]+) (?:=\d+ )?/errors/\$refapi_problem;$`)
	for _, m := range errorPage.FindAllStringSubmatch(server, -1) {
		for code := range strings.FieldsSeq(m[1]) {
			n, err := strconv.Atoi(code)
			if err != nil {
				t.Fatal(err)
			}
			if codes[n] {
				t.Errorf("%d has two error pages", n)
			}
			codes[n] = true
		}
	}

	for _, code := range ownCodes {
		if !codes[code] {
			t.Errorf("%d has no error page", code)
		}
	}

	for code := range codes {
		if code != 431 && !slices.Contains(ownCodes, code) { // clients get 494 as 431
			t.Errorf("%d has an error page, and nginx never gives it", code)
		}
	}

	locations := regexp.MustCompile(`(?s)\n {8}location ([^\n]*) \{(.*?)\n {8}\}`)
	for _, location := range locations.FindAllStringSubmatch(server, -1) {
		if name := location[1]; strings.Contains(location[2], "error_page") && name != "^~ /"+api.ProblemDir+"/" {
			t.Errorf("location %s has error pages of its own", name)
		}
	}
}

// Each problem that the configuration names is a file of the tree.
func TestProblemsExist(t *testing.T) {
	t.Parallel()
	conf, err := Render(Complete, options())
	if err != nil {
		t.Fatal(err)
	}

	var files []string
	for _, p := range api.Problems() {
		files = append(files, problemName(p))
	}

	names := regexp.MustCompile(`[ /](404-[a-z-]+|416)(?:\.json|"|;| \{)`).FindAllStringSubmatch(string(conf), -1)
	if len(names) < 20 {
		t.Fatalf("the configuration names %d problems", len(names))
	}

	for _, m := range names {
		if !slices.Contains(files, m[1]) {
			t.Errorf("%s is not a problem document", m[1])
		}
	}

	for _, status := range statuses() {
		if name := strconv.Itoa(status); status != 404 && !slices.Contains(files, name) {
			t.Errorf("%s is not a problem document", name)
		}
	}
}
