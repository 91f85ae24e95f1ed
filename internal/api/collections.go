package api

import "github.com/chameleoncloud/refapi/internal/route"

// A Collection has items: all of them or a slice.
type Collection[T any] struct {
	Total  Total  `json:"total"`
	Offset Offset `json:"offset"`
	// The items.
	Items []T `json:"items"`
	// The commit that is served.
	Version SHA             `json:"version"`
	Links   CollectionLinks `json:"links"`
}

// NewCollection returns the body of a collection. Total counts all items, of
// which these start at offset.
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
	NodeCollection = Collection[ClusterNode]
	// FlavorCollection has the flavors of a site, sorted by uid.
	FlavorCollection = Collection[Flavor]
	// NodeEntryCollection has the nodes of all sites, ordered by the uids of site,
	// cluster and node.
	NodeEntryCollection = Collection[NodeEntry]
	// FlavorEntryCollection has the flavors of all sites, ordered by the uids of site
	// and flavor.
	FlavorEntryCollection = Collection[FlavorEntry]
	// SchemaCollection has the JSON Schemas, ordered by name.
	SchemaCollection = Collection[SchemaEntry]
	// VersionCollection has the versions that touched a resource's files, newest
	// first, as `git log` lists them. It is empty for a resource without history.
	VersionCollection = Collection[VersionEntry]
	// ChangeCollection has the complete history of the served commit, in the order
	// of `git log`, with the number of resources that each commit added, removed and
	// changed.
	ChangeCollection = Collection[ChangeEntry]
)

// NodeFacets are the values of each property of nodes, with counts. A facet has the
// name of the corresponding search parameter, if there is one.
type NodeFacets struct {
	// Number of nodes.
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
	//
	//schema:examples ["node_type"]
	Name string `json:"name"`
	// The distinct values, sorted: numbers by size, others by name. A node with
	// several values is counted for each, a node without a value for none.
	Values []FacetValue `json:"values"`
	// Number of nodes whose files do not state the property. The value false of a
	// flag counts them, too. Absent where the value 0 may mean that there is none.
	//
	//schema:minimum 0
	NotStated *int `json:"not_stated,omitzero"`
}

// A FacetValue is one value of a property.
type FacetValue struct {
	// The value.
	//
	//schema:oneOf [{"type":"string"},{"type":"integer","format":"int64"}]
	//schema:examples ["compute_skylake"]
	Value any `json:"value"`
	// Number of nodes that have it.
	//
	//schema:minimum 1
	Count int `json:"count"`
}

// A SchemaEntry is a JSON Schema in the list of them.
type SchemaEntry struct {
	// Name of the schema.
	//
	//schema:minLength 1
	//schema:examples ["node"]
	Name string `json:"name"`
	// Whether it describes a file or a response.
	Kind SchemaKind `json:"kind"`
	// What it describes.
	//
	//schema:examples ["A node's file"]
	Description string          `json:"description"`
	Links       CollectionLinks `json:"links"`
}

// SchemaKind is what a schema describes: a file of the reference repository
// (`file`) or a response (`answer`).
type SchemaKind string

// The kinds of schemas.
const (
	FileSchema   SchemaKind = "file"
	AnswerSchema SchemaKind = "answer"
)

// JSONSchema is a JSON Schema, draft 2020-12.
type JSONSchema struct {
	// The dialect: `https://json-schema.org/draft/2020-12/schema`.
	//
	//schema:format "uri"
	//schema:examples ["https://json-schema.org/draft/2020-12/schema"]
	Schema string `json:"$schema"`
	// URL of the schema, by which others refer to it.
	//
	//schema:format "uri-reference"
	//schema:examples ["/schemas/node"]
	ID string `json:"$id"`
	// What it describes, in short.
	Title string `json:"title"`
	// Its keywords.
	Keywords map[string]any `json:",embed"`
}

// OpenAPIDocument is an OpenAPI 3.1 document: this one.
type OpenAPIDocument struct {
	// Version of the OpenAPI Specification.
	//
	//schema:pattern "^3[.]1[.][0-9]+$"
	//schema:examples ["3.1.0"]
	OpenAPI string `json:"openapi"`
	// Title and version of this description.
	Info OpenAPIInfo `json:"info"`
	// The paths of the API.
	Paths map[string]any `json:"paths"`
	// Definitions that several paths share.
	Components map[string]any `json:"components"`
	// Its other members.
	Other map[string]any `json:",embed"`
}

// OpenAPIInfo has the metadata of an OpenAPI document.
type OpenAPIInfo struct {
	// Title.
	//
	//schema:examples ["Reference API"]
	Title string `json:"title"`
	// Version of the contract.
	//
	//schema:examples ["1.0.0"]
	Version string `json:"version"`
	// Its other members.
	Other map[string]any `json:",embed"`
}
