package api

import "github.com/chameleoncloud/refapi/internal/route"

// A Collection has items, all or a slice of them.
type Collection[T any] struct {
	Total  Total  `json:"total"`
	Offset Offset `json:"offset"`
	// The items.
	Items []T `json:"items"`
	// The commit that is served.
	Version SHA             `json:"version"`
	Links   CollectionLinks `json:"links"`
}

// NewCollection is the body of a collection. Total counts all items there are,
// of which these are those from offset on.
func NewCollection[T any](l Links, id route.ID, items []T, total, offset int, args ...string) Collection[T] {
	return Collection[T]{
		Total: total, Offset: offset, Items: items, Version: l.Version, Links: l.SelfAndParent(id, args...),
	}
}

// The collections of the API.
type (
	// SiteCollection has the sites, sorted by uid.
	SiteCollection = Collection[Site]
	// ClusterCollection has the clusters of a site, sorted by uid.
	ClusterCollection = Collection[Cluster]
	// NodeCollection has the nodes of a cluster, sorted by uid.
	NodeCollection = Collection[Node]
	// FlavorCollection has the flavors of a site, sorted by uid.
	FlavorCollection = Collection[Flavor]
	// AllNodeCollection has the nodes of all sites, ordered by the uids of site,
	// cluster and node.
	AllNodeCollection = Collection[AllNode]
	// AllFlavorCollection has the flavors of all sites, ordered by the uids of site
	// and flavor.
	AllFlavorCollection = Collection[AllFlavor]
	// SchemaCollection has the JSON Schemas, ordered by name.
	SchemaCollection = Collection[SchemaEntry]
	// VersionCollection has the versions that touched a resource's files, as `git
	// log` lists them, newest first; a resource without history has none.
	VersionCollection = Collection[VersionEntry]
	// ChangeCollection has the whole history of the commit that is served, in the
	// order of `git log`, with how many resources each commit added, removed and
	// changed.
	ChangeCollection = Collection[ChangeEntry]
	// FileHistory has the versions of a site or cluster, as in its list of versions,
	// newest first, with what each changed in the resource's own file. Versions that
	// changed other files below have an empty patch.
	FileHistory = Collection[FileVersion]
	// ItemHistory has the versions of a node or flavor, as in its list of versions,
	// newest first, with what each changed, and the file as it was.
	ItemHistory = Collection[ItemVersion]
)

// Facets are the values of each property of nodes, with counts. A facet's name
// is that of a search's parameter, where there is one.
type Facets struct {
	// How many nodes there are.
	Total Total `json:"total"`
	// The facets.
	Items []Facet `json:"items"`
	// The commit that is served.
	Version SHA             `json:"version"`
	Links   CollectionLinks `json:"links"`
}

// A Facet is a property of nodes with its values.
type Facet struct {
	// Name of the facet.
	Name string `json:"name"`
	// The values that there are: numbers by size, others by name. A node without a
	// value is in none, one with several in each.
	Values []FacetValue `json:"values"`
}

// A FacetValue is one value of a property.
type FacetValue struct {
	// The value.
	//
	//schema:type ["string","integer"]
	Value any `json:"value"`
	// How many nodes have it.
	//
	//schema:minimum 1
	Count int `json:"count"`
}

// A SchemaEntry is a JSON Schema in the list of them.
type SchemaEntry struct {
	// Name of the schema.
	//
	//schema:minLength 1
	Name string `json:"name"`
	// What it is a schema of.
	Kind SchemaKind `json:"kind"`
	// What it describes.
	Description string          `json:"description"`
	Links       CollectionLinks `json:"links"`
}

// SchemaKind is what a schema is of: a file of the reference repository or an
// answer.
type SchemaKind string

// The kinds of schemas.
const (
	FileSchema   SchemaKind = "file"
	AnswerSchema SchemaKind = "answer"
)

// JSONSchema is a JSON Schema, draft 2020-12.
type JSONSchema struct {
	// The dialect.
	//
	//schema:const "https://json-schema.org/draft/2020-12/schema"
	Schema string `json:"$schema"`
	// Its keywords.
	Keywords map[string]any `json:",embed"`
}

// OpenAPI is a description in the form of the OpenAPI Specification 3.1: this
// document.
type OpenAPI struct {
	// Version of the OpenAPI Specification.
	//
	//schema:pattern "^3[.]1[.][0-9]+$"
	OpenAPI string `json:"openapi"`
	// Title and version of this description.
	Info OpenAPIInfo `json:"info"`
	// The paths of the API.
	Paths map[string]any `json:"paths"`
	// What several paths share.
	Components map[string]any `json:"components"`
	// Its other members.
	Other map[string]any `json:",embed"`
}

// OpenAPIInfo names a description.
type OpenAPIInfo struct {
	// Title.
	Title string `json:"title"`
	// Version of the contract.
	Version string `json:"version"`
	// Its other members.
	Other map[string]any `json:",embed"`
}
