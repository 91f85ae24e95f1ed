package route

import (
	"net/url"
	"strings"
)

// VersionPattern is a regular expression, without anchors, of the ids of versions
// in paths: HEAD, a full hash, or a prefix of one. Shorter prefixes would too
// often be ambiguous.
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

// RefusedPattern is a regular expression, in any letter case, that finds doubled
// or encoded slashes, backslashes and control characters in the raw path of a
// request. Servers, proxies and file systems interpret them differently, so every
// server answers 404 before it interprets the path.
const RefusedPattern = `//|\\|%2f|%5c|%[01]|%7f`

// IsRefused reports whether a URL's path matches [RefusedPattern].
func IsRefused(u *url.URL) bool {
	for i := range len(u.Path) {
		c := u.Path[i]
		if c < ' ' || c == '\\' || c == 0x7f || c == '/' && strings.HasPrefix(u.Path[i+1:], "/") {
			return true
		}
	}

	// The decoded path shows everything except whether a slash was encoded.
	return strings.Contains(u.RawPath, "%2f") || strings.Contains(u.RawPath, "%2F")
}

// SlicePattern is a regular expression of queries that may ask for a slice. A
// percent-encoded name may be offset or limit, too.
const SlicePattern = `(?:^|&)(?:offset|limit|[^=&]*%[^=&]*)(?:=|&|$)`

// Methods returns the methods that a decoded path allows, with or without a route.
func Methods(path string) string {
	if id, _, ok := Match(path); ok && id.Get().Post {
		return "GET, HEAD, OPTIONS, POST"
	}
	return "GET, HEAD, OPTIONS"
}

// WithoutSuffix removes .json from the decoded path of a route that allows it.
func WithoutSuffix(path string) string {
	name, ok := strings.CutSuffix(path, ".json")
	if !ok || path == OpenAPI.Path() {
		return path
	}
	if name == "/" {
		return name
	}
	if id, _, ok := Match(name); ok && id.Get().Suffix() {
		return name
	}

	return path
}

// Link returns the path by which links lead to a resource or a page. A suffix follows that
// of a resource's file, for servers that have nothing but files.
func Link(to interface{ Path(...string) string }, suffix string, args ...string) string {
	path := to.Path(args...)
	id, ok := to.(ID)
	if suffix == "" || !ok || !id.Get().Suffix() || id.Get().Live {
		return path
	}
	if path == "/" {
		path = "/index"
	}
	return path + suffix
}

// Redirect returns the target of the permanent redirect of a path without a file:
// a legacy path of a node's page, or a trailing slash after the path of a route
// or page. The path is given decoded and as received; the target is
// percent-encoded.
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
