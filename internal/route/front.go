package route

import (
	"regexp"
	"strings"
)

// The root has two representations, of which [HTMLPattern] and [JSONPattern] choose: a
// browser gets the first page, everybody else the API's root, as before there was a page.
// JSON wins wherever a client may want it, since programs send careless Accept headers:
// whoever names JSON, anything with full weight, or what is no media range, such as the
// "*" of old Java.
const (
	// HTMLPattern finds, in any letter case, that an Accept header has HTML with full
	// weight (RFC 9110, section 12.5.1).
	HTMLPattern = `(?:^|,)[ \t]*text/html[ \t]*(?:,|;[ \t]*q=1|$)`
	// JSONPattern finds that the answer is JSON in spite of that.
	JSONPattern = `json|(?:^|,)[ \t]*(?:\*/\*|application/\*)[ \t]*(?:,|;[ \t]*q=1|$)|(?:^|,)[ \t]*\*[ \t]*(?:,|;|$)`
)

var (
	html = regexp.MustCompile(`(?i)` + HTMLPattern)
	json = regexp.MustCompile(`(?i)` + JSONPattern)
)

// PrefersHTML reports whether a client gets the first page at the root, by the values of
// its Accept header.
func PrefersHTML(accept []string) bool {
	joined := strings.Join(accept, ", ")
	return !json.MatchString(joined) && html.MatchString(joined)
}

// FrontVary is the Vary of both representations of the root.
const FrontVary = "Accept, Accept-Encoding"

// CacheFront is the Cache-Control of the page at the root. Shared caches do not store it:
// those that ignore Vary would hand it to clients of the API.
const CacheFront = "private, max-age=60"
