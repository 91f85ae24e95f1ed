// Package query owns the parameters of a query: how they are read, and how
// what is wrong with them is told, as the service before this one did it.
package query

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Values are the parameters of one request, by name.
type Values struct {
	given    map[string]string
	texts    map[string]string
	integers map[string]int64
	numbers  map[string]float64
	booleans map[string]bool
	times    map[string]time.Time
}

// Read reads a raw query by a route's parameters. Others are ignored; of one
// that is repeated the last counts. The faults stand in the order of the
// route's parameters.
func Read(params []route.Param, raw string) (Values, Faults) {
	given := decode(raw)
	v := Values{given: given}
	var faults Faults
	for i := range params {
		p := &params[i]
		text, ok := given[p.Name]
		if !ok {
			continue
		}
		if f := v.read(p, text); f != nil {
			faults = append(faults, *f)
		}
	}
	return v, faults
}

// decode splits a query as HTML forms write it. What is not encoded well stays
// as it is.
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

// read reads one value, and says what is wrong with it.
func (v *Values) read(p *route.Param, text string) *Fault {
	fault := func(kind, msg string, ctx ...Context) *Fault {
		return &Fault{Type: kind, Loc: []string{"query", p.Name}, Msg: msg, Input: text, Ctx: ctx}
	}
	switch p.Type {
	case "boolean":
		b, ok := boolean(text)
		if !ok {
			return fault("bool_parsing", "Input should be a valid boolean, unable to interpret input")
		}
		put(&v.booleans, p.Name, b)
	case "integer":
		n, ok := integer(text)
		if !ok {
			return fault("int_parsing", "Input should be a valid integer, unable to parse string as an integer")
		}
		if f := bounds(p, float64(n), fault); f != nil {
			return f
		}
		put(&v.integers, p.Name, n)
	case "number":
		n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil || n-n != 0 { // infinities and NaN
			return fault("float_parsing", "Input should be a valid number, unable to parse string as a number")
		}
		if f := bounds(p, n, fault); f != nil {
			return f
		}
		put(&v.numbers, p.Name, n)
	case "date-time":
		t, why := instant(text)
		if why != "" {
			return fault("datetime_from_date_parsing", "Input should be a valid datetime or date, "+why, Context{"error", why})
		}
		put(&v.times, p.Name, t)
	default:
		if len(p.Enum) > 0 && text != "" {
			if f := oneOf(p, text, fault); f != nil {
				return f
			}
		}
		put(&v.texts, p.Name, text)
	}
	return nil
}

func put[T any](m *map[string]T, name string, value T) {
	if *m == nil {
		*m = map[string]T{}
	}
	(*m)[name] = value
}

// bounds checks a number. A limit of nothing is worded as "greater than 0".
func bounds(p *route.Param, n float64, fault func(string, string, ...Context) *Fault) *Fault {
	switch {
	case p.Min != nil && *p.Min == 1 && n < 1, p.Type == "number" && p.Min != nil && n <= float64(*p.Min):
		low := *p.Min
		if low == 1 && p.Type != "number" {
			low = 0
		}
		return fault("greater_than", "Input should be greater than "+strconv.FormatInt(low, 10), Context{"gt", low})
	case p.Min != nil && n < float64(*p.Min):
		return fault("greater_than_equal", "Input should be greater than or equal to "+strconv.FormatInt(*p.Min, 10), Context{"ge", *p.Min})
	case p.Max != nil && n > float64(*p.Max):
		return fault("less_than_equal", "Input should be less than or equal to "+strconv.FormatInt(*p.Max, 10), Context{"le", *p.Max})
	}
	return nil
}

func oneOf(p *route.Param, text string, fault func(string, string, ...Context) *Fault) *Fault {
	expected := ""
	for i, want := range p.Enum {
		if text == want {
			return nil
		}
		switch {
		case i > 0 && i == len(p.Enum)-1:
			expected += " or "
		case i > 0:
			expected += ", "
		}
		expected += "'" + want + "'"
	}
	return fault("enum", "Input should be "+expected, Context{"expected", expected})
}

// Text returns a string, "" where it is absent.
func (v Values) Text(name string) string { return v.texts[name] }

// Int returns an integer, and whether it is there.
func (v Values) Int(name string) (int64, bool) { n, ok := v.integers[name]; return n, ok }

// Number returns a number, and whether it is there.
func (v Values) Number(name string) (float64, bool) { n, ok := v.numbers[name]; return n, ok }

// Bool returns a boolean, and whether it is there.
func (v Values) Bool(name string) (value, ok bool) { value, ok = v.booleans[name]; return value, ok }

// Time returns a time in UTC, and whether it is there.
func (v Values) Time(name string) (time.Time, bool) { t, ok := v.times[name]; return t, ok }

// Fault makes a fault of a parameter whose value is of the right form but cannot
// be meant. It is worded as a sentence.
func (v Values) Fault(name, why string) Fault {
	return Fault{Type: "value_error", Loc: []string{"query", name}, Msg: "Value error, " + why, Input: v.given[name]}
}

// Fault is one thing that is wrong with a request.
type Fault struct {
	Type  string   // int_parsing, …
	Loc   []string // where: query and the name of a parameter
	Msg   string
	Input string // what was given
	Ctx   []Context
}

// Context is a value that a message mentions: a string or an int64.
type Context struct {
	Name  string
	Value any
}

// Faults are all that is wrong with a request.
type Faults []Fault

// Status is the status of the answer that tells of faults.
const Status = http.StatusUnprocessableEntity

// Body is that answer. It is not a problem document, whose detail is a string
// (RFC 9457): old clients read a list.
func (f Faults) Body() []byte {
	var b rawjson.Builder
	b.BeginObject()
	b.Key("detail")
	b.BeginArray()
	for _, fault := range f {
		fault.write(&b)
	}
	b.EndArray()
	b.EndObject()
	return b.Bytes()
}

func (f *Fault) write(b *rawjson.Builder) {
	b.BeginObject()
	b.Key("type")
	b.String(f.Type)
	b.Key("loc")
	b.BeginArray()
	for _, part := range f.Loc {
		b.String(part)
	}
	b.EndArray()
	b.Key("msg")
	b.String(f.Msg)
	b.Key("input")
	b.String(f.Input)
	if len(f.Ctx) > 0 {
		b.Key("ctx")
		b.BeginObject()
		for _, c := range f.Ctx {
			b.Key(c.Name)
			switch v := c.Value.(type) {
			case int64:
				b.Int(int(v))
			case string:
				b.String(v)
			}
		}
		b.EndObject()
	}
	b.EndObject()
}
