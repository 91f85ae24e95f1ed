package route

import (
	"net/url"
	"strings"
)

// BasePath returns the path of a base, with which root-relative links start. A
// base is a URL or a path prefix such as "/ref", or "".
func BasePath(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return ""
	}
	return u.EscapedPath()
}

// Target returns the file of the tree that a link points to; "" for an anchor on
// the same page, another site, or a live route. The base is that of the published
// site: links may start with all of it, or with its path.
func Target(base, href string) string {
	p, ok := strings.CutPrefix(href, base)
	if !ok {
		p, ok = strings.CutPrefix(href, BasePath(base))
	}

	if !ok || !strings.HasPrefix(p, "/") {
		return ""
	}

	p, _, _ = strings.Cut(p, "#")
	p, _, _ = strings.Cut(p, "?")
	p, err := url.PathUnescape(p)
	if err != nil {
		return href // matches no file, so that it is reported as broken
	}

	id, args, ok := Match(WithoutSuffix(p))
	switch {
	case ok && id.Get().Live:
		return ""
	case ok:
		return id.File(args...)
	case IsPage(p):
		return strings.TrimPrefix(p, "/") + "/index.html"
	case strings.HasSuffix(p, "/"):
		return strings.TrimPrefix(p, "/") + "index.html"
	}

	return strings.TrimPrefix(p, "/")
}
