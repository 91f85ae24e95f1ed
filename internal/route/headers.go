package route

import (
	"fmt"
	"strconv"
	"strings"
)

// Values of Cache-Control, by what an answer may become (RFC 9111).
const (
	// CacheShort is for what the next commit may change: a CDN may hold it for a
	// minute, and serve it on when the server is away (RFC 5861).
	CacheShort = "public, max-age=60, stale-while-revalidate=600, stale-if-error=86400"
	// CacheImmutable is for what never changes (RFC 8246).
	CacheImmutable = "public, max-age=31536000, immutable"
	// CacheMissing is for a 404: what is missing may come.
	CacheMissing = "public, max-age=10"
	// CacheMoved is for a permanent redirect.
	CacheMoved = "public, max-age=86400"
	// CacheNewest is for a redirect to a version, which the next commit may change.
	CacheNewest = "public, max-age=60"
	// NoStore is for other errors, and for parts of files that the file may lack.
	NoStore = "no-store"
)

// CacheControl is that of the file that answers a decoded path.
func CacheControl(path string) string {
	for _, prefix := range ImmutablePrefixes() {
		if strings.HasPrefix(path, prefix) {
			return CacheImmutable
		}
	}
	return CacheShort
}

// ImmutablePrefixes are those of the paths whose answers a hash names for good.
func ImmutablePrefixes() []string { return []string{Versions.Path() + "/", "/" + AssetDir + "/"} }

// ErrorCacheControl is that of an error.
func ErrorCacheControl(status int) string {
	if status == 404 {
		return CacheMissing
	}
	return NoStore
}

// RetryAfter is how many seconds a client waits before it asks again for what
// may be back soon, "" for errors that waiting does not mend.
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
// that no file refuses with 416: what starts with the first byte, and what ends
// with the last (RFC 9110, section 14.1.2).
const SatisfiableRange = `^bytes=(?:0-[0-9]*|-[0-9]*[1-9][0-9]*)$`

// ExposedHeaders are the headers that scripts of other origins may read.
const ExposedHeaders = "ETag, Last-Modified, Link, Location, Retry-After"

// ContentPolicy keeps pages to what the server that they come from serves
// (Content Security Policy Level 3), at whatever URL that is.
const ContentPolicy = "default-src 'none'; connect-src 'self'; font-src 'self'; img-src 'self' data:; " +
	"script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// Header is a field of an answer's header.
type Header struct{ Name, Value string }

// CommonHeaders are those of every answer: everybody's scripts may read the
// API, and browsers take its media types as they are.
func CommonHeaders() []Header {
	return []Header{
		{"Access-Control-Allow-Origin", "*"},
		{"Access-Control-Expose-Headers", ExposedHeaders},
		{"X-Content-Type-Options", "nosniff"},
	}
}

// PreflightHeaders are those of the answer to OPTIONS, of CORS or not, for a
// decoded path without suffix; in addition to Access-Control-Allow-Origin.
func PreflightHeaders(path string) []Header {
	methods := Methods(path)
	return []Header{
		{"Access-Control-Allow-Methods", methods},
		{"Access-Control-Allow-Headers", "*"},
		{"Access-Control-Max-Age", PreflightMaxAge},
		{"Allow", methods},
	}
}

// PreflightMaxAge is for how many seconds a browser need not ask again.
const PreflightMaxAge = "86400"

// ServiceLinks is the Link header of "/": where the API is described, for
// programs and for readers (RFC 8631), and where the HTML pages are. The base is
// a path: the links are those of the server that is asked.
func ServiceLinks(base string) string {
	return fmt.Sprintf(`<%s>; rel="service-desc"; type="application/json", <%s>; rel="service-doc"; type="text/html", `+
		`<%s>; rel="alternate"; type="text/html", <%s>; rel="help"; type="text/html"`,
		base+OpenAPI.Path(), base+Docs.Path(), base+HardwareList.Path(), base+Guide.Path())
}

// Accepts reports whether a client takes a content coding, by the values of its
// Accept-Encoding (RFC 9110, section 12.5.3): codings have any letter case, a
// weight of zero or one that cannot be read excludes, and "*" is for codings
// that are not named. Without the header nothing is accepted: a coding must be
// asked for. Other weights are not compared: the server chooses.
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
