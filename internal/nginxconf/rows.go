package nginxconf

import (
	"regexp"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/route"
)

// maxRow bounds the regular expression of a row, in bytes: an operator reads them.
const maxRow = 110

// row is an entry of a map of nginx: a regular expression, and the value of what
// it matches. nginx takes the first row that matches.
type row struct{ regexp, value string }

// String is the row as nginx.conf has it.
func (r row) String() string { return `"~` + r.regexp + `" ` + r.value }

// shape is a form of path, and what a map says of it.
type shape struct {
	pattern string // of a route or of a page
	suffix  bool   // paths may have .json appended
	value   string
}

// routeShapes are the forms of the paths of routes for which value returns
// something. Where a path has two forms, the table takes text before a parameter;
// so a form without a value, which takes paths away from a later one, is here with
// the value of all other paths.
func routeShapes(others string, value func(*route.Route) string) (shapes []shape) {
	var all []shape
	for _, r := range route.Ordered() {
		all = append(all, shape{pattern: r.Pattern, suffix: r.Suffix(), value: value(r)})
	}

	for i, s := range all {
		takesAway := func(later shape) bool { return later.value != "" && overlap(s.pattern, later.pattern) }
		switch {
		case s.value != "":
			shapes = append(shapes, s)
		case slices.ContainsFunc(all[i+1:], takesAway):
			s.value = others
			shapes = append(shapes, s)
		}
	}

	return shapes
}

// overlap reports whether a path can have both forms.
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

// family is the shapes that are alike up to the last parameter: they share rows.
type family struct {
	head   string
	suffix bool
	value  string
}

// rows returns the rows of a map for shapes, each between two pieces of a regular
// expression. That shapes move up to the first of their family changes no match:
// a shape that takes paths away from one of them has text where the common head
// has a parameter, so it goes before all of them.
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

// split cuts a list of words into lists that fit into so many bytes, with a
// separator between two words.
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

// anyOf is a regular expression of one of several words, of which the first may be
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

// expression is the regular expression of a pattern's paths.
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
