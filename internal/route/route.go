// Package route owns the table of routes: one row for each address of the API.
// Links, files on disk, OpenAPI paths, nginx locations, router registrations
// and metric labels all come from it, so none of them can drift.
package route

import (
	"cmp"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strings"
)

// ID names a route. Its String is the OpenAPI operation id and metric label.
type ID int

// Kind says who answers a route.
type Kind int

// The kinds of routes.
const (
	Static Kind = iota // a file of the published tree
	Live               // availapi: the answer depends on now or on the query
)

// Form is the shape of a route's body.
type Form int

// The forms of bodies.
const (
	Document    Form = iota // an object of its own kind
	Item                    // one resource
	Collection              // total, offset, items: may be sliced by a query
	VersionList             // a collection of versions
	Version                 // one version
	HTML                    // a page
	Text                    // neither JSON nor HTML: the pattern is the file's name
	Feed                    // Atom or JSON Feed, by the address's ending
)

// Param is one query parameter.
type Param struct {
	Name        string
	Type        string // boolean, integer, number, string, date-time
	Description string
	Example     string
	Min, Max    *int64
	Default     string
	Enum        []string // the only values of a string
}

// Route is one row of the table.
type Route struct {
	Pattern string // segments in braces are parameters: /sites/{site}
	Kind    Kind
	Form    Form
	Name    string // operation id
	Tag     string
	Summary string
	Schema  string  // OpenAPI component of the 200 body
	Query   []Param // of live routes; slices are implied by Form
	Post    bool    // accepts POST too
	Missing string  // the detail of the 404 when this shape of path has no resource
	Parent  ID      // what links.parent names in a collection

	Versions ID // the version list of this resource, 0 for none
	Detail   ID // one version of this resource, 0 for none
	History  ID // what each version changed in this resource's file, 0 for none
}

// Get returns the row of an id.
func (id ID) Get() *Route {
	if id <= none || id >= count {
		panic(fmt.Sprintf("route: no route %d", int(id)))
	}
	return &table[id]
}

// String returns the operation id.
func (id ID) String() string { return id.Get().Name }

// All yields the table in its order.
func All() iter.Seq2[ID, *Route] {
	return func(yield func(ID, *Route) bool) {
		for id := none + 1; id < count; id++ {
			if !yield(id, &table[id]) {
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
	var b strings.Builder
	rest := r.Pattern
	for _, arg := range args {
		before, after, ok := strings.Cut(rest, "{")
		if !ok {
			panic(fmt.Sprintf("route %s: %d arguments for %s", r.Name, len(args), r.Pattern))
		}
		b.WriteString(before)
		b.WriteString(escape(arg))
		_, rest, _ = strings.Cut(after, "}")
	}
	if strings.Contains(rest, "{") {
		panic(fmt.Sprintf("route %s: %d arguments for %s", r.Name, len(args), r.Pattern))
	}
	b.WriteString(rest)
	return b.String()
}

// Path returns the address of a resource: root-relative, percent-encoded
// (RFC 3986), without suffix or query.
func (id ID) Path(args ...string) string {
	return id.Get().fill(args, url.PathEscape)
}

// File returns where the answer to a static route lies below the tree's root,
// or, for a page, its HTML.
func (id ID) File(args ...string) string {
	r := id.Get()
	path := strings.TrimPrefix(r.fill(args, func(s string) string { return s }), "/")
	switch {
	case r.Form == HTML:
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
	return r.Form != HTML && r.Form != Text && r.Form != Feed && !strings.HasSuffix(r.Pattern, ".json")
}

// Endings of the addresses of feeds.
const (
	AtomEnding     = ".atom"
	JSONFeedEnding = ".feed.json"
)

// MediaType is that of the route's body, without parameters.
func (r *Route) MediaType() string {
	if r.Form == HTML {
		return mediaType(".html")
	}
	return cmp.Or(mediaType(r.Pattern), JSONType)
}

// Sliced reports whether offset and limit cut this route's answer.
func (r *Route) Sliced() bool {
	return r.Kind == Static && (r.Form == Collection || r.Form == VersionList)
}

// ordered lists the routes so that the first one whose shape fits a path is the
// one meant: at the leftmost segment in which two differ, text goes before a
// parameter.
var ordered = func() []ID {
	ids := make([]ID, 0, count)
	for id := range All() {
		ids = append(ids, id)
	}
	// '{' sorts after every letter, so a plain comparison does it.
	slices.SortStableFunc(ids, func(a, b ID) int { return strings.Compare(table[a].Pattern, table[b].Pattern) })
	return ids
}()

// Ordered yields the table so that the first route whose shape fits a path is
// the one meant.
func Ordered() iter.Seq2[ID, *Route] {
	return func(yield func(ID, *Route) bool) {
		for _, id := range ordered {
			if !yield(id, &table[id]) {
				return
			}
		}
	}
}

// Match finds the route that a path has the shape of, and the values of its
// parameters. The path must be decoded, without suffix and without a trailing
// slash.
func Match(path string) (id ID, args []string, ok bool) {
	if n := strings.Count(path, "/"); n < len(byDepth) {
		for _, id := range byDepth[n] {
			if args, ok := table[id].match(path); ok {
				return id, args, true
			}
		}
	}
	return none, nil, false
}

// byDepth has the ordered routes by the number of slashes in their patterns.
var byDepth = func() (depths [16][]ID) {
	for _, id := range ordered {
		n := strings.Count(table[id].Pattern, "/")
		depths[n] = append(depths[n], id)
	}
	return depths
}()

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
