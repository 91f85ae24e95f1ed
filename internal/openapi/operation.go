package openapi

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Operation is a method of a route. The document is made of operations, and so is
// the page of all routes.
type Operation struct {
	ID, Method, Path, Tag, Summary, Description string

	Parameters []Parameter
	Responses  []Response
	Example    []byte // a body of the 200

	filters []byte // the example of a body of the request, nil for none
}

// Parameter is one of a path or a query.
type Parameter struct {
	Name, In, Description string
	Schema                Schema
	Deprecated            bool

	example   string // of a path, "" for one of a query
	component string // its name as a component, "" if only one operation has it
}

// Type is the type of the parameter's values, with the format of a time.
func (p Parameter) Type() string {
	if p.Schema.Format == "date-time" {
		return "string date-time"
	}
	return string(p.Schema.Type)
}

// pathOf is the path of an operation, with its parameters in braces.
func pathOf(id route.ID, r *route.Route, suffix string) string {
	names := r.Params()
	for i, name := range names {
		names[i] = "{" + name + "}"
	}
	return strings.NewReplacer("%7B", "{", "%7D", "}").Replace(route.Link(id, suffix, names...))
}

// Operations returns the operations of all routes, in the order of the table.
func Operations(opts Options) (all []Operation) {
	made := newSampler()
	for id, r := range route.All() {
		path, query := pathParams(id, r.Params(), opts), queryParams(r, opts.Values)
		example := opts.Examples[id].Body
		if example == nil {
			example = made.body(id, r)
		}

		op := Operation{
			ID: r.Name, Method: http.MethodGet, Path: pathOf(id, r, opts.Suffix), Tag: r.Tag, Summary: r.Summary, Description: r.Description,
			Parameters: slices.Concat(path, query), Responses: responses(id, r, http.MethodGet, example), Example: example,
		}
		all = append(all, op)

		if r.Post {
			op.ID, op.Method, op.Summary = r.Name+"ByFilters", http.MethodPost, r.Summary+", by filters"
			op.Responses = responses(id, r, op.Method, example)
			op.Description = "The same as with `GET`, for filters that are too many or too nested for a query. " +
				"Parameters of the query apply as well, and a node must match both. The body has at most 64 KiB; " +
				"members that are not declared are refused with 422."
			op.Parameters = query
			op.filters = opts.Filters
			if op.filters == nil {
				op.filters = []byte(`{"filter_set_type":"union","filter_set":[` +
					`{"node_types":["compute_skylake"],"racks":["12"]},{"labels":{"processor.vendor":"AMD"}}]}`)
			}
			all = append(all, op)
		}
	}
	return all
}

// object is the operation as the document has it.
func (o Operation) object() object {
	out := object{{"operationId", o.ID}, {"summary", o.Summary}, {"description", o.Description}, {"tags", []string{o.Tag}}}

	var parameters []object
	for _, p := range o.Parameters {
		parameters = append(parameters, refOr("parameters", p.component, p.object()))
	}
	if parameters != nil {
		out = append(out, member{"parameters", parameters})
	}

	if o.filters != nil {
		out = append(out, member{"requestBody", object{
			{"required", true},
			{"description", "The filters."},
			{"content", object{{route.JSONType, object{
				{"schema", ref("schemas", "NodeFilterSet")}, {"example", rawjson.Value(o.filters)},
			}}}},
		}})
	}

	var responses object
	for _, r := range o.Responses {
		responses = append(responses, member{r.Status, refOr("responses", r.component, r.object())})
	}
	return append(out, member{"responses", responses})
}

// object is the parameter as the document has it.
func (p Parameter) object() object {
	out := object{{"name", p.Name}, {"in", p.In}}
	if p.In == "path" {
		out = append(out, member{"required", true})
	}

	// Swagger UI would type an example of the parameter into its form, and all of a query
	// together find nothing: those are in the schemas.
	out = append(out, member{"description", p.Description})
	if p.Deprecated {
		out = append(out, member{"deprecated", true})
	}
	out = append(out, member{"schema", p.Schema})
	if p.example != "" {
		out = append(out, member{"example", p.example})
	}
	return out
}

// pathParams are the parameters of a route's path, with the values of an example.
func pathParams(id route.ID, names []string, opts Options) (all []Parameter) {
	e, hasExample := opts.Examples[id]
	if hasExample && len(e.Args) != len(names) {
		panic(fmt.Sprintf("openapi: the example of route %q has %d arguments for %d parameters", id, len(e.Args), len(names)))
	}

	for i, name := range names {
		p := pathParam(name)
		p.Name, p.In = name, "path"
		p.example = cmp.Or(opts.Values[name], p.example)
		p.Schema.Examples = nil // the parameter has one
		if hasExample {
			p.example = e.Args[i]
		}
		all = append(all, p)
	}

	return all
}

// pathParam describes a parameter of the path, with a value for routes without an
// example.
func pathParam(name string) Parameter {
	uid, sha := inlineSchema("UID"), inlineSchema("SHA")
	const exampleSHA = "5da059049fb24a6d76435e52538ee1cb47a0545f"

	switch name {
	case "site":
		return Parameter{Description: "Uid of the site.", Schema: uid, example: "uc"}
	case "cluster":
		return Parameter{Description: "Uid of the cluster.", Schema: uid, example: "chameleon"}
	case "node":
		return Parameter{Description: "Uid of the node.", Schema: uid, example: "04d91a7a-db07-4d15-8958-10127b145ac3"}
	case "type":
		return Parameter{
			Description: "Node type, as the URL of its page has it.", Schema: Schema{Type: "string"}, example: "compute_skylake",
		}
	case "flavor":
		return Parameter{Description: "Uid of the flavor, which is its name in Nova.", Schema: uid, example: "m1.large"}
	case "schema":
		return Parameter{
			Description: "Name of the schema: a kind of file, or `answer-` followed by a kind of response.",
			Schema:      Schema{Type: "string"}, example: "node",
		}
	case "commit":
		return Parameter{
			Description: "Full hash of the commit: 40 lower-case hexadecimal digits.", Schema: sha, example: exampleSHA,
		}
	case "sha":
		return Parameter{
			Description: "Full hash of the version: 40 lower-case hexadecimal digits. `HEAD` and an unambiguous prefix of " +
				"7 to 39 digits redirect to the full hash. The hash of a version that did not touch the resource redirects " +
				"to the hash of the served commit, which is an alias for the resource's newest version.",
			Schema:  Schema{Type: "string", Keywords: rawjson.Value(`{"pattern":"^(` + route.VersionPattern + `)$"}`)},
			example: exampleSHA,
		}
	}
	panic(fmt.Sprintf("openapi: the path parameter %q is not described", name))
}

// queryParams are the parameters of a route's query.
func queryParams(r *route.Route, values map[string]string) (all []Parameter) {
	for _, p := range r.Query {
		all = append(all, queryParam(p, values))
	}
	if r.Sliced() {
		for _, p := range route.SliceParams() {
			slice := queryParam(p, nil)
			slice.Description += " Slices are computed live, by availapi."
			slice.component = capitalized(p.Name) + "Param"
			all = append(all, slice)
		}
	}
	return all
}

// queryParam is a parameter of the query.
func queryParam(p route.Param, values map[string]string) Parameter {
	s := Schema{Type: TypeName(p.Type), Enum: p.Enum, Maximum: p.Max}
	if p.Min != nil {
		s.Minimum = new(cmp.Or(p.Least, float64(*p.Min)))
	}
	switch p.Type {
	case "date-time":
		s.Type, s.Format = "string", "date-time"
	case "duration":
		s.Type, s.Keywords = "string", rawjson.Value(`{"pattern":"^`+route.DurationPattern+`$"}`)
	case "range":
		s.Type, s.Keywords = "string", rawjson.Value(rangePattern)
	case "integer":
		s.Format = "int64"
	case "number":
		s.Format = "double"
	}

	if p.Default != "" {
		s.Default = paramValue(p, p.Default)
	}

	example, ok := values[p.Name]
	if !ok {
		example = p.Example
	}
	if example != "" {
		s.Examples = []rawjson.Value{api.Encode(paramValue(p, example))}
	}

	param := Parameter{Name: p.Name, In: "query", Description: p.Description, Schema: s}
	for d := range route.Deprecations() {
		switch {
		case d.Param != p.Name || d.Param == "":
		case d.Value == "":
			param.Deprecated = true
			param.Description += " Deprecated: use " + d.Instead + "."
		default:
			param.Description += " `" + d.Value + "` is deprecated: use " + d.Instead + "."
		}
	}
	return param
}

// rangePattern is how a list of ranges looks, as JSON. Which units there are depends on the
// property.
const (
	rangePattern  = `{"pattern":"^` + rangeElement + `(,` + rangeElement + `)*$"}`
	rangeElement  = `(` + rangeQuantity + `(\\.\\.(` + rangeQuantity + `)?)?|\\.\\.` + rangeQuantity + `)`
	rangeQuantity = `[0-9]+(\\.[0-9]+)? ?[A-Za-z/]*`
)

// paramValue is a parameter's value as JSON.
func paramValue(p route.Param, value string) any {
	switch p.Type {
	case "integer", "number", "boolean": // JSON without quotes
		return rawjson.Value(value)
	}
	return value
}
