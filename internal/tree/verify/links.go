package verify

import (
	"bytes"
	"encoding/json"
	"html"
	"maps"
	"path"
	"slices"
	"strings"

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
		return documentLinks(body)
	}

	return nil
}

// links are those of a resource, or of an API catalog.
type links []struct {
	Href string `json:"href"`
}

// documentLinks returns the links of a resource, of a list of them, or of an API
// catalog (RFC 9264).
func documentLinks(body []byte) (found []string) {
	type linked struct {
		Links links `json:"links"`
	}

	var doc struct {
		linked
		Items    []linked           `json:"items"`
		Versions []linked           `json:"versions"`
		Catalog  []map[string]links `json:"linkset"`
	}
	decode(body, &doc)

	all := []links{doc.Links}
	for _, item := range slices.Concat(doc.Items, doc.Versions) {
		all = append(all, item.Links)
	}
	for _, context := range doc.Catalog {
		all = slices.AppendSeq(all, maps.Values(context))
	}

	for _, link := range slices.Concat(all...) {
		found = append(found, link.Href)
	}

	return found
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
