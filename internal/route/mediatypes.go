package route

import "strings"

// Media types that do not follow from a file's suffix.
const (
	JSONType    = "application/json"
	ProblemType = "application/problem+json" // RFC 9457
	// APICatalogType is that of [APICatalog] (RFC 9727).
	APICatalogType = `application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"`
)

// APICatalog is the path of the document that lists the site's APIs (RFC 9727).
const APICatalog = "/" + APICatalogFile

// APICatalogFile is its file below the tree's root.
const APICatalogFile = ".well-known/api-catalog"

// MediaType is the media type, without parameters, of files with a suffix.
type MediaType struct{ Suffix, Type string }

// MediaTypes returns the media types of all files. The first match wins, so a
// suffix of two parts precedes its last part. Text is UTF-8.
func MediaTypes() []MediaType {
	return []MediaType{
		{JSONFeedSuffix, "application/feed+json"}, // JSON Feed 1.1
		{".json", JSONType},
		{".ndjson", "application/x-ndjson"},
		{AtomSuffix, "application/atom+xml"}, // RFC 4287, section 7
		{CalendarSuffix, "text/calendar"},    // RFC 5545, section 8.1
		{".xml", "application/xml"},
		{".html", "text/html"},
		{".css", "text/css"},
		{".csv", "text/csv"},
		{".js", "text/javascript"},
		{".md", "text/markdown"}, // RFC 7763
		{".txt", "text/plain"},
		{".png", "image/png"},
		{".svg", "image/svg+xml"},
		{".changes", "application/octet-stream"}, // of segments of the history
		{".pack", "application/octet-stream"},    // of the past
		{".idx", "application/octet-stream"},
	}
}

// mediaType returns the media type of a file by its suffix, "" for none.
func mediaType(name string) string {
	for _, t := range MediaTypes() {
		if strings.HasSuffix(name, t.Suffix) {
			return t.Type
		}
	}
	return ""
}

// ContentType returns the Content-Type of a file, by its path with a leading
// slash; "" if unknown.
func ContentType(path string) string {
	if path == APICatalog {
		return APICatalogType
	}

	t := mediaType(path)
	if id, _, ok := Match(path); strings.HasSuffix(path, JSONFeedSuffix) && (!ok || id.Get().Representation != Feed) {
		t = JSONType // of a resource whose name has the suffix
	}
	return WithCharset(t)
}

// WithCharset adds the encoding to the media type of text.
func WithCharset(mediaType string) string {
	if strings.HasPrefix(mediaType, "text/") {
		return mediaType + "; charset=utf-8"
	}
	return mediaType
}
