package openapi

import (
	"net/http"
	"strings"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Title, Summary and Version describe the API.
const (
	Title   = "Reference API"
	Summary = "Sites, clusters, nodes and flavors of a testbed, their history, and which nodes are free."
	Version = api.ProductVersion
)

// Description is the API's description, in Markdown.
func Description() string { return strings.TrimSpace(description) }

// Operation is a method of a route, as the document describes it.
type Operation struct {
	ID, Method, Path, Tag, Summary string

	Parameters []Parameter
	Responses  []Response
	Example    []byte // a body of the 200, nil for none
}

// Parameter is one of a path or a query.
type Parameter struct{ Name, In, Type, Description string }

// Response is a response of an operation.
type Response struct {
	Status, Description string
	MediaType, Schema   string // of the body, "" where it has none
}

// Operations returns the operations of all routes, in the order of the table.
func Operations(examples Examples) (all []Operation) {
	for id, r := range route.All() {
		op := Operation{
			ID: r.Name, Method: http.MethodGet, Path: r.Pattern, Tag: r.Tag, Summary: r.Summary, Example: examples[id].Body,
		}

		for _, s := range responsesOf(r) {
			mediaType, schema := s.body()
			op.Responses = append(op.Responses, Response{
				Status: s.status, Description: s.description, MediaType: mediaType, Schema: schema,
			})
		}

		query := queryParameters(r)
		op.Parameters = append(pathParameters(r), query...)
		all = append(all, op)

		if r.Post {
			op.ID, op.Method, op.Summary, op.Parameters = postID(r), http.MethodPost, postSummary(r), query
			all = append(all, op)
		}
	}
	return all
}

func pathParameters(r *route.Route) (all []Parameter) {
	for _, name := range r.Params() {
		about, _ := describePathParam(name)
		all = append(all, Parameter{Name: name, In: "path", Type: "string", Description: about})
	}
	return all
}

func queryParameters(r *route.Route) (all []Parameter) {
	params := r.Query
	if r.Sliced() {
		params = route.SliceParams()
	}

	for _, p := range params {
		of := p.Type
		if of == "date-time" {
			of = "string date-time"
		}
		all = append(all, Parameter{Name: p.Name, In: "query", Type: of, Description: p.Description})
	}

	return all
}

// postID and postSummary are of what POST does at a route.
func postID(r *route.Route) string      { return r.Name + "ByFilters" }
func postSummary(r *route.Route) string { return r.Summary + ", by filters" }
