package api

import "github.com/chameleoncloud/refapi/internal/route"

// Linkset is the API catalog (RFC 9727) at /.well-known/api-catalog: where the
// API is, and what describes it (RFC 9264).
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

// LinkTarget is what a link of a Linkset points to.
type LinkTarget struct {
	Href string `json:"href"`
	Type string `json:"type"`
}

// Catalog is the API catalog of the API at a URL.
func Catalog(base string) Linkset {
	target := func(id route.ID) LinkTarget { return LinkTarget{Href: base + id.Path(), Type: id.Get().MediaType()} }
	return Linkset{Linkset: []LinkContext{{
		Anchor:      base + route.Root.Path(),
		ServiceDesc: []LinkTarget{target(route.OpenAPI)},
		ServiceDoc: []LinkTarget{
			target(route.Docs), target(route.Redoc), {Href: base + route.Guide.Path(), Type: "text/html"},
		},
		Status: []LinkTarget{target(route.ServedVersion)},
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
