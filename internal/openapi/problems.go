package openapi

import (
	"strings"
	"unicode"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/route"
)

// problemsOf returns, by status, the errors of one live route alone: those of its
// row, and those of all such routes which have the same status.
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

// invalidLimit is the body of a 422, as ?limit=0 gets it.
const invalidLimit = `{"detail":[{"type":"greater_than","loc":["query","limit"],"msg":"Input should be greater than 0","input":"0","ctx":{"gt":0}}]}`

// sharedResponses lists the responses that are components.
func sharedResponses() []response {
	all := []response{
		{name: "PartialContent",
			description: "The bytes that `Range` asks for (RFC 9110, section 14): of the uncompressed body alone.",
			headers:     []string{"ETag", "Last-Modified", "Cache-Control", "Vary", "Content-Range"}, part: true},
		{name: "NotModified", description: "The client's copy is still good (RFC 9110, section 15.4.5).",
			headers: []string{"ETag", "Last-Modified", "Cache-Control", "Vary"}},
		{name: "OtherVersion", description: "The version has another address: the id is `HEAD`, the start of a hash, or a version that did not touch the resource.",
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
		sole(api.MethodNotAllowed, "The address does not allow this method.", "Allow"),
		response{name: "ValidationFailed", description: "Parameters of the query are wrong.", invalid: true},
		sole(api.PreconditionFailed, "`If-Match` or `If-Unmodified-Since` does not hold."),
		sole(api.RangeNotSatisfiable, "The body does not have the range that `Range` asks for.", "Content-Range"),
		response{name: "TooManyRequests", description: "The client asks too often, or for too much at once.",
			headers:  []string{"Retry-After"},
			problems: []api.Problem{api.TooManyRequests}},
		response{name: "RequestRefused",
			description: "The server does not answer such a request: it is not HTTP, too long, too slow, or for somebody else.",
			problems: []api.Problem{api.BadRequest, api.Unauthorized, api.Forbidden, api.RequestTimeout,
				api.LengthRequired,
				api.TooLarge, api.URITooLong, api.Misdirected, api.HeadersTooLarge}},
		sole(api.InternalError, "The server is at fault."),
		sole(api.NotImplemented, "The request has a `Transfer-Encoding` other than `chunked`."),
		response{name: name(api.LiveUnavailable),
			description: "The part that answers live is away, and files are served on; or there is no release yet.",
			headers:     []string{"Retry-After"}, problems: []api.Problem{api.LiveUnavailable, api.NothingPublished}},
		sole(api.NothingPublished, "There is no release yet.", "Retry-After"),
		sole(api.VersionNotSupported, "The request is of a version of HTTP that the server does not know."),
	)
}

// sole is the response that is one problem.
func sole(p api.Problem, description string, headers ...string) response {
	return response{name: name(p), description: description, headers: headers, problems: []api.Problem{p}}
}

// name makes a component's name of a problem's text: SiteNotFound.
func name(p api.Problem) string {
	words := strings.FieldsFunc(p.Detail, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, word := range words {
		words[i] = strings.ToUpper(word[:1]) + word[1:] // the texts are ASCII
	}
	return strings.Join(words, "")
}
