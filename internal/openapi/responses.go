package openapi

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Response is a response of an operation.
type Response struct {
	Status, Description string
	MediaType           string // of the body, "" for none
	Schema              string // component that describes the body, "" for any text

	headers   []string
	examples  []member // of the body
	component string   // its name as a component, "" if only one operation has it
}

// object is the response as the document has it.
func (r Response) object() object {
	out := object{{"description", r.Description}}

	var headers object
	for _, name := range r.headers {
		headers = append(headers, member{name, ref("headers", headerName(name))})
	}
	if headers != nil {
		out = append(out, member{"headers", headers})
	}

	if r.MediaType != "" {
		schema := object{{"type", "string"}}
		if r.Schema != "" {
			schema = ref("schemas", r.Schema)
		}
		out = append(out, member{"content", object{{r.MediaType, append(object{{"schema", schema}}, r.examples...)}}})
	}
	return out
}

// responses are those of a method of a route, ordered by status.
func responses(id route.ID, r *route.Route, method string, example []byte) []Response {
	cached := []string{"ETag", "Last-Modified", "Cache-Control", "Vary"}
	ok := Response{
		Status: "200", Description: meaning(r), MediaType: r.MediaType(), Schema: r.Schema, headers: cached,
	}
	if r.Schema == "" { // it is not JSON
		ok.examples = []member{{"example", string(example)}}
	} else {
		ok.examples = []member{{"example", rawjson.Value(example)}}
	}
	if id == route.Root {
		ok.headers = slices.Concat(cached, []string{"Link"})
	}

	for d := range route.Deprecations() {
		if d.Param != "" && r.HasParam(d.Param) && !slices.Contains(ok.headers, "Deprecation") {
			ok.headers = append(slices.Clip(ok.headers), "Deprecation")
		}
	}

	if r.HasParam("strict") {
		ok.headers = append(slices.Clip(ok.headers), route.IgnoredParameters, "Preference-Applied")
	}

	all := []Response{ok}
	if !r.Live {
		// A part fits no schema, but generated clients join the types of all 2xx: with
		// another schema here, a caller who asked for no range would have to tell them
		// apart.
		all = append(all, Response{
			Status: "206",
			Description: "The requested range of the uncompressed body (RFC 9110, section 14): some bytes of that of a 200. " +
				"A request for several ranges gets the whole body.",
			MediaType: r.MediaType(), Schema: r.Schema, headers: slices.Concat(cached, []string{"Content-Range"}),
		})
	}

	all = append(all, Response{
		Status: "304", component: "NotModified", headers: cached,
		Description: "The client's copy is still fresh (RFC 9110, section 15.4.5).",
	})
	if r.Representation == route.Version {
		all = append(all, Response{
			Status: "307", component: "OtherVersion", headers: []string{"Location"},
			Description: "Redirects to the canonical URL of the version: the id is `HEAD`, a prefix of a hash, or a version " +
				"that did not touch the resource.",
		})
	}

	return append(all, refusals(r, method)...)
}

// refusals are the responses of a route with a status from 400.
func refusals(r *route.Route, method string) (all []Response) {
	own := problemsOf(r)
	// add adds a response that several routes have, under a condition. Problems of the
	// route itself take its place.
	add := func(when bool, shared Response) {
		status, _ := strconv.Atoi(shared.Status) // 0 for a class of statuses
		if problems := own[status]; len(problems) > 0 {
			shared, when = refusal(details(problems), problems...), true
			shared.component = ""
		}
		if when {
			all = append(all, shared)
		}
	}

	add(false, Response{Status: "400"})
	add(!r.Live, refusal(r.NotFoundDetail+".", api.NotFound(r)))
	add(true, refusal("The URL does not allow this method.", api.MethodNotAllowed).with("Allow"))
	add(!r.Live, refusal("The condition of `If-Match` or `If-Unmodified-Since` is false.", api.PreconditionFailed))
	add(!r.Live, refusal("The body does not have the requested range.", api.RangeNotSatisfiable).with("Content-Range"))
	add(method == http.MethodPost, refusal("The body is not `application/json`.", api.UnsupportedMediaType))
	add(len(r.Query) > 0 || r.Sliced(), Response{
		Status: "422", component: "ValidationFailed", Description: "Query parameters, or the body, are invalid.",
		MediaType: route.JSONType, Schema: "ValidationError", examples: []member{{"example", rawjson.Value(invalidLimit)}},
	})
	add(true, refusal("The client sends too many requests, or too many at once.", api.TooManyRequests).with("Retry-After"))

	refused := refusal("The server refuses the request: it is not valid HTTP, too large, too slow, or for another host.",
		api.BadRequest, api.Unauthorized, api.Forbidden, api.RequestTimeout, api.LengthRequired,
		api.TooLarge, api.URITooLong, api.Misdirected, api.HeadersTooLarge)
	refused.Status, refused.component = "4XX", "RequestRefused"
	add(true, refused)

	add(true, refusal("An error of the server.", api.InternalError))
	add(true, refusal("The request has a `Transfer-Encoding` other than `chunked`.", api.NotImplemented))
	add(false, Response{Status: "502"})
	add(true, unavailable(r))
	add(true, refusal("The server does not support the request's version of HTTP.", api.VersionNotSupported))

	return all
}

// unavailable is the 503 of a route. Routes that availapi answers, always or for some
// queries, fail differently when it is down.
func unavailable(r *route.Route) Response {
	if r.Live || r.Sliced() || r.Representation == route.Version {
		return refusal("The live service is not available, while static files are still served; or no release has been "+
			"published yet.", api.LiveUnavailable, api.NothingPublished).with("Retry-After")
	}
	return refusal("No release has been published yet.", api.NothingPublished).with("Retry-After")
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
		if strings.HasSuffix(r.Pattern, route.CalendarSuffix) {
			return "The calendar."
		}
		return "The feed."
	}
	return "The result."
}

// refusal is the response that is one of some problems of one status. Their texts are
// fixed, so the examples are exhaustive.
func refusal(description string, problems ...api.Problem) Response {
	r := Response{
		Status: strconv.Itoa(problems[0].Status), Description: description, component: name(problems[0]),
		MediaType: "application/problem+json", Schema: "Problem",
	}
	if len(problems) == 1 {
		r.examples = []member{{"example", rawjson.Value(problems[0].Body())}}
		return r
	}

	var all object
	for _, p := range problems {
		all = append(all, member{name(p), object{{"summary", p.Detail}, {"value", rawjson.Value(p.Body())}}})
	}
	r.examples = []member{{"examples", all}}
	return r
}

func (r Response) with(header string) Response {
	r.headers = []string{header}
	return r
}

// name derives a component's name from a problem: SiteNotFound from its text, or
// PreconditionFailed from its status where the text is a sentence.
func name(p api.Problem) string {
	text := p.Detail
	switch p.Status {
	case 400, 404, 502, 503: // several problems
	default:
		text = http.StatusText(p.Status)
	}

	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, word := range words {
		words[i] = strings.ToUpper(word[:1]) + word[1:] // the texts are ASCII
	}
	return strings.Join(words, "")
}

// problemsOf returns, by status, the errors that are specific to a live route. To
// statuses that its row has, the general problems of the status are added.
func problemsOf(r *route.Route) map[int][]api.Problem {
	problems := map[int][]api.Problem{}
	if !r.Live {
		return problems
	}

	if len(r.Params()) > 0 {
		problems[404] = append(problems[404], api.NotFound(r))
	}
	for status, details := range r.Problems {
		for _, detail := range details {
			problems[status] = append(problems[status], api.Problem{Status: status, Detail: detail})
		}
	}
	if len(problems[400]) > 0 {
		problems[400] = append(problems[400], api.BadRequest)
	}
	if len(problems[503]) > 0 {
		problems[503] = append(problems[503], api.LiveUnavailable, api.NothingPublished)
	}

	return problems
}

// details are those of problems, one sentence each.
func details(problems []api.Problem) string {
	var sentences []string
	for _, p := range problems {
		sentences = append(sentences, p.Detail+".")
	}
	return strings.Join(sentences, " ")
}

// invalidLimit is the body of the 422 response to ?limit=0.
const invalidLimit = `{"detail":[{"type":"greater_than","loc":["query","limit"],` +
	`"msg":"Input should be greater than 0","input":"0","ctx":{"gt":0}}]}`
