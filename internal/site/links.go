package site

import (
	"net/url"
	"path"
	"strings"

	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Links returns the href of every link in a body of the API: its own, and
// those of its items.
func Links(body []byte) []string {
	var hrefs []string
	c := rawjson.NewCursor(body)
	for name := range c.Members() {
		switch name {
		case "links":
			hrefs = appendLinks(hrefs, c)
		case "items", "versions":
			for range c.Elements() {
				for name := range c.Members() {
					if name == "links" {
						hrefs = appendLinks(hrefs, c)
					}
				}
			}
		}
	}
	return hrefs
}

func appendLinks(hrefs []string, c *rawjson.Cursor) []string {
	for range c.Elements() {
		for name := range c.Members() {
			if name != "href" {
				continue
			}
			if href, ok := c.String(); ok {
				hrefs = append(hrefs, href)
			}
		}
	}
	return hrefs
}

// Target returns the file of the tree that a link leads to, "" for a link to
// what is not in the tree: another site, or a live route.
func Target(base, href string) string {
	p, ours := strings.CutPrefix(href, base)
	if !ours || !strings.HasPrefix(p, "/") {
		return ""
	}
	p, err := url.PathUnescape(p)
	if err != nil {
		return href // a broken escape leads nowhere, and that is what to say
	}
	id, args, ok := route.Match(p)
	switch {
	case !ok:
		return strings.TrimPrefix(p, "/") // an asset, or nothing
	case id.Get().Kind == route.Live:
		return ""
	}
	return id.File(args...)
}

// Targets returns the files that a file's links lead to.
func Targets(base string, f File) []string {
	if path.Ext(f.Path) != ".json" {
		return nil
	}
	var targets []string
	for _, href := range Links(f.Body) {
		if t := Target(base, href); t != "" {
			targets = append(targets, t)
		}
	}
	return targets
}

// IsResource reports whether a file of the tree is a site, cluster, node or
// flavor.
func IsResource(p string) bool {
	name, ok := strings.CutSuffix(p, ".json")
	if !ok {
		return false
	}
	id, _, ok := route.Match("/" + name)
	return ok && id.Get().Form == route.Item
}
