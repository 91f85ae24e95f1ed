package api

import (
	"fmt"

	"github.com/chameleoncloud/refapi/internal/route"
)

// Header values that every server of the API sends.
const (
	// BriefCache is the Cache-Control of what the next commit may change: a
	// CDN may hold it for a minute, and serve it on when the server is away
	// (RFC 5861).
	BriefCache = "public, max-age=60, stale-while-revalidate=600, stale-if-error=86400"
	// ImmutableCache is that of what never changes (RFC 8246).
	ImmutableCache = "public, max-age=31536000, immutable"
	// NoCache is that of errors, and of parts of files that the file may lack.
	NoCache = "no-store"
	// SureRange is a regular expression, whatever the case, of Range headers that
	// no file refuses with 416: what starts with the first byte, and what ends with
	// the last (RFC 9110, section 14.1.2).
	SureRange = `^bytes=(?:0-[0-9]*|-[0-9]*[1-9][0-9]*)$`
	// MissingCache is that of a 404: what is missing may come.
	MissingCache = "public, max-age=10"
	// RetryAfter is how many seconds a client waits for what may be back soon.
	RetryAfter = "5"
	// ExposedHeaders are the headers that scripts of other origins may read.
	ExposedHeaders = "ETag, Last-Modified, Link, Location, Retry-After"
)

// ContentPolicy keeps pages to what the server that they come from serves
// (Content Security Policy Level 3), at whatever address that is.
const ContentPolicy = "default-src 'none'; connect-src 'self'; font-src 'self'; img-src 'self' data:; script-src 'self'; style-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// ServiceLinks is the Link header of "/": where the API is described, for
// programs and for people (RFC 8631), and where the pages for people are. The
// base is a path: the links are those of the server that is asked.
func ServiceLinks(base string) string {
	return fmt.Sprintf(`<%s>; rel="service-desc"; type="application/json", <%s>; rel="service-doc"; type="text/html", `+
		`<%s>; rel="alternate"; type="text/html", <%s>; rel="help"; type="text/html"`,
		base+route.OpenAPI.Path(), base+route.Docs.Path(), base+route.HardwareList.Path(), base+route.Guide.Path())
}
