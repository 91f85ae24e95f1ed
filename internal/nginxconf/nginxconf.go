// Package nginxconf owns nginx.conf: from the table of routes it makes the
// configuration that serves the tree and sends the rest to availapi.
package nginxconf

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"strings"
	"text/template"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/templates"
)

// Options are the operator's choices.
type Options struct {
	Root       string   // directory of the live release, as "public/current"
	Listen     []string // addresses to listen on, as [Address] reads them
	Availapi   []string // addresses of each availapi, as [Address] reads them
	Base       string   // path that links in headers start with: it ends in PathPrefix
	PathPrefix string   // path that all requests start with, "" for none
	SliceDir   string   // directory of whole slices below Root

	Brotli  bool
	Modules string // directory of nginx's dynamic modules

	Connections    int    // requests in work at once for one address, 0 for no limit
	Rate           int    // live requests a second for one address
	Burst          int    // requests above the rate that are let through
	MaxBody        string // largest request body, in nginx's notation
	TrustedProxies []string
}

// Part is a piece of the configuration.
type Part string

// The parts: the whole, or what belongs into the http and the server block of
// a configuration that includes them.
const (
	Whole  Part = "main"
	HTTP   Part = "http"
	Server Part = "server"
)

// notPlain finds what could end a word or a string in nginx's syntax.
var notPlain = regexp.MustCompile(`[\s;{}"'\\$#]`)

// Render writes a part of the configuration.
func Render(part Part, o Options) ([]byte, error) {
	for name, values := range map[string][]string{
		"root": {o.Root}, "path prefix": {o.PathPrefix}, "base": {o.Base},
		"modules": {o.Modules}, "largest body": {o.MaxBody}, "trusted proxy": o.TrustedProxies,
	} {
		for _, v := range values {
			if notPlain.MatchString(v) {
				return nil, fmt.Errorf("print nginx.conf: the %s %q has a character that nginx.conf cannot hold", name, v)
			}
		}
	}
	var err error
	if o.Listen, err = addresses(listenKind, o.Listen); err != nil {
		return nil, fmt.Errorf("print nginx.conf: %w", err)
	}
	if o.Availapi, err = addresses(availapiKind, o.Availapi); err != nil {
		return nil, fmt.Errorf("print nginx.conf: %w", err)
	}
	t, err := template.New("").Funcs(template.FuncMap{"join": strings.Join}).ParseFS(templates.FS, "nginx.conf.tmpl")
	if err != nil {
		return nil, fmt.Errorf("print nginx.conf: %w", err)
	}
	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, string(part), newModel(o)); err != nil {
		return nil, fmt.Errorf("print nginx.conf: %w", err)
	}
	return tidy(out.Bytes()), nil
}

// model is what the template is filled with.
type model struct {
	Options
	WorkerConnections int    // of one nginx process
	OpenFiles         int    // of one nginx process
	CutOff            string // path that a front cuts off before nginx is asked, "" for none
	RetryAfter        string // seconds
	MaxLimit          int
	Shapes            []string // regular expressions of all addresses
	Pages             []string // of the pages for people
	Former            former
	Sliced            []string // of the collections
	Live              []string // of the live routes
	Posts             []string // of the routes that accept POST
	Versioned         []string // of the resources that have versions
	Large             string   // end of the addresses of long collections
	JSONFeeds         []string // of the JSON Feeds, with and without their last ending
	Missing           []shape
	NotFound          string
	Immutable         []string // prefixes of what never changes
	Refusals          []refusal
	Problems          map[string]string
	Missed            string // body of the 404 of no route
	Unpublished       string // body of the problem that there is no release yet
	ProblemDir        string
	SliceRoot         string
	SureRange         string
	ImmutableCache    string
	Brief             string // Cache-Control of what a commit changes
	Policy            string
	Expose            string
	Link              string
}

// shape is a form of path, and what is missing where nothing has it.
type shape struct{ Regexp, File string }

// workerConnections is how many connections one nginx process may have: to
// clients and to the live half together.
const workerConnections = 8192

// refusal is what nginx answers with one problem by itself, for whatever path.
type refusal struct {
	Codes  []int // of nginx, which has some that are no statuses of HTTP
	Status int
	File   string
}

// refusals are the codes that nginx itself may give, but for those whose answer
// depends on the path (404, 405) or on the live half (502, 503, 504). Codes above
// 430 are nginx's own: 494 is for headers that are too large, 495 to 497 for TLS,
// and 507 for a disk that is full.
func refusals() (all []refusal) {
	for _, r := range []struct {
		problem api.Problem
		codes   []int
	}{
		{api.BadRequest, []int{400, 495, 496, 497}},
		{api.Unauthorized, []int{401}},
		{api.Forbidden, []int{403}},
		{api.RequestTimeout, []int{408}},
		{api.LengthRequired, []int{411}},
		{api.PreconditionFailed, []int{412}},
		{api.TooLarge, []int{413}},
		{api.URITooLong, []int{414}},
		{api.RangeNotSatisfiable, []int{416}},
		{api.Misdirected, []int{421}},
		{api.TooManyRequests, []int{429}},
		{api.HeadersTooLarge, []int{431, 494}},
		{api.InternalError, []int{500, 507}},
		{api.NotImplemented, []int{501}},
		{api.VersionNotSupported, []int{505}},
	} {
		all = append(all, refusal{Codes: r.codes, Status: r.problem.Status, File: r.problem.File()})
	}
	return all
}

// former tells where the pages of nodes were.
type former struct {
	Start, Now string // what addresses began with, and begin with
	Rest       string // regular expression of how they go on, before a query
}

func newFormer() former {
	now := string(route.HardwareList)
	rest := strings.TrimPrefix(string(route.HardwareNode), now)
	return former{
		Start: strings.TrimSuffix(string(route.LegacyNodePath), rest),
		Now:   now,
		Rest:  strings.ReplaceAll(expression(rest), "[^/]+", "[^/?]+"),
	}
}

func newModel(o Options) model {
	m := model{
		Options:           o,
		WorkerConnections: workerConnections,
		OpenFiles:         2*workerConnections + 1024,
		CutOff:            strings.TrimSuffix(o.Base, o.PathPrefix),
		RetryAfter:        route.RetryAfter(503),
		MaxLimit:          route.MaxLimit,
		NotFound:          api.Problem{Status: 404, Detail: route.NotFound}.File(),
		Refusals:          refusals(),
		Problems: map[string]string{
			"MethodNotAllowed": api.MethodNotAllowed.File(),
			"LiveUnavailable":  api.LiveUnavailable.File(),
		},
		Missed:         string(api.Problem{Status: 404, Detail: route.NotFound}.Body()),
		Unpublished:    string(api.NothingPublished.Body()),
		ProblemDir:     api.ProblemDir,
		Large:          route.Nodes.Get().Pattern[strings.LastIndexByte(route.Nodes.Get().Pattern, '/'):],
		SliceRoot:      path.Dir(o.SliceDir),
		Immutable:      route.ImmutablePrefixes(),
		SureRange:      "~*" + route.SatisfiableRange,
		ImmutableCache: route.CacheImmutable,
		Brief:          route.CacheShort,
		Policy:         route.ContentPolicy,
		Expose:         route.ExposedHeaders,
		Link:           route.ServiceLinks(o.Base),
		Former:         newFormer(),
	}
	for p := range route.Pages() {
		m.Pages = append(m.Pages, expression(string(p)))
	}
	for _, r := range route.Ordered() {
		re := expression(r.Pattern)
		if r.Pattern != "/" {
			m.Shapes = append(m.Shapes, re)
		}
		if r.NotFoundDetail != route.NotFound && !r.Live {
			suffix := ""
			if r.Suffix() && !strings.HasSuffix(r.Pattern, "}") {
				suffix = `(?:\.json)?`
			}
			m.Missing = append(m.Missing, shape{re + suffix, api.NotFound(r).File()})
		}
		if r.Sliced() {
			m.Sliced = append(m.Sliced, re)
		}
		if r.Representation == route.Feed && strings.HasSuffix(r.Pattern, route.JSONFeedSuffix) {
			m.JSONFeeds = append(m.JSONFeeds, strings.TrimSuffix(re, `\.json`)+`(?:\.json)?`)
		}
		if r.Live {
			m.Live = append(m.Live, re)
		}
		if r.Post {
			m.Posts = append(m.Posts, re)
		}
		if r.Representation == route.VersionList {
			m.Versioned = append(m.Versioned, strings.TrimSuffix(re, "/versions"))
		}
	}
	return m
}

// expression is the regular expression of a pattern's paths.
func expression(pattern string) string {
	var b strings.Builder
	for i, segment := range strings.Split(pattern, "/") {
		if i > 0 {
			b.WriteByte('/')
		}
		if strings.HasPrefix(segment, "{") {
			b.WriteString("[^/]+")
		} else {
			b.WriteString(regexp.QuoteMeta(segment))
		}
	}
	return b.String()
}

// tidy indents by the depth of braces, and takes doubled empty lines out.
func tidy(text []byte) []byte {
	var out []byte
	depth := 0
	empty := true // at the start
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 && empty {
			continue
		}
		empty = len(line) == 0
		if bytes.Equal(line, []byte("}")) {
			depth--
			out = bytes.TrimRight(out, "\n")
			out = append(out, '\n')
		}
		if !empty {
			out = append(out, strings.Repeat("    ", depth)...)
		}
		out = append(append(out, line...), '\n')
		if bytes.HasSuffix(line, []byte(" {")) {
			depth++
			empty = true // no empty line after it
		}
	}
	return append(bytes.TrimRight(out, "\n"), '\n')
}
