package api

import (
	"fmt"
	"strings"

	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Problem is an error as clients read it (RFC 9457). Old clients read nothing
// but the detail, so the texts of the contract are fixed.
type Problem struct {
	Status int
	Detail string
}

// Body is the problem's JSON document.
func (p Problem) Body() []byte {
	var b rawjson.Builder
	b.BeginObject()
	b.Key("type")
	b.String("about:blank")
	b.Key("title")
	b.String(title(p.Status))
	b.Key("status")
	b.Int(p.Status)
	b.Key("detail")
	b.String(p.Detail)
	b.EndObject()
	return b.Bytes()
}

// File is where the body lies in the tree, for servers that cannot make one.
func (p Problem) File() string {
	slug := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			return r
		case r == ' ':
			return '-'
		}
		return -1
	}, strings.ToLower(p.Detail))
	return fmt.Sprintf("%s/%d-%s.json", ProblemDir, p.Status, slug)
}

// ProblemDir is the directory of the problems' bodies.
const ProblemDir = "errors"

// title is the reason phrase of a status (RFC 9110, section 15).
func title(status int) string {
	switch status {
	case 400:
		return "Bad Request"
	case 401:
		return "Unauthorized"
	case 403:
		return "Forbidden"
	case 404:
		return "Not Found"
	case 405:
		return "Method Not Allowed"
	case 408:
		return "Request Timeout"
	case 411:
		return "Length Required"
	case 412:
		return "Precondition Failed"
	case 413:
		return "Content Too Large"
	case 414:
		return "URI Too Long"
	case 416:
		return "Range Not Satisfiable"
	case 421:
		return "Misdirected Request"
	case 429:
		return "Too Many Requests"
	case 431:
		return "Request Header Fields Too Large"
	case 501:
		return "Not Implemented"
	case 502:
		return "Bad Gateway"
	case 503:
		return "Service Unavailable"
	case 505:
		return "HTTP Version Not Supported"
	}
	return "Internal Server Error"
}

// The problems that do not depend on the route.
var (
	BadRequest          = Problem{400, "The request is not valid HTTP"}
	Unauthorized        = Problem{401, "The request needs credentials"}
	Forbidden           = Problem{403, "The server may not answer this request"}
	MethodNotAllowed    = Problem{405, "Method Not Allowed"}
	RequestTimeout      = Problem{408, "The request did not arrive in time"}
	LengthRequired      = Problem{411, "The request does not say how long its body is"}
	PreconditionFailed  = Problem{412, "A precondition of the request does not hold"}
	TooLarge            = Problem{413, "The request body is too large"}
	URITooLong          = Problem{414, "The address is too long"}
	RangeNotSatisfiable = Problem{416, "The file does not have the range that was asked for"}
	Misdirected         = Problem{421, "The request was sent to a server that does not answer for this host"}
	HeadersTooLarge     = Problem{431, "The request headers are too large"}
	TooManyRequests     = Problem{429, "Too many requests: wait a second and try again"}
	InternalError       = Problem{500, "Internal Server Error"}
	NotImplemented      = Problem{501, "The transfer coding of the request is not known"}
	LiveUnavailable     = Problem{503, "Live data is not available"}
	NothingPublished    = Problem{503, "Nothing has been published yet"}
	VersionNotSupported = Problem{505, "The version of HTTP is not supported"}
)

// NotFound is the 404 of a route's shape of path.
func NotFound(r *route.Route) Problem {
	return Problem{404, r.NotFoundDetail}
}

// Problems lists every problem that a server of the tree needs the body of.
func Problems() []Problem {
	all := []Problem{
		BadRequest, Unauthorized, Forbidden, MethodNotAllowed, RequestTimeout, LengthRequired, PreconditionFailed, TooLarge, URITooLong,
		RangeNotSatisfiable, Misdirected, TooManyRequests, HeadersTooLarge, InternalError, NotImplemented, LiveUnavailable, VersionNotSupported,
	}
	seen := map[string]bool{}
	for _, r := range route.All() {
		if !seen[r.NotFoundDetail] {
			seen[r.NotFoundDetail] = true
			all = append(all, NotFound(r))
		}
	}
	return all
}
