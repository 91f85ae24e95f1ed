package availhttp

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/route"
)

// checked returns the handler of a route with filters that tells what of a query has no
// effect: parameters that the route does not have. A client that wants strict handling
// (RFC 7240, section 4.4) is refused with them, and with values that no node has.
func checked(id route.ID, do handler) handler {
	return func(v *view, r *http.Request, args []string, now time.Time) answer {
		given := decodeForm(r.URL.RawQuery)
		params := paramsOf(id, given)
		ignored := ignoredNames(params, given)
		preferred := prefersStrict(r.Header["Prefer"])
		if strict, ok := parseBool(given["strict"]); preferred || ok && strict {
			if faults := v.withoutEffect(params, ignored, r.URL.RawQuery); faults != nil {
				return validationError(faults...)
			}
		}

		a := do(v, r, args, now)
		a.byPreference = true
		if len(ignored) > 0 || preferred {
			// The answer may be cached: its headers are for all requests of the same URL.
			headers := http.Header{}
			maps.Copy(headers, a.headers)
			if len(ignored) > 0 {
				headers.Set(route.IgnoredParameters, quotedList(ignored))
			}
			if preferred {
				headers.Set("Preference-Applied", "handling=strict")
			}
			a.headers = headers
		}
		return a
	}
}

// ignoredNames returns the names in a query that are no parameters, sorted.
func ignoredNames(params []route.Param, given map[string]string) (names []string) {
	for name := range given {
		if name != "" && !slices.ContainsFunc(params, func(p route.Param) bool { return p.Name == name }) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// prefersStrict reports whether the first preference for handling is strict.
func prefersStrict(fields []string) bool {
	for preference := range strings.SplitSeq(strings.Join(fields, ","), ",") {
		preference, _, _ = strings.Cut(preference, ";") // parameters
		name, value, _ := strings.Cut(preference, "=")
		if strings.EqualFold(strings.TrimSpace(name), "handling") {
			return strings.EqualFold(strings.Trim(value, " \t\""), "strict")
		}
	}
	return false
}

// withoutEffect returns the faults of a query for strict handling: names that are no
// parameters, invalid values, and values that no node has.
func (v *view) withoutEffect(params []route.Param, ignored []string, query string) []api.Fault {
	faults := unknownNames(params, ignored)
	values, invalid := readQuery(params, query)
	return slices.Concat(faults, invalid, v.unknownValues(params, values))
}

// unknownNames returns a fault for each name that is no parameter.
func unknownNames(params []route.Param, names []string) (faults []api.Fault) {
	var known []string
	for _, p := range params {
		known = append(known, p.Name)
	}

	for _, name := range names {
		faults = append(faults, api.Fault{
			Type: api.ExtraForbidden, Loc: []string{"query", name}, Input: name,
			Msg: "Extra inputs are not permitted" + suggestion(name, known),
		})
	}
	return faults
}

// unknownValues returns a fault for each value of a filter that no node has, and for each that has
// no meaning.
func (v *view) unknownValues(params []route.Param, values queryValues) (faults []api.Fault) {
	for i := range params {
		p := &params[i]
		if p.Of == nil && p.Known == nil || !p.List || len(p.Enum) > 0 {
			continue
		}
		for _, value := range values.Texts(p.Name) {
			known, found, why := p.Known, slices.Contains(p.Known, value), "there is no such value"
			if p.Of != nil {
				known, found = v.valuesOf(p, value)
				why = "no node has this value"
			}
			if found {
				continue
			}
			faults = append(faults, api.Fault{
				Type: api.ValueError, Loc: []string{"query", p.Name}, Input: value,
				Msg: "Value error, " + why + suggestion(value, known),
			})
		}
	}
	return faults
}

// valuesOf returns the values that nodes have for a parameter, and whether one matches.
func (v *view) valuesOf(p *route.Param, wanted string) (known []string, found bool) {
	row := hardware.Properties().Index(p.Of.Name)
	seen := map[string]bool{}
	for i := range v.release.Nodes {
		fact := v.release.Nodes[i].Facts[row]
		if p.Of.Matches(fact, wanted) {
			return nil, true
		}
		for _, text := range fact.Texts {
			if !seen[text] {
				seen[text] = true
				known = append(known, text)
			}
		}
	}
	slices.Sort(known)
	return known, false
}

// suggestion is the end of a message about a word that is none of some.
func suggestion(word string, known []string) string {
	if near := hint.Nearest(word, known); near != "" {
		return ": did you mean " + near + "?"
	}
	return ""
}

// maxIgnored bounds the header that names parameters, in bytes: servers in front refuse
// long ones.
const maxIgnored = 1 << 10

// quotedList writes names as a list of strings (RFC 9651, section 3.3.3), as many as fit.
// Characters that such a string cannot have are left out.
func quotedList(names []string) string {
	list := ""
	for _, name := range names {
		name = strings.Map(func(c rune) rune {
			if c < ' ' || c > '~' {
				return -1
			}
			return c
		}, name)

		next := list + `, "` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
		if len(next) > maxIgnored {
			break
		}
		list = next
	}
	return strings.TrimPrefix(list, ", ")
}
