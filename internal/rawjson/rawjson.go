// Package rawjson reads and writes JSON text without normalizing it: the order of
// members, the text of numbers (2.50 stays 2.50) and string escapes of a file are
// the same in the published body.
//
// The grammar is RFC 8259, read strictly: duplicate member names, invalid
// UTF-8, lone surrogates, NaN and Infinity are errors, never repaired.
package rawjson

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Limits bound what Parse accepts, so that hostile input is cheap to reject.
type Limits struct {
	Bytes int // longest text, in bytes; 0 means no limit
	Depth int // deepest nesting of objects and arrays; 0 means jsontext's own 10,000
}

// SyntaxError describes why, and where, a text is not acceptable JSON.
type SyntaxError struct {
	Line, Col int    // 1-based; Col counts bytes
	Pointer   string // RFC 6901 pointer to the invalid value, "" for the complete text
	Reason    string // lower case, no period
}

// Error returns "line:col: reason", and the pointer unless it is empty.
func (e *SyntaxError) Error() string {
	if e.Pointer == "" {
		return fmt.Sprintf("%d:%d: %s", e.Line, e.Col, e.Reason)
	}
	return fmt.Sprintf("%d:%d: %s (in %s)", e.Line, e.Col, e.Reason, e.Pointer)
}

// Member is one name and value of an object.
type Member struct {
	Name  string // decoded
	Key   []byte // the encoded name, with its quotes
	Value []byte // compact text
}

// Object is a JSON object in the order of its text.
type Object struct {
	Text []byte // the complete object, compact
}

// Parse reads one JSON object and compacts it. Its errors are *SyntaxError.
// The result shares no memory with src.
func Parse(src []byte, lim Limits) (Object, error) {
	text, err := Compact(src, lim)
	return Object{Text: text}, err
}

// Compact reads one JSON object and returns its text without white space. It is
// [Parse] for callers that need the text alone.
func Compact(src []byte, lim Limits) ([]byte, error) {
	if lim.Bytes > 0 && len(src) > lim.Bytes {
		return nil, &SyntaxError{Line: 1, Col: 1,
			Reason: fmt.Sprintf("the text is %d bytes long, the limit is %d", len(src), lim.Bytes)}
	}
	if bytes.HasPrefix(src, []byte("\xef\xbb\xbf")) {
		return nil, &SyntaxError{Line: 1, Col: 1, Reason: "a byte order mark is not JSON"}
	}
	if off, ok := tooDeep(src, lim.Depth); ok {
		return nil, syntaxError(src, off, "", fmt.Sprintf("nested deeper than %d levels", lim.Depth))
	}

	text := jsontext.Value(bytes.Clone(src))
	if err := text.Compact(jsontext.AllowDuplicateNames(false), jsontext.AllowInvalidUTF8(false)); err != nil {
		return nil, explain(src, err)
	}
	if len(text) == 0 || text[0] != '{' {
		return nil, &SyntaxError{Line: 1, Col: 1, Reason: "the text is not a JSON object"}
	}

	return bytes.Clone(text), nil // without the room that the white space has left
}

// Members yields the members. They are found in the text each time: objects are kept by
// the thousand, and a list of members takes almost as much as the text.
func (o Object) Members() iter.Seq[Member] {
	return func(yield func(Member) bool) {
		for key, value := range Members(o.Text) {
			name, _ := Unquote(key) // cannot fail: the text is valid
			if !yield(Member{Name: name, Key: key, Value: value}) {
				return
			}
		}
	}
}

// Get returns the compact text of a member, nil if there is none.
func (o Object) Get(name string) []byte {
	for key, value := range Members(o.Text) {
		if isName(key, name) {
			return value
		}
	}
	return nil
}

// isName reports whether a key of a valid text is a name.
func isName(key []byte, name string) bool {
	if bytes.IndexByte(key, '\\') < 0 {
		return string(key[1:len(key)-1]) == name
	}
	s, _ := Unquote(key)
	return s == name
}

// String returns a member that is a JSON string, decoded.
func (o Object) String(name string) (string, bool) {
	return Unquote(o.Get(name))
}

// Unquote decodes a JSON string of a valid text; false for any other value and for
// nil.
func Unquote(value []byte) (string, bool) {
	switch {
	case len(value) == 0 || value[0] != '"':
		return "", false
	case bytes.IndexByte(value, '\\') < 0:
		return string(value[1 : len(value)-1]), true
	}

	s, err := jsontext.AppendUnquote(nil, value)
	return string(s), err == nil
}

// Position finds the value that an RFC 6901 pointer names and returns its line
// and column in src (1-based), or 1, 1 if there is no such value. With key it
// returns the position of the member's name instead.
func Position(src []byte, pointer string, key bool) (line, col int) {
	dec := jsontext.NewDecoder(bytes.NewReader(src), jsontext.AllowDuplicateNames(true),
		jsontext.AllowInvalidUTF8(true))
	want, depth := jsontext.Pointer(pointer), strings.Count(pointer, "/")
	for {
		kind := dec.PeekKind()
		isName := false
		if parent, n := dec.StackIndex(dec.StackDepth()); parent == '{' && kind != '}' {
			isName = n%2 == 0
		}

		before := int(dec.InputOffset())
		tok, err := dec.ReadToken()
		if err != nil {
			return 1, 1
		}
		if d := dec.StackDepth(); d != depth && d != depth+1 || isName != key { // a bracket opens a level
			continue
		}
		if dec.StackPointer() != want {
			continue
		}
		if k := tok.Kind(); k == '}' || k == ']' {
			continue
		}

		start := before + bytes.IndexFunc(src[before:],
			func(r rune) bool { return !strings.ContainsRune(" \t\r\n,:", r) })
		return lineCol(src, start)
	}
}

// tooDeep finds the first bracket that opens a level beyond depth. It runs before
// the parser, whose own limit is fixed.
func tooDeep(src []byte, depth int) (offset int, found bool) {
	if depth <= 0 || bytes.Count(src, []byte("{"))+bytes.Count(src, []byte("[")) <= depth {
		return 0, false
	}

	level, inString := 0, false
	for i := 0; i < len(src); i++ {
		switch c := src[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case !inString && (c == '{' || c == '['):
			if level++; level > depth {
				return i, true
			}

		case !inString && (c == '}' || c == ']'):
			level--
		}
	}

	return 0, false
}

// explain turns an error of jsontext into a human-readable one.
func explain(src []byte, err error) error {
	var se *jsontext.SyntacticError
	if !errors.As(err, &se) {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return syntaxError(src, len(src), "", "unexpected end of file")
		}
		return syntaxError(src, 0, "", err.Error())
	}

	offset := min(int(se.ByteOffset), len(src))
	reason := strings.TrimPrefix(se.Err.Error(), "jsontext: ")
	switch rest := src[offset:]; {
	case errors.Is(se.Err, jsontext.ErrDuplicateName):
		offset = lastKey(src, offset, se.JSONPointer.LastToken())
		reason = fmt.Sprintf("duplicate member %q", se.JSONPointer.LastToken())

	case errors.Is(se.Err, io.ErrUnexpectedEOF):
		offset, reason = len(src), "unexpected end of file"
	case startsWithNaN(rest):
		reason = "NaN and Infinity are not JSON (RFC 8259, section 6)"
	case strings.Contains(reason, "invalid UTF-8"):
		offset += firstInvalid(rest)
		reason = "the text is not valid UTF-8"
	}

	return syntaxError(src, offset, string(se.JSONPointer), reason)
}

// lastKey moves an offset at or after a duplicate name to its first byte.
func lastKey(src []byte, offset int, name string) int {
	quoted := AppendString(nil, name)
	if i := bytes.LastIndex(src[:min(len(src), offset+len(quoted))], quoted); i >= 0 {
		return i
	}
	return offset
}

// startsWithNaN reports whether a text starts with NaN or Infinity, signed or not.
func startsWithNaN(text []byte) bool {
	text = bytes.TrimPrefix(text, []byte("-"))
	return bytes.HasPrefix(text, []byte("NaN")) || bytes.HasPrefix(text, []byte("Infinity"))
}

// firstInvalid returns the offset of the first byte that is not valid UTF-8.
func firstInvalid(text []byte) int {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return 0
}

func syntaxError(src []byte, offset int, pointer, reason string) *SyntaxError {
	line, col := lineCol(src, offset)
	return &SyntaxError{Line: line, Col: col, Pointer: pointer, Reason: reason}
}

// lineCol turns a byte offset into a 1-based line and column.
func lineCol(src []byte, offset int) (line, col int) {
	offset = min(max(offset, 0), len(src))
	line = 1 + bytes.Count(src[:offset], []byte{'\n'})
	return line, offset - bytes.LastIndexByte(src[:offset], '\n')
}

// Value is a JSON value as its text.
type Value = jsontext.Value

// Pointer is a path to a value (RFC 6901).
type Pointer = jsontext.Pointer

// Without returns the object's text without some members. It shares memory with
// the object where that has none of them.
func (o Object) Without(names ...string) Value {
	drop := func(key []byte) bool {
		return slices.ContainsFunc(names, func(name string) bool { return isName(key, name) })
	}

	hasAny := false
	for key := range Members(o.Text) {
		hasAny = hasAny || drop(key)
	}
	if !hasAny {
		return o.Text
	}

	var b Builder
	b.BeginObject()

	for key, value := range Members(o.Text) {
		if !drop(key) {
			b.RawKey(key)
			b.Raw(value)
		}
	}

	b.EndObject()
	return b.Bytes()
}

// Join returns one object with the members of two compact ones.
func Join(first, second Value) Value {
	switch {
	case len(first) <= len("{}"):
		return second
	case len(second) <= len("{}"):
		return first
	}
	return slices.Concat(first[:len(first)-1], Value(","), second[1:])
}
