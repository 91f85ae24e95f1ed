package build

import (
	"bytes"
	"html"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
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
					switch name {
					case "links":
						hrefs = appendLinks(hrefs, c)
					case "version": // an object in histories
						for name := range c.Members() {
							if name == "links" {
								hrefs = appendLinks(hrefs, c)
							}
						}
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

// pageLinks returns what a page leads to and loads. Pages are ours: attributes
// have double quotes around them, and no text has any that is not escaped, so
// that there is no need to take millions of tokens apart.
func pageLinks(body []byte) []string {
	var hrefs []string
	for _, attribute := range []string{` href="`, ` src="`, ` action="`, ` data-openapi="`, ` data-index="`} {
		for rest := body; ; {
			_, after, found := bytes.Cut(rest, []byte(attribute))
			value, behind, closed := bytes.Cut(after, []byte{'"'})
			if !found || !closed {
				break
			}
			hrefs = append(hrefs, html.UnescapeString(string(value)))
			rest = behind
		}
	}
	return hrefs
}

// feedLinks returns what a JSON Feed leads to.
func feedLinks(body []byte) (hrefs []string) {
	c := rawjson.NewCursor(body)
	for name := range c.Members() {
		switch name {
		case "home_page_url", "feed_url":
			if href, ok := c.String(); ok {
				hrefs = append(hrefs, href)
			}
		case "items":
			for range c.Elements() {
				for name := range c.Members() {
					if href, ok := c.String(); ok && name == "url" {
						hrefs = append(hrefs, href)
					}
				}
			}
		}
	}
	return hrefs
}

// catalogLinks returns what an API catalog leads to.
func catalogLinks(body []byte) []string {
	var hrefs []string
	c := rawjson.NewCursor(body)
	for range c.Members() { // linkset
		for range c.Elements() { // contexts
			for range c.Members() { // relations
				for range c.Elements() { // targets
					for name := range c.Members() {
						if name != "href" {
							continue
						}
						if href, ok := c.String(); ok {
							hrefs = append(hrefs, href)
						}
					}
				}
			}
		}
	}
	return hrefs
}

// root is the path of a base: what root-relative links start with.
func root(base string) string {
	_, rest, absolute := strings.Cut(base, "://")
	if !absolute {
		return base
	}
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		return rest[i:]
	}
	return ""
}

// Target returns the file of the tree that a link leads to, "" for a link to
// what is not in the tree: a place on the same page, another site, or a live
// route. The base is that of the published site: links may start with all of it,
// or with its path.
func Target(base, href string) string {
	p, ours := strings.CutPrefix(href, base)
	if !ours {
		p, ours = strings.CutPrefix(href, root(base))
	}
	if !ours || !strings.HasPrefix(p, "/") {
		return ""
	}
	p, _, _ = strings.Cut(p, "#")
	p, _, _ = strings.Cut(p, "?")
	p, err := url.PathUnescape(p)
	if err != nil {
		return href // a broken escape leads nowhere, and that is what to say
	}
	id, args, ok := route.Match(p)
	switch {
	case ok && id.Get().Live:
		return ""
	case ok:
		return id.File(args...)
	case route.IsPage(p):
		return strings.TrimPrefix(p, "/") + "/index.html"
	case strings.HasSuffix(p, "/"):
		return strings.TrimPrefix(p, "/") + "index.html"
	}
	return strings.TrimPrefix(p, "/")
}

// Hrefs returns the links of a file, as they stand in it.
func Hrefs(f tree.File) []string {
	switch {
	case f.Path == route.APICatalogFile:
		return catalogLinks(f.Body)
	case f.Path == route.OpenAPI.File():
		// Its examples have links, as the answers do that they are from.
	case strings.HasSuffix(f.Path, route.JSONFeedSuffix):
		return feedLinks(f.Body)
	case strings.HasSuffix(f.Path, route.AtomSuffix):
		return pageLinks(f.Body) // its links are written as those of pages
	case strings.HasSuffix(f.Path, "/history.json"), strings.HasSuffix(f.Path, "/changes.json"):
		// What they tell of has the same links in the list of versions, or of
		// changes.
	case path.Ext(f.Path) == ".json":
		return Links(f.Body)
	case path.Ext(f.Path) == ".html":
		// Pages link to the site by paths alone. A URL that a file of the
		// repository names is another site's, even if it looks like ours.
		return slices.DeleteFunc(pageLinks(f.Body), isAbsolute)
	}
	return nil
}

func isAbsolute(href string) bool {
	return strings.HasPrefix(href, "https://") || strings.HasPrefix(href, "http://")
}

// Targets returns the files that a file's links lead to.
func Targets(base string, f tree.File) []string {
	var targets []string
	for _, href := range Hrefs(f) {
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
	return ok && id.Get().Representation == route.Item
}
