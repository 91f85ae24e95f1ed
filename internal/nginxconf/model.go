package nginxconf

import (
	"path"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/route"
)

// workerConnections bounds the connections of one nginx process, to clients and
// to availapi together.
const workerConnections = 8192

// Locations that answer without a file.
const (
	toLive     = "@refapi_live"
	toVersion  = "@refapi_version"
	toRedirect = "@refapi_redirect"
	toMissing  = "@refapi_missing"
)

// model is the data of the template.
type model struct {
	Options
	CutOff            string // path that a proxy in front of nginx removes, "" for none
	WorkerConnections int    // of one nginx process
	OpenFiles         int    // of one nginx process

	Refused     string // regular expression
	Slice       string // regular expression
	Posts       []string
	Collections []row
	NoFile      []row
	Slashes     []row
	Legacy      legacy
	JSONFeeds   []string // regular expressions

	ProblemDir  string
	Codes       []int
	Renamed     []renamed
	Problems    []problem
	Missing     []row
	Default     string // names of problems
	NotFound    string
	NoRange     string
	Unpublished string // body of a problem

	Types, TextTypes                                  []string
	Catalog, CatalogType                              string // path and media type
	JSONFeedType, ProblemType                         string
	Common                                            []route.Header
	Links, Policy                                     constant
	Immutable                                         []string // prefixes of paths
	SatisfiableRange                                  string   // regular expression
	CacheShort, CacheImmutable, CacheMissing, NoStore string
	CacheMoved, PreflightMaxAge, Retry429, Retry503   string
}

// newModel derives the template's data from the table of routes and the options.
func newModel(opts Options) model {
	m := model{
		Options:           opts,
		CutOff:            strings.TrimSuffix(opts.Base, opts.PathPrefix),
		WorkerConnections: workerConnections,
		OpenFiles:         2*workerConnections + 1024,

		Refused:     strings.ReplaceAll(route.RefusedPattern, `\\`, `\\\\`), // nginx reads a doubled backslash as one
		Slice:       route.SlicePattern,
		Collections: rows("^", routeShapes(`""`, sliced), "$"),
		NoFile:      noFile(),
		Slashes:     slashes(),
		Legacy:      newLegacy(),

		ProblemDir:  api.ProblemDir,
		Missing:     rows("^0", routeShapes(problemName(api.NotFound(route.Root.Get())), missing), "$"),
		Default:     problemName(api.InternalError),
		NotFound:    problemName(api.NotFound(route.Root.Get())),
		NoRange:     problemName(api.RangeNotSatisfiable),
		Unpublished: string(api.NothingPublished.Body()),

		Catalog:          route.APICatalog,
		CatalogType:      route.APICatalogType,
		JSONFeedType:     route.ChangesFeed.Get().MediaType(),
		ProblemType:      route.ProblemType,
		Common:           route.CommonHeaders(),
		Links:            newConstant("refapi_link", route.ServiceLinks(opts.Base), ", "),
		Policy:           newConstant("refapi_policy", route.ContentPolicy, "; "),
		Immutable:        route.ImmutablePrefixes(),
		SatisfiableRange: route.SatisfiableRange,
		CacheShort:       route.CacheShort,
		CacheImmutable:   route.CacheImmutable,
		CacheMissing:     route.CacheMissing,
		CacheMoved:       route.CacheMoved,
		NoStore:          route.NoStore,
		PreflightMaxAge:  route.PreflightMaxAge,
		Retry429:         route.RetryAfter(429),
		Retry503:         route.RetryAfter(503),
	}

	m.Codes, m.Renamed, m.Problems = errorPages()
	m.Types, m.TextTypes = mediaTypes()
	for _, r := range route.Ordered() {
		if r.Post {
			m.Posts = append(m.Posts, "^"+expression(r.Pattern)+`(?:\.json)?$`)
		}
		if r.Representation == route.Feed && strings.HasSuffix(r.Pattern, route.JSONFeedSuffix) {
			m.JSONFeeds = append(m.JSONFeeds, strings.TrimSuffix(expression(r.Pattern), `\.json`)+`(?:\.json)?`)
		}
	}

	return m
}

// sliced returns the location that answers a query for a slice.
func sliced(r *route.Route) string {
	if r.Sliced() {
		return toLive
	}
	return ""
}

// missing returns the problem for a missing file of a static route; "" if it is
// the default one.
func missing(r *route.Route) string {
	if r.Live || r.NotFoundDetail == route.NotFound {
		return ""
	}
	return problemName(api.NotFound(r))
}

// noFile returns the locations for paths without a file. Versions come first,
// since nginx takes the first row that matches: a live route may match them, too.
func noFile() []row {
	versions := rows("^(?<refapi_list>", versionLists(), ")/(?:"+route.VersionPattern+`)(?:\.json)?$`)
	live := rows("^", routeShapes(toMissing, func(r *route.Route) string {
		if r.Live {
			return toLive
		}
		return ""
	}), "$")
	return slices.Concat(versions, live, []row{legacyRow("$")})
}

// slashes returns the locations for paths with a trailing slash.
func slashes() []row {
	var shapes []shape
	for _, r := range route.Ordered() {
		shapes = append(shapes, shape{pattern: r.Pattern, suffix: r.Suffix(), value: toRedirect})
	}
	for p := range route.Pages() {
		shapes = append(shapes, shape{pattern: string(p), value: toRedirect})
	}
	return append(rows("^", shapes, "/$"), legacyRow("/$"))
}

// legacyRow returns the row of the legacy paths of nodes' pages.
func legacyRow(end string) row {
	return row{"^" + expression(string(route.LegacyNodePath)) + end, toRedirect}
}

// versionLists returns the shapes of the paths of lists of versions.
func versionLists() (shapes []shape) {
	for _, r := range route.Ordered() {
		if r.Representation == route.Version {
			list := r.Pattern[:strings.LastIndexByte(r.Pattern, '/')]
			shapes = append(shapes, shape{pattern: list, value: toVersion})
		}
	}
	return shapes
}

// legacy describes the redirect from the legacy paths of nodes' pages.
type legacy struct {
	Start, Now string // prefix of the old and of the new paths
	Rest       string // regular expression of the rest, up to a query
}

func newLegacy() legacy {
	now := string(route.HardwareList)
	rest := strings.TrimPrefix(string(route.HardwareNode), now)
	return legacy{
		Start: strings.TrimSuffix(string(route.LegacyNodePath), rest),
		Now:   now,
		Rest:  strings.ReplaceAll(expression(rest), "[^/]+", "[^/?]+"),
	}
}

// problem is a status and the name of its document, without directory and suffix.
type problem struct {
	Status int
	Name   string
}

func problemName(p api.Problem) string { return strings.TrimSuffix(path.Base(p.File()), ".json") }

// renamed are codes of nginx that clients get as another status.
type renamed struct {
	Codes  []int
	Status int
}

// errorPages returns the codes that nginx may produce, those of them that become
// another status, and the problem of each status except 404, which depends on the
// path. nginx's own codes are 494 for headers that are too large and 495 to 497
// for TLS errors; 507 is for a full disk, and 502 and 504 for availapi being down.
func errorPages() (codes []int, others []renamed, problems []problem) {
	for _, r := range []struct {
		problem api.Problem
		codes   []int // in addition to the status
	}{
		{api.BadRequest, []int{495, 496, 497}},
		{api.Unauthorized, nil},
		{api.Forbidden, nil},
		{api.NotFound(route.Root.Get()), nil},
		{api.MethodNotAllowed, nil},
		{api.RequestTimeout, nil},
		{api.LengthRequired, nil},
		{api.PreconditionFailed, nil},
		{api.TooLarge, nil},
		{api.URITooLong, nil},
		{api.RangeNotSatisfiable, nil},
		{api.Misdirected, nil},
		{api.TooManyRequests, nil},
		{api.HeadersTooLarge, []int{494}},
		{api.InternalError, []int{507}},
		{api.NotImplemented, nil},
		{api.LiveUnavailable, []int{502, 504}},
		{api.VersionNotSupported, nil},
	} {
		codes = append(codes, r.problem.Status)
		if r.codes != nil {
			others = append(others, renamed{Codes: r.codes, Status: r.problem.Status})
		}
		if r.problem.Status != 404 && r.problem != api.InternalError {
			problems = append(problems, problem{r.problem.Status, problemName(r.problem)})
		}
	}
	return codes, others, problems
}

// mediaTypes returns the types of files by their last suffix, which is all that
// nginx looks at, and the types that are text.
func mediaTypes() (types, text []string) {
	for _, t := range route.MediaTypes() {
		var last []string
		for _, suffix := range t.Suffixes {
			if strings.Count(suffix, ".") == 1 {
				last = append(last, suffix[1:])
			}
		}

		if last == nil {
			continue // has a location of its own
		}

		types = append(types, t.Type+" "+strings.Join(last, " "))
		if strings.HasPrefix(t.Type, "text/") && t.Type != "text/html" { // HTML always has its charset
			text = append(text, t.Type)
		}
	}
	return types, text
}

// constant is a text that is too long for a line. It is split into quoted parts,
// which become variables.
type constant struct {
	Name  string
	Parts []string
}

func newConstant(name, text, separator string) constant {
	quote := `"`
	if strings.Contains(text, quote) {
		quote = "'"
	}

	c := constant{Name: name}
	parts := split(strings.Split(text, separator), maxRow)
	for i, words := range parts {
		part := strings.Join(words, separator)
		if i < len(parts)-1 {
			part += strings.TrimSpace(separator)
		}
		c.Parts = append(c.Parts, quote+part+quote)
	}

	return c
}
