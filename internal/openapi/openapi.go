// Package openapi owns the OpenAPI document (OpenAPI Specification 3.1.0). It
// is made from the table of routes and the problems of package api, so
// that no address, parameter or fixed text stands twice; only the schemas of
// the bodies, in components.json, are written by hand.
package openapi

import (
	"bytes"
	"cmp"
	_ "embed"
	"fmt"
	"strings"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Options are what shows in the document besides the table.
type Options struct {
	// Base is where the API is: "", "/ref" or "https://api.example.org/ref". It
	// becomes the URL of the one server, which is "/" for "".
	Base     string
	Examples Examples
}

// Examples are bodies of real data, by route. A route without one has no
// example of its body, and made-up values of its path parameters.
type Examples map[route.ID]Example

// Example is one answer to a route.
type Example struct {
	Args []string // values of the path parameters, in order
	Body []byte   // compact JSON; readers are glad when it is short
}

//go:embed components.json
var components []byte

//go:embed description.md
var description string

// Document is the OpenAPI document, as compact JSON. The same options give the
// same bytes.
func Document(o Options) []byte {
	d := &document{examples: o.Examples}
	d.BeginObject()
	d.text("openapi", "3.1.0")
	d.info()
	d.array("servers", func() {
		d.element(func() {
			d.text("url", cmp.Or(strings.TrimSuffix(o.Base, "/"), "/"))
			d.text("description", "This server.")
		})
	})
	d.array("security", func() {}) // nothing needs credentials
	d.array("tags", func() {
		for _, t := range tags() {
			d.element(func() {
				d.text("name", t.name)
				d.text("description", t.description)
			})
		}
	})
	d.object("paths", func() {
		for id, r := range route.All() {
			d.object(r.Pattern, func() {
				d.object("get", func() { d.operation(id, r) })
				if r.Post {
					d.object("post", func() { d.post(id, r) })
				}
			})
		}
	})
	d.components()
	d.EndObject()
	return d.Bytes()
}

// Schema is the JSON Schema of one kind of answer.
type Schema struct {
	Name, Description string
	Body              []byte // self-contained, compact
}

// Schemas are the schemas of the answers of all routes, by name. What they
// refer to is in each of them.
func Schemas() (all []Schema) {
	file, err := rawjson.Parse(components, rawjson.Limits{})
	if err != nil {
		panic(fmt.Sprintf("openapi: read components.json: %v", err)) // it is compiled in, and tests read it
	}
	schemas, err := rawjson.Parse(file.Get("schemas"), rawjson.Limits{})
	if err != nil {
		panic(fmt.Sprintf("openapi: read components.json: %v", err))
	}
	used := map[string]bool{}
	for _, r := range route.All() {
		used[r.Schema] = true
	}
	for _, m := range schemas.Members {
		if used[m.Name] {
			all = append(all, standalone(m, schemas))
		}
	}
	return all
}

// standalone puts all that a schema refers to, and what that refers to, under
// its $defs.
func standalone(of rawjson.Member, schemas rawjson.Object) Schema {
	needed := map[string]bool{}
	var visit func(text []byte)
	visit = func(text []byte) {
		for _, m := range schemas.Members {
			if !needed[m.Name] && bytes.Contains(text, []byte(`"`+schemaRef+m.Name+`"`)) {
				needed[m.Name] = true
				visit(m.Value)
			}
		}
	}
	visit(of.Value)
	var b rawjson.Builder
	b.BeginObject()
	b.Key("$schema")
	b.String("https://json-schema.org/draft/2020-12/schema")
	b.Key("$ref")
	b.String(schemaRef + of.Name)
	b.Key("$defs")
	b.BeginObject()
	for _, m := range schemas.Members {
		if needed[m.Name] || m.Name == of.Name {
			b.RawKey(m.Key)
			b.Raw(m.Value)
		}
	}
	b.EndObject()
	b.EndObject()
	o, _ := rawjson.Parse(of.Value, rawjson.Limits{}) // it was parsed as a part already
	about, _ := o.String("description")
	return Schema{of.Name, about, bytes.ReplaceAll(b.Bytes(), []byte(`"`+schemaRef), []byte(`"#/$defs/`))}
}

// schemaRef is what references to schemas start with.
const schemaRef = "#/components/schemas/"

func (d *document) info() {
	d.object("info", func() {
		d.text("title", "Reference API")
		d.text("version", api.ProductVersion)
		d.text("summary", "Sites, clusters, nodes and flavors of a testbed, their history, and which nodes are free.")
		d.text("description", strings.TrimSpace(description))
		d.object("license", func() {
			d.text("name", "Apache License 2.0")
			d.text("identifier", "Apache-2.0") // SPDX
		})
	})
}

type tag struct{ name, description string }

// tags describes the groups of routes, in the order in which to read them.
func tags() []tag {
	return []tag{
		{"grid", "The testbed as a whole, from where links lead everywhere."},
		{"sites", "Sites: the places that run parts of the testbed."},
		{"clusters", "Clusters: a site's groups of nodes."},
		{"nodes", "Nodes: the machines of a cluster, and their hardware."},
		{"flavors", "Flavors: the sizes of virtual machines that a site offers."},
		{"versions", "The history of the testbed and of each resource."},
		{"changes", "What each commit and each version changed, as documents and as feeds."},
		{"availability", "Which nodes and flavors are free, now and later. Answered live."},
		{"documentation", "What describes this API, for programs and for people."},
	}
}

// components writes what several routes share: the responses, then the schemas
// and headers as components.json has them.
func (d *document) components() {
	file, err := rawjson.Parse(components, rawjson.Limits{})
	if err != nil {
		panic(fmt.Sprintf("openapi: read components.json: %v", err)) // it is compiled in, and tests read it
	}
	d.object("components", func() {
		for _, m := range file.Members {
			d.RawKey(m.Key)
			d.Raw(m.Value)
		}
		d.object("parameters", func() {
			for _, p := range route.SliceParams() {
				d.object(p.Name, func() { d.query(p, sliceNote) })
			}
		})
		d.object("responses", func() {
			for _, s := range sharedResponses() {
				d.object(s.name, func() { d.response(s) })
			}
		})
	})
}
