package openapi

import (
	"fmt"
	"strings"

	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// get is what GET does at a route.
func get(id route.ID, r *route.Route, examples Examples, responses object) object {
	var params []object
	names := r.Params()
	args := arguments(id, names, examples)
	for i, name := range names {
		params = append(params, pathParam(name, args[i]))
	}

	params = append(params, queryParams(r)...)
	if r.Sliced() {
		for _, p := range route.SliceParams() {
			params = append(params, ref("parameters", paramName(p)))
		}
	}

	o := object{{"operationId", r.Name}, {"summary", r.Summary}, {"tags", []string{r.Tag}}}
	if len(params) > 0 {
		o = append(o, member{"parameters", params})
	}
	return append(o, member{"responses", responses})
}

// post is what POST does at a route: the same as GET, with filters in the body.
func post(r *route.Route, responses object) object {
	const example = `{"filter_set_type":"union","filter_set":[{"node_types":["compute_skylake"],"racks":["12"]},{"labels":{"processor.vendor":"AMD"}}]}`
	return object{
		{"operationId", postID(r)},
		{"summary", postSummary(r)},
		{"description", "For filters that are too many or too nested for a query. Parameters of the query apply as well."},
		{"tags", []string{r.Tag}},
		{"parameters", queryParams(r)},
		{"requestBody", object{
			{"required", true},
			{"description", "The filters."},
			{"content", content("application/json", ref("schemas", "NodeFilterSet"), member{"example", rawjson.Value(example)})},
		}},
		{"responses", responses},
	}
}

// content is a body of a media type, with a schema.
func content(mediaType string, schema object, examples ...member) object {
	return object{{mediaType, append(object{{"schema", schema}}, examples...)}}
}

// arguments returns the examples of a route's path parameters.
func arguments(id route.ID, names []string, examples Examples) []string {
	if e, ok := examples[id]; ok {
		if len(e.Args) != len(names) {
			panic(fmt.Sprintf("openapi: the example of route %q has %d arguments for %d parameters", id,
				len(e.Args), len(names)))
		}
		return e.Args
	}

	args := make([]string, len(names))
	for i, name := range names {
		_, args[i] = describePathParam(name)
	}

	return args
}

// pathParam is a parameter of the path.
func pathParam(name, example string) object {
	var schema any
	switch name {
	case "commit":
		schema = inlineSchema("SHA")
	case "sha":
		schema = object{{"type", "string"}, {"pattern", "^(" + route.VersionPattern + ")$"}}
	case "schema":
		schema = object{{"type", "string"}}
	default:
		schema = inlineSchema("UID")
	}

	about, _ := describePathParam(name)
	return object{
		{"name", name},
		{"in", "path"},
		{"required", true},
		{"description", about},
		{"schema", schema},
		{"example", example},
	}
}

// describePathParam describes a parameter of the path, with a value for routes without
// an example.
func describePathParam(name string) (description, example string) {
	switch name {
	case "site":
		return "Uid of the site.", "uc"
	case "cluster":
		return "Uid of the cluster.", "chameleon"
	case "node":
		return "Uid of the node.", "04d91a7a-db07-4d15-8958-10127b145ac3"
	case "flavor":
		return "Uid of the flavor, which is its name in Nova.", "m1.large"
	case "schema":
		return "Name of the schema: a kind of file, or `answer-` followed by a kind of response.", "node"
	case "commit":
		return "Full hash of the commit: 40 lower-case hexadecimal digits.", "5da059049fb24a6d76435e52538ee1cb47a0545f"
	case "sha":
		return "Full hash of the version: 40 lower-case hexadecimal digits. `HEAD` and an unambiguous prefix of 7 to 39 digits " +
				"redirect to the full hash. The hash of a version that did not touch the resource redirects to the hash of the served commit, " +
				"which is an alias for the resource's newest version.",
			"5da059049fb24a6d76435e52538ee1cb47a0545f"
	}
	panic(fmt.Sprintf("openapi: the path parameter %q is not described", name))
}

// paramName is the name of a parameter's component, as [headerName] is.
func paramName(p route.Param) string { return strings.ToUpper(p.Name[:1]) + p.Name[1:] + "Param" }

// sliceNote is added to the descriptions of parameters that turn a response from
// a static file into a live one.
const sliceNote = "Slices are computed live, by availapi."

// queryParams are the parameters of a route's own.
func queryParams(r *route.Route) (all []object) {
	for _, p := range r.Query {
		all = append(all, queryParam(p, ""))
	}
	return all
}

// queryParam is a parameter of the query.
func queryParam(p route.Param, note string) object {
	schema := object{{"type", p.Type}}
	switch p.Type {
	case "date-time":
		schema = object{{"type", "string"}, {"format", "date-time"}}
	case "integer":
		schema = append(schema, member{"format", "int64"})
	case "number":
		schema = append(schema, member{"format", "double"})
	}

	if len(p.Enum) > 0 {
		schema = append(schema, member{"enum", p.Enum})
	}
	if p.Min != nil {
		schema = append(schema, member{"minimum", p.Min})
	}
	if p.Max != nil {
		schema = append(schema, member{"maximum", p.Max})
	}
	if p.Default != "" {
		schema = append(schema, member{"default", paramValue(p, p.Default)})
	}

	return object{
		{"name", p.Name},
		{"in", "query"},
		{"description", strings.TrimSpace(p.Description + " " + note)},
		{"schema", schema},
		{"example", paramValue(p, p.Example)},
	}
}

// paramValue is a parameter's value as JSON.
func paramValue(p route.Param, value string) any {
	switch p.Type {
	case "integer", "number", "boolean": // JSON without quotes
		return rawjson.Value(value)
	}
	return value
}
