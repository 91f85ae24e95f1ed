// Package openapi owns the OpenAPI document (OpenAPI Specification 3.1.0). It
// is made from the table of routes and the problems of package resource, so
// that no address, parameter or fixed text stands twice; only the schemas of
// the bodies, in components.json, are written by hand.
package openapi

import (
	"cmp"
	_ "embed"
	"fmt"
	"strings"

	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Version is the version of the contract that the document describes. Raise it
// with every change of the document: patch for wording, minor for additions,
// major for what breaks clients.
const Version = "1.0.0"

// Options are what shows in the document besides the table.
type Options struct {
	// Base stands before every link: "", "/ref" or "https://api.example.org/ref".
	// It becomes the URL of the one server, which is "/" for "".
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

func (d *document) info() {
	d.object("info", func() {
		d.text("title", "Reference API")
		d.text("version", Version)
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
