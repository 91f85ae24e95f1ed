package route

import (
	"net/url"
	"strings"
)

// VersionPattern is a regular expression, without anchors, of what may stand
// for a version in a path: HEAD, a full hash, or the start of one. Shorter ones
// would too easily be those of two commits.
const VersionPattern = `HEAD|[0-9a-f]{7,40}`

// VersionsSegment is the segment of a path before a version's id. No site, cluster
// or flavor can have this name.
const VersionsSegment = "versions"

// IsVersionID reports whether an id matches [VersionPattern].
func IsVersionID(id string) bool {
	if id == "HEAD" {
		return true
	}
	return len(id) >= 7 && len(id) <= 40 && strings.Trim(id, "0123456789abcdef") == ""
}

// RefusedPattern is a regular expression, in any letter case, of what no path
// has as the client wrote it: doubled or encoded slashes, backslashes and
// control characters. Servers, proxies and file systems read them differently,
// so every server answers them with 404 before it interprets the path.
const RefusedPattern = `//|\\|%2f|%5c|%[01]|%7f`

// IsRefused reports whether a URL's path matches [RefusedPattern].
func IsRefused(u *url.URL) bool {
	for i := range len(u.Path) {
		switch c := u.Path[i]; {
		case c < ' ', c == '\\', c == 0x7f, c == '/' && strings.HasPrefix(u.Path[i+1:], "/"):
			return true
		}
	}
	// Decoding hides one thing only: whether a slash was encoded.
	return strings.Contains(u.RawPath, "%2f") || strings.Contains(u.RawPath, "%2F")
}

// SlicePattern is a regular expression of queries that may cut a collection. A
// name with an escape may be offset or limit in disguise.
const SlicePattern = `(?:^|&)(?:offset|limit|[^=&]*%[^=&]*)(?:=|&|$)`

// Methods lists what a decoded path takes, whether there is a route or not.
func Methods(path string) string {
	if id, _, ok := Match(path); ok && id.Get().Post {
		return "GET, HEAD, OPTIONS, POST"
	}
	return "GET, HEAD, OPTIONS"
}

// WithoutSuffix takes .json off the decoded path of a route that may have it
// there.
func WithoutSuffix(path string) string {
	name, ok := strings.CutSuffix(path, ".json")
	switch {
	case !ok || path == OpenAPI.Path():
	case name == "/":
		return name
	default:
		if id, _, ok := Match(name); ok && id.Get().Suffix() {
			return name
		}
	}

	return path
}

// Redirect returns where a path that has no file permanently redirects to: a
// legacy path of a node's page, or a path with a trailing slash that has the
// shape of a route or page without it. The path is given decoded and as the
// client wrote it; the target is percent-encoded.
func Redirect(path, escaped string) (to string, ok bool) {
	if page, ok := legacyNodePage(escaped); ok {
		return page, true
	}

	shape, ok := strings.CutSuffix(path, "/")
	if !ok || shape == "" {
		return "", false
	}
	if _, _, ok := Match(WithoutSuffix(shape)); !ok && !IsPage(shape) {
		return "", false
	}

	return strings.CutSuffix(escaped, "/")
}
