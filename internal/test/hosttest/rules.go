package hosttest

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// headerRule is a rule of _headers: fields for the paths that match.
type headerRule struct {
	pattern *regexp.Regexp
	fields  [][2]string
}

func parseHeaders(text string) (rules []headerRule) {
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if field, ok := strings.CutPrefix(line, "  "); ok {
			name, value, _ := strings.Cut(field, ": ")
			last := &rules[len(rules)-1]
			last.fields = append(last.fields, [2]string{name, value})
		} else if line != "" {
			rules = append(rules, headerRule{pattern: pattern(line)})
		}
	}
	return rules
}

// setHeaders sets the fields of all rules that match: hosts join values of one name.
func (s *site) setHeaders(header http.Header, path string) {
	for _, rule := range s.headers {
		if !rule.pattern.MatchString(path) {
			continue
		}
		for _, f := range rule.fields {
			if before := header.Get(f[0]); before != "" {
				header.Set(f[0], before+", "+f[1])
			} else {
				header.Set(f[0], f[1])
			}
		}
	}
}

// redirectRule is a rule of _redirects.
type redirectRule struct {
	pattern *regexp.Regexp
	to      string
	status  int
}

func parseRedirects(text string) (rules []redirectRule) {
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) != 3 {
			continue
		}
		status, _ := strconv.Atoi(words[2])
		rules = append(rules, redirectRule{pattern(words[0]), words[1], status})
	}
	return rules
}

// match returns the target of the first rule that matches.
func match(rules []redirectRule, path string) (to string, status int, ok bool) {
	for _, rule := range rules {
		values := rule.pattern.FindStringSubmatch(path)
		if values == nil {
			continue
		}
		to = rule.to
		for i, name := range rule.pattern.SubexpNames() {
			if name != "" {
				to = strings.ReplaceAll(to, ":"+name, values[i])
			}
		}
		return to, rule.status, true
	}
	return "", 0, false
}

var placeholder = regexp.MustCompile(`:([A-Za-z]\w*)`)

// pattern compiles a path with placeholders, which match a segment, and a splat.
func pattern(path string) *regexp.Regexp {
	quoted := strings.ReplaceAll(regexp.QuoteMeta(path), `\*`, `(?P<splat>.*)`)
	return regexp.MustCompile("^" + placeholder.ReplaceAllString(quoted, `(?P<$1>[^/]+)`) + "$")
}
