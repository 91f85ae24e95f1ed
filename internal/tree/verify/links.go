package verify

import (
	"bytes"
	"encoding/json"
	"html"
	"path"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/route"
)

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
		return feedLinks(body)
	case path.Ext(file) == ".json", file == route.APICatalogFile:
		return api.Hrefs(body)
	}

	return nil
}

// feedLinks returns the links of a JSON Feed.
func feedLinks(body []byte) []string {
	var feed struct {
		Home  string `json:"home_page_url"`
		URL   string `json:"feed_url"`
		Items []struct {
			URL string `json:"url"`
		} `json:"items"`
	}
	decode(body, &feed)

	found := []string{feed.Home, feed.URL}
	for _, item := range feed.Items {
		found = append(found, item.URL)
	}

	return found
}

// decode reads the members that a document has. encoding/json skips those of other
// types, such as what a reference file calls items.
func decode(body []byte, into any) { _ = json.Unmarshal(body, into) }

// linkAttributes are the attributes of HTML and Atom that have links.
var linkAttributes = []string{"href", "src", "action", "data-openapi", "data-index", "data-compare"}

// attributes returns the links of a page or an Atom feed. They are ours:
// attributes are in double quotes, which all other text has escaped, so that
// there is no need to parse millions of tokens.
func attributes(body []byte) (found []string) {
	for _, name := range linkAttributes {
		for _, after := range bytes.Split(body, []byte(" "+name+`="`))[1:] {
			value, _, _ := bytes.Cut(after, []byte{'"'})
			found = append(found, html.UnescapeString(string(value)))
		}
	}
	return found
}

func isAbsolute(href string) bool {
	return strings.HasPrefix(href, "https://") || strings.HasPrefix(href, "http://")
}
