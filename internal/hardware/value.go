package hardware

import (
	"strconv"
	"strings"

	"github.com/chameleoncloud/refapi/internal/rawjson"
)

// Kind is the type of a value.
type Kind int

// The kinds of values.
const (
	None   Kind = iota // null, or missing
	Text               // a string
	Plain              // a number, or a boolean
	Object             // members
	Array              // elements
)

// Value is a JSON value whose members are in the order of the text.
type Value struct {
	Kind     Kind
	Text     string // of a string, decoded; otherwise the JSON text
	Members  []Member
	Elements []Value
}

// Member is a name and its value.
type Member struct {
	Name string
	Value
}

// Parse reads a valid, compact JSON text.
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
		for key, value := range rawjson.Members(text) {
			name, _ := rawjson.Unquote(key) // cannot fail: the text is valid
			v.Members = append(v.Members, Member{name, Parse(value)})
		}
		return v

	case '[':
		v := Value{Kind: Array, Text: string(text)}
		for value := range rawjson.Elements(text) {
			v.Elements = append(v.Elements, Parse(value))
		}
		return v
	}

	return Value{Kind: Plain, Text: string(text)}
}

// Get returns the value of a member; of kind None if there is none.
func (v Value) Get(name string) Value {
	for _, m := range v.Members {
		if m.Name == name {
			return m.Value
		}
	}
	return Value{}
}

// String returns the text of a string or of a plain value; otherwise "".
func (v Value) String() string {
	if v.Kind == Text || v.Kind == Plain {
		return strings.TrimSpace(v.Text)
	}
	return ""
}

// Int returns a number without its fraction; 0 for negative numbers, numbers that
// are too large, and other values.
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

// True reports whether a value counts as true: anything but null, false, 0 and
// empty values.
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
