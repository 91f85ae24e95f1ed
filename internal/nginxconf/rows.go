package nginxconf

import (
	"regexp"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/route"
)

// maxRow bounds the regular expression of a row, in bytes, for readability.
const maxRow = 110

// row is an entry of an nginx map: a regular expression and its value. nginx takes
// the first row that matches.
type row struct{ regexp, value string }

// String returns the row in nginx's syntax.
func (r row) String() string { return `"~` + r.regexp + `" ` + r.value }

// shape is a pattern of paths and its value in a map.
type shape struct {
	pattern string // of a route or of a page
	suffix  bool   // paths may have .json appended
	value   string
}

// routeShapes returns the shapes of the routes that have a value. A path may match
// two routes, of which the first wins; so a route without a value that hides paths
// of a later one with a value is included, with the default value.
func routeShapes(others string, value func(*route.Route) string) (shapes []shape) {
	var all []shape
	for _, r := range route.Ordered() {
		all = append(all, shape{pattern: r.Pattern, suffix: r.Suffix(), value: value(r)})
	}

	for i, s := range all {
		hides := func(later shape) bool { return later.value != "" && overlap(s.pattern, later.pattern) }
		if s.value == "" && slices.ContainsFunc(all[i+1:], hides) {
			s.value = others
		}
		if s.value != "" {
			shapes = append(shapes, s)
		}
	}

	return shapes
}

// overlap reports whether a path can match both patterns.
func overlap(a, b string) bool {
	x, y := strings.Split(a, "/"), strings.Split(b, "/")
	if len(x) != len(y) {
		return false
	}

	for i := range x {
		if x[i] != y[i] && !isParam(x[i]) && !isParam(y[i]) {
			return false
		}
	}

	return true
}

func isParam(segment string) bool { return strings.HasPrefix(segment, "{") }

// family identifies shapes that are equal up to the last parameter and share rows.
type family struct {
	head   string
	suffix bool
	value  string
}

// rows returns the rows of a map for shapes, with before and after around each
// regular expression. Grouping shapes by family does not change which one matches:
// a shape that hides paths of a family has text where the family's head has a
// parameter, so it precedes the entire family.
func rows(before string, shapes []shape, after string) (all []row) {
	var order []family
	tails := map[family][]string{}
	for _, s := range shapes {
		end := strings.LastIndexByte(s.pattern, '}') + 1
		f := family{head: s.pattern[:end], suffix: s.suffix, value: s.value}
		if tails[f] == nil {
			order = append(order, f)
		}
		tails[f] = append(tails[f], regexp.QuoteMeta(s.pattern[end:]))
	}

	for _, f := range order {
		end := after
		if f.suffix {
			end = `(?:\.json)?` + after
		}
		head := before + expression(f.head)
		for _, words := range split(tails[f], maxRow-len(head)-len(end)) {
			all = append(all, row{head + anyOf(words) + end, f.value})
		}
	}

	return all
}

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
		if isParam(segment) {
			segments[i] = "[^/]+"
		} else {
			segments[i] = regexp.QuoteMeta(segment)
		}
	}

	return strings.Join(segments, "/")
}
