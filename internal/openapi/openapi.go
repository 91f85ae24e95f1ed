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
	Base string
	// Suffix follows the paths of files; see [route.Link].
	Suffix string
	// DataLicense is the SPDX identifier of the data's licence. By default the
	// document names the licence of this software.
	DataLicense string
	Examples    Examples
	// Values are examples of parameters by their names, "" for none. They find
	// something in the data.
	Values map[string]string
	// Filters are the example of a search's body, in JSON. They find something, too.
	Filters []byte
}

// Examples are bodies of real data, by route. The example of a route without one is made
// of its schema.
type Examples map[route.ID]Example

// Example is one answer to a route.
type Example struct {
	Args []string // values of the path parameters, in order
	Body []byte   // preferably short, of JSON compact
}

// home is the project's page.
const home = "https://github.com/chameleoncloud/refapi"

// Title, Summary and Version describe the API.
const (
	Title   = "Reference API"
	Summary = "Sites, clusters, nodes and flavors of a testbed, their history, and which nodes are free."
	Version = api.ContractVersion
)

//go:embed description.md
var description string

// Description is the API's description, in Markdown.
func Description() string { return strings.TrimSpace(description) }

// Document is the OpenAPI document, as compact JSON. The same options give the
// same bytes.
func Document(opts Options) []byte {
	operations := Operations(opts)
	return api.Encode(object{
		{"openapi", "3.1.0"},
		{"info", info(opts.DataLicense)},
		{"servers", []object{{
			{"url", cmp.Or(strings.TrimSuffix(opts.Base, "/"), "/")},
			{"description", "This server."},
		}}},
		{"security", []object{}}, // nothing needs credentials
		{"externalDocs", object{{"description", "Guide"}, {"url", strings.TrimSuffix(opts.Base, "/") + route.Guide.Path()}}},
		{"tags", Tags()},
		{"paths", paths(operations)},
		{"components", shared(operations)},
	})
}

// paths are the operations by their paths.
func paths(operations []Operation) (all object) {
	for _, op := range operations {
		method := member{strings.ToLower(op.Method), op.object()}
		if n := len(all); n > 0 && all[n-1].name == op.Path {
			all[n-1].value = append(all[n-1].value.(object), method)
		} else {
			all = append(all, member{op.Path, object{method}})
		}
	}
	return all
}

// Components returns the schemas of the document.
func Components() Properties {
	answers := types().components(false, append(answerTypes(), "Problem", "ValidationError")...)
	return append(answers, types().components(true, "NodeFilterSet")...)
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
	Body              []byte // compact
}

// AnswerSchemas returns the schemas of the responses of all routes, in the order
// of the routes. Each is self-contained, but for its $schema and $id.
func AnswerSchemas() (all []AnswerSchema) {
	for _, name := range answerTypes() {
		parts := types().components(false, name)
		body := struct {
			Title string     `json:"title"`
			Ref   string     `json:"$ref"`
			Defs  Properties `json:"$defs"`
		}{Title: name, Ref: schemaRef + name, Defs: parts}

		// References point into the OpenAPI document; here they point into $defs.
		text := bytes.ReplaceAll(api.Encode(body), []byte(`"`+schemaRef), []byte(`"#/$defs/`))
		all = append(all, AnswerSchema{Name: name, Description: parts[0].Schema.Description, Body: text})
	}
	return all
}

func info(dataLicense string) object {
	license := object{{"name", "Apache License 2.0"}, {"identifier", "Apache-2.0"}} // SPDX
	if dataLicense != "" {
		license = object{{"name", dataLicense}, {"identifier", dataLicense}}
	}

	return object{
		{"title", Title},
		{"version", Version},
		{"summary", Summary},
		{"description", Description()},
		{"contact", object{{"name", "Maintainers of the reference API"}, {"url", home + "/issues"}}},
		{"license", license},
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

// shared are the components: what several operations share.
func shared(operations []Operation) object {
	var allHeaders, parameters, responses object
	for _, h := range headers() {
		allHeaders = append(allHeaders, member{headerName(h.name), h})
	}
	for _, op := range operations {
		for _, p := range op.Parameters {
			parameters = parameters.with(p.component, p.object())
		}
		for _, r := range op.Responses {
			responses = responses.with(r.component, r.object())
		}
	}

	return object{
		{"schemas", Components()}, {"headers", allHeaders}, {"parameters", parameters}, {"responses", responses},
	}
}

// with adds a member, unless it has no name or is there.
func (o object) with(name string, value object) object {
	if name == "" || slices.ContainsFunc(o, func(m member) bool { return m.name == name }) {
		return o
	}
	return append(o, member{name, value})
}
