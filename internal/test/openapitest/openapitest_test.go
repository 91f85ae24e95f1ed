package openapitest

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/openapi"
	"github.com/chameleoncloud/refapi/internal/route"
)

const (
	sha     = "5da059049fb24a6d76435e52538ee1cb47a0545f"
	version = `{"uid":"` + sha + `","message":"m","date":"Fri, 26 Jun 2026 20:45:12 GMT","author":"Paul","type":"version"}`
	invalid = `{"detail":[{"type":"bool_parsing","loc":["query","gpu"],"msg":"Input should be a valid boolean","input":"x"}]}`
)

// headers makes headers of "Name: value" lines.
func headers(lines ...string) http.Header {
	h := http.Header{}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		h.Add(name, value)
	}
	return h
}

func TestResponse(t *testing.T) {
	t.Parallel()
	v, err := New(openapi.Document(openapi.Options{Base: "https://api.example.org/ref"}))
	if err != nil {
		t.Fatal(err)
	}
	cached := []string{`ETag: "1-2"`, "Cache-Control: max-age=60"}
	ok := headers(append(cached, "Content-Type: application/json; charset=utf-8", "Last-Modified: Fri, 26 Jun 2026 20:45:12 GMT")...)
	problem := headers("Content-Type: application/problem+json")
	missing := func(text string) string { return string(api.Problem{Status: 404, Detail: text}.Body()) }
	for _, tt := range []struct {
		name, method, target string
		status               int
		header               http.Header
		body                 string
		wrong                string // part of the error, "" for none
	}{
		{"body", "GET", "/versions/" + sha, 200, ok, version, ""},
		{"suffix and query", "GET", "/versions/" + sha + ".json?x=y", 200, ok, version, ""},
		{"prefix", "GET", "/ref/versions/" + sha, 200, ok, version, ""},
		{"absolute", "GET", "https://api.example.org/ref/versions/" + sha, 200, ok, version, ""},
		{"wrong body", "GET", "/versions/" + sha, 200, ok, `{}`, "missing properties"},
		{"no JSON", "GET", "/versions/" + sha, 200, ok, version + "x", "not JSON"},
		{"wrong type", "GET", "/versions/" + sha, 200, headers(append(cached, "Content-Type: text/html")...), version, "Content-Type"},
		{"no ETag", "GET", "/versions/" + sha, 200, headers("Content-Type: application/json", "Cache-Control: no-cache"), version, "ETag is missing"},
		{"wrong date", "GET", "/versions/" + sha, 200, headers(append(cached, "Content-Type: application/json", "Last-Modified: now")...), version, "Last-Modified"},
		{"page", "GET", "/docs", 200, headers(append(cached, "Content-Type: text/html; charset=utf-8")...), "<!doctype html>", ""},
		{"no suffix of pages", "GET", "/docs.json", 404, problem, missing(route.NotFound), ""},
		{"HEAD", "HEAD", "/versions/" + sha, 200, ok, "", ""},
		{"HEAD with a body", "HEAD", "/versions/" + sha, 200, ok, version, "body"},
		{"HEAD of another type", "HEAD", "/versions/" + sha, 200, headers(append(cached, "Content-Type: text/html")...), "", "Content-Type"},
		{"not modified", "GET", "/versions/" + sha, 304, headers(cached...), "", ""},
		{"not modified with a body", "GET", "/versions/" + sha, 304, headers(cached...), version, "body"},
		{"redirect", "GET", "/versions/HEAD", 307, headers("Location: /ref/versions/" + sha), "", ""},
		{"redirect to nowhere", "GET", "/versions/HEAD", 307, headers(), "", "Location is missing"},
		{"redirect of what has one address", "GET", "/sites/uc", 307, headers("Location: /"), "", "does not have this status"},
		{"slash", "GET", "/sites/?x=y", 308, headers("Location: /sites?x=y"), "", ""},
		{"slash to nowhere", "GET", "/sites/", 308, headers(), "", "Location is missing"},
		{"missing", "GET", "/sites/x", 404, problem, missing(route.SiteNotFound), ""},
		{"another text", "GET", "/sites/x", 404, problem, missing(route.NotFound), "detail"},
		{"a live text", "GET", "/sites/x/clusters/y/nodes/z/availability", 404, problem, missing("Node not registered in Blazar"), ""},
		{"no problem", "GET", "/sites/x", 404, headers("Content-Type: application/json"), missing(route.SiteNotFound), "Content-Type"},
		{"no route", "GET", "/nope", 404, problem, missing(route.NotFound), ""},
		{"no route, another text", "GET", "/nope", 404, problem, missing(route.SiteNotFound), "detail"},
		{"no route, but an answer", "GET", "/nope", 200, ok, version, "no route"},
		{"encoded slash", "GET", "/sites/a%2Fb", 404, problem, missing(route.SiteNotFound), ""},
		{"not HTTP", "GET", "/sites", 400, problem, string(api.BadRequest.Body()), ""},
		{"too long", "GET", "/" + strings.Repeat("x", 9000), 414, problem, string(api.URITooLong.Body()), ""},
		{"parameters", "GET", "/nodes/search?gpu=x", 422, headers("Content-Type: application/json"), invalid, ""},
		{"parameters of what has none", "GET", "/sites/uc?gpu=x", 422, headers("Content-Type: application/json"), invalid, "Content-Type"},
		{"too often", "GET", "/version", 429, headers("Content-Type: application/problem+json", "Retry-After: 1"), string(api.TooManyRequests.Body()), ""},
		{"too often, but until when", "GET", "/version", 429, problem, string(api.TooManyRequests.Body()), "Retry-After is missing"},
		{"later", "GET", "/version", 503, headers("Content-Type: application/problem+json", "Retry-After: soon"), string(api.LiveUnavailable.Body()), "Retry-After"},
		{"a file is never away", "GET", "/sites/uc", 503, headers("Content-Type: application/problem+json", "Retry-After: 5"), string(api.LiveUnavailable.Body()), "detail"},
		{"no release", "GET", "/sites/uc", 503, headers("Content-Type: application/problem+json", "Retry-After: 5"), string(api.NothingPublished.Body()), ""},
		{"a part", "GET", "/sites/uc", 206, headers(append(cached, "Content-Type: application/json", "Content-Range: bytes 0-4/9")...), "{\"uid", ""},
		{"a part, but of what", "GET", "/sites/uc", 206, headers(append(cached, "Content-Type: application/json")...), "{\"uid", "Content-Range is missing"},
		{"no such part", "GET", "/sites/uc", 416, headers("Content-Type: application/problem+json", "Content-Range: bytes */9"), string(api.RangeNotSatisfiable.Body()), ""},
		{"a precondition", "GET", "/sites/uc", 412, problem, string(api.PreconditionFailed.Body()), ""},
		{"method", "DELETE", "/sites", 405, headers("Content-Type: application/problem+json", "Allow: GET, HEAD, OPTIONS"), string(api.MethodNotAllowed.Body()), ""},
		{"method, but which", "DELETE", "/sites", 405, problem, string(api.MethodNotAllowed.Body()), "Allow is missing"},
		{"method that is no operation", "DELETE", "/sites", 200, ok, version, "does not have this status"},
		{"preflight", "OPTIONS", "/sites", 204, headers("Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: GET"), "", ""},
		{"preflight of nothing", "OPTIONS", "/sites", 204, headers(), "", "preflight"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := v.Response(tt.method, tt.target, tt.status, tt.header, []byte(tt.body))
			switch {
			case err == nil && tt.wrong != "":
				t.Errorf("no error, want one with %q", tt.wrong)
			case err != nil && tt.wrong == "":
				t.Error(err)
			case err != nil && !strings.Contains(err.Error(), tt.wrong):
				t.Errorf("the error is %q, want one with %q", err, tt.wrong)
			}
		})
	}
}

func TestComponent(t *testing.T) {
	t.Parallel()
	v, err := New(openapi.Document(openapi.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Component("Version", []byte(version)); err != nil {
		t.Error(err)
	}
	for name, text := range map[string]string{"Version": "{}", "Problem": "{", "Nope": version} {
		if v.Component(name, []byte(text)) == nil {
			t.Errorf("%s is accepted as %s", text, name)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{
		``,
		`{"components":{"schemas":{"A":{"$ref":"#/components/schemas/B"}}}}`,
		`{"components":{"schemas":{"A":{"type":"strong"}}}}`,
	} {
		if _, err := New([]byte(doc)); err == nil {
			t.Errorf("%s is accepted", doc)
		}
	}
}
