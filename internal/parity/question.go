package parity

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/chameleoncloud/refapi/internal/route"
)

// question is a path that both services are asked for, with its route.
type question struct {
	path  string // with its query
	name  string // decoded, without query and suffix
	query url.Values
	route *route.Route // nil for none
	id    route.ID
	args  []string
	odd   bool
}

func newQuestion(path string) question {
	raw, query, _ := strings.Cut(path, "?")
	q := question{path: path}
	q.query, _ = url.ParseQuery(query) // what can be read of it

	decoded, err := url.PathUnescape(raw)
	q.odd = err != nil || !utf8.ValidString(decoded) || strings.Contains(decoded, "\x00") ||
		strings.Contains(strings.ToLower(raw), "%2f") ||
		slices.ContainsFunc(strings.Split(decoded, "/"), func(s string) bool { return len(s) > maxName })

	q.name = route.WithoutSuffix(decoded)
	if id, args, ok := route.Match(q.name); ok {
		q.id, q.args, q.route = id, args, id.Get()
	}
	return q
}

// maxName is the longest name of a file, in bytes.
const maxName = 255 - len(".json")

// isOdd reports whether the path is one that the contract refuses.
func (q question) isOdd() bool { return q.odd }

// isDescription reports whether the path is that of the API's description.
func (q question) isDescription() bool {
	return slices.Contains([]string{route.OpenAPI.Path(), route.Docs.Path(), string(route.LegacyReference)}, q.name)
}

// isLive reports whether the live service answers: a live route, or a slice.
func (q question) isLive() bool {
	return q.route != nil && (q.route.Live || q.route.Sliced() && q.isSlice())
}

func (q question) isSlice() bool { return q.query.Has("offset") || q.query.Has("limit") }

func (q question) hasWindow() bool {
	return q.query.Has("start") && q.query.Has("end") || q.query.Has("start_date") || q.query.Has("end_date")
}

// crashRule is the rule by which a path may have crashed the legacy service.
func (q question) crashRule() Rule {
	if q.hasWindow() {
		return Times
	}
	return OwnType
}

// isVersion reports whether the path is that of one version of a resource.
func (q question) isVersion() bool {
	return q.route != nil && q.route.Representation == route.Version
}

// version is the id of the version that the path is about.
func (q question) version() string { return q.args[len(q.args)-1] }

func (q question) isCollectionVersion() bool {
	return slices.Contains([]route.ID{route.SitesVersion, route.ClustersVersion, route.FlavorsVersion}, q.id)
}

// isListed reports whether the legacy service had a list at the path. To it, versions
// was a name like any other, so /sites/uc/flavors/versions/versions was a list too.
func (q question) isListed() bool {
	if q.route == nil {
		return false
	}
	return q.route.Representation == route.Collection || q.route.Representation == route.VersionList || q.isCollectionVersion()
}
