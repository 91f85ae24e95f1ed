package api

import (
	"encoding/json"
	"maps"
	"slices"
)

// hrefs are the links of a resource, or of an API catalog.
type hrefs []struct {
	Href string `json:"href"`
}

// Hrefs returns the targets of the links of a resource, of a list of them, or of an API
// catalog (RFC 9264), as they are in the text. Members of other types are skipped, such
// as what a reference file calls items.
func Hrefs(body []byte) (found []string) {
	type linked struct {
		Links hrefs `json:"links"`
	}

	var doc struct {
		linked
		Items    []linked           `json:"items"`
		Versions []linked           `json:"versions"`
		Catalog  []map[string]hrefs `json:"linkset"`
	}
	_ = json.Unmarshal(body, &doc) // what can be read of it

	all := []hrefs{doc.Links}
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
