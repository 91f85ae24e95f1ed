// Package route defines the table of kinds of resources, the table of routes, and
// the rules of URLs and HTTP headers that all servers share. Links, files on
// disk, OpenAPI paths, nginx locations, router registrations and metric labels
// are derived from it, so they cannot diverge.
package route

import (
	"cmp"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// ID names a route. Its String is the OpenAPI operation id and metric label.
type ID int

// Representation is the shape of a route's body.
type Representation int

// The representations.
const (
	Document    Representation = iota // an object of its own kind
	Item                              // one resource
	Collection                        // total, offset, items: may be sliced by a query
	VersionList                       // a collection of versions
	Version                           // one version
	HTML                              // a page
	File                              // neither JSON nor HTML: the pattern is the file's name
	Feed                              // Atom, JSON Feed or iCalendar, by the pattern's suffix
)

// Route is one row of the table.
type Route struct {
	Pattern        string // segments in braces are parameters: /sites/{site}
	Live           bool   // answered by availapi, since it depends on the time or on a query
	Kind           KindID // of an item, or of a collection's items; else zero
	Representation Representation
	Name           string // operation id
	Tag            string
	Summary        string
	Description    string  // two to four sentences
	Schema         string  // OpenAPI component of the 200 body
	Query          []Param // of live routes; every sliced collection has SliceParams
	Post           bool    // accepts POST too
	NotFoundDetail string  // the detail of its 404
	Parent         ID      // the target of the link parent

	// Problems are the details of the other errors of a live route, by status.
	Problems map[int][]string

	VersionsRoute ID // the list of this resource's versions, 0 for none
	VersionRoute  ID // one version of this resource, 0 for none
	HistoryRoute  ID // what each version changed in this resource's file, 0 for none
}

// index is the table, with indexes for lookups.
type index struct {
	table [count]Route
	ids   []ID // in the table's order
	// ordered has the routes in order of precedence: the first one that matches a
	// path wins, so text sorts before a parameter.
	ordered []ID
	byDepth [16][]ID // the ordered routes by the number of slashes in their patterns
}

// routes returns the table, which is built once.
var routes = sync.OnceValue(func() *index {
	x := &index{table: otherRoutes()}
	for id := range Kinds() {
		if id != GridKind { // its only route is in otherRoutes
			id.addRoutes(&x.table)
		}
	}

	for id := none + 1; id < count; id++ {
		r := &x.table[id]
		r.NotFoundDetail = cmp.Or(r.NotFoundDetail, NotFound)
		x.ids = append(x.ids, id)
	}

	// '{' sorts after every letter, so comparing bytes puts text before parameters.
	x.ordered = slices.SortedFunc(slices.Values(x.ids), func(a, b ID) int {
		return strings.Compare(x.table[a].Pattern, x.table[b].Pattern)
	})

	for _, id := range x.ordered {
		n := strings.Count(x.table[id].Pattern, "/")
		x.byDepth[n] = append(x.byDepth[n], id)
	}

	return x
})

// Get returns the row of an id.
func (id ID) Get() *Route {
	if id <= none || id >= count {
		panic(fmt.Sprintf("route: no route %d", int(id)))
	}
	return &routes().table[id]
}

// String returns the operation id.
func (id ID) String() string { return id.Get().Name }

// All yields the table in its order.
func All() iter.Seq2[ID, *Route] { return rows(routes().ids) }

// Ordered yields the table in order of precedence: the first route that matches a
// path wins.
func Ordered() iter.Seq2[ID, *Route] { return rows(routes().ordered) }

func rows(ids []ID) iter.Seq2[ID, *Route] {
	return func(yield func(ID, *Route) bool) {
		for _, id := range ids {
			if !yield(id, id.Get()) {
				return
			}
		}
	}
}

// Params returns the names of the pattern's parameters, in order.
func (r *Route) Params() []string {
	var names []string
	for segment := range strings.SplitSeq(r.Pattern, "/") {
		if name, ok := param(segment); ok {
			names = append(names, name)
		}
	}
	return names
}

func param(segment string) (string, bool) {
	if strings.HasPrefix(segment, "{") && strings.HasSuffix(segment, "}") {
		return segment[1 : len(segment)-1], true
	}
	return "", false
}

// fill puts args into the pattern's parameters, in order.
func (r *Route) fill(args []string, escape func(string) string) string {
	if len(args) != strings.Count(r.Pattern, "{") {
		panic(fmt.Sprintf("route %s: %d arguments for %s", r.Name, len(args), r.Pattern))
	}

	size := len(r.Pattern)
	for _, arg := range args {
		size += len(arg)
	}

	var b strings.Builder
	b.Grow(size)
	rest := r.Pattern
	for _, arg := range args {
		before, after, _ := strings.Cut(rest, "{")
		b.WriteString(before)
		b.WriteString(escape(arg))
		_, rest, _ = strings.Cut(after, "}")
	}

	b.WriteString(rest)
	return b.String()
}

// Path returns the path of a resource: root-relative, percent-encoded
// (RFC 3986), without suffix or query.
func (id ID) Path(args ...string) string {
	return id.Get().fill(args, url.PathEscape)
}

// File returns the path of a static route's file below the tree's root.
func (id ID) File(args ...string) string {
	r := id.Get()
	path := strings.TrimPrefix(r.fill(args, func(s string) string { return s }), "/")
	switch {
	case r.Representation == HTML:
		return path + "/index.html"
	case path == "":
		return "index.json"
	case r.Suffix():
		return path + ".json"
	}

	return path
}

// Suffix reports whether the route also answers with .json appended.
func (r *Route) Suffix() bool {
	return r.Representation != HTML && r.Representation != File && r.Representation != Feed &&
		!strings.HasSuffix(r.Pattern, ".json")
}

// Suffixes of feeds.
const (
	AtomSuffix     = ".atom"
	JSONFeedSuffix = ".feed.json"
	CalendarSuffix = ".ics"
)

// MediaType returns the media type of the route's body, without parameters.
func (r *Route) MediaType() string {
	if r.Representation == HTML {
		return mediaType(".html")
	}
	return cmp.Or(mediaType(r.Pattern), JSONType)
}

// Sliced reports whether the route accepts offset and limit.
func (r *Route) Sliced() bool {
	return !r.Live && (r.Representation == Collection || r.Representation == VersionList)
}

// Match finds the route of a path and the values of its parameters. The path must be
// decoded, without suffix and without a trailing slash.
func Match(path string) (id ID, args []string, ok bool) {
	if n := strings.Count(path, "/"); n < len(routes().byDepth) {
		for _, id := range routes().byDepth[n] {
			if args, ok := id.Get().match(path); ok {
				return id, args, true
			}
		}
	}
	return none, nil, false
}

func (r *Route) match(path string) (args []string, ok bool) {
	pattern := r.Pattern
	if static, _, _ := strings.Cut(pattern, "{"); !strings.HasPrefix(path, static) {
		return nil, false
	}
	for {
		want, restPattern, morePattern := strings.Cut(pattern, "/")
		got, restPath, morePath := strings.Cut(path, "/")
		if _, isParam := param(want); isParam && got != "" {
			args = append(args, got)
		} else if got != want {
			return nil, false
		}

		if !morePattern || !morePath {
			return args, morePattern == morePath
		}

		pattern, path = restPattern, restPath
	}
}
