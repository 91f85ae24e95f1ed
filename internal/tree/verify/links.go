package verify

import (
	"bytes"
	"html"
	"path"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// linkMembers are where documents have links: the members on the way, "*" for
// the elements of an array.
var linkMembers = [][]string{
	{"links", "*", "href"},
	{"items", "*", "links", "*", "href"},
	{"versions", "*", "links", "*", "href"},
}

// feedMembers are where a JSON Feed has links.
var feedMembers = [][]string{{"home_page_url"}, {"feed_url"}, {"items", "*", "url"}}

// catalogMembers are where an API catalog has links (RFC 9264): "**" is any
// member.
var catalogMembers = [][]string{{"linkset", "*", "**", "*", "href"}}

// linkAttributes are the attributes of HTML and Atom that have links.
var linkAttributes = []string{"href", "src", "action", "data-openapi", "data-index", "data-compare"}

// hrefs returns the links of a file of the tree, as written in it. They are parsed
// from the content, as clients do, because only that shows what was published.
func hrefs(file string, body []byte) []string {
	switch {
	case file == route.OpenAPI.File():
		return nil // its examples contain links of other responses
	case strings.HasSuffix(file, "/history.json"), strings.HasSuffix(file, "/changes.json"):
		return nil // lists of versions and of changes have the same links
	case path.Ext(file) == ".html":
		// Pages link to the site by paths alone. A URL that a file of the
		// repository names is another site's, even if it looks like ours.
		return slices.DeleteFunc(attributes(body), isAbsolute)

	case strings.HasSuffix(file, route.AtomSuffix):
		return attributes(body)
	case strings.HasSuffix(file, route.JSONFeedSuffix):
		return members(body, feedMembers)
	case path.Ext(file) == ".json":
		return members(body, linkMembers)
	case file == route.APICatalogFile:
		return members(body, catalogMembers)
	}

	return nil
}

// members returns the strings at some places of a JSON text.
func members(body []byte, places [][]string) []string {
	return appendMembers(nil, rawjson.NewCursor(body), places)
}

func appendMembers(found []string, c *rawjson.Cursor, places [][]string) []string {
	for _, place := range places {
		if len(place) == 0 {
			if s, ok := c.String(); ok {
				found = append(found, s)
			}
			return found
		}
	}

	for range c.Elements() {
		if below := step(places, "*"); below != nil {
			found = appendMembers(found, c, below)
		}
	}

	for name := range c.Members() {
		if below := step(places, name); below != nil {
			found = appendMembers(found, c, below)
		}
	}

	return found
}

// step returns what remains of the places that start with a name.
func step(places [][]string, name string) (below [][]string) {
	for _, place := range places {
		if place[0] == name || place[0] == "**" && name != "*" {
			below = append(below, place[1:])
		}
	}
	return below
}

// attributes returns the links of a page or an Atom feed. They are ours:
// attributes are in double quotes, which all other text has escaped, so that
// there is no need to parse millions of tokens.
func attributes(body []byte) []string {
	var found []string
	for _, name := range linkAttributes {
		for rest := body; ; {
			_, after, isFound := bytes.Cut(rest, []byte(" "+name+`="`))
			value, behind, isClosed := bytes.Cut(after, []byte{'"'})
			if !isFound || !isClosed {
				break
			}
			found = append(found, html.UnescapeString(string(value)))
			rest = behind
		}
	}

	return found
}

func isAbsolute(href string) bool {
	return strings.HasPrefix(href, "https://") || strings.HasPrefix(href, "http://")
}
