package hardware

import (
	"strconv"
	"strings"

	"github.com/chameleoncloud/refapi/internal/rawjson"
)

// Kind is the shape of a value.
type Kind int

// The kinds of values.
const (
	None   Kind = iota // null, or nothing
	Text               // a string
	Plain              // a number, or a boolean
	Object             // members
	Array              // elements
)

// Value is a JSON value in the order of its text.
type Value struct {
	Kind     Kind
	Text     string // of a string, decoded; of all else, as it is written
	Members  []Member
	Elements []Value
}

// Member is a name and its value.
type Member struct {
	Name string
	Value
}

// Parse reads a compact JSON text.
func Parse(text []byte) Value {
	if len(text) == 0 {
		return Value{}
	}
	switch text[0] {
	case 'n':
		return Value{Text: "null"}
	case '"':
		s, _ := rawjson.Unquote(text)
		return Value{Kind: Text, Text: s}

	case '{':
		v := Value{Kind: Object, Text: string(text)}
		c := rawjson.NewCursor(text)
		for name := range c.Members() {
			v.Members = append(v.Members, Member{name, Parse(c.Raw())})
		}
		return v

	case '[':
		v := Value{Kind: Array, Text: string(text)}
		c := rawjson.NewCursor(text)
		for range c.Elements() {
			v.Elements = append(v.Elements, Parse(c.Raw()))
		}
		return v
	}

	return Value{Kind: Plain, Text: string(text)}
}

// Get returns the value at a path of members' names, none where there is
// nothing.
func (v Value) Get(path ...string) Value {
	for _, name := range path {
		found := Value{}
		for _, m := range v.Members {
			if m.Name == name {
				found = m.Value
				break
			}
		}
		v = found
	}
	return v
}

// String is the text of a string or of a plain value; "" of any other.
func (v Value) String() string {
	if v.Kind == Text || v.Kind == Plain {
		return strings.TrimSpace(v.Text)
	}
	return ""
}

// Int is a number without its fraction, not below 0; 0 for any other value, and
// for a number that is too large.
func (v Value) Int() int64 {
	if v.Kind != Plain {
		return 0
	}
	if n, err := strconv.ParseInt(v.Text, 10, 64); err == nil {
		return max(n, 0)
	}

	f, err := strconv.ParseFloat(v.Text, 64)
	if err != nil || f >= 1<<63 || f < 0 {
		return 0
	}

	return int64(f)
}

// True reports whether a value counts as true.
func (v Value) True() bool {
	switch v.Kind {
	case None:
		return false
	case Text:
		return v.Text != ""
	case Object:
		return len(v.Members) > 0
	case Array:
		return len(v.Elements) > 0
	}

	if f, err := strconv.ParseFloat(v.Text, 64); err == nil {
		return f != 0
	}
	return v.Text == "true"
}

// Flag reports whether a value says yes: true, a number that is not 0, or a text
// such as "Yes".
func (v Value) Flag() bool {
	switch v.Kind {
	case Text:
		switch strings.ToLower(strings.TrimSpace(v.Text)) {
		case "true", "yes", "on", "1":
			return true
		}
		return false
	case Plain:
		return v.True()
	}
	return false
}
