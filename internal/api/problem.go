package api

import (
	"strconv"
	"strings"

	"github.com/chameleoncloud/refapi/internal/route"
)

// A Problem is an error (RFC 9457). Members may be added. Clients may rely on
// `detail`, whose texts are fixed.
type Problem struct {
	// Type of the problem: `about:blank` if the status says enough.
	//
	//schema:format "uri-reference"
	//schema:examples ["about:blank"]
	Type string `json:"type"`
	// Reason phrase of the status.
	//
	//schema:minLength 1
	//schema:examples ["Not Found"]
	Title string `json:"title"`
	// The HTTP status.
	//
	//schema:minimum 400
	//schema:maximum 599
	//schema:examples [404]
	Status int `json:"status"`
	// What is wrong: a fixed text.
	//
	//schema:minLength 1
	//schema:examples ["Site not found"]
	Detail string `json:"detail"`
}

// Body returns the problem's JSON document. Its type and title follow from the status.
func (p Problem) Body() []byte {
	p.Type, p.Title = "about:blank", titles[p.Status]
	return Encode(p)
}

// File returns the path of the body in the tree, for servers such as nginx that
// cannot generate one: errors/STATUS.json, but of a 404 errors/404-DETAIL.json.
func (p Problem) File() string {
	name := strconv.Itoa(p.Status)
	if p.Status == 404 {
		name += "-" + strings.ReplaceAll(strings.ToLower(p.Detail), " ", "-")
	}
	return ProblemDir + "/" + name + ".json"
}

// ProblemDir is the directory of the problems' bodies.
const ProblemDir = "errors"

// NotFoundPage is the file of the page that answers a 404 where all else is pages.
const NotFoundPage = ProblemDir + "/404-page.html"

// titles are the reason phrases of statuses (RFC 9110, section 15).
var titles = map[int]string{
	400: "Bad Request",
	401: "Unauthorized",
	403: "Forbidden",
	404: "Not Found",
	405: "Method Not Allowed",
	408: "Request Timeout",
	411: "Length Required",
	412: "Precondition Failed",
	413: "Content Too Large",
	414: "URI Too Long",
	415: "Unsupported Media Type",
	416: "Range Not Satisfiable",
	421: "Misdirected Request",
	429: "Too Many Requests",
	431: "Request Header Fields Too Large",
	500: "Internal Server Error",
	501: "Not Implemented",
	502: "Bad Gateway",
	503: "Service Unavailable",
	505: "HTTP Version Not Supported",
}

// The problems that do not depend on the route.
var (
	BadRequest           = Problem{Status: 400, Detail: "The request is not valid HTTP"}
	Unauthorized         = Problem{Status: 401, Detail: "The request needs credentials"}
	Forbidden            = Problem{Status: 403, Detail: "The server may not answer this request"}
	MethodNotAllowed     = Problem{Status: 405, Detail: "Method Not Allowed"}
	RequestTimeout       = Problem{Status: 408, Detail: "The request did not arrive in time"}
	LengthRequired       = Problem{Status: 411, Detail: "The request does not say how long its body is"}
	PreconditionFailed   = Problem{Status: 412, Detail: "A precondition of the request does not hold"}
	TooLarge             = Problem{Status: 413, Detail: "The request body is too large"}
	URITooLong           = Problem{Status: 414, Detail: "The address is too long"}
	UnsupportedMediaType = Problem{Status: 415, Detail: "The request body must be application/json"}
	RangeNotSatisfiable  = Problem{Status: 416, Detail: "The file does not have the range that was asked for"}
	Misdirected          = Problem{Status: 421,
		Detail: "The request was sent to a server that does not answer for this host"}
	HeadersTooLarge     = Problem{Status: 431, Detail: "The request headers are too large"}
	TooManyRequests     = Problem{Status: 429, Detail: "Too many requests: wait a second and try again"}
	InternalError       = Problem{Status: 500, Detail: "Internal Server Error"}
	NotImplemented      = Problem{Status: 501, Detail: "The transfer coding of the request is not known"}
	LiveUnavailable     = Problem{Status: 503, Detail: "Live data is not available"}
	NothingPublished    = Problem{Status: 503, Detail: "Nothing has been published yet"}
	VersionNotSupported = Problem{Status: 505, Detail: "The version of HTTP is not supported"}
)

// NotFound returns the 404 of a route.
func NotFound(r *route.Route) Problem {
	return Problem{Status: 404, Detail: r.NotFoundDetail}
}

// Problems returns every problem whose body a server of the tree needs.
func Problems() []Problem {
	all := []Problem{
		BadRequest, Unauthorized, Forbidden, MethodNotAllowed, RequestTimeout, LengthRequired, PreconditionFailed,
		TooLarge, URITooLong, RangeNotSatisfiable, Misdirected, TooManyRequests, HeadersTooLarge, InternalError,
		NotImplemented, LiveUnavailable, VersionNotSupported,
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

// ValidationError lists what is invalid in the query parameters or in the request
// body. It is not a problem document (RFC 9457), because `detail` is a list.
type ValidationError struct {
	// One entry for each invalid parameter, in the order of this document.
	//
	//schema:minItems 1
	Detail []Fault `json:"detail"`
}

// A Fault is one invalid value in a request.
type Fault struct {
	// The rule that the value violates.
	//
	//schema:examples ["greater_than"]
	Type FaultType `json:"type"`
	// `query` and the name of the parameter; or `body` and the path of members to the
	// value.
	//
	//schema:minItems 1
	//schema:examples [["query","limit"]]
	Loc []string `json:"loc"`
	// Human-readable text of the rule.
	//
	//schema:minLength 1
	//schema:examples ["Input should be greater than 0"]
	Msg string `json:"msg"`
	// The value as received.
	//
	//schema:examples ["0"]
	Input string `json:"input"`
	// Parameters of the rule, such as `{"gt":0}`.
	//
	//schema:examples [{"gt":0}]
	Ctx map[string]any `json:"ctx,omitzero"`
}

// FaultType is the rule that a value violates. `json_invalid`: the body is not
// JSON of the expected form.
type FaultType string

// The types of faults.
const (
	BoolParsing             FaultType = "bool_parsing"
	IntParsing              FaultType = "int_parsing"
	FloatParsing            FaultType = "float_parsing"
	GreaterThan             FaultType = "greater_than"
	GreaterThanEqual        FaultType = "greater_than_equal"
	LessThanEqual           FaultType = "less_than_equal"
	DatetimeFromDateParsing FaultType = "datetime_from_date_parsing"
	Enum                    FaultType = "enum"
	ValueError              FaultType = "value_error"
	JSONInvalid             FaultType = "json_invalid"
	TypeError               FaultType = "type_error"
	ExtraForbidden          FaultType = "extra_forbidden"
	TooLong                 FaultType = "too_long"
)
