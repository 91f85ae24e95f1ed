package route

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// The functions say the same as the patterns, which go into nginx.conf and the
// OpenAPI document.
func FuzzPatterns(f *testing.F) {
	for _, seed := range []string{
		"/sites/uc", "/sites//uc", "/a%2fb", "/a%2Fb", "/a%5cb", `/a\b`, "/%00", "/a%1F", "/a%7fb", "/a%252fb", "/%20%25", "/é",
		"/versions/HEAD", "/versions/0123456", "/versions/012345", "/versions/012345G", "/versions/" +
			strings.Repeat("a", 41), "HEADx",
	} {
		f.Add(seed)
	}

	refused := regexp.MustCompile("(?i)" + RefusedPattern)
	version := regexp.MustCompile("^(?:" + VersionPattern + ")$")
	f.Fuzz(func(t *testing.T, text string) {
		id := text[strings.LastIndexByte(text, '/')+1:]
		if got, want := IsVersionID(id), version.MatchString(id) && !strings.HasSuffix(id, "\n"); got != want {
			t.Errorf("IsVersionID(%q) = %v, and the pattern says %v", id, got, want)
		}

		u, err := url.ParseRequestURI(text)
		if err != nil || !strings.HasPrefix(text, "/") {
			return
		}

		raw, _, _ := strings.Cut(text, "?")
		if got, want := IsRefused(u), refused.MatchString(raw); got != want {
			t.Errorf("IsRefused(%q) = %v, and the pattern says %v", text, got, want)
		}
	})
}

func TestAccepts(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]bool{
		"":                       false,
		"gzip":                   true,
		"GZip":                   true,
		"x-gzip":                 true,
		"br":                     false,
		"br, gzip":               true,
		"deflate ,\tgzip ; q=1":  true,
		"gzip;q=0":               false,
		"gzip; Q=0.000":          false,
		"gzip;q=0.001":           true,
		"gzip;q=high":            false,
		"gzip;q=2":               false,
		"gzip;level=9":           false,
		"*":                      true,
		"*;q=0":                  false,
		"*, gzip;q=0":            false,
		"gzip;q=0.5, *;q=0":      true,
		"identity":               false,
		"identity;q=1, *;q=0":    false,
		"identity;q=0, *":        true,
		"gzipped, notgzip, gzi":  false,
		"br;q=1.0, gzip;q=0.8,*": true,
	} {
		if got := Accepts([]string{header}, "gzip"); got != want {
			t.Errorf("%q accepts gzip: %v, want %v", header, got, want)
		}
	}

	if !Accepts([]string{"br", "gzip"}, "gzip") || Accepts(nil, "gzip") {
		t.Error("several headers are not read as one, or none as something")
	}
}

func TestContentType(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/sites.json":              "application/json",
		"/changes.feed.json":       "application/feed+json",
		"/changes.atom":            "application/atom+xml",
		"/nodes.csv":               "text/csv; charset=utf-8",
		"/hardware/index.html":     "text/html; charset=utf-8",
		"/assets/x.js":             "text/javascript; charset=utf-8",
		"/.well-known/api-catalog": APICatalogType,
		"/sites/kvm/flavors/m1.4x": "",
	} {
		if got := ContentType(path); got != want {
			t.Errorf("the type of %s is %q, want %q", path, got, want)
		}
	}
}

func TestRedirect(t *testing.T) {
	t.Parallel()
	for escaped, want := range map[string]string{
		"/":             "",
		"/sites/":       "/sites",
		"/sites":        "",
		"/sites.json/":  "/sites.json",
		"/nope/":        "",
		"/sites//":      "",
		"/sites/a%20b/": "/sites/a%20b",
		"/hardware/":    "/hardware",
		"/hardware/node/sites/s/clusters/c/nodes/n":  "/hardware/sites/s/clusters/c/nodes/n",
		"/hardware/node/sites/s/clusters/c/nodes/n/": "/hardware/sites/s/clusters/c/nodes/n",
		"/hardware/node/n/":                          "/hardware/node/n",
	} {
		path, err := url.PathUnescape(escaped)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := Redirect(path, escaped); got != want {
			t.Errorf("%s redirects to %q, want %q", escaped, got, want)
		}
	}

	// A dot segment at the end has a slash once it is resolved, and then nothing is
	// left that the client wrote.
	if to, ok := Redirect("/sites/", "/sites/."); ok {
		t.Errorf("/sites/. redirects to %s", to)
	}
}

func TestLink(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"/sites":            Link(Sites, ""),
		"/sites.json":       Link(Sites, ".json"),
		"/index.json":       Link(Root, ".json"),
		"/":                 Link(Root, ""),
		"/sites/a%2Fb.json": Link(Site, ".json", "a/b"),
		"/changes.atom":     Link(ChangesAtom, ".json"),
		"/openapi.json":     Link(OpenAPI, ".json"),
		"/docs":             Link(Docs, ".json"),
		"/availability":     Link(Availability, ".json"),
		"/hardware":         Link(HardwareList, ".json"),
	} {
		if got != want {
			t.Errorf("the link is %s, want %s", got, want)
		}
	}
}

func TestDelivery(t *testing.T) {
	t.Parallel()
	d := Delivery{NoIndex: true, CacheTag: "refapi"}
	if h := d.Headers(); h[len(h)-1] != (Header{"X-Robots-Tag", "noindex"}) {
		t.Errorf("the headers are %v", h)
	}
	for path, class := range map[string]string{"/sites": "head", "/versions/abc": "immutable"} {
		tags := d.Tags(ClassOf(path))
		if tags[0].Value != "refapi,refapi-"+class || tags[1].Value != "refapi refapi-"+class {
			t.Errorf("the tags of %s are %v", path, tags)
		}
	}
	if d := (Delivery{}); d.Tags(ClassOf("/")) != nil || len(d.Headers()) != len(CommonHeaders()) {
		t.Error("there are headers that nobody asked for")
	}
}

func TestCacheControl(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/versions":                CacheShort,
		"/versions/abc":            CacheImmutable,
		"/sites/uc/versions/abc":   CacheShort,
		"/assets/site.abc.css":     CacheImmutable,
		"/versions/abc/changes":    CacheImmutable,
		"/.well-known/api-catalog": CacheShort,
	} {
		if got := ClassOf(path).Control; got != want {
			t.Errorf("Cache-Control of %s is %q, want %q", path, got, want)
		}
	}
}
