package api

import "github.com/chameleoncloud/refapi/internal/route"

// Linkset is the API catalog at /.well-known/api-catalog (RFC 9727): links to the
// API and its documentation, in the format of RFC 9264.
type Linkset struct {
	Linkset []LinkContext `json:"linkset"`
}

// LinkContext has the links of one resource.
type LinkContext struct {
	Anchor      string       `json:"anchor"`
	ServiceDesc []LinkTarget `json:"service-desc"`
	ServiceDoc  []LinkTarget `json:"service-doc"`
	Status      []LinkTarget `json:"status"`
}

// LinkTarget is the target of a link in a Linkset.
type LinkTarget struct {
	Href string `json:"href"`
	Type string `json:"type"`
}

// Catalog returns the API catalog.
func (l Links) Catalog() Linkset {
	target := func(to interface{ Path(...string) string }, mediaType string) LinkTarget {
		return LinkTarget{Href: l.href(route.Link(to, l.Suffix)), Type: mediaType}
	}
	return Linkset{Linkset: []LinkContext{{
		Anchor:      l.Base + route.Link(route.Root, l.Suffix),
		ServiceDesc: []LinkTarget{target(route.OpenAPI, "application/json")},
		ServiceDoc: []LinkTarget{
			target(route.Docs, "text/html"), target(route.Reference, "text/html"), target(route.Guide, "text/html"),
		},
		Status: []LinkTarget{target(route.ServedVersion, "application/json")},
	}}}
}

// SearchIndex is the file that the guide's script searches.
type SearchIndex struct {
	Sections []SearchSection `json:"sections"`
}

// SearchSection is a section of the guide.
type SearchSection struct {
	Chapter string `json:"chapter"` // title of the chapter
	Title   string `json:"title"`
	Page    string `json:"page"` // URL
	Text    string `json:"text"` // without markup
}
