package nginxconf

import (
	"iter"
	"regexp"
	"strconv"
	"strings"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/route"
)

// maxRow bounds the regular expression of a row, in bytes, for readability.
const maxRow = 110

// row is an entry of the map from paths to what nginx must know of their route: the
// kind of the answer, and the name of the problem if there is none. nginx takes the
// first row that matches.
type row struct{ regexp, value string }

// String returns the row in nginx's syntax.
func (r row) String() string { return `"~` + r.regexp + `" "` + r.value + `"` }

// family identifies patterns that are equal up to the last parameter and share rows.
type family struct {
	head   string
	suffix bool // paths may have .json appended
	value  string
}

// routeRows returns the rows of all routes, in their order of precedence, and of all
// pages. A slash may end a path, since it redirects to the path without it.
//
// Grouping patterns by family does not change which one matches: a pattern that hides
// paths of a family has text where the family's head has a parameter, so it precedes
// the entire family.
func routeRows() (all []row) {
	var order []family
	tails := map[family][]string{}
	add := func(pattern string, suffix bool, value string) {
		end := strings.LastIndexByte(pattern, '}') + 1
		f := family{head: pattern[:end], suffix: suffix, value: value}
		if tails[f] == nil {
			order = append(order, f)
		}
		tails[f] = append(tails[f], regexp.QuoteMeta(pattern[end:]))
	}

	for _, r := range route.Ordered() {
		add(r.Pattern, r.Suffix(), routeValue(r))
	}
	for p := range route.Pages() {
		add(string(p), false, pageValue())
	}
	add(string(route.LegacyNodePath), false, pageValue())

	for _, f := range order {
		head, end := "^0"+expression(f.head), "/?$"
		if f.suffix {
			end = `(?:\.json)?` + end
		}
		for _, words := range split(tails[f], maxRow-len(head)-len(end)) {
			all = append(all, row{head + anyOf(words) + end, f.value})
		}
	}

	return all
}

// routeValue returns a route's value in the map: live routes, some of which take POST;
// files and lists, of which a query may ask for a slice; versions.
func routeValue(r *route.Route) string {
	kind, missing := "file", r
	switch {
	case r.Live:
		kind, missing = "live", route.Root.Get() // availapi answers with the other problem itself
		if r.Post {
			kind = "post"
		}
	case r.Sliced():
		kind = "list"
	case r.Representation == route.Version:
		kind = "version"
	}
	return kind + " " + problemName(api.NotFound(missing))
}

// clientRows returns the rows of the map from User-Agents to families of clients.
func clientRows() (all []string) {
	for _, f := range route.ClientFamilies() {
		if len(f.Tokens) == 0 {
			all = append(all, "default "+strconv.Quote(f.Name))
			continue
		}

		var tokens []string
		for _, token := range f.Tokens {
			tokens = append(tokens, regexp.QuoteMeta(token))
		}
		all = append(all, row{strings.Join(tokens, "|"), f.Name}.String())
	}
	return all
}

// deprecatedPage is a page at a legacy path: the regular expression of its path, and the
// values of Deprecation and Sunset.
type deprecatedPage struct{ Path, Date, Sunset string }

func deprecatedPages(rows iter.Seq[*route.Deprecation]) (all []deprecatedPage) {
	for d := range rows {
		if d.Page != "" {
			all = append(all, deprecatedPage{"^" + expression(string(d.Page)) + "/?$", d.Date(), d.SunsetDate()})
		}
	}
	return all
}

// pageValue returns the value of pages.
func pageValue() string { return "page " + problemName(api.NotFound(route.Root.Get())) }

// split splits a list of words into lists of at most the given number of bytes,
// with one byte between two words.
func split(words []string, most int) (lists [][]string) {
	size := 0
	for _, word := range words {
		if len(lists) == 0 || size+len(word)+1 > most {
			lists, size = append(lists, nil), 0
		}
		last := len(lists) - 1
		lists[last] = append(lists[last], word)
		size += len(word) + 1
	}

	return lists
}

// anyOf returns a regular expression of alternatives, of which the first may be
// empty. All others begin with a slash.
func anyOf(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	if words[0] == "" {
		return "(?:" + strings.Join(words[1:], "|") + ")?"
	}
	return "/(?:" + strings.ReplaceAll(strings.Join(words, "|")[1:], "|/", "|") + ")"
}

// expression returns the regular expression of a pattern's paths.
func expression(pattern string) string {
	segments := strings.Split(pattern, "/")
	for i, segment := range segments {
		if strings.HasPrefix(segment, "{") {
			segments[i] = "[^/]+"
		} else {
			segments[i] = regexp.QuoteMeta(segment)
		}
	}

	return strings.Join(segments, "/")
}
