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

// MediaType is a media type, without parameters, and the suffixes of its files.
type MediaType struct {
	Type     string
	Suffixes []string // with their dots
}

// MediaTypes returns the media types of all files. The first match wins, so a
// suffix of two parts precedes its last part. Text is UTF-8.
func MediaTypes() []MediaType {
	return []MediaType{
		{"application/feed+json", []string{JSONFeedSuffix}}, // JSON Feed 1.1
		{JSONType, []string{".json"}},
		{"application/x-ndjson", []string{".ndjson"}},
		{"application/atom+xml", []string{AtomSuffix}}, // RFC 4287, section 7
		{"text/html", []string{".html"}},
		{"text/css", []string{".css"}},
		{"text/csv", []string{".csv"}},
		{"text/javascript", []string{".js", ".mjs"}},
		{"text/plain", []string{".txt"}},
		{"image/png", []string{".png"}},
		{"image/svg+xml", []string{".svg"}},
	}
}

// mediaType returns the media type of a file by its suffix, "" for none.
func mediaType(name string) string {
	for _, t := range MediaTypes() {
		for _, suffix := range t.Suffixes {
			if strings.HasSuffix(name, suffix) {
				return t.Type
			}
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
	if strings.HasPrefix(t, "text/") {
		t += "; charset=utf-8"
	}

	return t
}
