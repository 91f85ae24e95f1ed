package openapi

import (
	"net/http"
	"strings"
	"unicode"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/route"
)

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
const invalidLimit = `{"detail":[{"type":"greater_than","loc":["query","limit"],"msg":"Input should be greater than 0","input":"0","ctx":{"gt":0}}]}`

// sharedResponses lists the responses that are components.
func sharedResponses() []response {
	all := []response{
		{name: "NotModified", description: "The client's copy is still fresh (RFC 9110, section 15.4.5).",
			headers: []string{"ETag", "Last-Modified", "Cache-Control", "Vary"}},
		{name: "OtherVersion", description: "Redirects to the canonical URL of the version: the id is `HEAD`, a prefix of a hash, or a version that did not touch the resource.",
			headers: []string{"Location"}},
	}

	seen := map[string]bool{}
	for _, r := range route.All() {
		if p := api.NotFound(r); !r.Live && !seen[name(p)] {
			seen[name(p)] = true
			all = append(all, sole(p, p.Detail+"."))
		}
	}

	return append(all,
		sole(api.MethodNotAllowed, "The URL does not allow this method.", "Allow"),
		response{name: "ValidationFailed", description: "Query parameters are invalid.", invalid: true},
		sole(api.PreconditionFailed, "The condition of `If-Match` or `If-Unmodified-Since` is false."),
		sole(api.RangeNotSatisfiable, "The body does not have the requested range.", "Content-Range"),
		response{name: "TooManyRequests", description: "The client sends too many requests, or too many at once.",
			headers:  []string{"Retry-After"},
			problems: []api.Problem{api.TooManyRequests}},
		response{name: "RequestRefused",
			description: "The server refuses the request: it is not valid HTTP, too large, too slow, or for another host.",
			problems: []api.Problem{api.BadRequest, api.Unauthorized, api.Forbidden, api.RequestTimeout,
				api.LengthRequired,
				api.TooLarge, api.URITooLong, api.Misdirected, api.HeadersTooLarge}},
		sole(api.InternalError, "An error of the server."),
		sole(api.NotImplemented, "The request has a `Transfer-Encoding` other than `chunked`."),
		response{name: name(api.LiveUnavailable),
			description: "The live service is not available, while static files are still served; or no release has been published yet.",
			headers:     []string{"Retry-After"}, problems: []api.Problem{api.LiveUnavailable, api.NothingPublished}},
		sole(api.NothingPublished, "No release has been published yet.", "Retry-After"),
		sole(api.VersionNotSupported, "The server does not support the request's version of HTTP."),
	)
}

// sole is the response that is one problem.
func sole(p api.Problem, description string, headers ...string) response {
	return response{name: name(p), description: description, headers: headers, problems: []api.Problem{p}}
}

// name derives a component's name from a problem: SiteNotFound from its text, or
// PreconditionFailed from its title where the text is a sentence.
func name(p api.Problem) string {
	text := p.Detail
	switch p.Status {
	case 400, 404, 502, 503:
	default:
		text = http.StatusText(p.Status)
	}

	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, word := range words {
		words[i] = strings.ToUpper(word[:1]) + word[1:] // the texts are ASCII
	}
	return strings.Join(words, "")
}
