package route

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// userAgents are what clients send, and their families.
var userAgents = map[string]string{
	"python-requests/2.32.3": "python-chi",
	"python-chi/1.2":         "python-chi",
	"keystoneauth1/5.1.2 python-requests/2.28.1 CPython/3.11.2":                    "python-chi",
	"openstacksdk/1.0.1 keystoneauth1/5.1.2 python-requests/2.28.1 CPython/3.11.2": "python-chi",
	"Python-urllib/3.11":        "python",
	"Python/3.11 aiohttp/3.9.1": "python",
	"python-httpx/0.27.0":       "python",
	"python-urllib3/2.2.1":      "python",
	"curl/7.88.1":               "curl",
	"Wget/1.21.3":               "curl",
	"Go-http-client/1.1":        "go",
	"Go-http-client/2.0":        "go",
	"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0":                                "browser",
	"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36": "browser",
	"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)":                              "crawler",
	"Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)":                   "crawler",
	"":                                 "other",
	"-":                                "other",
	"node":                             "other",
	"MOZILLA/5.0":                      "other",
	`"; drop table clients" \x22 curl`: "other",
}

func TestFamilyOf(t *testing.T) {
	t.Parallel()
	for agent, want := range userAgents {
		if got := FamilyOf(agent); got != want {
			t.Errorf("%q is of the family %s, want %s", agent, got, want)
		}
	}
}

func BenchmarkFamilyOf(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		FamilyOf("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36")
	}
}

func TestClientFamiliesAreDocumented(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("../../docs/moving.md")
	if err != nil {
		t.Fatal(err)
	}

	var rows strings.Builder
	for _, f := range ClientFamilies() {
		tokens := "everything else"
		if len(f.Tokens) > 0 {
			tokens = "`" + strings.Join(f.Tokens, "`, `") + "`"
		}
		fmt.Fprintf(&rows, "| `%s` | %s |\n", f.Name, tokens)
	}
	for row := range strings.Lines(rows.String()) {
		if !strings.Contains(string(src), "\n"+strings.TrimSuffix(row, "|\n")) {
			t.Errorf("docs/moving.md has no row%s", row)
		}
	}
}
