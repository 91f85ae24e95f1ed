package openapi

import (
	"strings"
	"unicode"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/route"
)

// responsesOf returns, by status, the errors of one live route alone. Their
// problems stand in the order in which the route looks for them.
func responsesOf(id route.ID) map[int]response {
	problem := func(status int, detail string) api.Problem {
		return api.Problem{Status: status, Detail: detail}
	}
	several := func(description string, problems ...api.Problem) response {
		return response{description: description, problems: problems}
	}
	missing := api.NotFound(id.Get())
	switch id {
	case route.Search:
		return map[int]response{
			400: several("Only one end of the window is there, or the request is not HTTP.",
				problem(400, route.OneEnd), api.BadRequest),
		}
	case route.SiteAvailability:
		return map[int]response{
			404: several("The site was never synced, or there is none of this name.",
				problem(404, route.SiteNotSynced)),
		}
	case route.Slots, route.NodesAvailability, route.Availability:
		return nil
	case route.ClusterAvailability:
		return map[int]response{404: several("There is no such cluster.", missing)}
	case route.NodeAvailability:
		return map[int]response{
			404: several("There is no such node, its site was never synced, or Blazar does not know it.",
				missing, problem(404, route.NodeNotSynced), problem(404, route.NotInBlazar)),
		}
	case route.FlavorAvailability:
		return map[int]response{
			404: several("The site does not offer this, or its Nova does not know the flavor.",
				problem(404, route.FlavorsNotAsked), missing),
			502: several("The site's Blazar or Nova failed.",
				problem(502, route.FlavorsFailed)),
			503: several("The site's Blazar is too old to know, or the part that answers live is away.",
				problem(503, route.FlavorsUnsupported), api.LiveUnavailable, api.NothingPublished),
		}
	}
	return nil
}

// invalidLimit is the body of a 422, as ?limit=0 gets it.
const invalidLimit = `{"detail":[{"type":"greater_than","loc":["query","limit"],"msg":"Input should be greater than 0","input":"0","ctx":{"gt":0}}]}`

// sharedResponses lists the responses that are components.
func sharedResponses() []response {
	all := []response{
		{name: "PartialContent", description: "The bytes that `Range` asks for (RFC 9110, section 14): of the uncompressed body alone.",
			headers: []string{"ETag", "Last-Modified", "Cache-Control", "Vary", "Content-Range"}, part: true},
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
		response{name: "TooManyRequests", description: "The client asks too often, or for too much at once.", headers: []string{"Retry-After"},
			problems: []api.Problem{api.TooManyRequests}},
		response{name: "RequestRefused", description: "The server does not answer such a request: it is not HTTP, too long, too slow, or for somebody else.",
			problems: []api.Problem{api.BadRequest, api.Unauthorized, api.Forbidden, api.RequestTimeout, api.LengthRequired,
				api.TooLarge, api.URITooLong, api.Misdirected, api.HeadersTooLarge}},
		sole(api.InternalError, "The server is at fault."),
		sole(api.NotImplemented, "The request has a `Transfer-Encoding` other than `chunked`."),
		response{name: name(api.LiveUnavailable), description: "The part that answers live is away, and files are served on; or there is no release yet.",
			headers: []string{"Retry-After"}, problems: []api.Problem{api.LiveUnavailable, api.NothingPublished}},
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
