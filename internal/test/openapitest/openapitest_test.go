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
	version = `{"uid":"` + sha +
		`","message":"m","date":"Fri, 26 Jun 2026 20:45:12 GMT","author":"Paul","type":"version"}`
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
	ok := headers(append(cached, "Content-Type: application/json; charset=utf-8",
		"Last-Modified: Fri, 26 Jun 2026 20:45:12 GMT")...)
	problem := headers("Content-Type: application/problem+json")
	missing := func(text string) string { return string(api.Problem{Status: 404, Detail: text}.Body()) }
	for _, tt := range []struct {
		name, method, target string
		status               int
		header               http.Header
		body                 string
		wrong                string // part of the error, "" for none
	}{
		{name: "body", method: "GET", target: "/versions/" + sha, status: 200, header: ok, body: version},
		{name: "suffix and query", method: "GET", target: "/versions/" + sha + ".json?x=y", status: 200, header: ok,
			body: version},
		{name: "prefix", method: "GET", target: "/ref/versions/" + sha, status: 200, header: ok, body: version},
		{name: "absolute", method: "GET", target: "https://api.example.org/ref/versions/" + sha, status: 200,
			header: ok, body: version},
		{name: "wrong body", method: "GET", target: "/versions/" + sha, status: 200, header: ok, body: `{}`,
			wrong: "missing properties"},
		{name: "no JSON", method: "GET", target: "/versions/" + sha, status: 200, header: ok, body: version + "x",
			wrong: "not JSON"},
		{name: "wrong type", method: "GET", target: "/versions/" + sha, status: 200,
			header: headers(append(cached, "Content-Type: text/html")...), body: version, wrong: "Content-Type"},
		{name: "no ETag", method: "GET", target: "/versions/" + sha, status: 200,
			header: headers("Content-Type: application/json",
				"Cache-Control: no-cache"), body: version, wrong: "ETag is missing"},
		{name: "wrong date", method: "GET", target: "/versions/" + sha, status: 200,
			header: headers(append(cached, "Content-Type: application/json",
				"Last-Modified: now")...), body: version, wrong: "Last-Modified"},
		{name: "page", method: "GET", target: "/docs", status: 200,
			header: headers(append(cached, "Content-Type: text/html; charset=utf-8")...), body: "<!doctype html>"},
		{name: "no suffix of pages", method: "GET", target: "/docs.json", status: 404, header: problem,
			body: missing(route.NotFound)},
		{name: "HEAD", method: "HEAD", target: "/versions/" + sha, status: 200, header: ok},
		{name: "HEAD with a body", method: "HEAD", target: "/versions/" + sha, status: 200, header: ok,
			body: version, wrong: "body"},
		{name: "HEAD of another type", method: "HEAD", target: "/versions/" + sha, status: 200,
			header: headers(append(cached, "Content-Type: text/html")...), wrong: "Content-Type"},
		{name: "not modified", method: "GET", target: "/versions/" + sha, status: 304, header: headers(cached...)},
		{name: "not modified with a body", method: "GET", target: "/versions/" + sha, status: 304,
			header: headers(cached...), body: version, wrong: "body"},
		{name: "redirect", method: "GET", target: "/versions/HEAD", status: 307,
			header: headers("Location: /ref/versions/" + sha)},
		{name: "redirect to nowhere", method: "GET", target: "/versions/HEAD", status: 307, header: headers(),
			wrong: "Location is missing"},
		{name: "redirect of what has one address", method: "GET", target: "/sites/uc", status: 307,
			header: headers("Location: /"), wrong: "does not have this status"},
		{name: "slash", method: "GET", target: "/sites/?x=y", status: 308, header: headers("Location: /sites?x=y")},
		{name: "slash to nowhere", method: "GET", target: "/sites/", status: 308, header: headers(),
			wrong: "Location is missing"},
		{name: "missing", method: "GET", target: "/sites/x", status: 404, header: problem,
			body: missing(route.SiteNotFound)},
		{name: "another text", method: "GET", target: "/sites/x", status: 404, header: problem,
			body: missing(route.NotFound), wrong: "detail"},
		{name: "a live text", method: "GET", target: "/sites/x/clusters/y/nodes/z/availability", status: 404,
			header: problem, body: missing("Node not registered in Blazar")},
		{name: "no problem", method: "GET", target: "/sites/x", status: 404,
			header: headers("Content-Type: application/json"), body: missing(route.SiteNotFound), wrong: "Content-Type"},
		{name: "no route", method: "GET", target: "/nope", status: 404, header: problem,
			body: missing(route.NotFound)},
		{name: "no route, another text", method: "GET", target: "/nope", status: 404, header: problem,
			body: missing(route.SiteNotFound), wrong: "detail"},
		{name: "no route, but an answer", method: "GET", target: "/nope", status: 200, header: ok, body: version,
			wrong: "no route"},
		{name: "encoded slash", method: "GET", target: "/sites/a%2Fb", status: 404, header: problem,
			body: missing(route.SiteNotFound)},
		{name: "not HTTP", method: "GET", target: "/sites", status: 400, header: problem,
			body: string(api.BadRequest.Body())},
		{name: "too long", method: "GET", target: "/" + strings.Repeat("x", 9000), status: 414, header: problem,
			body: string(api.URITooLong.Body())},
		{name: "parameters", method: "GET", target: "/nodes/search?gpu=x", status: 422,
			header: headers("Content-Type: application/json"), body: invalid},
		{name: "parameters of what has none", method: "GET", target: "/sites/uc?gpu=x", status: 422,
			header: headers("Content-Type: application/json"), body: invalid, wrong: "Content-Type"},
		{name: "too often", method: "GET", target: "/version", status: 429,
			header: headers("Content-Type: application/problem+json",
				"Retry-After: 1"), body: string(api.TooManyRequests.Body())},
		{name: "too often, but until when", method: "GET", target: "/version", status: 429, header: problem,
			body: string(api.TooManyRequests.Body()), wrong: "Retry-After is missing"},
		{name: "later", method: "GET", target: "/version", status: 503,
			header: headers("Content-Type: application/problem+json",
				"Retry-After: soon"), body: string(api.LiveUnavailable.Body()), wrong: "Retry-After"},
		{name: "a file is never away", method: "GET", target: "/sites/uc", status: 503,
			header: headers("Content-Type: application/problem+json",
				"Retry-After: 5"), body: string(api.LiveUnavailable.Body()), wrong: "detail"},
		{name: "no release", method: "GET", target: "/sites/uc", status: 503,
			header: headers("Content-Type: application/problem+json",
				"Retry-After: 5"), body: string(api.NothingPublished.Body())},
		{name: "a part", method: "GET", target: "/sites/uc", status: 206,
			header: headers(append(cached, "Content-Type: application/json",
				"Content-Range: bytes 0-4/9")...), body: "{\"uid"},
		{name: "a part, but of what", method: "GET", target: "/sites/uc", status: 206,
			header: headers(append(cached,
				"Content-Type: application/json")...), body: "{\"uid", wrong: "Content-Range is missing"},
		{name: "no such part", method: "GET", target: "/sites/uc", status: 416,
			header: headers("Content-Type: application/problem+json",
				"Content-Range: bytes */9"), body: string(api.RangeNotSatisfiable.Body())},
		{name: "a precondition", method: "GET", target: "/sites/uc", status: 412, header: problem,
			body: string(api.PreconditionFailed.Body())},
		{name: "method", method: "DELETE", target: "/sites", status: 405,
			header: headers("Content-Type: application/problem+json",
				"Allow: GET, HEAD, OPTIONS"), body: string(api.MethodNotAllowed.Body())},
		{name: "method, but which", method: "DELETE", target: "/sites", status: 405, header: problem,
			body: string(api.MethodNotAllowed.Body()), wrong: "Allow is missing"},
		{name: "method that is no operation", method: "DELETE", target: "/sites", status: 200, header: ok,
			body: version, wrong: "does not have this status"},
		{name: "preflight", method: "OPTIONS", target: "/sites", status: 204,
			header: headers("Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: GET")},
		{name: "preflight of nothing", method: "OPTIONS", target: "/sites", status: 204, header: headers(),
			wrong: "preflight"},
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

	if err := v.Component("TestbedVersion", []byte(version)); err != nil {
		t.Error(err)
	}

	for name, text := range map[string]string{"TestbedVersion": "{}", "Problem": "{", "Nope": version} {
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
