// Package openapi generates the OpenAPI document (OpenAPI Specification 3.1.0)
// from the table of routes, and from the types and problems of package
// api, so that no path, parameter, member or fixed text is written twice.
package openapi

import (
	"bytes"
	"cmp"
	_ "embed"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Options are the inputs of the document that the table of routes does not have.
type Options struct {
	// Base precedes all paths: "", "/ref" or "https://api.example.org/ref". It is
	// the URL of the document's only server, "/" if Base is empty.
	Base     string
	Examples Examples
}

// Examples are bodies of real data, by route. A route without one is documented
// without a body and with synthetic path parameters.
type Examples map[route.ID]Example

// Example is one answer to a route.
type Example struct {
	Args []string // values of the path parameters, in order
	Body []byte   // compact JSON, preferably short
}

//go:embed description.md
var description string

// Document is the OpenAPI document, as compact JSON. The same options give the
// same bytes.
func Document(opts Options) []byte {
	return api.Encode(object{
		{"openapi", "3.1.0"},
		{"info", info()},
		{"servers", []object{{
			{"url", cmp.Or(strings.TrimSuffix(opts.Base, "/"), "/")},
			{"description", "This server."},
		}}},
		{"security", []object{}}, // nothing needs credentials
		{"tags", Tags()},
		{"paths", paths(opts.Examples)},
		{"components", shared()},
	})
}

func paths(examples Examples) (all object) {
	for id, r := range route.All() {
		responses := responses(id, r, examples)
		methods := object{{"get", get(id, r, examples, responses)}}
		if r.Post {
			methods = append(methods, member{"post", post(r, responses)})
		}
		all = append(all, member{r.Pattern, methods})
	}
	return all
}

// Components returns the schemas of the document.
func Components() []Component {
	types := readTypes()
	answers := types.components(false, append(answerTypes(), "Problem", "ValidationError")...)
	return append(answers, types.components(true, "NodeFilterSet")...)
}

// answerTypes returns the names of the types of the routes' bodies.
func answerTypes() (names []string) {
	for _, r := range route.All() {
		if r.Schema != "" && !slices.Contains(names, r.Schema) {
			names = append(names, r.Schema)
		}
	}
	return names
}

// AnswerSchema is the JSON Schema of one kind of response.
type AnswerSchema struct {
	Name, Description string
	Body              []byte // self-contained, compact
}

// AnswerSchemas returns the schemas of the responses of all routes, in the order
// of the routes. Each is self-contained.
func AnswerSchemas() (all []AnswerSchema) {
	types := readTypes()
	for _, name := range answerTypes() {
		parts := types.components(false, name)
		body := struct {
			Schema string     `json:"$schema"`
			Ref    string     `json:"$ref"`
			Defs   Properties `json:"$defs"`
		}{Schema: "https://json-schema.org/draft/2020-12/schema", Ref: schemaRef + name}

		for _, c := range parts {
			body.Defs = append(body.Defs, Property(c))
		}

		// References point into the OpenAPI document; here they point into $defs.
		text := bytes.ReplaceAll(api.Encode(body), []byte(`"`+schemaRef), []byte(`"#/$defs/`))
		all = append(all, AnswerSchema{Name: name, Description: parts[0].Schema.Description, Body: text})
	}
	return all
}

func info() object {
	return object{
		{"title", Title},
		{"version", api.ProductVersion},
		{"summary", Summary},
		{"description", Description()},
		{"license", object{
			{"name", "Apache License 2.0"},
			{"identifier", "Apache-2.0"}, // SPDX
		}},
	}
}

// Tag is a group of routes.
type Tag struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

// Tags describes the groups of routes, in the order in which to read them.
func Tags() []Tag {
	return []Tag{
		{"testbed", "The testbed: the entry point, which links to everything else."},
		{"sites", "Sites: the places that run parts of the testbed."},
		{"clusters", "Clusters: a site's groups of nodes."},
		{"nodes", "Nodes: the machines of a cluster, and their hardware."},
		{"flavors", "Flavors: the sizes of virtual machines that a site offers."},
		{"versions", "The history of the testbed and of each resource."},
		{"changes", "What each commit and each version changed, as documents and feeds."},
		{"availability", "Which nodes and flavors are free, now and later. Computed live."},
		{"documentation", "Documentation of this API, machine-readable and human-readable."},
	}
}

// shared are the components: what several routes share.
func shared() object {
	var schemas, allHeaders, parameters, responses object
	for _, c := range Components() {
		schemas = append(schemas, member{c.Name, c.Schema})
	}
	for _, h := range headers() {
		allHeaders = append(allHeaders, member{headerName(h.name), h})
	}
	for _, p := range route.SliceParams() {
		parameters = append(parameters, member{paramName(p), queryParam(p, sliceNote)})
	}
	for _, r := range sharedResponses() {
		responses = append(responses, member{r.name, r.object()})
	}

	return object{
		{"schemas", schemas}, {"headers", allHeaders}, {"parameters", parameters}, {"responses", responses},
	}
}
