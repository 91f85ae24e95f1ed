// Package query reads and validates the parameters of a query. Faults have the wording of
// the legacy service, which clients may parse.
package query

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Values are the parameters of one request by name, with defaults filled in.
type Values map[string]value

type value struct {
	given bool   // and valid
	raw   string // as in the request

	text    string
	integer int64
	number  float64
	boolean bool
	time    time.Time // in UTC
}

// Read reads the parameters of a route from a raw query. Unknown parameters are ignored;
// of a repeated one the last wins. The faults are in the order of params.
func Read(params []route.Param, raw string) (Values, Faults) {
	given := decode(raw)
	values := make(Values, len(given)+2) // offset and limit have defaults
	var faults Faults

	for i := range params {
		p := &params[i]
		text, ok := given[p.Name]
		if !ok && p.Default == "" {
			continue
		}

		if !ok {
			text = p.Default
		}

		v := value{given: ok, raw: text}
		if f := v.read(p, text); f != nil {
			faults = append(faults, *f)
			v = value{raw: text}
		}

		values[p.Name] = v
	}

	return values, faults
}

// decode splits a query in the format of HTML forms. Unlike url.ParseQuery it accepts
// invalid escapes, and leaves them as they are.
func decode(raw string) map[string]string {
	given := map[string]string{}
	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		name, value, _ := strings.Cut(pair, "=")
		given[unescape(name)] = unescape(value)
	}
	return given
}

func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return strings.ToValidUTF8(plain, "\ufffd")
	}
	return strings.ToValidUTF8(strings.ReplaceAll(s, "+", " "), "\ufffd")
}

// read parses one value, and returns the fault, nil for none.
func (v *value) read(p *route.Param, text string) *api.Fault {
	fault := func(kind api.FaultType, msg string, ctx map[string]any) *api.Fault {
		return &api.Fault{Type: kind, Loc: []string{"query", p.Name}, Msg: msg, Input: text, Ctx: ctx}
	}

	switch p.Type {
	case "boolean":
		var ok bool
		if v.boolean, ok = boolean(text); !ok {
			return fault(api.BoolParsing, "Input should be a valid boolean, unable to interpret input", nil)
		}
		return nil

	case "integer":
		var ok bool
		if v.integer, ok = integer(text); !ok {
			return fault(api.IntParsing, "Input should be a valid integer, unable to parse string as an integer", nil)
		}
		return bounds(p, float64(v.integer), fault)

	case "number":
		n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil || n-n != 0 { // n-n is NaN for infinities and NaN
			return fault(api.FloatParsing, "Input should be a valid number, unable to parse string as a number", nil)
		}
		v.number = n
		return bounds(p, n, fault)

	case "date-time":
		var why string
		if v.time, why = instant(text); why != "" {
			return fault(api.DatetimeFromDateParsing, "Input should be a valid datetime or date, "+why,
				map[string]any{"error": why})
		}
		return nil
	}

	v.text = text
	if len(p.Enum) > 0 && text != "" {
		return oneOf(p, text, fault)
	}

	return nil
}

// faultFunc makes a fault of the current parameter.
type faultFunc = func(kind api.FaultType, msg string, ctx map[string]any) *api.Fault

// bounds checks the range of a number. As in the legacy service, a minimum of 1 is
// reported as "greater than 0", and real numbers must exceed their minimum.
func bounds(p *route.Param, n float64, fault faultFunc) *api.Fault {
	if p.Min != nil {
		low := *p.Min
		text := strconv.FormatInt(low, 10)
		switch {
		case p.Type == "number" && n <= float64(low):
			return fault(api.GreaterThan, "Input should be greater than "+text, map[string]any{"gt": low})
		case low == 1 && n < 1:
			return fault(api.GreaterThan, "Input should be greater than 0", map[string]any{"gt": int64(0)})
		case n < float64(low):
			return fault(api.GreaterThanEqual, "Input should be greater than or equal to "+text,
				map[string]any{"ge": low})
		}
	}

	if p.Max != nil && n > float64(*p.Max) {
		text := strconv.FormatInt(*p.Max, 10)
		return fault(api.LessThanEqual, "Input should be less than or equal to "+text, map[string]any{"le": *p.Max})
	}
	return nil
}

func oneOf(p *route.Param, text string, fault faultFunc) *api.Fault {
	if slices.Contains(p.Enum, text) {
		return nil
	}

	expected := ""
	for i, want := range p.Enum {
		switch {
		case i > 0 && i == len(p.Enum)-1:
			expected += " or "
		case i > 0:
			expected += ", "
		}
		expected += "'" + want + "'"
	}

	return fault(api.Enum, "Input should be "+expected, map[string]any{"expected": expected})
}

// Has reports whether the request has a valid value of a parameter.
func (v Values) Has(name string) bool { return v[name].given }

// Text returns a string or its default, "" where there is none.
func (v Values) Text(name string) string { return v[name].text }

// Int returns an integer or its default, 0 where there is none.
func (v Values) Int(name string) int { return int(v[name].integer) }

// Number returns a number, 0 where there is none.
func (v Values) Number(name string) float64 { return v[name].number }

// Bool returns a boolean, false where there is none.
func (v Values) Bool(name string) bool { return v[name].boolean }

// Time returns a time in UTC, or the fallback where there is none.
func (v Values) Time(name string, fallback time.Time) time.Time {
	if !v.Has(name) {
		return fallback
	}
	return v[name].time
}

// Fault returns a fault for a well-formed value that is not acceptable, such as an end
// before the start. why is a clause.
func (v Values) Fault(name, why string) api.Fault {
	return api.Fault{Type: api.ValueError, Loc: []string{"query", name}, Msg: "Value error, " + why,
		Input: v[name].raw}
}

// Faults are all the faults of a request.
type Faults []api.Fault

// Status is the status of a response with faults.
const Status = http.StatusUnprocessableEntity

// Body is the body of a response with faults.
func (f Faults) Body() []byte { return api.Encode(api.ValidationError{Detail: f}) }
