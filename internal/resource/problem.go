package resource

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
	case 404:
		return "Not Found"
	case 405:
		return "Method Not Allowed"
	case 413:
		return "Content Too Large"
	case 414:
		return "URI Too Long"
	case 429:
		return "Too Many Requests"
	case 431:
		return "Request Header Fields Too Large"
	case 502:
		return "Bad Gateway"
	case 503:
		return "Service Unavailable"
	}
	return "Internal Server Error"
}

// The problems that do not depend on the route.
var (
	BadRequest       = Problem{400, "The request is not valid HTTP"}
	MethodNotAllowed = Problem{405, "Method Not Allowed"}
	TooLarge         = Problem{413, "The request body is too large"}
	URITooLong       = Problem{414, "The address is too long"}
	HeadersTooLarge  = Problem{431, "The request headers are too large"}
	TooManyRequests  = Problem{429, "Too many requests: wait a second and try again"}
	InternalError    = Problem{500, "Internal Server Error"}
	LiveUnavailable  = Problem{503, "Live data is not available"}
)

// NotFound is the 404 of a route's shape of path.
func NotFound(r *route.Route) Problem {
	return Problem{404, r.Missing}
}

// Problems lists every problem that a server of the tree needs the body of.
func Problems() []Problem {
	all := []Problem{BadRequest, MethodNotAllowed, TooLarge, URITooLong, HeadersTooLarge, TooManyRequests, InternalError, LiveUnavailable}
	seen := map[string]bool{}
	for _, r := range route.All() {
		if !seen[r.Missing] {
			seen[r.Missing] = true
			all = append(all, NotFound(r))
		}
	}
	return all
}
