package openapi

import (
	"strconv"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// statusResponse is a response of a route with a status or a class of statuses.
type statusResponse struct {
	status string
	response
	isShared bool // is a component
}

// responsesOf returns the responses of a route, ordered by status.
func responsesOf(r *route.Route) (all []statusResponse) {
	shared := map[string]response{}
	for _, s := range sharedResponses() {
		shared[s.name] = s
	}

	// Problems of the route itself take the place of a shared response, which is
	// added only under a condition.
	own := problemsOf(r)
	answer := func(status int, component string, when bool) {
		text := strconv.Itoa(status)
		if problems := own[status]; len(problems) > 0 {
			all = append(all, statusResponse{
				status: text, response: response{description: details(problems), problems: problems},
			})
		} else if when {
			all = append(all, statusResponse{status: text, response: shared[component], isShared: true})
		}
	}

	// Routes that availapi answers, always or for some queries, fail differently
	// when it is down.
	down := api.NothingPublished
	if r.Live || r.Sliced() || r.Representation == route.Version {
		down = api.LiveUnavailable
	}

	all = append(all, statusResponse{status: "200", response: response{description: meaning(r), route: r}})
	if !r.Live {
		all = append(all, statusResponse{status: "206", response: response{
			description: "The requested range of the uncompressed body (RFC 9110, section 14): some bytes of that of a 200.",
			headers:     []string{"ETag", "Last-Modified", "Cache-Control", "Vary", "Content-Range"},
			part:        r,
		}})
	}
	answer(304, "NotModified", true)
	answer(307, "OtherVersion", r.Representation == route.Version)
	answer(400, "", false)
	answer(404, name(api.NotFound(r)), !r.Live)
	answer(405, name(api.MethodNotAllowed), true)
	answer(412, name(api.PreconditionFailed), !r.Live)
	answer(416, name(api.RangeNotSatisfiable), !r.Live)
	answer(422, "ValidationFailed", len(r.Query) > 0 || r.Sliced())
	answer(429, "TooManyRequests", true)
	all = append(all, statusResponse{status: "4XX", response: shared["RequestRefused"], isShared: true})
	answer(500, name(api.InternalError), true)
	answer(501, name(api.NotImplemented), true)
	answer(502, "", false)
	answer(503, name(down), true)
	answer(505, name(api.VersionNotSupported), true)

	return all
}

// responses are the responses of a route, by status.
func responses(id route.ID, r *route.Route, examples Examples) (all object) {
	for _, s := range responsesOf(r) {
		var value object
		switch {
		case s.isShared:
			value = ref("responses", s.name)
		case s.route != nil:
			value = ok(id, r, examples)
		default:
			value = s.object()
		}
		all = append(all, member{s.status, value})
	}
	return all
}

// ok is the successful response of a route.
func ok(id route.ID, r *route.Route, examples Examples) object {
	names := []string{"ETag", "Last-Modified", "Cache-Control", "Vary"}
	if id == route.Root {
		names = append(names, "Link")
	}

	body := content(r.MediaType(), schemaOf(r))
	if e, hasExample := examples[id]; r.Schema != "" && hasExample {
		body = content(r.MediaType(), schemaOf(r), member{"example", rawjson.Value(e.Body)})
	}

	return object{{"description", meaning(r)}, {"headers", headerRefs(names)}, {"content", body}}
}

// schemaOf is the schema of a route's body.
func schemaOf(r *route.Route) object {
	if r.Schema == "" {
		return object{{"type", "string"}}
	}
	return ref("schemas", r.Schema)
}

// meaning describes the body of a route.
func meaning(r *route.Route) string {
	switch r.Representation {
	case route.Item:
		return "The resource."
	case route.Collection:
		return "The collection, or the requested slice of it."
	case route.VersionList:
		return "The versions, or the requested slice of them."
	case route.Version:
		return "The version."
	case route.HTML:
		return "The page."
	case route.File:
		return "The file."
	case route.Feed:
		return "The feed."
	}
	return "The result."
}

// headerRefs refers to the headers of a response.
func headerRefs(names []string) (all object) {
	for _, name := range names {
		all = append(all, member{name, ref("headers", headerName(name))})
	}
	return all
}

// response is a response to document: an error, a redirect, or a route's body.
type response struct {
	name        string // of the component, where it is shared
	description string
	headers     []string
	problems    []api.Problem // that the body may be
	invalid     bool          // the body is a ValidationError
	part        *route.Route  // some of whose body it is
	route       *route.Route  // whose body it is; nil for an error
}

// body returns the media type of a response and the component that describes its
// body, "" where it has none.
func (r response) body() (mediaType, schema string) {
	switch {
	case r.route != nil:
		return r.route.MediaType(), r.route.Schema
	case r.invalid:
		return "application/json", "ValidationError"
	case r.part != nil:
		return r.part.MediaType(), r.part.Schema
	case len(r.problems) > 0:
		return "application/problem+json", "Problem"
	}
	return "", ""
}

func (r response) object() object {
	o := object{{"description", r.description}}
	if len(r.headers) > 0 {
		o = append(o, member{"headers", headerRefs(r.headers)})
	}

	mediaType, schema := r.body()
	switch {
	case r.invalid:
		o = append(o, member{"content", content(mediaType, ref("schemas", schema), member{"example", rawjson.Value(invalidLimit)})})
	case r.part != nil:
		// A part fits no schema, but generated clients join the types of all 2xx: with
		// another schema here, a caller who asked for no range would have to tell them
		// apart.
		o = append(o, member{"content", content(mediaType, schemaOf(r.part))})
	case len(r.problems) > 0:
		o = append(o, member{"content", content(mediaType, ref("schemas", schema), problemExamples(r.problems))})
	}

	return o
}

// problemExamples are the examples of a body that is one of several problems.
// Their texts are fixed, so the examples are exhaustive.
func problemExamples(problems []api.Problem) member {
	if len(problems) == 1 {
		return member{"example", rawjson.Value(problems[0].Body())}
	}

	var all object
	for _, p := range problems {
		all = append(all, member{name(p), object{{"summary", p.Detail}, {"value", rawjson.Value(p.Body())}}})
	}
	return member{"examples", all}
}
