package openapi

import (
	"strings"

	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// header is a header of responses. None is required: generated clients would refuse
// what comes through a proxy that drops one.
type header struct {
	name        string
	Description string `json:"description"`
	Schema      Schema `json:"schema"`
	Example     any    `json:"example"`
}

// headers lists the headers that responses refer to, once each.
func headers() []header {
	text := func(keyword string) Schema { return Schema{Type: "string", Keywords: rawjson.Value(keyword)} }
	return []header{
		{
			name:        "ETag",
			Description: "Entity tag of this body, for If-None-Match (RFC 9110, section 8.8.3).",
			Schema:      text(`{"pattern":"^(W/)?\"[^\"]*\"$"}`),
			Example:     `"6a3edd78-32c"`,
		},
		{
			name:        "Last-Modified",
			Description: "When the body last changed, for If-Modified-Since; for live responses, the time of the last sync.",
			Schema:      inlineSchema("Date"),
			Example:     "Fri, 26 Jun 2026 20:45:12 GMT",
		},
		{
			name:        "Cache-Control",
			Description: "How long caches may keep the response (RFC 9111; RFC 5861 for stale responses).",
			Schema:      text(`{"minLength":1}`),
			Example:     "public, max-age=60, stale-while-revalidate=600, stale-if-error=86400",
		},
		{
			name:        "Vary",
			Description: "Request headers that the response depends on.",
			Schema:      text(`{"minLength":1}`),
			Example:     "Accept-Encoding",
		},
		{
			name: "Link",
			Description: "The API's description (RFC 8631): machine-readable (`service-desc`) and human-readable (`service-doc`). " +
				"Then HTML pages: the hardware (`alternate`) and the guide (`help`).",
			Schema:  text(`{"pattern":"rel=\"service-desc\".*rel=\"service-doc\""}`),
			Example: `</openapi.json>; rel="service-desc", </docs>; rel="service-doc", </hardware>; rel="alternate", </guide>; rel="help"`,
		},
		{
			name:        "Location",
			Description: "URL to redirect to.",
			Schema:      text(`{"format":"uri-reference","minLength":1}`),
			Example:     "/sites/uc/versions/5da059049fb24a6d76435e52538ee1cb47a0545f",
		},
		{
			name:        "Allow",
			Description: "Methods that the URL allows.",
			Schema:      text(`{"pattern":"(^|, ?)GET(,|$)"}`),
			Example:     "GET, HEAD, OPTIONS",
		},
		{
			name: "Deprecation",
			Description: "Since when what the request uses is deprecated (RFC 9745), such as a parameter with another name. " +
				"A `Link` with the relation `deprecation` points to what to use.",
			Schema:  text(`{"pattern":"^@[0-9]+$"}`),
			Example: "@1795910400",
		},
		{
			name: route.IgnoredParameters,
			Description: "Names of parameters of the query that had no effect, as a list of strings (RFC 9651). " +
				"With `strict=true` they are refused.",
			Schema:  text(`{"pattern":"^\".*\"$"}`),
			Example: `"nodetype"`,
		},
		{
			name:        "Preference-Applied",
			Description: "That the preference of the request's `Prefer` was followed (RFC 7240, section 3).",
			Schema:      text(`{"minLength":1}`),
			Example:     "handling=strict",
		},
		{
			name:        "Content-Range",
			Description: "Range of bytes in the body, and the total size (RFC 9110, section 14.4).",
			Schema:      text(`{"pattern":"^bytes "}`),
			Example:     "bytes */2350",
		},
		{
			name:        "Retry-After",
			Description: "Seconds to wait before trying again.",
			Schema:      Schema{Type: "integer", Keywords: rawjson.Value(`{"format":"int64","minimum":0}`)},
			Example:     1,
		},
	}
}

// headerName is the name of a header's component. No component of another kind has
// it, since some generators know only one name for all.
func headerName(name string) string { return strings.ReplaceAll(name, "-", "") + "Header" }
