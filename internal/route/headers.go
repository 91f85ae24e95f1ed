package route

import (
	"cmp"
	"strconv"
	"strings"
)

// Values of Cache-Control (RFC 9111).
const (
	// CacheShort is for what the next commit may change: a CDN may keep it for a
	// minute, and longer while the server is down (RFC 5861).
	CacheShort = "public, max-age=60, stale-while-revalidate=600, stale-if-error=86400"
	// CacheImmutable is for what never changes (RFC 8246).
	CacheImmutable = "public, max-age=31536000, immutable"
	// CacheMissing is for a 404: the resource may be published at any time.
	CacheMissing = "public, max-age=10"
	// CacheMoved is for a permanent redirect.
	CacheMoved = "public, max-age=86400"
	// CacheNewest is for a redirect to a version, which the next commit may change.
	CacheNewest = "public, max-age=60"
	// NoStore is for other errors, and for ranges that the file may not have.
	NoStore = "no-store"
)

// CacheClass is a row of the table of files that caches keep equally long.
type CacheClass struct {
	Name     string   // in the tags of CDNs
	Control  string   // Cache-Control
	Prefixes []string // of the files' paths; none for all that have no other class
}

// CacheClasses returns the table.
func CacheClasses() []CacheClass {
	return []CacheClass{{"immutable", CacheImmutable, ImmutablePrefixes()}, {"head", CacheShort, nil}}
}

// ClassOf returns the class of the file at a decoded path.
func ClassOf(path string) CacheClass {
	classes := CacheClasses()
	for _, class := range classes {
		for _, prefix := range class.Prefixes {
			if strings.HasPrefix(path, prefix) {
				return class
			}
		}
	}
	return classes[len(classes)-1]
}

// ImmutablePrefixes returns the prefixes of paths that contain the hash of their
// content, so that it never changes.
func ImmutablePrefixes() []string { return []string{Versions.Path() + "/", "/" + AssetDir + "/"} }

// ErrorCacheControl returns the Cache-Control of an error.
func ErrorCacheControl(status int) string {
	if status == 404 {
		return CacheMissing
	}
	return NoStore
}

// RetryAfter returns the value of Retry-After, in seconds; "" for errors that are
// not temporary.
func RetryAfter(status int) string {
	switch status {
	case 429:
		return "1"
	case 503:
		return "5"
	}
	return ""
}

// SatisfiableRange is a regular expression, in any letter case, of Range headers
// that never get 416, whatever the size of the file: from the first byte, or to
// the last one (RFC 9110, section 14.1.2).
const SatisfiableRange = `^bytes=(?:0-[0-9]*|-[0-9]*[1-9][0-9]*)$`

// ExposedHeaders are the headers that scripts of other origins may read.
const ExposedHeaders = "Deprecation, ETag, " + IgnoredParameters + ", Last-Modified, Link, Location, Retry-After, Sunset"

// IgnoredParameters is the header of a response with the names of parameters that had no
// effect: a list of strings (RFC 9651).
const IgnoredParameters = "Ignored-Parameters"

// LoadingPolicy restricts what pages load to resources of their own server, at whatever
// URL that is (Content Security Policy Level 3).
const LoadingPolicy = "default-src 'none'; connect-src 'self'; font-src 'self'; img-src 'self' data:; " +
	"script-src 'self'; style-src 'self'"

// Header is a header field of a response.
type Header struct{ Name, Value string }

// CommonHeaders returns the headers of every response: scripts of all origins may
// read it, and browsers do not guess media types.
func CommonHeaders() []Header {
	return []Header{
		{"Access-Control-Allow-Origin", "*"},
		{"Access-Control-Expose-Headers", ExposedHeaders},
		{"X-Content-Type-Options", "nosniff"},
	}
}

// Delivery is what an operator adds to the headers of a site.
type Delivery struct {
	NoIndex  bool   // search engines list nothing of it
	CacheTag string // name of the site in the tags that CDNs purge by, "" for no tags
	// FrameAncestors are the origins whose pages may show those of the site in a frame, with
	// spaces between them; "" for none.
	FrameAncestors string
}

// DocumentPolicy is the rest of the policy of pages: where they are, and what they do.
func (d Delivery) DocumentPolicy() string {
	return "base-uri 'none'; form-action 'self'; frame-ancestors " + cmp.Or(d.FrameAncestors, "'none'")
}

// ContentPolicy is all of it.
func (d Delivery) ContentPolicy() string { return LoadingPolicy + "; " + d.DocumentPolicy() }

// Headers returns the headers of every response.
func (d Delivery) Headers() []Header {
	headers := CommonHeaders()
	if d.NoIndex {
		headers = append(headers, Header{"X-Robots-Tag", "noindex"})
	}
	return headers
}

// Tags returns the headers that name the tags of a file, of all of the site and of its
// class: Cache-Tag as Cloudflare, Netlify and Akamai read it, Surrogate-Key as Fastly does.
func (d Delivery) Tags(class CacheClass) []Header {
	if d.CacheTag == "" {
		return nil
	}
	tag := d.CacheTag + "-" + class.Name
	return []Header{{"Cache-Tag", d.CacheTag + "," + tag}, {"Surrogate-Key", d.CacheTag + " " + tag}}
}

// PreflightHeaders returns the headers of the response to OPTIONS, of CORS or
// not, for a decoded path without suffix, except Access-Control-Allow-Origin.
func PreflightHeaders(path string) []Header {
	methods := Methods(path)
	return []Header{
		{"Access-Control-Allow-Methods", methods},
		{"Access-Control-Allow-Headers", "*"},
		{"Access-Control-Max-Age", PreflightMaxAge},
		{"Allow", methods},
	}
}

// PreflightMaxAge is how long browsers cache a preflight, in seconds.
const PreflightMaxAge = "86400"

// ServiceLinks returns the values of the Link header of "/": the API's machine-readable
// and human-readable description (RFC 8631), the HTML pages, and the guide. The base is
// a path, so that the links stay on the server that the client uses.
func ServiceLinks(base string) []string {
	return []string{
		"<" + base + OpenAPI.Path() + `>; rel="service-desc"; type="application/json"`,
		"<" + base + Docs.Path() + `>; rel="service-doc"; type="text/html"`,
		"<" + base + HardwareList.Path() + `>; rel="alternate"; type="text/html"`,
		"<" + base + Guide.Path() + `>; rel="help"; type="text/html"`,
	}
}

// Accepts reports whether a client accepts a content coding, by the values of its
// Accept-Encoding (RFC 9110, section 12.5.3). Names are compared in any letter
// case, a zero or invalid weight excludes a coding, and "*" applies to codings
// that are not named. Without the header nothing is accepted. Other weights are
// not compared: the server chooses.
func Accepts(header []string, coding string) bool {
	wildcard := false
	for _, value := range header {
		for element := range strings.SplitSeq(value, ",") {
			name, weight, weighted := strings.Cut(element, ";")
			switch name = strings.TrimSpace(name); {
			case strings.EqualFold(name, coding), coding == "gzip" && strings.EqualFold(name, "x-gzip"):
				return !weighted || isPositive(weight)
			case name == "*":
				wildcard = !weighted || isPositive(weight)
			}
		}
	}

	return wildcard
}

// isPositive reports whether a weight such as "q=0.5" is above zero.
func isPositive(weight string) bool {
	name, value, _ := strings.Cut(weight, "=")
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	return strings.EqualFold(strings.TrimSpace(name), "q") && err == nil && q > 0 && q <= 1
}
