package resource

import (
	"fmt"
	"net/http"
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
	b.String(http.StatusText(p.Status))
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

// The problems that do not depend on the request.
var (
	BadRequest       = Problem{http.StatusBadRequest, "The request is not valid HTTP"}
	MethodNotAllowed = Problem{http.StatusMethodNotAllowed, "Method Not Allowed"}
	TooLarge         = Problem{http.StatusRequestEntityTooLarge, "The request body is too large"}
	URITooLong       = Problem{http.StatusRequestURITooLong, "The address is too long"}
	HeadersTooLarge  = Problem{http.StatusRequestHeaderFieldsTooLarge, "The request headers are too large"}
	TooManyRequests  = Problem{http.StatusTooManyRequests, "Too many requests: wait a second and try again"}
	InternalError    = Problem{http.StatusInternalServerError, "Internal Server Error"}
	LiveUnavailable  = Problem{http.StatusServiceUnavailable, "Live data is not available"}
)

// NotFound is the 404 of a route's shape of path.
func NotFound(r *route.Route) Problem {
	return Problem{http.StatusNotFound, r.Missing}
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
