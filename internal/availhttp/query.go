package availhttp

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/route"
)

// queryValues are the parameters of one request by name, with defaults filled in.
type queryValues map[string]queryValue

type queryValue struct {
	given bool   // and valid
	raw   string // as in the request

	text    string
	texts   []string // of a list
	spans   []hardware.Span
	integer int64
	number  float64
	boolean bool
	time    time.Time // in UTC
	length  time.Duration
}

// readQuery reads the parameters of a route from a raw query. Unknown parameters are
// ignored; of a repeated one the last wins. The faults are in the order of params, and
// have the wording of the legacy service, which clients may parse.
func readQuery(params []route.Param, raw string) (values queryValues, faults []api.Fault) {
	given := decodeForm(raw)
	values = make(queryValues, len(given)+2) // offset and limit have defaults

	for i := range params {
		p := &params[i]
		text, ok := given[p.Name]
		if !ok && p.Default == "" {
			continue
		}

		if !ok {
			text = p.Default
		}

		v := queryValue{given: ok, raw: text}
		if f := v.read(p, text); f != nil {
			f.Loc, f.Input = []string{"query", p.Name}, text
			faults = append(faults, *f)
			v = queryValue{raw: text}
		}

		values[p.Name] = v
	}

	return values, faults
}

// paramsOf returns the parameters of a route, with those of the parts of a mixture that a
// request has.
func paramsOf(id route.ID, given map[string]string) []route.Param {
	return route.WithParts(id.Get().Query, func(name string) bool { _, ok := given[name]; return ok })
}

// decodeForm splits a query in the format of HTML forms. Unlike url.ParseQuery it
// accepts invalid escapes, and leaves them as they are.
func decodeForm(raw string) map[string]string {
	given := map[string]string{}
	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		name, value, _ := strings.Cut(pair, "=")
		given[unescape(name)] = unescape(value)
	}
	return given
}

// withParam returns a query with another value of a parameter, and without the parameter
// if the value is empty.
func withParam(raw, name, value string) string {
	var pairs []string
	for pair := range strings.SplitSeq(raw, "&") {
		if key, _, _ := strings.Cut(pair, "="); pair != "" && unescape(key) != name {
			pairs = append(pairs, pair)
		}
	}
	if value != "" {
		pairs = append(pairs, url.QueryEscape(name)+"="+url.QueryEscape(value))
	}
	return strings.Join(pairs, "&")
}

func unescape(s string) string {
	plain, err := url.QueryUnescape(s)
	if err != nil {
		plain = strings.ReplaceAll(s, "+", " ")
	}
	return strings.ToValidUTF8(plain, "\ufffd")
}

// read parses a value. It returns the type, message and context of a fault; nil for none.
func (v *queryValue) read(p *route.Param, text string) *api.Fault {
	var ok bool
	switch p.Type {
	case "boolean":
		if v.boolean, ok = parseBool(text); p.Of != nil {
			v.texts, ok = parseFlags(text)
		}
		if !ok {
			return &api.Fault{Type: api.BoolParsing,
				Msg: "Input should be a valid boolean, unable to interpret input"}
		}

	case "integer":
		if v.integer, ok = parseInteger(text); !ok {
			return &api.Fault{Type: api.IntParsing,
				Msg: "Input should be a valid integer, unable to parse string as an integer"}
		}
		return checkBounds(p, float64(v.integer))

	case "number":
		n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil || n-n != 0 { // n-n is NaN for infinities and NaN
			return &api.Fault{Type: api.FloatParsing,
				Msg: "Input should be a valid number, unable to parse string as a number"}
		}
		v.number = n
		return checkBounds(p, n)

	case "date-time":
		var why string
		if v.time, why = parseTime(text); why != "" {
			return &api.Fault{Type: api.DatetimeFromDateParsing,
				Msg: "Input should be a valid datetime or date, " + why, Ctx: map[string]any{"error": why}}
		}

	case "duration":
		if v.length, ok = route.ParseDuration(text); !ok {
			return &api.Fault{Type: api.ValueError,
				Msg: "Value error, want a number of seconds, or of minutes, hours or days, such as 900, 15m, 1h or 1d"}
		}

	case "range":
		for _, element := range route.SplitList(text) {
			span, ok := p.Of.ParseSpan(element)
			if !ok {
				return &api.Fault{Type: api.ValueError, Msg: "Value error, want " + rangeForms(p.Of)}
			}
			v.spans = append(v.spans, span)
		}

	default:
		v.text, v.texts = text, []string{text}
		if p.List {
			v.texts = route.SplitList(text)
		}
		for _, element := range v.texts {
			if len(p.Enum) > 0 && element != "" && !slices.Contains(p.Enum, element) {
				return notOneOf(p.Enum)
			}
		}
	}

	return nil
}

// rangeForms says how a range of a property's numbers is written.
func rangeForms(p *hardware.Property) string {
	from, to, value := "32", "64", "64"
	switch p.Kind {
	case hardware.KindBinaryBytes:
		from, to, value = "64GiB", "256GiB", "192GiB"
	case hardware.KindBytes:
		from, to, value = "500GB", "2TB", "480GB"
	case hardware.KindHertz:
		from, to, value = "2GHz", "3GHz", "2.6GHz"
	case hardware.KindBitRate:
		from, to, value = "10Gbit/s", "100Gbit/s", "25Gbit/s"
	}
	return fmt.Sprintf("%s, %s.., ..%s or %s..%s", value, from, to, from, to)
}

// checkBounds checks the range of a number. As in the legacy service, a minimum of 1 is
// reported as "greater than 0", and real numbers must exceed their minimum.
func checkBounds(p *route.Param, n float64) *api.Fault {
	fault := func(kind api.FaultType, key, comparison string, bound int64) *api.Fault {
		return &api.Fault{Type: kind, Ctx: map[string]any{key: bound},
			Msg: "Input should be " + comparison + " " + strconv.FormatInt(bound, 10)}
	}

	if p.Min != nil {
		low := *p.Min
		switch {
		case p.Type == "number" && n <= float64(low):
			return fault(api.GreaterThan, "gt", "greater than", low)
		case low == 1 && n < 1:
			return fault(api.GreaterThan, "gt", "greater than", 0)
		case n < float64(low):
			return fault(api.GreaterThanEqual, "ge", "greater than or equal to", low)
		}
	}

	if p.Max != nil && n > float64(*p.Max) {
		return fault(api.LessThanEqual, "le", "less than or equal to", *p.Max)
	}
	return nil
}

// notOneOf is the fault of a text that is none of at least two values.
func notOneOf(values []string) *api.Fault {
	last := len(values) - 1
	expected := "'" + strings.Join(values[:last], "', '") + "' or '" + values[last] + "'"
	return &api.Fault{Type: api.Enum, Msg: "Input should be " + expected, Ctx: map[string]any{"expected": expected}}
}

// Has reports whether the request has a valid value of a parameter.
func (v queryValues) Has(name string) bool { return v[name].given }

// Text returns a string or its default, "" where there is none.
func (v queryValues) Text(name string) string { return v[name].text }

// Texts returns the values of a list, none where there is none.
func (v queryValues) Texts(name string) []string { return v[name].texts }

// Int returns an integer or its default, 0 where there is none.
func (v queryValues) Int(name string) int { return int(v[name].integer) }

// Number returns a number, 0 where there is none.
func (v queryValues) Number(name string) float64 { return v[name].number }

// Bool returns a boolean, false where there is none.
func (v queryValues) Bool(name string) bool { return v[name].boolean }

// Time returns a time in UTC, or the fallback where there is none.
func (v queryValues) Time(name string, fallback time.Time) time.Time {
	if !v.Has(name) {
		return fallback
	}
	return v[name].time
}

// Duration returns a duration or its default, 0 where there is none.
func (v queryValues) Duration(name string) time.Duration { return v[name].length }

// Fault returns a fault for a well-formed value that is not acceptable, such as an end
// before the start. why is a clause.
func (v queryValues) Fault(name, why string) api.Fault {
	return api.Fault{Type: api.ValueError, Loc: []string{"query", name}, Msg: "Value error, " + why,
		Input: v[name].raw}
}
