package openapi

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/chameleoncloud/refapi/internal/route"
)

// operation writes what GET does at a route.
func (d *document) operation(id route.ID, r *route.Route) {
	d.text("operationId", r.Name)
	d.text("summary", r.Summary)
	d.array("tags", func() { d.String(r.Tag) })
	names := r.Params()
	if len(names)+len(r.Query) > 0 || r.Sliced() {
		d.array("parameters", func() {
			args := d.arguments(id, names)
			for i, name := range names {
				d.element(func() { d.path(name, args[i]) })
			}

			for _, p := range r.Query {
				d.element(func() { d.query(p, "") })
			}

			if r.Sliced() {
				for _, p := range route.SliceParams() {
					d.element(func() { d.ref("parameters", p.Name) })
				}
			}
		})
	}

	d.object("responses", func() { d.responses(id, r) })
}

// post writes what POST does at a route: the same as GET, with filters in the body.
func (d *document) post(id route.ID, r *route.Route) {
	d.text("operationId", postID(r))
	d.text("summary", postSummary(r))
	d.text("description", "For filters that are too many or too nested for a query. Parameters of the query apply as well.")
	d.array("tags", func() { d.String(r.Tag) })
	d.array("parameters", func() {
		for _, p := range r.Query {
			d.element(func() { d.query(p, "") })
		}
	})

	d.object("requestBody", func() {
		d.raw("required", "true")
		d.text("description", "The filters.")
		d.object("content", func() {
			d.object("application/json", func() {
				d.object("schema", func() { d.ref("schemas", "FilterSet") })
				d.raw("example", `{"filter_set_type":"union","filter_set":[{"node_types":["compute_skylake"],"racks":["12"]},{"labels":{"processor.vendor":"AMD"}}]}`)
			})
		})
	})

	d.object("responses", func() { d.responses(id, r) })
}

// arguments returns the examples of a route's path parameters.
func (d *document) arguments(id route.ID, names []string) []string {
	if e, ok := d.examples[id]; ok {
		if len(e.Args) != len(names) {
			panic(fmt.Sprintf("openapi: the example of route %q has %d arguments for %d parameters", id,
				len(e.Args), len(names)))
		}
		return e.Args
	}

	args := make([]string, len(names))
	for i, name := range names {
		_, args[i] = pathParam(name)
	}

	return args
}

// path writes a parameter of the path.
func (d *document) path(name, example string) {
	about, _ := pathParam(name)
	d.text("name", name)
	d.text("in", "path")
	d.raw("required", "true")
	d.text("description", about)
	d.object("schema", func() {
		switch name {
		case "commit":
			d.ref("schemas", "SHA")
			return
		case "sha":
			d.text("type", "string")
			d.text("pattern", "^("+route.VersionPattern+")$")
			return
		}

		if name == "schema" {
			d.text("type", "string")
			return
		}
		d.ref("schemas", "UID")
	})

	d.text("example", example)
}

// pathParam describes a parameter of the path, with a value for routes without
// an example.
func pathParam(name string) (description, example string) {
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

// sliceNote is added to the descriptions of parameters that turn a response from
// a static file into a live one.
const sliceNote = "Slices are computed live, by availapi."

// query writes a parameter of the query.
func (d *document) query(p route.Param, note string) {
	d.text("name", p.Name)
	d.text("in", "query")
	d.text("description", strings.TrimSpace(p.Description+" "+note))
	plain := p.Type == "integer" || p.Type == "number" || p.Type == "boolean" // JSON without quotes
	d.object("schema", func() {
		switch p.Type {
		case "date-time":
			d.text("type", "string")
			d.text("format", "date-time")
		case "integer":
			d.text("type", "integer")
			d.text("format", "int64")
		default:
			d.text("type", p.Type)
		}

		if len(p.Enum) > 0 {
			d.array("enum", func() {
				for _, v := range p.Enum {
					d.String(v)
				}
			})
		}

		if p.Min != nil {
			d.raw("minimum", strconv.FormatInt(*p.Min, 10))
		}
		if p.Max != nil {
			d.raw("maximum", strconv.FormatInt(*p.Max, 10))
		}
		if p.Default != "" {
			d.value("default", p.Default, plain)
		}
	})

	d.value("example", p.Example, plain)
}

// value writes a parameter's value as JSON.
func (d *document) value(key, value string, plain bool) {
	if plain {
		d.raw(key, value)
		return
	}
	d.text(key, value)
}
